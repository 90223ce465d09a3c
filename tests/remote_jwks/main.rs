//! Remote key sets against an issuer that behaves, fails, or is an attacker.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

mod refresh;
mod server;
mod thread;
mod transport;
mod world;
