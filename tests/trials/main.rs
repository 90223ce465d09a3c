//! Trials of the sidecar as it is run: `bearerd serve` in processes of its own, on real stores, killed,
//! starved and lied to while clients use it over HTTP.
//!
//! `BEARERD_TEST_KILLS` sets how often a sidecar is killed, `BEARERD_TEST_SEED` repeats a run: each
//! prints its own.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests panic, report, and wait for other processes by the clock on the wall"
)]

mod client;
mod followers;
mod housekeeping;
mod kill;
mod load;
mod million;
mod random;
mod redis_trouble;
mod rows;
mod sidecar;
mod sqlite_trouble;

#[path = "../common/redis.rs"]
mod redis;
