//go:build !cgo

package bearerd

// Without cgo there is no library in the process. The type is here so that everything else is the
// same; no value of it is ever made.
type library struct{ engine }

type compiledGuard struct{}

func openText(string) (*library, error)  { return nil, errNoLibrary() }
func openFile(string) (*library, error)  { return nil, errNoLibrary() }
func openEnvironment() (*library, error) { return nil, errNoLibrary() }

func (*library) verify(string, *query) (*Claims, error) { return nil, errNoLibrary() }

func (g *Guard) compile() error { return g.plausible() }

func errNoLibrary() error {
	return ErrConfig.because("this program was built without cgo, so libbearerd is not in it; " +
		`build with CGO_ENABLED=1, or ask a sidecar: bearerd.Dial("unix:///run/bearerd/data.sock")`)
}
