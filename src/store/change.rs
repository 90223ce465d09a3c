use super::StoreKey;

/// A place in a store's feed. Opaque to everyone but the store that gave it.
///
/// 128 bits, so that a store can tell its own past from that of an earlier life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(u128);

impl Cursor {
    /// For implementations of a store, and for a follower that wrote a cursor down.
    #[must_use]
    pub const fn from_raw(raw: u128) -> Self {
        Self(raw)
    }

    /// The number, to be written down.
    #[must_use]
    pub const fn raw(self) -> u128 {
        self.0
    }
}

/// A key whose entry was written or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// An entry was stored or replaced. Read the key: by now it may have changed again.
    Written(StoreKey),
    /// The entry was deleted.
    Deleted(StoreKey),
}

impl Change {
    /// The key that changed.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        match self {
            Self::Written(key) | Self::Deleted(key) => key,
        }
    }
}

/// A part of the feed.
#[derive(Clone, Debug)]
pub struct Changes {
    /// What changed, oldest first; empty at a gap, and where nothing happened in time.
    pub items: Vec<Change>,
    /// The cursor for the next call.
    pub next: Cursor,
    /// Changes were missed: scan from scratch, after having taken `next`.
    pub gap: bool,
}

impl Changes {
    /// The most changes in one answer.
    pub const MAX: usize = 1_024;
}
