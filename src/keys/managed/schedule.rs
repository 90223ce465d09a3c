use std::time::Duration;

use super::{KeyBook, ManagedKey};
use crate::clock::UnixMillis;
use crate::crypto::Algorithm;

/// When keys follow one another. Pure: it knows no clock, no store and no randomness.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySchedule {
    /// What new keys sign with
    pub algorithm: Algorithm,
    /// How long a key signs
    pub every: Duration,
    /// How long it is published before it signs
    pub publish_ahead: Duration,
    /// How long it verifies after it has signed its last: as long as the longest token lives,
    /// leeway included
    pub keep: Duration,
    /// How long the very first key waits before it signs: as long as others may need to hear of it
    pub first_ahead: Duration,
}

/// What is to be done next.
#[derive(Clone, Debug)]
#[must_use]
pub enum Next {
    /// A key is to be made that begins to sign at this moment.
    Stage(UnixMillis),
    /// This is to be written in place of the book: what is over is gone from it, and what was
    /// configured since stands in it.
    Write(KeyBook),
    /// Nothing, until then.
    Wait(UnixMillis),
}

impl KeySchedule {
    /// A schedule.
    #[must_use]
    pub fn new(
        algorithm: Algorithm,
        every: Duration,
        publish_ahead: Duration,
        keep: Duration,
    ) -> Self {
        Self {
            algorithm,
            every,
            publish_ahead,
            keep,
            first_ahead: Duration::ZERO,
        }
    }

    /// What a book of this schedule asks for at `now`.
    pub fn next(&self, book: &KeyBook, now: UnixMillis) -> Next {
        if let Some(book) = self.revised(book, now) {
            return Next::Write(book);
        }
        let nobody_signs = book.active(now).is_none() && book.staged(now).is_none();
        let due = match book.keys.last() {
            None => return Next::Stage(now.plus(self.first_ahead)),
            Some(_) if nobody_signs => return Next::Stage(now.plus(self.first_ahead)),
            Some(newest) if newest.activates > now => newest.activates,
            Some(newest) => {
                let due = self.due(newest, now);
                if now >= due {
                    let turn = newest.activates.plus(self.every);
                    let early = now.plus(self.publish_ahead);
                    let at = match newest.algorithm == self.algorithm {
                        true => turn.max(early),
                        false => early,
                    };
                    return Next::Stage(at);
                }
                due
            }
        };
        let ends = book.keys.iter().map(|key| book.verifies_until(key));
        let marks = book.revoked.iter().map(|revoked| revoked.until);
        Next::Wait(ends.chain(marks).fold(due, UnixMillis::min))
    }

    /// When the key after `newest` is to be made.
    fn due(&self, newest: &ManagedKey, now: UnixMillis) -> UnixMillis {
        if newest.algorithm != self.algorithm {
            return now;
        }
        newest.activates.plus(self.every).minus(self.publish_ahead)
    }

    /// By how much a key has been signing for too long, because no next one could be made.
    #[must_use]
    pub fn overdue(&self, book: &KeyBook, now: UnixMillis) -> Option<Duration> {
        let turn = book.keys.last()?.activates.plus(self.every);
        let over = now.millis().saturating_sub(turn.millis());
        u64::try_from(over)
            .ok()
            .filter(|over| *over > 0)
            .map(Duration::from_millis)
    }

    /// A key as the schedule has it.
    pub(super) fn entry(
        &self,
        made: &ManagedKey,
        now: UnixMillis,
        activates: UnixMillis,
    ) -> ManagedKey {
        ManagedKey {
            staged: now,
            activates,
            keep: self.keep,
            ..made.clone()
        }
    }

    fn revised(&self, book: &KeyBook, now: UnixMillis) -> Option<KeyBook> {
        let mut revised = book.tidied(now);
        // Tokens of a key that still signs may by now live longer than when it was made.
        let longer = |key: &ManagedKey| {
            key.keep < self.keep && book.signs_until(key).is_none_or(|end| now < end)
        };
        if book.keys.iter().any(longer) {
            let revised = revised.get_or_insert_with(|| book.clone());
            for key in &mut revised.keys {
                if longer(key) {
                    key.keep = self.keep;
                }
            }
        }
        revised
    }
}
