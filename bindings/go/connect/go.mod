module github.com/bearerd/bearerd/bindings/go/connect

go 1.26.0

require (
	connectrpc.com/connect v1.21.1
	github.com/bearerd/bearerd/bindings/go v0.1.0
	google.golang.org/protobuf v1.36.12
)

replace github.com/bearerd/bearerd/bindings/go => ../
