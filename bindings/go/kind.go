package bearerd

// Kind tells access tokens from refresh tokens.
type Kind uint8

const (
	// UnknownKind is the kind of a token whose profile does not tell kinds apart. As an option it
	// leaves the choice to the guard and the profile.
	UnknownKind Kind = iota
	// AccessToken is what a resource accepts.
	AccessToken
	// RefreshToken is what [Verifier.Rotate] takes.
	RefreshToken
	// AnyKind, as an option, takes both.
	AnyKind
)

// String is "access", "refresh", "any", or "" where the kind is unknown.
func (k Kind) String() string {
	switch k {
	case AccessToken:
		return "access"
	case RefreshToken:
		return "refresh"
	case AnyKind:
		return "any"
	default:
		return ""
	}
}

func kindNamed(name string) Kind {
	switch name {
	case "access":
		return AccessToken
	case "refresh":
		return RefreshToken
	default:
		return UnknownKind
	}
}
