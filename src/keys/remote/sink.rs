use std::num::NonZeroUsize;

use crate::clock::UnixMillis;
use crate::error::Fault;

/// Who receives fetched documents.
pub trait KeySink: Send + Sync + 'static {
    /// Parses the document and swaps the key set for it, whole.
    ///
    /// # Errors
    /// Where the document is broken or holds no usable key. The keys then stay as they are.
    fn accept(&self, document: &[u8]) -> Result<Accepted, Fault>;

    /// The keys may be trusted until then, by wall time; past it verification answers
    /// `KEYS_UNAVAILABLE`. A later call replaces an earlier one, and may name an earlier time.
    fn trust_until(&self, until: UnixMillis);
}

/// What a document gave. A set without a usable key cannot be expressed: that is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Accepted {
    /// The usable keys.
    pub keys: NonZeroUsize,
}

impl Accepted {
    /// That many usable keys; `None` for zero.
    #[must_use]
    pub fn of(keys: usize) -> Option<Self> {
        NonZeroUsize::new(keys).map(|keys| Self { keys })
    }
}
