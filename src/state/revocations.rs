use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::key::{KeyHash, Kind, RevocationKey};
use super::table::{Listing, Table};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Fault};
use crate::fork;

/// The revocations of one profile, in memory: every verification asks it, hit or miss.
///
/// # What it promises
/// A revocation that has returned is seen by every check that begins afterwards, in this process.
/// Nothing is dropped before its `until` has passed; where there is no room, the revocation is a
/// fault. What is still listed after its `until` stays void until it is purged.
///
/// # What it costs
/// A check that was made before costs one load while nothing new was revoked
/// ([`CheckedAt`](super::CheckedAt) says why that is enough); any other, a probe of a small map for
/// each of handle, family and subject. No check waits for I/O, for a reload or for a purge: a
/// shard's lock is held for a probe, or, now and then, while a map of 4,096 slots tidies itself.
/// An entry takes some 70 bytes.
pub struct Revocations {
    hash: KeyHash,
    capacity: usize,
    clock: Arc<dyn Clock>,
    epoch: AtomicU64,
    fresh_until: AtomicI64,
    pub(super) table: Table,
    /// Writers take turns; readers never come here.
    pub(super) ledger: Mutex<Ledger>,
    /// Reloads take turns.
    pub(super) reloading: Mutex<()>,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub(super) len: usize,
    /// What may be purged, by the monotonic millisecond from which on that may be asked. At least
    /// one for each listing that ends; it may be too early, or for what is no longer listed.
    pub(super) ends: BinaryHeap<Reverse<(u64, RevocationKey)>>,
    /// What was listed or lifted since a reload began.
    pub(super) journal: Option<Vec<(RevocationKey, Option<Listing>)>>,
}

/// What a revocation purges in passing: more than it adds.
const PURGE_PER_WRITE: usize = 4;

impl Revocations {
    /// An empty index with room for `capacity` revocations. `key` is random, and new for every
    /// index: it keeps others from choosing values whose hashes meet.
    #[must_use]
    pub fn new(key: &[u8; 16], capacity: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            hash: KeyHash::new(key),
            capacity,
            clock,
            epoch: AtomicU64::new(0),
            fresh_until: AtomicI64::new(UnixMillis::MAX.millis()),
            table: Table::new(capacity),
            ledger: Mutex::default(),
            reloading: Mutex::new(()),
        }
    }

    /// The key of a handle: the claim by which the profile revokes.
    #[must_use]
    pub fn handle_key(&self, value: &[u8]) -> RevocationKey {
        self.hash.of(Kind::Handle, value)
    }

    /// The key of a refresh family.
    #[must_use]
    pub fn family_key(&self, value: &[u8]) -> RevocationKey {
        self.hash.of(Kind::Family, value)
    }

    /// The key of a subject.
    #[must_use]
    pub fn subject_key(&self, value: &[u8]) -> RevocationKey {
        self.hash.of(Kind::Subject, value)
    }

    /// How many times something was revoked; what was checked at this epoch needs no look-up
    /// while it lasts. [`Revocations::recheck`] does all of that.
    #[inline]
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// From then on, unless it is moved, too little is known of what others have revoked: nothing
    /// may be accepted. Where no store is followed, that never comes.
    pub fn set_fresh_until(&self, until: UnixMillis) {
        self.fresh_until.store(until.millis(), Ordering::Release);
    }

    /// Whether enough is known at `now`.
    #[inline]
    #[must_use]
    pub fn is_fresh(&self, now: UnixMillis) -> bool {
        now.millis() < self.fresh_until.load(Ordering::Acquire)
    }

    /// Voids every token of this handle. `until` is when the last of them is dead, leeway
    /// included; [`UnixMillis::MAX`] where that is unknown.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the index is full of what has not ended: nothing was revoked.
    pub fn revoke_handle(&self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.list(self.handle_key(value), void(until))
    }

    /// Voids every token of this family. As [`Revocations::revoke_handle`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the index is full of what has not ended: nothing was revoked.
    pub fn revoke_family(&self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.list(self.family_key(value), void(until))
    }

    /// Voids what this subject was issued before `before`. A later watermark replaces an earlier
    /// one, and an earlier one never lowers it.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the index is full of what has not ended: nothing was revoked.
    pub fn revoke_subject(
        &self,
        value: &[u8],
        before: UnixMillis,
        until: UnixMillis,
    ) -> Result<(), Fault> {
        self.list(self.subject_key(value), Listing { before, until })
    }

    /// Takes back what was listed under `key`; false where nothing was.
    pub fn lift(&self, key: RevocationKey) -> bool {
        let _undivided = fork::undivided();
        let mut ledger = self.ledger.lock();
        ledger.note(key, None);
        let lifted = self.table.remove(key).is_some();
        ledger.len -= usize::from(lifted);
        self.tidy(&mut ledger);
        lifted
    }

    /// How many are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        let _undivided = fork::undivided();
        self.ledger.lock().len
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most that can be listed.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The bytes that the index has room for, reserved ones included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let _undivided = fork::undivided();
        let end = size_of::<Reverse<(u64, RevocationKey)>>();
        self.table.bytes() + self.ledger.lock().ends.capacity() * end
    }

    /// Drops up to `at_most` revocations that have ended and says how many there were. Every
    /// revocation does a little of it; call it now and then for hours without one.
    ///
    /// An end counts only once wall time *and* the monotonic time since the listing say so: a
    /// clock that is set forward and back again does not bring a revoked token to life.
    pub fn purge(&self, at_most: usize) -> usize {
        let _undivided = fork::undivided();
        self.purge_some(&mut self.ledger.lock(), at_most)
    }

    fn list(&self, key: RevocationKey, listing: Listing) -> Result<(), Fault> {
        let _undivided = fork::undivided();
        let mut ledger = self.ledger.lock();
        self.purge_some(&mut ledger, PURGE_PER_WRITE);
        let listed = self.table.get(key);
        let listing = listed.map_or(listing, |listed| listed.and(listing));
        if listed.is_none() {
            if ledger.len >= self.capacity && self.purge_some(&mut ledger, 1) == 0 {
                return Err(self.full());
            }
            ledger.len += 1;
        }
        // One that had no end had no place among the ends, and still has none.
        if listed.is_none() && listing.until != UnixMillis::MAX {
            ledger.ends.push(Reverse((self.end_of(listing), key)));
        }
        ledger.note(key, Some(listing));
        self.table.set(key, listing);
        self.advance_epoch();
        Ok(())
    }

    /// Only after the map shows what happened.
    pub(super) fn advance_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::Release);
    }

    /// The monotonic millisecond at which a listing will have ended, if the wall clock is right.
    pub(super) fn end_of(&self, listing: Listing) -> u64 {
        let left = listing
            .until
            .millis()
            .saturating_sub(self.clock.now().millis());
        self.monotonic()
            .saturating_add(u64::try_from(left).unwrap_or(0).max(1))
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(super) fn purge_some(&self, ledger: &mut Ledger, at_most: usize) -> usize {
        let (now, monotonic) = (self.clock.now(), self.monotonic());
        let mut purged = 0;
        while purged < at_most {
            let Some(&Reverse((end, key))) = ledger.ends.peek() else {
                break;
            };
            if end > monotonic {
                break;
            }
            ledger.ends.pop();
            match self.table.get(key) {
                Some(listing) if listing.until <= now => {
                    self.table.remove(key);
                    ledger.len -= 1;
                    purged += 1;
                }
                Some(listing) if listing.until != UnixMillis::MAX => {
                    ledger.ends.push(Reverse((self.end_of(listing), key)));
                }
                _ => {}
            }
        }
        purged
    }

    /// Keeps ends of what was lifted from piling up: after as many lifts as there are listings,
    /// the ends are written anew.
    fn tidy(&self, ledger: &mut Ledger) {
        if ledger.ends.len() > 2 * ledger.len + 1_024 {
            ledger.ends.clear();
            self.table.each(|key, listing| {
                if listing.until != UnixMillis::MAX {
                    ledger.ends.push(Reverse((self.end_of(listing), key)));
                }
            });
        }
    }

    #[cold]
    pub(super) fn full(&self) -> Fault {
        Fault::new(
            Code::StoreUnavailable,
            format!(
                "the revocation index is full: {} are listed and none of them has ended; raise its \
                 capacity, or revoke by subject instead of one by one",
                self.capacity
            ),
        )
    }
}

impl Ledger {
    /// For a reload that is under way.
    fn note(&mut self, key: RevocationKey, listing: Option<Listing>) {
        if let Some(journal) = &mut self.journal {
            journal.push((key, listing));
        }
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .field("epoch", &self.epoch())
            .finish_non_exhaustive()
    }
}

/// All of a handle or family.
pub(super) fn void(until: UnixMillis) -> Listing {
    Listing {
        before: UnixMillis::MAX,
        until,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::ManualClock;

    /// Lifting one after the other leaves nothing behind.
    #[test]
    fn ends_do_not_pile_up() {
        let clock = Arc::new(ManualClock::at(UnixMillis::EPOCH));
        let index = Revocations::new(&[7; 16], 1_000, clock);
        let until = UnixMillis::from_secs(1_800_000_000);
        for number in 0..20_000_u32 {
            index.revoke_handle(&number.to_be_bytes(), until).unwrap();
            index
                .revoke_handle(&number.to_be_bytes(), until.plus(Duration::from_secs(1)))
                .unwrap();
            assert!(index.lift(index.handle_key(&number.to_be_bytes())));
        }
        assert!(index.ledger.lock().ends.len() <= 1_025);
    }
}
