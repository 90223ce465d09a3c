//! Trusted devices, on every store.
#![expect(clippy::unwrap_used, reason = "tests and their helpers panic")]

#[cfg(any(feature = "redis", feature = "sqlite"))]
#[path = "../store_suite/kept.rs"]
mod kept;
#[cfg(feature = "redis")]
#[path = "../store_suite/on_redis.rs"]
mod on_redis;
#[cfg(feature = "sqlite")]
#[path = "../store_suite/temporary.rs"]
mod temporary;

#[path = "../pats/stores.rs"]
mod stores;

mod fingerprint;
mod register;
