use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

use parking_lot::MutexGuard;

use super::Revocations;
use super::key::RevocationKey;
use super::revocations::void;
use super::table::{Listing, Table};
use crate::clock::UnixMillis;
use crate::error::Fault;

/// The whole contents of a [`Revocations`], collected aside and put in place at once.
///
/// For a follower of a store that begins, or was told of a gap: take the feed's cursor, begin the
/// reload, add what a scan finds, commit, and go on with the feed. The index answers from its old
/// contents meanwhile, what is listed in both is void throughout, and what this process revokes
/// or lifts during the reload is kept. Dropped without a commit, it changes nothing. Whoever
/// records a revocation in a store as well does that first: then either the scan or the index's
/// own notes have it, whenever the reload began.
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

    /// Puts it in place.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where, with what was revoked meanwhile, there are more than the index
    /// has room for: the old contents stay.
    pub fn commit(mut self) -> Result<(), Fault> {
        let index = self.index;
        let mut ledger = index.ledger.lock();
        for (key, noted) in ledger.journal.take().unwrap_or_default() {
            match noted {
                Some(listing) => self.add(key, listing)?,
                None => self.len -= usize::from(self.fresh.remove(key).is_some()),
            }
        }
        let mut ends = Vec::with_capacity(self.len);
        self.fresh.each(|key, listing| {
            if listing.until != UnixMillis::MAX {
                ends.push(Reverse((index.end_of(listing), key)));
            }
        });
        index.table.take_over(&mut self.fresh);
        ledger.ends = BinaryHeap::from(ends);
        ledger.len = self.len;
        index.advance_epoch();
        // `self` goes after this, and its end takes the ledger once more.
        drop(ledger);
        Ok(())
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
