//! The whole sidecar over real HTTP: a configuration starts it in process, clients write bytes.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

mod control;
mod forward;
mod http;
mod published;
mod verify;
mod world;
