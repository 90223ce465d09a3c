// Package methods chooses what decides about a call by the name of its method, for every framework
// whose methods are named "/package.Service/Method".
package methods

import (
	"context"
	"errors"
	"fmt"
	"strings"

	bearerd "github.com/bearerd/bearerd/bindings/go"
)

// A Table says which methods need no token, and which need more than the others. It does not
// change once it is made.
type Table struct {
	auth  *bearerd.Auth
	named map[string]*bearerd.Auth
}

var errRoutes = errors.New("bearerd: Routes is for net/http, where a request has a target; " +
	"wrap the whole handler with Auth.Handler, or name methods as Public and Guarded")

// New is a table in which auth decides about every method.
func New(auth *bearerd.Auth) (*Table, error) {
	if auth == nil {
		return nil, errors.New("bearerd: auth is nil")
	}
	if auth.AsksRoutes() {
		return nil, errRoutes
	}
	return &Table{auth: auth, named: map[string]*bearerd.Auth{}}, nil
}

// Name lets auth decide about these methods; nil makes them public.
func (t *Table) Name(auth *bearerd.Auth, names []string) error {
	if auth != nil && auth.AsksRoutes() {
		return errRoutes
	}
	for _, name := range names {
		service, method, found := strings.Cut(strings.TrimPrefix(name, "/"), "/")
		if !strings.HasPrefix(name, "/") || !found || service == "" || method == "" || strings.ContainsAny(method, "/*") {
			return fmt.Errorf("bearerd: %q is not the name of a method; write /package.Service/Method", name)
		}
		if _, twice := t.named[name]; twice {
			return fmt.Errorf("bearerd: method %s is named twice", name)
		}
		t.named[name] = auth
	}
	return nil
}

// Authenticate decides about one call. The names are compared byte for byte: a method that is
// spelled otherwise is not public.
func (t *Table) Authenticate(ctx context.Context, method string, headers map[string][]string) (context.Context, error) {
	auth, named := t.named[method]
	if !named {
		auth = t.auth
	}
	if auth == nil {
		return ctx, nil
	}
	return auth.Authenticate(ctx, headers)
}
