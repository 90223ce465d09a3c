.PHONY: build lib stage install test check bench clean help

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
TARGET := $(or $(CARGO_TARGET_DIR),target)
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
# The soname changes when the ABI does.
ABI := $(shell sed -n 's/^pub const BEARERD_ABI_VERSION: u32 = \([0-9]*\);/\1/p' src/ffi/version.rs)
SONAME := libbearerd.so.$(ABI)

help: ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## The sidecar, optimised
	cargo build --release

lib: ## The shared and the static library, optimised
	CARGO_PROFILE_RELEASE_DEBUG=false cargo rustc --release --lib --no-default-features --features ffi \
	    --crate-type cdylib,staticlib -- -C link-arg=-Wl,-soname,$(SONAME)

install: lib ## Installs library, header and bearerd.pc: make install PREFIX=/usr/local [DESTDIR=...]
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(TARGET)/release/libbearerd.so $(DESTDIR)$(LIBDIR)/libbearerd.so.$(VERSION)
	strip --strip-unneeded $(DESTDIR)$(LIBDIR)/libbearerd.so.$(VERSION)
	ln -sf libbearerd.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libbearerd.so
	install -m 644 $(TARGET)/release/libbearerd.a $(DESTDIR)$(LIBDIR)/libbearerd.a
	strip --strip-debug $(DESTDIR)$(LIBDIR)/libbearerd.a
	install -m 644 include/bearerd.h $(DESTDIR)$(INCLUDEDIR)/bearerd.h
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(LIBDIR)|' -e 's|@includedir@|$(INCLUDEDIR)|' \
	    -e 's|@version@|$(VERSION)|' include/bearerd.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/bearerd.pc

# What the bindings are built and tested against.
stage:
	$(MAKE) install PREFIX=$(abspath $(TARGET))/stage

test: ## Everything that can be tested here; closes with a table
	@tests/run

check: ## What is quick: format, lints, unit tests
	cargo fmt --check
	cargo clippy --all-features --all-targets -- -D warnings
	cargo test --all-features --lib

bench: ## Everything compared on this machine: writes benches/REPORT.md; BENCH=--help tells more
	CARGO_TARGET_DIR=$(abspath $(TARGET)) cargo run --quiet --manifest-path benches/report/Cargo.toml -- $(BENCH)

clean: ## Removes what was built
	cargo clean
