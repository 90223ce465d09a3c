//! The HTTP edge, from outside: a real server in process, and clients that write raw bytes.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

mod client;
mod drain;
mod framing;
mod http2;
mod limits;
mod planes;
mod random;
mod server;
mod sockets;
