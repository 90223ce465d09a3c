use std::sync::atomic::{AtomicU64, Ordering};

use super::Revocations;
use super::key::RevocationKey;
use crate::clock::UnixMillis;
use crate::error::{Code, Reject};
use crate::fork;

/// By what a token can be revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// From [`Revocations::handle_key`], where the token has one.
    pub handle: Option<RevocationKey>,
    /// From [`Revocations::family_key`], where the token has one.
    pub family: Option<RevocationKey>,
    /// From [`Revocations::subject_key`], where the token has one.
    pub subject: Option<RevocationKey>,
    /// When the token was issued. Without it, any watermark of the subject voids the token.
    pub issued_at: Option<UnixMillis>,
}

/// The epoch at which a token's [`Subjects`] were last found free of revocations.
///
/// Lives in the token's cache entry and spares it the look-up while nothing new was revoked.
/// Relaxed, because it carries no data: any value that a thread finds here was written by one
/// that had made the check, and an older value only means checking again.
///
/// # Why a load is enough
/// A revocation first writes the map and then increments the epoch (release). A check first loads
/// the epoch E (acquire) and then reads the map. So a check that loads E reads maps in which every
/// revocation counted in E stands: its increment is in the release sequence that the load reads
/// from. If a later call finds the epoch still E, then every revocation that returned before that
/// call is counted in E (the call happens after the increment, and the counter never falls), so
/// the earlier check has seen it. Were the epoch raised first, a check in between would take the
/// new epoch for maps that do not have the revocation yet, and never look again.
#[derive(Debug)]
pub struct CheckedAt(AtomicU64);

impl Revocations {
    /// Whether the token may still be used.
    ///
    /// # Errors
    /// `REVOKED` where its handle or family is listed, or its subject has a watermark and the
    /// token was issued before it or does not say when.
    pub fn check(&self, subjects: &Subjects) -> Result<(), Reject> {
        if self.epoch() == 0 {
            return Ok(());
        }
        let _undivided = fork::undivided();
        let listed = |key: Option<RevocationKey>| key.and_then(|key| self.table.get(key));
        let issued_before = |mark: UnixMillis| subjects.issued_at.is_none_or(|at| at < mark);
        if listed(subjects.handle).is_some()
            || listed(subjects.family).is_some()
            || listed(subjects.subject).is_some_and(|listing| issued_before(listing.before))
        {
            return Err(Reject::new(Code::Revoked));
        }
        Ok(())
    }

    /// [`Revocations::check`], or one load where `at` shows that it was made in this epoch.
    /// `subjects` is called only where there is something to look up.
    ///
    /// Call it on every verification, hit or miss. After filling a cache, call it once more: what
    /// was revoked while the token was being verified is then seen.
    ///
    /// # Errors
    /// As [`Revocations::check`].
    #[inline]
    pub fn recheck(
        &self,
        at: &CheckedAt,
        subjects: impl FnOnce() -> Subjects,
    ) -> Result<(), Reject> {
        let epoch = self.epoch();
        if at.0.load(Ordering::Relaxed) == epoch {
            return Ok(());
        }
        // Before anything was ever revoked, nothing need be hashed.
        if epoch > 0 {
            self.check(&subjects())?;
        }
        at.0.store(epoch, Ordering::Relaxed);
        Ok(())
    }
}

impl CheckedAt {
    /// Never checked.
    #[must_use]
    pub const fn never() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Default for CheckedAt {
    fn default() -> Self {
        Self::never()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::clock::ManualClock;

    fn index() -> Revocations {
        let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(1_700_000_000)));
        Revocations::new(&[7; 16], 1_000, clock)
    }

    /// Whether the check is answered while this thread holds `locks`.
    fn answers<T>(index: &Revocations, at: &CheckedAt, subjects: &Subjects, locks: T) -> bool {
        thread::scope(|scope| {
            let (done, waiting) = mpsc::channel();
            scope.spawn(move || done.send(index.recheck(at, || *subjects)));
            let answer = waiting.recv_timeout(Duration::from_secs(20));
            // Released in any case, so that a check that waits ends the test and not hangs it.
            drop(locks);
            answer == Ok(Ok(()))
        })
    }

    /// Contract 1, line 4: the epoch never tells of a revocation that the map does not show yet.
    #[test]
    fn the_epoch_follows_the_map() {
        let index = index();
        let key = index.handle_key(b"a");
        let write = || index.revoke_handle(b"a", UnixMillis::MAX).unwrap();
        let early = index
            .table
            .with_writer_at_the_door(key, write, || index.epoch());
        assert_eq!(early, 0);
        assert_eq!(index.epoch(), 1);
    }

    /// Contract 1, line 10: a token that was checked in this epoch costs no lock at all.
    #[test]
    fn a_repeated_check_waits_for_no_lock() {
        let index = index();
        let at = CheckedAt::never();
        let subjects = Subjects {
            handle: Some(index.handle_key(b"a")),
            ..Subjects::default()
        };
        for _ in 0..2 {
            assert_eq!(index.recheck(&at, || subjects), Ok(()));
            let locks = (
                index.ledger.lock(),
                index.reloading.lock(),
                index.table.block(),
            );
            assert!(answers(&index, &at, &subjects, locks));
            index.revoke_handle(b"other", UnixMillis::MAX).unwrap();
        }
    }

    /// Contract 1, line 10: whoever writes or reloads may take his time.
    #[test]
    fn a_first_check_waits_for_no_writer() {
        let index = index();
        index.revoke_handle(b"other", UnixMillis::MAX).unwrap();
        let subjects = Subjects {
            handle: Some(index.handle_key(b"a")),
            subject: Some(index.subject_key(b"a")),
            ..Subjects::default()
        };
        let locks = (index.ledger.lock(), index.reloading.lock());
        assert!(answers(&index, &CheckedAt::never(), &subjects, locks));
    }
}
