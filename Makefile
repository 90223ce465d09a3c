.PHONY: build test check bench clean help

help: ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## The sidecar and the library, optimised
	cargo build --release

test: ## Everything that can be tested here; closes with a table
	@tests/run

check: ## What is quick: format, lints, unit tests
	cargo fmt --check
	cargo clippy --all-features --all-targets -- -D warnings
	cargo test --all-features --lib

bench: ## Cold and cached verification against the raw primitive and the peers
	cargo bench --all-features --bench cache --bench verify
	cargo bench --manifest-path benches/rivals/Cargo.toml

clean: ## Removes what was built
	cargo clean
