//! The whole sidecar over real HTTP: a configuration starts it in process, clients write bytes.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

mod bodies;
mod clients;
mod control;
mod cookies;
mod devices;
mod forward;
mod guesses;
mod http;
#[expect(dead_code, reason = "its own suite uses the rest")]
#[path = "../remote_jwks/server.rs"]
mod issuer;
mod keys;
mod limits;
mod oauth;
mod pats;
mod planes;
mod protection;
mod published;
#[expect(dead_code, reason = "its own suite uses the rest")]
#[path = "../common/redis.rs"]
mod redis;
mod remote;
mod routes;
mod sessions;
mod setup;
mod state;
mod verify;
mod world;
