package bearerd

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// An Option says how to verify, or whose tokens to revoke. Options are values: passing them
// allocates nothing.
type Option struct {
	choice choice
	kind   Kind
	text   string
	guard  *Guard
	when   int64
}

type choice uint8

const (
	nothing choice = iota
	chooseProfile
	chooseAudience
	chooseDevice
	chooseKind
	chooseGuard
	chooseIssuedBefore
)

// WithProfile names the profile. Without it, the token's issuer chooses where issuers are mapped,
// else the default profile is taken.
func WithProfile(name string) Option { return Option{choice: chooseProfile, text: name} }

// WithAudience expects this audience in place of the profile's.
func WithAudience(audience string) Option { return Option{choice: chooseAudience, text: audience} }

// WithDevice is the device that the request says it comes from, for guards that compare it.
func WithDevice(device string) Option { return Option{choice: chooseDevice, text: device} }

// WithKind expects a kind of token. Without it, the guard's kind is expected, else access tokens
// where the profile tells kinds apart.
func WithKind(kind Kind) Option { return Option{choice: chooseKind, kind: kind} }

// WithGuard asks a guard as well.
func WithGuard(guard *Guard) Option { return Option{choice: chooseGuard, guard: guard} }

// IssuedBefore spares the tokens that [Verifier.RevokeSubject]'s subject was issued from that
// second on.
func IssuedBefore(when time.Time) Option {
	return Option{choice: chooseIssuedBefore, when: when.Unix()}
}

// What options come to. It stays on the stack of the call.
type query struct {
	profile, audience, device string
	guard                     *Guard
	kind                      Kind
	before                    int64
	given                     uint8
}

// allowed is the set of choices that the verb takes; any other is a mistake that must be heard of.
func (q *query) read(options []Option, allowed uint8, verb string) error {
	for i := range options {
		option := &options[i]
		bit := uint8(1) << option.choice
		switch {
		case bit&allowed == 0:
			return ErrValidation.because(verb + " takes no " + option.choice.name())
		case q.given&bit != 0:
			return ErrValidation.because(option.choice.name() + " is given twice")
		}
		q.given |= bit
		switch option.choice {
		case chooseProfile:
			q.profile = option.text
		case chooseAudience:
			q.audience = option.text
		case chooseDevice:
			q.device = option.text
		case chooseKind:
			q.kind = option.kind
		case chooseGuard:
			q.guard = option.guard
		case chooseIssuedBefore:
			q.before = option.when
		}
		if err := option.check(); err != nil {
			return err
		}
	}
	return nil
}

const (
	forVerify  = 1<<chooseProfile | 1<<chooseAudience | 1<<chooseDevice | 1<<chooseKind | 1<<chooseGuard
	forProfile = 1 << chooseProfile
	forSubject = forProfile | 1<<chooseIssuedBefore
)

func (o *Option) check() error {
	switch o.choice {
	case chooseProfile, chooseAudience:
		// An empty name would silently mean the default.
		if o.text == "" {
			return ErrValidation.because(o.choice.name() + " is empty")
		}
	case chooseKind:
		if o.kind > PersonalAccessToken {
			return ErrValidation.because("kind " + strconv.Itoa(int(o.kind)) + " does not exist")
		}
	case chooseGuard:
		if o.guard == nil {
			return ErrValidation.because("guard is nil")
		}
	}
	if !utf8.ValidString(o.text) {
		return ErrValidation.because(o.choice.name() + " is not UTF-8")
	}
	return nil
}

func (c choice) name() string {
	switch c {
	case chooseProfile:
		return "profile"
	case chooseAudience:
		return "audience"
	case chooseDevice:
		return "device"
	case chooseKind:
		return "kind"
	case chooseGuard:
		return "guard"
	case chooseIssuedBefore:
		return "time before which tokens were issued"
	default:
		return "empty option"
	}
}
