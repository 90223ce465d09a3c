//! placeholder
#![deny(unsafe_code)]
pub mod base64url;
pub mod claims;
pub mod clock;
pub mod crypto;
pub mod error;
pub mod guard;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod keys;
pub mod limits;
pub mod secret;
pub mod verify;

/// What the benches reach inside for. No part of the public interface.
#[doc(hidden)]
pub mod bench_support {
    pub use crate::verify::cache::{
        CacheConfig, CacheStats, Cacheable, Entry, Eviction, Hit, TokenCache,
    };
}
