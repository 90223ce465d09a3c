//! Personal access tokens: row R5, the lines of the cache's contract that concern them, and what
//! listing and revoking promise, on every store.
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

mod cache;
mod creating;
mod form;
mod last_use;
mod listing;
mod profiles;
mod revoking;
mod stores;
mod verdicts;
#[expect(dead_code, reason = "each suite uses its part")]
#[path = "../common/watched.rs"]
mod watched;
mod world;
