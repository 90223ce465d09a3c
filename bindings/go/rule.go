package bearerd

// A Rule is a guard as data. The members that are set must all hold; one that names a claim which
// the token does not have refuses, inside Not as well. A list that is empty and not nil is a
// mistake, and refused as one.
type Rule struct {
	// Roles: the token's role is one of these names (string) or ids (int).
	Roles []any `json:"roles,omitzero"`
	// Scopes: the token has all of these.
	Scopes []string `json:"scopes,omitzero"`
	// AnyScope: the token has one of these.
	AnyScope []string `json:"any_scope,omitzero"`
	// VIP: the token's mark is this.
	VIP *bool `json:"vip,omitempty"`
	// Team: true for any team at all, or a list of names and ids.
	Team any `json:"team,omitempty"`
	// Token: "access", "refresh" or "pat".
	Token string `json:"token,omitempty"`
	// Device: the token's device is the request's.
	Device bool `json:"device,omitempty"`
	// Permission: the token's holder is granted all of these, such as "hr.employee.update". The profile
	// says where grants are read.
	Permission []string `json:"permission,omitzero"`
	// AnyPermission: one of these.
	AnyPermission []string `json:"any_permission,omitzero"`
	// Position: the holder's position is one of these, names or ids.
	Position []any `json:"position,omitzero"`
	// Subordinates: whether the holder manages others.
	Subordinates *bool `json:"subordinates,omitempty"`
	// Headquarters: whether the holder is at the headquarters.
	Headquarters *bool `json:"headquarters,omitempty"`
	// Project: true for any project at all, or a list of names and ids.
	Project any `json:"project,omitempty"`
	// All of these hold.
	All []Rule `json:"all,omitzero"`
	// Any of these holds.
	Any []Rule `json:"any,omitzero"`
	// Not: this does not hold.
	Not *Rule `json:"not,omitempty"`
}
