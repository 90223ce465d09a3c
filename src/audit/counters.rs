use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What a log has done so far, in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditStats {
    /// Events in the file, or where there is none, on their way to standard output.
    pub written: u64,
    /// Events that found the queue full, or could not be written before the end.
    pub dropped: u64,
    /// Rejections that were counted in another event, or as left out, in place of one of their own.
    pub coalesced: u64,
    /// Lines that standard output did not take in time.
    pub unsaid: u64,
    /// Events that retention removed.
    pub purged: u64,
    /// Whether the file could not be written the last time.
    pub in_trouble: bool,
    /// How long the oldest event has been waiting to be written.
    pub lag: Duration,
}

/// The counters themselves, shared by all who count.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) written: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) coalesced: AtomicU64,
    pub(super) unsaid: AtomicU64,
    pub(super) purged: AtomicU64,
    pub(super) in_trouble: AtomicBool,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn read(&self, lag: Duration) -> AuditStats {
        AuditStats {
            written: self.written.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            coalesced: self.coalesced.load(Ordering::Relaxed),
            unsaid: self.unsaid.load(Ordering::Relaxed),
            purged: self.purged.load(Ordering::Relaxed),
            in_trouble: self.in_trouble.load(Ordering::Relaxed),
            lag,
        }
    }
}
