//! bearerd verifies bearer tokens for services in any language, at the speed of a memory lookup
//! and without the holes that cached verification usually has.
//!
//! One core, two ways in: this library, and the `bearerd` sidecar. Both give the same answer, with
//! the same code, to the same token.
//!
//! ```
//! use std::sync::Arc;
//! use bearerd::clock::{Clock, SystemClock};
//! use bearerd::config::{Config, Environment};
//! use bearerd::guard::Guard;
//! use bearerd::verify::VerifyOptions;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = r#"
//!     [profiles.api]
//!     algorithms = ["HS256"]
//!     issuer = "https://issuer.example"
//!
//!     [[profiles.api.keys]]
//!     secret_base64url = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM"
//!
//!     [profiles.api.sign]
//!     access = "15m"
//! "#;
//! let environment = Environment::empty();
//! let clock: Arc<dyn Clock> = Arc::new(SystemClock);
//! let profiles = Config::from_text(config, "example", &environment)?.build(&environment, &clock)?;
//! let api = profiles.get(None)?;
//!
//! let claims = serde_json::from_str(r#"{"sub": "ada", "scope": "read:orders"}"#)?;
//! let signed = api.sign(bearerd::claims::TokenKind::Access, &claims, None)?;
//!
//! let guard = Guard::from_json(br#"{"scopes": ["read:orders"]}"#)?;
//! let verified = api.verifier().verify(&signed.token, &VerifyOptions::default().guard(&guard))?;
//! assert_eq!(verified.subject().as_deref(), Some("ada"));
//! # Ok(())
//! # }
//! ```
//!
//! # The floors
//!
//! A module imports only floors below its own; modules of one floor do not import each other.
//! `tests/architecture.rs` holds this.
//!
//! ```text
//! 9  bin/bearerd.rs   parse arguments, call floor 8
//! 8  ffi/             the C ABI, the only unsafe code
//!    sidecar/         hyper: listeners, planes, routes, metrics, shutdown
//!    cli/             dev, serve, check, keygen, token, jwks, keys, revoke, bench
//! 7  config/          strict schema -> profiles; environment variables; profile lint
//! 6  sign/            signer; refresh rotation (verifies, then signs)
//! 5  verify/          verifier, claims cache, choice of profile
//! 4  guard/           guard language, permissions
//!    routes/          route rules: method and path to a guard, or to public
//!    state/           revocation index, spent handles, sessions, personal access tokens, devices
//!    audit/           who did what: events in a file that can be asked
//! 3  keys/            key set, ring, sources (inline, file, environment, remote JWKS, made here)
//!    claims/          registered claims, claim map, rules
//! 2  jws/  jwk/       compact form, header; JWK, PEM
//! 1  crypto/          provider value, algorithm table, aws-lc-rs, ring
//!    store/           Store trait; memory, SQLite, Redis
//!    extract/         the token in a request
//! 0  error/ clock/ fork/ secret/ limits/ base64url/ json/
//! ```
//!
//! The core is synchronous: async exists at the HTTP edge alone, and fetching runs on a thread of
//! its own, so the library brings no async runtime into Node or Python.
//!
//! # Errors
//!
//! A [`Reject`](error::Reject) is a verdict on a token; a [`Fault`](error::Fault) is ours. Both
//! carry a [`Code`](error::Code) of one append-only table.

#![deny(unsafe_code)]

#[cfg(feature = "sqlite")]
pub mod audit;
pub mod base64url;
pub mod claims;
#[cfg(feature = "server")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod error;
pub mod extract;
#[cfg(feature = "ffi")]
pub mod ffi;
pub mod fork;
pub mod guard;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod keys;
pub mod limits;
pub mod routes;
pub mod secret;
#[cfg(feature = "server")]
pub mod sidecar;
pub mod sign;
pub mod state;
pub mod store;
pub mod verify;

#[doc = include_str!("attacks.md")]
pub mod attacks {}

/// What the benches need of the inside. No part of the API.
#[doc(hidden)]
pub mod bench_support {
    pub use crate::verify::cache::{CacheConfig, Cacheable, Hit, TokenCache};
}
