//! Signing keys of our own: made, published, rotated and revoked over a store that processes share.
//! Most tests drive keepers by hand, at a clock that stands still.
#![cfg(all(feature = "redis", feature = "server", feature = "sqlite"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and say what they measured"
)]

#[expect(dead_code, reason = "the tests of the sidecar use the rest")]
#[path = "../sidecar/http.rs"]
mod http;
mod load;
mod lost;
mod orders;
mod profiles;
mod schedule;
mod sealed;
mod sidecar;
mod world;
