use std::sync::atomic::{AtomicU64, Ordering};

/// What the sessions of a profile have done so far in this process, and what is in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionStats {
    /// Sessions in memory
    pub sessions: usize,
    /// Users in memory
    pub users: usize,
    /// The bytes that they take
    pub bytes: usize,
    /// Look-ups that memory answered; a token whose session is remembered with its claims needs none
    pub found: u64,
    /// Look-ups that found a session that has ended
    pub ended: u64,
    /// Look-ups that the store was asked for
    pub store_reads: u64,
    /// Renewals that were made
    pub renewed: u64,
    /// Renewals that another process had made
    pub not_due: u64,
    /// Renewals that came after the end of their session
    pub too_late: u64,
    /// Renewals for which there was no room, or no store
    pub dropped: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) found: AtomicU64,
    pub(super) ended: AtomicU64,
    pub(super) store_reads: AtomicU64,
    pub(super) renewed: AtomicU64,
    pub(super) not_due: AtomicU64,
    pub(super) too_late: AtomicU64,
    pub(super) dropped: AtomicU64,
}

impl Counters {
    pub(super) fn one(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> SessionStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SessionStats {
            found: read(&self.found),
            ended: read(&self.ended),
            store_reads: read(&self.store_reads),
            renewed: read(&self.renewed),
            not_due: read(&self.not_due),
            too_late: read(&self.too_late),
            dropped: read(&self.dropped),
            ..SessionStats::default()
        }
    }
}
