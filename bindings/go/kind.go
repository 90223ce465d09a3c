package bearerd

// Kind tells access tokens, refresh tokens and personal access tokens apart.
type Kind uint8

const (
	// UnknownKind is the kind of a token whose profile does not tell kinds apart. As an option it
	// leaves the choice to the guard and the profile.
	UnknownKind Kind = iota
	// AccessToken is what a resource accepts.
	AccessToken
	// RefreshToken is what [Verifier.Rotate] takes.
	RefreshToken
	// AnyKind, as an option, takes all.
	AnyKind
	// PersonalAccessToken is what [Verifier.CreatePAT] creates.
	PersonalAccessToken
)

// String is "access", "refresh", "pat", "any", or "" where the kind is unknown.
func (k Kind) String() string {
	switch k {
	case AccessToken:
		return "access"
	case RefreshToken:
		return "refresh"
	case AnyKind:
		return "any"
	case PersonalAccessToken:
		return "pat"
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
	case "pat":
		return PersonalAccessToken
	default:
		return UnknownKind
	}
}
