//! The claims cache: verified tokens and what they say.
//!
//! A set-associative table. A keyed hash of the token's tail names a set of eight places and a
//! tag; the entry is found by comparing the whole token, so two tokens never answer for each
//! other. It stores what a caller verified, knows nothing of claims, and decides nothing: time,
//! revocation, keys and rules are the caller's to check on every hit.
//!
//! **A hit** takes no lock, waits for nobody, and writes no memory that other threads read once
//! its entry is known to be used. It costs the hash of 32 bytes, one comparison of the token, and
//! a hazard pointer ([`Hit`]).
//!
//! **An insert** never waits either. It stores nothing if the value is too large, if another
//! thread is changing the same set, or if a bounded search frees too few bytes; the caller gets a
//! handle of the same type all the same.
//!
//! **Bounds**: `max_entries` fixes the size of the table, 16 bytes an entry, allocated at once.
//! `max_bytes` bounds the sum of what entries weigh at every moment. Entries that left live on
//! only as long as somebody holds a [`Hit`] on them.

mod budget;
mod hash;
mod hit;
mod policy;
mod set;
mod stats;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use hit::Hit;
pub(super) use hit::Parts;
pub(crate) use hit::{Head, Shared};
pub use stats::CacheStats;
pub(crate) use stats::Eviction;

use crate::clock::UnixMillis;
use budget::Budget;
use hash::TailHash;
use hit::{kept, size_of_head};
use set::{BYTES_PER_WAY, LockedSet, Removed, Set, WAYS};
use stats::Counters;

/// How many sets an insert asks for bytes before it gives up.
const SWEEP: usize = 64;
/// Where `max_bytes` decides, the table has places for tokens with payloads of this size: sets well
/// filled choose better who leaves. Smaller ones fill the places before the bytes.
const SMALL_TOKEN: usize = 320;
/// What an allocator keeps and rounds up for one entry, about.
const ALLOCATION: usize = 16;

/// What can be kept.
pub trait Cacheable: Send + Sync + 'static {
    /// From when on the value is useless. Decides who leaves first, and nothing else.
    fn expires_at(&self) -> UnixMillis;

    /// Bytes that the value holds on the heap.
    fn heap(&self) -> usize {
        0
    }
}

/// The bounds of a cache. Zero entries or bytes: no cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheConfig {
    /// The most entries, rounded up to a multiple of eight.
    pub max_entries: usize,
    /// The most that all entries together weigh, the cache's own bytes for them included.
    pub max_bytes: usize,
    /// The most that one entry may weigh.
    pub max_entry_bytes: usize,
}

impl Default for CacheConfig {
    /// 65,536 entries, 64 MiB, 16 KiB an entry.
    fn default() -> Self {
        Self {
            max_entries: 65_536,
            max_bytes: 64 << 20,
            max_entry_bytes: 16 << 10,
        }
    }
}

/// A bounded map from token to verified value. One a profile: nothing is shared between them.
pub struct TokenCache<V> {
    hash: TailHash,
    sets: Box<[Set<V>]>,
    counters: Counters,
    budget: Budget,
    max_entry_bytes: usize,
    hand: AtomicUsize,
    first_slot: u32,
}

/// Where an entry will be, its set locked.
struct Place<'a, V> {
    set: LockedSet<'a, V>,
    way: usize,
    tag: u16,
    slot: u32,
    weight: u32,
}

impl<V: Cacheable> TokenCache<V> {
    /// What the cache itself adds to the weight of a value.
    pub const OVERHEAD: usize = size_of_head::<V>() + ALLOCATION + BYTES_PER_WAY;

    /// An empty cache. `hash_key` must be random, and not shared with anyone.
    #[must_use]
    pub fn new(config: CacheConfig, hash_key: [u64; 2]) -> Self {
        let by_bytes = config.max_bytes / (Self::OVERHEAD + SMALL_TOKEN);
        let entries = config.max_entries.min(by_bytes);
        let sets = entries.div_ceil(WAYS).min(u32::MAX as usize / WAYS);
        Self {
            hash: TailHash::new(hash_key),
            sets: (0..sets).map(|_| Set::default()).collect(),
            counters: Counters::default(),
            budget: Budget::new(config.max_bytes),
            max_entry_bytes: config.max_entry_bytes.min(u32::MAX as usize),
            hand: AtomicUsize::new(0),
            first_slot: 0,
        }
    }

    /// The same cache with other slot numbers, so that those of several caches are apart. Numbers
    /// that do not fit are left out: entries there have no slot.
    #[must_use]
    pub fn numbered_from(mut self, first_slot: u32) -> Self {
        self.first_slot = first_slot;
        self
    }

    /// The value of exactly this token. Whether it still counts is the caller's to check.
    #[inline]
    #[must_use]
    pub fn get(&self, token: &[u8]) -> Option<Hit<V>> {
        let (index, tag) = self.place_of(token);
        let found = self.sets.get(index).and_then(|set| set.find(tag, token));
        match found.and_then(Hit::new) {
            Some(hit) => {
                self.counters.hit();
                Some(hit)
            }
            None => {
                self.counters.miss();
                None
            }
        }
    }

    /// The same without counting as a use: for who chooses among caches.
    #[inline]
    #[must_use]
    pub fn peek(&self, token: &[u8]) -> Option<Hit<V>> {
        let (index, tag) = self.place_of(token);
        Hit::new(self.sets.get(index)?.peek(tag, token)?)
    }

    /// Stores what a token whose signature was verified says, in place of an older entry of the
    /// same token, and returns the handle on it; [`Hit::slot`] is `None` if it was not kept.
    ///
    /// `payload` is whatever belongs to the token and `value` refers to: both lie together in
    /// memory.
    ///
    /// Nothing unverified may come here: the hash reads only the end of a token.
    #[must_use]
    pub fn insert(&self, token: &[u8], payload: &[u8], value: V, now: UnixMillis) -> Hit<V> {
        // Dropped after the lock: freeing what left is no part of changing a set.
        let mut removed = Vec::new();
        match self.place_for(token, payload, value.heap(), now, &mut removed) {
            Some(place) => {
                let entry = kept(token, payload, value, place.slot, place.weight);
                let Place { mut set, way, .. } = place;
                set.put(way, place.tag, entry.clone(), now);
                drop(set);
                self.counters.insert();
                Hit::of(entry)
            }
            None => {
                self.counters.not_kept();
                Hit::lone(token, payload, value)
            }
        }
    }

    /// Removes the entry of `hit`, found dead, unless it left already. If another thread is
    /// changing the set the entry stays for now: whoever finds it next will refuse it again.
    pub fn invalidate(&self, hit: &Hit<V>, cause: Eviction) {
        let own = |slot: u32| slot.checked_sub(self.first_slot);
        let Some(slot) = hit.slot().and_then(own).map(|slot| slot as usize) else {
            return;
        };
        let removed = self
            .sets
            .get(slot / WAYS)
            .and_then(Set::try_lock)
            .and_then(|mut set| set.take_generation(slot % WAYS, hit.generation(), cause));
        self.account(removed.as_ref());
    }

    /// Removes every entry that `doomed` names, waiting for inserts on the way, and says how many.
    /// Hits go on meanwhile. `doomed` must not use the cache.
    pub fn remove_if(&self, cause: Eviction, mut doomed: impl FnMut(&V) -> bool) -> usize {
        let mut count = 0;
        let mut removed = Vec::with_capacity(WAYS);
        for set in &self.sets {
            set.lock().take_if(cause, &mut doomed, &mut removed);
            count += removed.len();
            removed
                .drain(..)
                .for_each(|removed| self.account(Some(&removed)));
        }
        count
    }

    /// Removes everything.
    pub fn clear(&self) {
        self.remove_if(Eviction::Cleared, |_| true);
    }

    /// How many entries there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.sets.len() * WAYS
    }

    /// The numbers that [`Hit::slot`] may have.
    #[must_use]
    pub fn slots(&self) -> std::ops::Range<u32> {
        let capacity = u32::try_from(self.capacity()).unwrap_or(u32::MAX);
        self.first_slot..self.first_slot.saturating_add(capacity)
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            entries: self.budget.entries(),
            bytes: self.budget.bytes(),
            ..self.counters.read()
        }
    }

    /// A free place for an entry, its bytes taken. Asked for without the entry, which is large and
    /// then moves but once.
    fn place_for(
        &self,
        token: &[u8],
        payload: &[u8],
        heap: usize,
        now: UnixMillis,
        removed: &mut Vec<Removed<V>>,
    ) -> Option<Place<'_, V>> {
        let (index, tag) = self.place_of(token);
        let mut set = self.sets.get(index)?.try_lock()?;
        let bytes = [token.len(), payload.len(), heap]
            .into_iter()
            .fold(Self::OVERHEAD, usize::saturating_add);
        let weight = u32::try_from(bytes)
            .ok()
            .filter(|_| bytes <= self.max_entry_bytes)?;
        let (way, left) = set.vacate(tag, token, now);
        self.account(left.as_ref());
        removed.extend(left);
        if !self.make_room(bytes, now, index, &mut set, removed) {
            return None;
        }
        let slot = u32::try_from(index * WAYS + way)
            .ok()
            .and_then(|slot| slot.checked_add(self.first_slot))
            .unwrap_or(u32::MAX);
        Some(Place {
            set,
            way,
            tag,
            slot,
            weight,
        })
    }

    /// Takes `weight` bytes, asking a bounded number of sets to give some up. `own` is locked by
    /// the caller; the others are passed over while somebody else changes them.
    fn make_room(
        &self,
        weight: usize,
        now: UnixMillis,
        own: usize,
        own_set: &mut LockedSet<'_, V>,
        removed: &mut Vec<Removed<V>>,
    ) -> bool {
        for step in 0..SWEEP {
            if self.budget.take(weight) {
                return true;
            }
            // The own set first: there, too, tokens that are seen once push each other out.
            let index = if step == 0 {
                own
            } else {
                self.hand.fetch_add(1, Ordering::Relaxed) % self.sets.len()
            };
            let left = if index == own {
                own_set.relieve(now)
            } else {
                self.sets[index]
                    .try_lock()
                    .and_then(|mut set| set.relieve(now))
            };
            self.account(left.as_ref());
            removed.extend(left);
        }
        self.budget.take(weight)
    }

    fn account(&self, removed: Option<&Removed<V>>) {
        if let Some((entry, cause)) = removed {
            self.budget.give_back(entry.head().weight());
            self.counters.evict(*cause);
        }
    }

    /// The set from the high bits, the tag from the low ones, so that they are independent.
    #[inline]
    fn place_of(&self, token: &[u8]) -> (usize, u16) {
        let hash = self.hash.of(token);
        let scaled = (u128::from(hash) * self.sets.len() as u128) >> 64;
        let [low, next, ..] = hash.to_le_bytes();
        let tag = u16::from_le_bytes([low, next]);
        (usize::try_from(scaled).unwrap_or(0), tag.max(1))
    }
}

impl<V: Cacheable> fmt::Debug for TokenCache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("capacity", &self.capacity())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
