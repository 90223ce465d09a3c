//! Eight places where a token may be.
//!
//! Readers take no lock: they compare tags, borrow the entry, and compare the whole token. All
//! changes are made under the set's lock, which readers do not look at.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::Cacheable;
use super::hit::{Borrowed, Parts, Shared, Slot};
use super::policy::{Policy, Uses};
use super::stats::Eviction;
use crate::clock::UnixMillis;

/// Entries in a set.
pub(super) const WAYS: usize = 8;

const TAG_BITS: usize = 16;
const TAGS_PER_WORD: usize = 64 / TAG_BITS;
const LOW_BITS: u64 = 0x0001_0001_0001_0001;
const HIGH_BITS: u64 = LOW_BITS << (TAG_BITS - 1);

/// What a set costs for each of its entries.
pub(super) const BYTES_PER_WAY: usize = size_of::<Set<()>>() / WAYS;

/// Two cache lines. What a lookup reads comes first: for the first five places, in one line.
#[repr(C, align(64))]
pub(super) struct Set<V> {
    /// Eight tags of 16 bits; 0 is an empty place. They only save looking at entries.
    tags: [AtomicU64; WAYS / TAGS_PER_WORD],
    uses: Uses,
    slots: [Slot<V>; WAYS],
    policy: Mutex<Policy>,
}

impl<V> Default for Set<V> {
    fn default() -> Self {
        Self {
            tags: Default::default(),
            uses: Uses::default(),
            slots: Default::default(),
            policy: Mutex::default(),
        }
    }
}

impl<V: Cacheable> Set<V> {
    /// The entry of exactly this token.
    #[inline]
    pub(super) fn find(&self, tag: u16, token: &[u8]) -> Option<Borrowed<V>> {
        let (way, guard) = self.locate(tag, token)?;
        self.uses.bump(way);
        Some(guard)
    }

    /// The same without counting the use.
    #[inline]
    pub(super) fn peek(&self, tag: u16, token: &[u8]) -> Option<Borrowed<V>> {
        self.locate(tag, token).map(|(_, guard)| guard)
    }

    #[inline]
    fn locate(&self, tag: u16, token: &[u8]) -> Option<(usize, Borrowed<V>)> {
        for (at, word) in self.tags.iter().enumerate() {
            let different = word.load(Ordering::Acquire) ^ (u64::from(tag) * LOW_BITS);
            // The high bit of each tag that is equal. A borrow can mark one more behind it, which
            // the comparison of tokens sorts out.
            let mut equal = different.wrapping_sub(LOW_BITS) & !different & HIGH_BITS;
            while equal != 0 {
                let way = at * TAGS_PER_WORD + equal.trailing_zeros() as usize / TAG_BITS;
                let guard = self.slots[way].load();
                if guard.as_ref().is_some_and(|entry| entry.token() == token) {
                    return Some((way, guard));
                }
                equal &= equal - 1;
            }
        }
        None
    }

    /// The right to change the set, unless another thread has it.
    pub(super) fn try_lock(&self) -> Option<LockedSet<'_, V>> {
        let policy = self.policy.try_lock()?;
        Some(LockedSet { set: self, policy })
    }

    /// The right to change the set, waited for.
    pub(super) fn lock(&self) -> LockedSet<'_, V> {
        LockedSet {
            set: self,
            policy: self.policy.lock(),
        }
    }

    fn tag(&self, way: usize) -> u16 {
        let word = self.tags[way / TAGS_PER_WORD].load(Ordering::Relaxed);
        u16::try_from((word >> shift(way)) & u64::from(u16::MAX)).unwrap_or(0)
    }

    /// Only under the lock: it reads, then writes.
    fn set_tag(&self, way: usize, tag: u16) {
        let word = &self.tags[way / TAGS_PER_WORD];
        let others = word.load(Ordering::Relaxed) & !(u64::from(u16::MAX) << shift(way));
        word.store(others | (u64::from(tag) << shift(way)), Ordering::Release);
    }

    fn occupied(&self) -> impl Iterator<Item = usize> {
        (0..WAYS).filter(|way| self.tag(*way) != 0)
    }
}

fn shift(way: usize) -> usize {
    way % TAGS_PER_WORD * TAG_BITS
}

/// An entry that was taken out, and why.
pub(super) type Removed<V> = (Shared<V>, Eviction);

/// A set that this thread alone may change.
pub(super) struct LockedSet<'a, V> {
    set: &'a Set<V>,
    policy: MutexGuard<'a, Policy>,
}

impl<V: Cacheable> LockedSet<'_, V> {
    /// A free place for `token`, and the entry that left for it: the same token's, else none,
    /// else an expired one, else the least used.
    pub(super) fn vacate(
        &mut self,
        tag: u16,
        token: &[u8],
        now: UnixMillis,
    ) -> (usize, Option<Removed<V>>) {
        let set = self.set;
        if let Some((way, _)) = set.locate(tag, token) {
            return (way, self.take(way, Eviction::Replaced));
        }
        if let Some(way) = (0..WAYS).find(|way| set.tag(*way) == 0) {
            return (way, None);
        }
        if let Some(way) = self.policy.expired(0..WAYS, now) {
            return (way, self.take(way, Eviction::Expired));
        }
        let way = self.policy.victim(&set.uses);
        (way, self.take(way, Eviction::Capacity))
    }

    /// Gives an entry up for its bytes: an expired one, else one not used lately, else none now.
    pub(super) fn relieve(&mut self, now: UnixMillis) -> Option<Removed<V>> {
        let set = self.set;
        if let Some(way) = self.policy.expired(set.occupied(), now) {
            return self.take(way, Eviction::Expired);
        }
        let way = self.policy.unused(set.occupied(), &set.uses)?;
        self.take(way, Eviction::Bytes)
    }

    /// Fills a free place.
    pub(super) fn put(&mut self, way: usize, tag: u16, entry: Shared<V>, now: UnixMillis) {
        self.policy.enter(
            way,
            tag,
            entry.head().value().expires_at(),
            now,
            &self.set.uses,
        );
        self.set.slots[way].store(Some(entry));
        self.set.set_tag(way, tag);
    }

    /// Takes out the entries that `doomed` names.
    pub(super) fn take_if(
        &mut self,
        cause: Eviction,
        doomed: &mut impl FnMut(&V) -> bool,
        removed: &mut Vec<Removed<V>>,
    ) {
        for way in 0..WAYS {
            let guard = self.set.slots[way].load();
            if guard
                .as_ref()
                .is_some_and(|entry| doomed(entry.head().value()))
            {
                removed.extend(self.take(way, cause));
            }
        }
    }

    /// Takes out the entry at `way` if it is still that of `generation`.
    pub(super) fn take_generation(
        &mut self,
        way: usize,
        generation: u64,
        cause: Eviction,
    ) -> Option<Removed<V>> {
        let guard = self.set.slots.get(way)?.load();
        let same = guard.as_ref()?.head().generation() == generation;
        if same { self.take(way, cause) } else { None }
    }

    fn take(&mut self, way: usize, cause: Eviction) -> Option<Removed<V>> {
        if matches!(cause, Eviction::Capacity | Eviction::Bytes) {
            self.policy.remember(self.set.tag(way));
        }
        self.set.set_tag(way, 0);
        let entry = self.set.slots[way].swap(None)?;
        Some((entry, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_as_small_as_its_documentation_says() {
        assert_eq!(size_of::<Set<()>>(), 128);
        assert!(std::mem::offset_of!(Set<()>, policy) <= 96);
    }
}
