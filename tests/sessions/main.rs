//! Sessions over every store: each process is a table of sessions and a verifier of its own.
#![cfg(feature = "aws-lc-rs")]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

#[cfg(any(feature = "redis", feature = "sqlite"))]
#[path = "../store_suite/kept.rs"]
mod kept;
#[cfg(feature = "redis")]
#[path = "../store_suite/on_redis.rs"]
mod on_redis;
#[cfg(feature = "sqlite")]
#[path = "../store_suite/temporary.rs"]
mod temporary;
#[macro_use]
mod world;
mod attributes;
mod elsewhere;
mod ending;
mod hostile;
mod memory;
mod opening;
mod outage;
mod renewal;
mod seam;
#[expect(dead_code, reason = "each suite uses its part")]
#[path = "../common/watched.rs"]
mod watched;
