//! How many bytes the entries weigh, and the bound on that.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes are taken before an entry is placed and given back after it has left, so their sum is
/// over the bound at no moment.
pub(super) struct Budget {
    max: usize,
    bytes: AtomicUsize,
    entries: AtomicUsize,
}

impl Budget {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            bytes: AtomicUsize::new(0),
            entries: AtomicUsize::new(0),
        }
    }

    /// Takes `weight` bytes for one entry, or nothing.
    pub(super) fn take(&self, weight: usize) -> bool {
        let taken = self
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bytes| {
                bytes.checked_add(weight).filter(|sum| *sum <= self.max)
            });
        if taken.is_ok() {
            self.entries.fetch_add(1, Ordering::Relaxed);
        }
        taken.is_ok()
    }

    /// Gives back what one entry weighed.
    pub(super) fn give_back(&self, weight: usize) {
        self.bytes.fetch_sub(weight, Ordering::Relaxed);
        self.entries.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }
}
