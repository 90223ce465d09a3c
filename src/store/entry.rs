use super::StoreKey;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::secret::Secret;

/// Which writing of a key this is.
///
/// A store never gives one number twice, not for another key and not after a deletion, so a
/// comparison cannot mistake a new entry for the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// For implementations of a store.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// The number, to be written down or compared elsewhere.
    #[must_use]
    pub const fn raw(self) -> u64 {
        self.0
    }
}

/// What a store holds at a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The bytes, wiped when dropped.
    pub value: Secret,
    /// Which writing of the key this is.
    pub version: Version,
    /// The entry is absent from this moment on.
    pub expires: UnixMillis,
}

impl Entry {
    /// The longest value, in bytes. The same in every store, so that what one takes another does.
    pub const MAX_VALUE: usize = 1 << 20;

    /// For implementations of a store: whether `value` may be stored at `key`. To be asked before
    /// anything else is done.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is too long.
    pub fn check_value(key: &StoreKey, value: &[u8]) -> Result<(), Fault> {
        if value.len() <= Self::MAX_VALUE {
            return Ok(());
        }
        Err(Fault::new(
            Code::ValidationError,
            format!(
                "the value for a {} key, {} bytes, is too long: a store takes {}; keep less in \
                 one entry",
                key.namespace(),
                value.len(),
                Self::MAX_VALUE
            ),
        ))
    }
}

/// The outcome of `put_if_absent`.
#[derive(Clone, Debug)]
#[must_use]
pub enum Put {
    /// Nothing was there; the value is stored under this version.
    Stored(Version),
    /// Something was there, and stays.
    Present(Entry),
}

/// The outcome of `compare_and_swap`.
#[derive(Clone, Debug)]
#[must_use]
pub enum Swap {
    /// The version was as expected; the new value is stored under this one.
    Stored(Version),
    /// Another version is there, or none; it stays as it is.
    Lost(Option<Entry>),
}

/// A part of a scan.
#[derive(Clone, Debug)]
pub struct Page {
    /// The entries in the order of their keys.
    pub items: Vec<(StoreKey, Entry)>,
    /// Where to go on (`after` of the next call); `None` where nothing follows.
    pub next: Option<StoreKey>,
}

impl Page {
    /// The most entries in one page.
    pub const MAX: usize = 1_024;
}
