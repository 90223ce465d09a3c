use std::collections::HashMap;

use parking_lot::RwLock;

use super::key::{AsIs, RevocationKey};
use crate::clock::UnixMillis;

/// What is listed under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Listing {
    /// Void is what was issued before this; all of it for a handle or a family.
    pub(super) before: UnixMillis,
    /// When the last token that it concerns is dead.
    pub(super) until: UnixMillis,
}

impl Listing {
    /// Both at once: whatever either voids, for as long as either lasts.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            before: self.before.max(other.before),
            until: self.until.max(other.until),
        }
    }
}

type Map = HashMap<RevocationKey, Listing, AsIs>;

/// A map in shards, each under a lock of its own that is held for one probe.
///
/// Shards are small and get their room when the table is made, so that no insert makes a reader
/// wait while a large map grows. Pages that nothing was written to cost no memory.
pub(super) struct Table {
    shards: Box<[Shard]>,
}

/// A cache line of its own, so that neighbours do not slow each other down.
#[repr(align(64))]
struct Shard(RwLock<Map>);

impl Table {
    /// The mean load of a shard in a large table: with the spread below, it fits 4,096 slots.
    const MEAN: usize = 3_072;
    const FEWEST_SHARDS: usize = 64;

    /// Room for `capacity` keys.
    pub(super) fn new(capacity: usize) -> Self {
        let shards = capacity.div_ceil(Self::MEAN).max(Self::FEWEST_SHARDS);
        let mean = capacity / shards;
        // Keys are uniform: a shard that exceeds its mean by eight standard deviations would only
        // grow, but none ever does.
        let each = mean + 8 * mean.isqrt() + 16;
        let shard = || {
            Shard(RwLock::new(Map::with_capacity_and_hasher(
                each,
                AsIs::default(),
            )))
        };
        Self {
            shards: (0..shards).map(|_| shard()).collect(),
        }
    }

    pub(super) fn get(&self, key: RevocationKey) -> Option<Listing> {
        self.shard(key).0.read().get(&key).copied()
    }

    pub(super) fn set(&self, key: RevocationKey, listing: Listing) {
        self.shard(key).0.write().insert(key, listing);
    }

    pub(super) fn remove(&self, key: RevocationKey) -> Option<Listing> {
        self.shard(key).0.write().remove(&key)
    }

    /// Takes the other table's contents, shard by shard: what both have is never absent.
    pub(super) fn take_over(&self, other: &mut Self) {
        for (mine, theirs) in self.shards.iter().zip(&mut other.shards) {
            std::mem::swap(&mut *mine.0.write(), theirs.0.get_mut());
        }
    }

    /// Visits everything that is listed; a writer waits meanwhile, a reader does not.
    pub(super) fn each(&self, mut visit: impl FnMut(RevocationKey, Listing)) {
        for shard in &self.shards {
            for (key, listing) in shard.0.read().iter() {
                visit(*key, *listing);
            }
        }
    }

    /// The bytes that the shards have room for: a slot and a control byte for 8/7 of what the
    /// standard map says it can hold.
    pub(super) fn bytes(&self) -> usize {
        let slot = size_of::<(RevocationKey, Listing)>() + 1;
        let slots = |shard: &Shard| (shard.0.read().capacity() * 8).div_ceil(7);
        self.shards
            .iter()
            .map(|shard| size_of::<Shard>() + slots(shard) * slot)
            .sum()
    }

    fn shard(&self, key: RevocationKey) -> &Shard {
        &self.shards[key.scaled_to(self.shards.len())]
    }

    /// Locks every shard as a writer does, to see who waits.
    #[cfg(test)]
    pub(super) fn block(&self) -> Vec<parking_lot::RwLockWriteGuard<'_, impl Sized>> {
        self.shards.iter().map(|shard| shard.0.write()).collect()
    }

    /// Runs `then` when `write`, a writer of `key`, stands before its shard and is kept out of it.
    #[cfg(test)]
    pub(super) fn with_writer_at_the_door<T>(
        &self,
        key: RevocationKey,
        write: impl FnOnce() + Send,
        then: impl FnOnce() -> T,
    ) -> T {
        std::thread::scope(|scope| {
            let shard = &self.shard(key).0;
            let inside = shard.read();
            let writer = scope.spawn(write);
            // A lock that is held by a reader refuses another one only while a writer waits.
            while shard.try_read().is_some() && !writer.is_finished() {
                std::thread::yield_now();
            }
            let result = then();
            drop(inside);
            result
        })
    }
}
