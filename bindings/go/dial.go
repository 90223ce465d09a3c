package bearerd

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// A DialOption is a choice for [Dial].
type DialOption func(*remote) error

// Control is the address of the sidecar's control plane, for signing, rotation, revocation, reload
// and explanations: "unix:///run/bearerd/control.sock".
func Control(address string) DialOption {
	return func(r *remote) (err error) {
		r.control, err = newEndpoint(address)
		return err
	}
}

// ControlToken is the control token, where the control plane is reached over TCP.
func ControlToken(token string) DialOption {
	return func(r *remote) error {
		if token == "" {
			return ErrConfig.because("control token is empty")
		}
		r.token = token
		return nil
	}
}

// Timeout bounds every request, whatever its context says. It is five seconds without this.
func Timeout(limit time.Duration) DialOption {
	return func(r *remote) error {
		if limit <= 0 {
			return ErrConfig.because("timeout must be positive")
		}
		r.timeout = limit
		return nil
	}
}

// Dial is a verifier that asks a sidecar: "unix:///run/bearerd/data.sock", or
// "http://127.0.0.1:8611" on the loopback. It connects when it is first used, and keeps
// connections for the next use.
//
// Nothing is cached on this side: the sidecar has the cache, and what it revokes is refused on the
// next call. While it cannot be reached every call is an error, [ErrStoreUnavailable] with its
// cause, and no token is accepted.
//
// The sidecar does not tell which claim its profiles map to the subject, so Subject is sub here.
func Dial(address string, options ...DialOption) (*Verifier, error) {
	r := &remote{timeout: 5 * time.Second}
	var err error
	if r.data, err = newEndpoint(address); err != nil {
		return nil, err
	}
	for _, option := range options {
		if option == nil {
			return nil, ErrConfig.because("an option is nil")
		}
		if err := option(r); err != nil {
			return nil, err
		}
	}
	if r.control == nil && r.token != "" {
		r.control = r.data
	}
	return &Verifier{engine: r, remote: r}, nil
}

// The sidecar, as a client sees it.
type remote struct {
	data, control *endpoint
	token         string
	timeout       time.Duration
	closed        atomic.Bool
}

type endpoint struct {
	address, base string
	client        *http.Client
}

func newEndpoint(address string) (*endpoint, error) {
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	transport := &http.Transport{
		// No proxy, no compression, no HTTP/2: this is the same host.
		MaxIdleConns:        128,
		MaxIdleConnsPerHost: 128,
		// Sooner than the sidecar closes a connection that is idle.
		IdleConnTimeout:    60 * time.Second,
		DisableCompression: true,
	}
	e := &endpoint{address: address, client: &http.Client{
		Transport: transport,
		// The sidecar redirects nobody; whoever does is not to be given tokens.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if path, found := strings.CutPrefix(address, "unix://"); found {
		if path == "" {
			return nil, ErrConfig.because("address names no socket; write unix:///run/bearerd/data.sock")
		}
		e.base = "http://bearerd.invalid"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		}
		return e, nil
	}
	if err := checkLoopback(address); err != nil {
		return nil, err
	}
	e.base = strings.TrimSuffix(address, "/")
	transport.DialContext = dialer.DialContext
	return e, nil
}

// Tokens go over this connection as they are, so it must not leave the host.
func checkLoopback(address string) error {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" || parsed.Host == "" || parsed.User != nil ||
		strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return ErrConfig.because("address must be unix:///PATH or http://HOST:PORT")
	}
	host := parsed.Hostname()
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return ErrConfig.because("address is not on the loopback, and tokens would travel in the clear; use a unix socket")
	}
	return nil
}

func (r *remote) close() error {
	if r.closed.Swap(true) {
		return errClosed()
	}
	r.data.client.CloseIdleConnections()
	if r.control != nil {
		r.control.client.CloseIdleConnections()
	}
	return nil
}
