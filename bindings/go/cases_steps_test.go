package bearerd

import (
	"encoding/json"
	"testing"
	"time"
)

// A step is one of the questions or orders, and what comes of it.
type sharedStep struct {
	Verify, Authorization *sharedQuestion
	Revoke                *sharedRevocation
	SignIn                *sharedSignIn     `json:"sign_in"`
	EndSession            *sharedEnding     `json:"end_session"`
	ChangeSession         *sharedChange     `json:"change_session"`
	CreatePAT             *sharedPAT        `json:"create_pat"`
	RevokePAT             *sharedPATToEnd   `json:"revoke_pat"`
	Sign                  *sharedSigning    `json:"sign"`
	Rotate                *sharedRotation   `json:"rotate"`
	Code                  string            `json:"code"`
	Claims                json.RawMessage   `json:"claims"`
	ClaimsHave            json.RawMessage   `json:"claims_have"`
	Context               json.RawMessage   `json:"context"`
	Count                 *int              `json:"count"`
	As                    map[string]string `json:"as"`
}

type (
	sharedQuestion struct {
		Token, Value              string
		Profile, Audience, Device *string
		Guard                     json.RawMessage
	}
	sharedRevocation struct {
		Handle, Subject, Token *string
		IssuedBefore           *int64 `json:"issued_before"`
	}
	sharedSignIn struct {
		Subject, Kind, Profile string
		Attributes, Claims     json.RawMessage
	}
	sharedEnding struct {
		SID, Subject    *string
		Except, Profile string
	}
	sharedChange struct {
		SID, Subject *string
		Profile      string
		Set          json.RawMessage
		Remove       []string
	}
	sharedPAT struct {
		Subject, Description, TTL, Profile string
		Scopes                             []string
		Claims                             json.RawMessage
	}
	sharedPATToEnd struct {
		ID, Token, Subject *string
		Profile            string
	}
	sharedSigning struct {
		Kind, Profile string
		Claims        json.RawMessage
	}
	sharedRotation struct {
		Refresh, Profile string
		Set              json.RawMessage
		Remove           []string
	}
)

// What a step's call has answered.
type sharedAnswer struct {
	claims *Claims
	texts  map[string]string
	count  *int
}

type sharedAct interface {
	run(t *testing.T, w world) (sharedAnswer, error)
}

func (s *sharedStep) run(t *testing.T, w world) (sharedAnswer, error) {
	t.Helper()
	var acts []sharedAct
	if s.Verify != nil {
		acts = append(acts, verifying{s.Verify})
	}
	if s.Authorization != nil {
		acts = append(acts, authorizing{s.Authorization})
	}
	if s.Revoke != nil {
		acts = append(acts, s.Revoke)
	}
	if s.SignIn != nil {
		acts = append(acts, s.SignIn)
	}
	if s.EndSession != nil {
		acts = append(acts, s.EndSession)
	}
	if s.ChangeSession != nil {
		acts = append(acts, s.ChangeSession)
	}
	if s.CreatePAT != nil {
		acts = append(acts, s.CreatePAT)
	}
	if s.RevokePAT != nil {
		acts = append(acts, s.RevokePAT)
	}
	if s.Sign != nil {
		acts = append(acts, s.Sign)
	}
	if s.Rotate != nil {
		acts = append(acts, s.Rotate)
	}
	if len(acts) != 1 {
		t.Fatalf("a step is exactly one thing, not %d", len(acts))
	}
	return acts[0].run(t, w)
}

type verifying struct{ *sharedQuestion }

func (q verifying) run(t *testing.T, w world) (sharedAnswer, error) {
	options, err := q.options(t, w)
	if err != nil {
		return sharedAnswer{}, err
	}
	claims, err := w.Verify(q.Token, options...)
	return sharedAnswer{claims: claims}, err
}

type authorizing struct{ *sharedQuestion }

func (q authorizing) run(t *testing.T, w world) (sharedAnswer, error) {
	options, err := q.options(t, w)
	if err != nil {
		return sharedAnswer{}, err
	}
	claims, err := w.VerifyAuthorization(q.Value, options...)
	return sharedAnswer{claims: claims}, err
}

func (q *sharedQuestion) options(t *testing.T, w world) ([]Option, error) {
	var options []Option
	if q.Profile != nil {
		options = append(options, WithProfile(*q.Profile))
	}
	if q.Audience != nil {
		options = append(options, WithAudience(*q.Audience))
	}
	if q.Device != nil {
		options = append(options, WithDevice(*q.Device))
	}
	if q.Guard != nil {
		var name string
		guard, err := (*Guard)(nil), error(nil)
		if json.Unmarshal(q.Guard, &name) == nil {
			guard, err = w.Guard(name)
		} else {
			guard, err = NewGuard(q.Guard)
		}
		if err != nil {
			return nil, err
		}
		options = append(options, WithGuard(guard))
	}
	return options, nil
}

func (r *sharedRevocation) run(t *testing.T, w world) (sharedAnswer, error) {
	var err error
	switch {
	case r.Handle != nil:
		err = w.RevokeHandle(background, *r.Handle)
	case r.Token != nil:
		err = w.RevokeToken(background, *r.Token)
	case r.Subject != nil && r.IssuedBefore != nil:
		err = w.RevokeSubject(background, *r.Subject, IssuedBefore(time.Unix(*r.IssuedBefore, 0)))
	case r.Subject != nil:
		err = w.RevokeSubject(background, *r.Subject)
	default:
		t.Fatal("revoke: nothing is named")
	}
	return sharedAnswer{}, err
}

func (s *sharedSignIn) run(t *testing.T, w world) (sharedAnswer, error) {
	tokens, known := map[string]SignInTokens{"none": NoTokens, "access": AccessAlone, "pair": AccessAndRefresh}[s.Kind]
	if !known {
		t.Fatalf("sign_in: kind %q", s.Kind)
	}
	signed, err := w.SignIn(background, s.Subject, SignInOptions{
		Profile: s.Profile, Tokens: tokens, Attributes: ifThere(s.Attributes), Claims: ifThere(s.Claims),
	})
	if err != nil {
		return sharedAnswer{}, err
	}
	return sharedAnswer{texts: map[string]string{"sid": signed.ID, "access": signed.Access, "refresh": signed.Refresh}}, nil
}

func (e *sharedEnding) run(t *testing.T, w world) (sharedAnswer, error) {
	switch {
	case e.SID != nil && e.Subject == nil && e.Except == "":
		ended, err := w.EndSession(background, *e.SID, inProfile(e.Profile)...)
		return counted(oneIf(ended)), err
	case e.Subject != nil && e.SID == nil:
		ended, err := w.EndSessions(background, *e.Subject, e.Except, inProfile(e.Profile)...)
		return counted(ended), err
	}
	t.Fatal("end_session: whose?")
	return sharedAnswer{}, nil
}

func (c *sharedChange) run(t *testing.T, w world) (sharedAnswer, error) {
	change := AttributeChange{Set: ifThere(c.Set), Remove: c.Remove}
	switch {
	case c.SID != nil && c.Subject == nil:
		changed, err := w.ChangeSession(background, *c.SID, change, inProfile(c.Profile)...)
		return counted(oneIf(changed != nil)), err
	case c.Subject != nil && c.SID == nil:
		changed, err := w.ChangeSessions(background, *c.Subject, change, inProfile(c.Profile)...)
		return counted(len(changed)), err
	}
	t.Fatal("change_session: whose?")
	return sharedAnswer{}, nil
}

func (p *sharedPAT) run(_ *testing.T, w world) (sharedAnswer, error) {
	made, err := w.CreatePAT(background, p.Subject, PATOptions{
		Profile: p.Profile, Description: p.Description, Scopes: p.Scopes, Claims: ifThere(p.Claims), TTL: p.TTL,
	})
	if err != nil {
		return sharedAnswer{}, err
	}
	return sharedAnswer{texts: map[string]string{"token": made.Token, "id": made.ID}}, nil
}

func (p *sharedPATToEnd) run(t *testing.T, w world) (sharedAnswer, error) {
	profile := inProfile(p.Profile)
	switch {
	case p.ID != nil && p.Token == nil && p.Subject == nil:
		revoked, err := w.RevokePAT(background, *p.ID, profile...)
		return counted(oneIf(revoked)), err
	case p.Token != nil && p.ID == nil && p.Subject == nil:
		revoked, err := w.RevokePATToken(background, *p.Token, profile...)
		return counted(oneIf(revoked)), err
	case p.Subject != nil && p.ID == nil && p.Token == nil:
		revoked, err := w.RevokePATs(background, *p.Subject, profile...)
		return counted(revoked), err
	}
	t.Fatal("revoke_pat: which?")
	return sharedAnswer{}, nil
}

func (s *sharedSigning) run(t *testing.T, w world) (sharedAnswer, error) {
	kind := kindNamed(s.Kind)
	if kind != AccessToken && kind != RefreshToken {
		t.Fatalf("sign: kind %q", s.Kind)
	}
	signed, err := w.Sign(background, s.Claims, SignOptions{Kind: kind, Profile: s.Profile})
	return sharedAnswer{texts: map[string]string{s.Kind: signed.Token}}, err
}

func (r *sharedRotation) run(_ *testing.T, w world) (sharedAnswer, error) {
	pair, err := w.Rotate(background, r.Refresh, RotateOptions{Profile: r.Profile, Set: ifThere(r.Set), Remove: r.Remove})
	if err != nil {
		return sharedAnswer{}, err
	}
	return sharedAnswer{texts: map[string]string{"access": pair.Access, "refresh": pair.Refresh}}, nil
}

// An option that the step does not have is not passed on.
func ifThere(document json.RawMessage) any {
	if document == nil {
		return nil
	}
	return document
}

func inProfile(name string) []Option {
	if name == "" {
		return nil
	}
	return []Option{WithProfile(name)}
}

func counted(n int) sharedAnswer { return sharedAnswer{count: &n} }

func oneIf(is bool) int {
	if is {
		return 1
	}
	return 0
}
