//! What the cache counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Why an entry left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Eviction {
    /// Its set was full and it was used least.
    Capacity,
    /// Its bytes were needed.
    Bytes,
    /// Its time had passed.
    Expired,
    /// The same token was verified and stored again.
    Replaced,
    /// The key that signed it is gone.
    DeadKey,
    /// The cache was emptied.
    Cleared,
}

/// A reading of the counters. Each is exact; taken while others work, they may be a few
/// operations apart from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Lookups that found their token.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Values stored.
    pub inserts: u64,
    /// Values not stored: too large, no room found in bounded time, or the set was being changed
    /// by another thread.
    pub not_kept: u64,
    /// Entries pushed out of a full set.
    pub evicted_capacity: u64,
    /// Entries pushed out for their bytes.
    pub evicted_bytes: u64,
    /// Entries removed because their time had passed.
    pub evicted_expired: u64,
    /// Entries replaced by the same token.
    pub evicted_replaced: u64,
    /// Entries removed because their key is gone.
    pub evicted_dead_key: u64,
    /// Entries removed by emptying the cache.
    pub evicted_cleared: u64,
    /// Live entries.
    pub entries: usize,
    /// What the live entries weigh.
    pub bytes: usize,
}

impl CacheStats {
    /// All removals, whatever their cause.
    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.evicted_capacity
            + self.evicted_bytes
            + self.evicted_expired
            + self.evicted_replaced
            + self.evicted_dead_key
            + self.evicted_cleared
    }
}

const CAUSES: usize = 6;
const LANES: usize = 32;

/// Two cache lines, because processors fetch them in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Lane {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The counters, written where no other thread writes as long as there are few threads.
#[derive(Default)]
pub(super) struct Counters {
    lanes: [Lane; LANES],
    inserts: AtomicU64,
    not_kept: AtomicU64,
    evicted: [AtomicU64; CAUSES],
}

impl Counters {
    #[inline]
    pub(super) fn hit(&self) {
        self.lane().hits.fetch_add(1, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn miss(&self) {
        self.lane().misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn insert(&self) {
        self.inserts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn not_kept(&self) {
        self.not_kept.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn evict(&self, cause: Eviction) {
        self.evicted[cause as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> CacheStats {
        let sum = |of: fn(&Lane) -> &AtomicU64| {
            self.lanes
                .iter()
                .map(|lane| of(lane).load(Ordering::Relaxed))
                .sum()
        };
        let evicted = |cause: Eviction| self.evicted[cause as usize].load(Ordering::Relaxed);
        CacheStats {
            hits: sum(|lane| &lane.hits),
            misses: sum(|lane| &lane.misses),
            inserts: self.inserts.load(Ordering::Relaxed),
            not_kept: self.not_kept.load(Ordering::Relaxed),
            evicted_capacity: evicted(Eviction::Capacity),
            evicted_bytes: evicted(Eviction::Bytes),
            evicted_expired: evicted(Eviction::Expired),
            evicted_replaced: evicted(Eviction::Replaced),
            evicted_dead_key: evicted(Eviction::DeadKey),
            evicted_cleared: evicted(Eviction::Cleared),
            entries: 0,
            bytes: 0,
        }
    }

    #[inline]
    fn lane(&self) -> &Lane {
        &self.lanes[lane_of_thread() % LANES]
    }
}

#[inline]
fn lane_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static LANE: usize = NEXT.fetch_add(1, Ordering::Relaxed));
    // A thread that is being torn down has no lane any more: any will do.
    LANE.try_with(|lane| *lane).unwrap_or(0)
}
