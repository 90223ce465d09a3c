use std::cmp::Reverse;
use std::fmt;

use parking_lot::MutexGuard;

use super::Revocations;
use super::key::RevocationKey;
use super::revocations::{Ledger, void};
use super::table::{Listing, Table};
use crate::clock::UnixMillis;
use crate::error::Fault;

/// The whole contents of a [`Revocations`], collected aside and put in place at once.
///
/// For a follower of a store that begins, or was told of a gap: take the feed's cursor, begin the
/// reload, add what a scan finds, commit, and go on with the feed. The index answers from its old
/// contents meanwhile, and what this process lifts during the reload stays lifted. Dropped without
/// a commit, it changes nothing.
///
/// What was listed and has not ended stays so, whether the scan found it or not: a store that was
/// emptied, or put back from a backup, gives no token its life back. What somebody lifted in a gap
/// is therefore void here until it ends, or until the process does.
///
/// While it lasts, the index needs its memory twice.
pub struct Reload<'a> {
    index: &'a Revocations,
    fresh: Table,
    len: usize,
    _turn: MutexGuard<'a, ()>,
}

impl Revocations {
    /// Begins to replace everything, once the reload before it has ended.
    #[must_use]
    pub fn reload(&self) -> Reload<'_> {
        let turn = self.reloading.lock();
        self.ledger.lock().journal = Some(Vec::new());
        Reload {
            index: self,
            fresh: Table::new(self.capacity()),
            len: 0,
            _turn: turn,
        }
    }
}

impl Reload<'_> {
    /// As [`Revocations::revoke_handle`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where there are more than the index has room for.
    pub fn handle(&mut self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.add(self.index.handle_key(value), void(until))
    }

    /// As [`Revocations::revoke_family`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where there are more than the index has room for.
    pub fn family(&mut self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.add(self.index.family_key(value), void(until))
    }

    /// As [`Revocations::revoke_subject`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where there are more than the index has room for.
    pub fn subject(
        &mut self,
        value: &[u8],
        before: UnixMillis,
        until: UnixMillis,
    ) -> Result<(), Fault> {
        self.add(self.index.subject_key(value), Listing { before, until })
    }

    /// Puts it in place, and says how many revocations were known here and not added.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where, with what was listed before, there are more than the index has
    /// room for: the old contents stay.
    pub fn commit(mut self) -> Result<usize, Fault> {
        let index = self.index;
        let mut ledger = index.ledger.lock();
        for (key, noted) in ledger.journal.take().unwrap_or_default() {
            match noted {
                Some(listing) => self.add(key, listing)?,
                None => self.len -= usize::from(self.fresh.remove(key).is_some()),
            }
        }
        let missing = self.keep_known(&mut ledger)?;
        index.table.take_over(&mut self.fresh);
        ledger.len = self.len;
        index.advance_epoch();
        // `self` goes after this, and its end takes the ledger once more.
        drop(ledger);
        Ok(missing)
    }

    /// Adds what the index has and the reload does not. Ends that were noted stay as they are: they
    /// were reckoned by the clocks of their time, and the wall clock may be wrong by now.
    fn keep_known(&mut self, ledger: &mut Ledger) -> Result<usize, Fault> {
        let index = self.index;
        index.purge_some(ledger, usize::MAX);
        let mut ends = Vec::new();
        self.fresh.each(|key, listing| {
            if listing.until != UnixMillis::MAX && index.table.get(key).is_none() {
                ends.push(Reverse((index.end_of(listing), key)));
            }
        });
        let (now, mut missing, mut added) = (index.now(), 0, Ok(()));
        index.table.each(|key, listing| {
            if self.fresh.get(key).is_none() && listing.until > now {
                missing += 1;
            }
            if added.is_ok() {
                added = self.add(key, listing);
            }
        });
        added?;
        ledger.ends.reserve_exact(ends.len());
        ledger.ends.extend(ends);
        Ok(missing)
    }

    fn add(&mut self, key: RevocationKey, listing: Listing) -> Result<(), Fault> {
        let known = self.fresh.get(key);
        if known.is_none() {
            if self.len >= self.index.capacity() {
                return Err(self.index.full());
            }
            self.len += 1;
        }
        let listing = known.map_or(listing, |known| known.and(listing));
        self.fresh.set(key, listing);
        Ok(())
    }
}

impl Drop for Reload<'_> {
    fn drop(&mut self) {
        self.index.ledger.lock().journal = None;
    }
}

impl fmt::Debug for Reload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
