//! The whole sidecar over real HTTP: a configuration starts it in process, clients write bytes.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

mod bodies;
mod control;
mod forward;
mod http;
#[expect(dead_code, reason = "its own suite uses the rest")]
#[path = "../remote_jwks/server.rs"]
mod issuer;
mod keys;
mod planes;
mod published;
mod remote;
mod sessions;
mod setup;
mod state;
mod verify;
mod world;
