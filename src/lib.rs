//! placeholder
#![deny(unsafe_code)]
pub mod base64url;
pub mod clock;
// crypto lands with its providers
pub mod error;
pub mod limits;
pub mod secret;
pub mod verify;

/// What the benches reach inside for. No part of the public interface.
#[doc(hidden)]
pub mod bench_support {
    pub use crate::verify::cache::{CacheConfig, CacheStats, Cacheable, Eviction, Hit, TokenCache};
}
