package bearerd

import "encoding/json"

// An AuthOption is a choice for [NewAuth] and [RequireAuth]: one of the Require functions, or an
// [Option] such as [WithProfile], [WithAudience], [WithKind] and [WithGuard].
type AuthOption interface{ apply(*authPlan) error }

// What the options come to before it is compiled.
type authPlan struct {
	options []Option
	rules   []any
	named   *Guard
	routes  bool
	device  string
	kind    Kind
	onError errorHandler
}

type authOption func(*authPlan) error

func (f authOption) apply(p *authPlan) error { return f(p) }

func (o Option) apply(p *authPlan) error {
	switch o.choice {
	case chooseDevice:
		return ErrValidation.because("device: it is the request's; see DeviceHeader")
	case chooseGuard:
		if err := o.check(); err != nil {
			return err
		}
		if o.guard.name != "" {
			return p.name(o.guard)
		}
		p.rules = append(p.rules, json.RawMessage(o.guard.rule))
	default:
		p.options = append(p.options, o)
	}
	return nil
}

func (p *authPlan) name(guard *Guard) error {
	if p.named != nil {
		return ErrValidation.because("guard is given twice")
	}
	p.named = guard
	return nil
}

func require(rule Rule) AuthOption {
	return authOption(func(p *authPlan) error {
		p.rules = append(p.rules, rule)
		return nil
	})
}

// RequireScopes asks for all of these scopes.
func RequireScopes(scopes ...string) AuthOption { return require(Rule{Scopes: given(scopes)}) }

// RequireAnyScope asks for one of these scopes.
func RequireAnyScope(scopes ...string) AuthOption { return require(Rule{AnyScope: given(scopes)}) }

// RequirePermission asks for all of these permissions, such as "hr.employee.update". The profile says
// where grants are read; where it has no permissions, everybody is refused.
func RequirePermission(permissions ...string) AuthOption {
	return require(Rule{Permission: given(permissions)})
}

// RequireAnyPermission asks for one of these permissions.
func RequireAnyPermission(permissions ...string) AuthOption {
	return require(Rule{AnyPermission: given(permissions)})
}

// RequireRole asks for one of these roles: names (string) or ids (int).
func RequireRole(roles ...any) AuthOption { return require(Rule{Roles: given(roles)}) }

// RequireVIP asks for the VIP mark.
func RequireVIP() AuthOption {
	vip := true
	return require(Rule{VIP: &vip})
}

// RequireTeam asks for one of these teams, names or ids; without any, for membership in some team.
func RequireTeam(teams ...any) AuthOption {
	if len(teams) == 0 {
		return require(Rule{Team: true})
	}
	return require(Rule{Team: teams})
}

// RequireTokenKind asks for access or refresh tokens. Without it, access tokens are taken where the
// profile tells kinds apart.
func RequireTokenKind(kind Kind) AuthOption {
	return authOption(func(p *authPlan) error {
		if kind != AccessToken && kind != RefreshToken {
			return ErrValidation.because("kind must be AccessToken or RefreshToken")
		}
		p.rules = append(p.rules, Rule{Token: kind.String()})
		return nil
	})
}

// RequireDevice asks for the token's device to be the request's, as its X-Device-Id header says,
// or the header that [DeviceHeader] names.
func RequireDevice() AuthOption { return require(Rule{Device: true}) }

// RequireGuard asks the guard of that name in the configuration. It stands alone: beside it, no
// other requirement can be given.
func RequireGuard(name string) AuthOption {
	return authOption(func(p *authPlan) error { return p.name(&Guard{name: name}) })
}

// DeviceHeader names the header that says which device the request comes from.
func DeviceHeader(name string) AuthOption {
	return authOption(func(p *authPlan) error {
		if name == "" {
			return ErrValidation.because("device header has no name")
		}
		p.device = name
		return nil
	})
}

// A list that was given empty must be refused, not left out.
func given[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
