module github.com/bearerd/bearerd/bindings/go

go 1.24
