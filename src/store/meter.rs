use std::time::Duration;

use crate::error::Fault;

/// A token bucket: it holds `burst` tokens at most, and gets one more every `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// From one token to the next; a microsecond at least
    pub interval: Duration,
    /// How many it holds; one at least
    pub burst: u32,
}

/// What became of an attempt to take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Take {
    /// It was taken.
    Taken {
        /// How many are left
        remaining: u32,
    },
    /// There is none.
    Empty {
        /// When there is one again, if nobody else takes it
        retry_after: Duration,
    },
}

/// A store that keeps buckets for all who share it.
pub trait Meter: Send + Sync {
    /// Takes a token, in one step, by the store's own clock. `name` says which bucket; one that was
    /// not used for as long as it takes to fill is forgotten.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer.
    fn take(&self, name: &[u8; 16], bucket: &Bucket) -> Result<Take, Fault>;
}
