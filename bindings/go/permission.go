package bearerd

// A DataScope says whose data the holder of a token may see.
type DataScope string

// The data scopes.
const (
	AllData     DataScope = "all"
	ProjectData DataScope = "project"
	GroupData   DataScope = "group"
	SelfData    DataScope = "self"
)

// A Permission is what the permissions of a profile say of a token's holder, beside the grants that
// [RequirePermission] and guards ask for.
type Permission struct {
	// DataScope is for the application's queries. It is empty where the profile knows no scopes.
	DataScope DataScope
	// Bypass is whether the holder is allowed everything, whatever is granted.
	Bypass bool
}

// Permission is what the profile's permissions say of the token's holder, and whether there are
// any. Where it reports false, nothing is known, and nothing should be shown.
//
// Where the profile reads permissions in the session it goes with [Claims.Session]: it may be newer
// than the claims, and never older than the last verification of the token that returned them. It is
// read when it is asked for, and kept while the session stays as it is.
func (c *Claims) Permission() (Permission, bool) {
	if c.beside == nil {
		return Permission{}, false
	}
	return c.beside.permission()
}

// What comes with a token beside its claims.
type beside interface {
	session() (Session, bool)
	permission() (Permission, bool)
}

// The context of a verdict, as library and sidecar write it.
type toldContext struct {
	Session    *toldSession    `json:"session"`
	Permission *toldPermission `json:"permission"`
}

type toldPermission struct {
	DataScope DataScope `json:"data_scope"`
	Bypass    bool      `json:"bypass"`
}

func (t *toldContext) permission() (Permission, bool) {
	if t.Permission == nil {
		return Permission{}, false
	}
	return Permission(*t.Permission), true
}
