//! A store in one file, shared by the processes of a host.

mod entries;
mod feed;
mod schema;
mod signal;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::database::{Access, DatabaseFile, Failure, Room, unavailable};
use super::settled::Settled;
use super::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap};
use crate::clock::{Clock, UnixMillis};
use crate::error::Fault;
use crate::fork::{self, Forking};
use schema::STATE;
use signal::Signal;

/// How much a [`SqliteStore`] may hold, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteLimits {
    /// The most bytes of the file. Its log comes on top, and is cut back to 8 MB.
    pub bytes: u64,
    /// The most changes that the feed remembers, give or take a quarter.
    pub changes: u32,
    /// How long a call waits for another process that holds a lock.
    pub wait: Duration,
}

impl Default for SqliteLimits {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            changes: 16_384,
            wait: Duration::from_secs(5),
        }
    }
}

/// A store in a file, for any number of processes of one host.
///
/// - **Durable.** A write that was answered survives the end of the process and the loss of power:
///   each is one transaction, synced to disk before it is answered. An error leaves open whether
///   the write happened; who repeats it finds out.
/// - **Shared.** Every process opens the file for itself. Versions come from one sequence in it,
///   and a follower sees the writes of other processes within [`SqliteStore::POLL`].
/// - **Bounded.** A file that has reached its limit refuses writes with `STORE_UNAVAILABLE`;
///   nothing is dropped to make room.
/// - **Ours.** The file is made with mode 0600. A link, a file that others may touch, that another
///   program or a newer bearerd wrote, is refused and left as it is.
/// - **Secret.** What is removed is overwritten in the file, and leaves its log when that begins
///   anew, at the latest at the next [`Store::purge`]. Pages that SQLite holds in memory are not
///   wiped.
/// - **After a failure** the next call begins anew, so it works as soon as the cause is gone.
///
/// # Time
/// An entry is absent by the clock of whoever asks. What has ended is wiped only when it had ended
/// by a time that is certain: one that no jump of the wall clock moves ahead before it has held for
/// 15 minutes. So after a clock went wrong and was corrected, entries that were absent meanwhile
/// are back; only one that was *written* anew meanwhile is lost. What was certain is kept in the
/// file with each write, and a process that opens it goes on from there: after a long rest it wipes
/// nothing for 15 minutes, since it cannot know the rest from a jump.
///
/// # Copies and forks
/// The file is to be on a local disk. To put a backup in its place, stop every process that uses
/// it, and remove the files `-wal` and `-shm` beside it. Followers notice (their cursors are gaps),
/// but what was revoked after the backup is not revoked in it. A file that vanishes while it is in
/// use is not made anew.
///
/// Before a process forks through [`fork::prepare`](crate::fork::prepare), its connections are
/// closed, and opened again by whoever needs them. A child that was forked without it is refused.
/// No other copy of SQLite in the process may open the file: when it closed it, the kernel would
/// take our locks away.
pub struct SqliteStore {
    access: Arc<Access>,
    limits: SqliteLimits,
    clock: Arc<dyn Clock>,
    settled: Mutex<Settled>,
    signal: Signal,
}

/// How many expired entries a write wipes: more than it adds, so they cannot pile up.
const PURGE_PER_WRITE: usize = 4;
/// How many a transaction wipes that does nothing else.
const PURGE_AT_ONCE: usize = 1_024;

/// What a step of writing came to.
enum Step<T> {
    Keep(T),
    /// Nothing was changed.
    Leave(T),
}

/// What a step of writing works with: all of one moment.
struct Moment<'a> {
    transaction: &'a Transaction<'a>,
    now: UnixMillis,
    settled: UnixMillis,
    changes: u32,
}

impl SqliteStore {
    /// How long a follower at most does not notice what another process wrote.
    pub const POLL: Duration = Duration::from_millis(50);

    /// Opens the file at `path`, or makes it. Its folder must be there.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the file is not one that may be used, `STORE_UNAVAILABLE` where it is
    /// damaged, locked for longer than the limits say, or cannot be read or written.
    pub fn open(path: &Path, limits: SqliteLimits, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let file = DatabaseFile::new(path, &STATE)?;
        let room = Room {
            bytes: limits.bytes,
            wait: limits.wait,
        };
        let access = Arc::new(Access::new(file, room, Arc::clone(&clock))?);
        let watcher: Arc<dyn Forking> = access.clone();
        fork::watch(&watcher);
        let certain = access.with(&access.writing, |connection| feed::settled(connection))?;
        let settled = Settled::begin(certain, clock.now(), clock.monotonic());
        Ok(Self {
            access,
            limits,
            clock,
            settled: Mutex::new(settled),
            signal: Signal::new(),
        })
    }

    /// The path of the file, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.access.file.path()
    }

    /// One transaction, which nobody else writes meanwhile; where there is no room, once more
    /// after wiping what may be wiped.
    fn write<T>(
        &self,
        mut step: impl FnMut(&Moment<'_>) -> Result<Step<T>, Failure>,
    ) -> Result<T, Fault> {
        let outcome = self.access.with(&self.access.writing, |connection| {
            let outcome = match self.transact(connection, &mut step) {
                Err(failure) if failure.is_full() && self.make_room(connection)? => {
                    self.transact(connection, &mut step)
                }
                outcome => outcome,
            };
            outcome.map_err(|failure| self.full(connection, failure))
        })?;
        Ok(match outcome {
            Step::Keep(told) => {
                self.signal.tell();
                told
            }
            Step::Leave(told) => told,
        })
    }

    fn transact<T>(
        &self,
        connection: &mut Connection,
        step: &mut impl FnMut(&Moment<'_>) -> Result<Step<T>, Failure>,
    ) -> Result<Step<T>, Failure> {
        // IMMEDIATE: one that began with reading could not go on to write after another's write.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // The time of the lock, and not of the wait for it.
        let moment = self.moment(&transaction);
        let outcome = step(&moment)?;
        match &outcome {
            Step::Keep(_) => {
                entries::purge(&transaction, moment.settled, PURGE_PER_WRITE)?;
                transaction.commit()?;
            }
            Step::Leave(_) => transaction.rollback()?,
        }
        Ok(outcome)
    }

    fn moment<'a>(&self, transaction: &'a Transaction<'a>) -> Moment<'a> {
        let now = self.clock.now();
        let settled = self.settled.lock().advance(now, self.clock.monotonic());
        Moment {
            transaction,
            now,
            settled,
            changes: self.limits.changes,
        }
    }

    /// Wipes what has expired, and says whether there was anything.
    fn make_room(&self, connection: &mut Connection) -> Result<bool, Failure> {
        let mut purge = |moment: &Moment<'_>| {
            entries::purge(moment.transaction, moment.settled, PURGE_AT_ONCE).map(Step::Keep)
        };
        match self.transact(connection, &mut purge) {
            Ok(Step::Keep(wiped) | Step::Leave(wiped)) => Ok(wiped > 0),
            // Not even for that; what was refused first is what the caller is told.
            Err(failure) if failure.is_full() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Tells a file at its limit from a full disk.
    fn full(&self, connection: &Connection, failure: Failure) -> Failure {
        if !failure.is_full() {
            return failure;
        }
        if !Room::is_used_up(connection) {
            return failure;
        }
        let what = format!(
            "has reached its limit of {} bytes, with nothing in it that has surely expired; \
             raise the limit",
            self.limits.bytes
        );
        unavailable(&self.access.file, &what).into()
    }
}

impl Moment<'_> {
    fn live(&self, key: &StoreKey) -> Result<Option<Entry>, Failure> {
        entries::live(self.transaction, key, self.now)
    }

    fn store(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<super::Version, Failure> {
        let version = feed::note(self.transaction, key, false, self.settled, self.changes)?;
        entries::write(self.transaction, key, value, version, expires)?;
        Ok(version)
    }
}

impl Store for SqliteStore {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.access.with(&self.access.reading, |connection| {
            entries::live(connection, key, self.clock.now())
        })
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        Entry::check_value(key, value)?;
        self.write(|moment| {
            if let Some(entry) = moment.live(key)? {
                return Ok(Step::Leave(Put::Present(entry)));
            }
            let version = moment.store(key, value, expires)?;
            Ok(Step::Keep(Put::Stored(version)))
        })
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: super::Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        Entry::check_value(key, value)?;
        self.write(|moment| match moment.live(key)? {
            Some(entry) if entry.version == expected => {
                let version = moment.store(key, value, expires)?;
                Ok(Step::Keep(Swap::Stored(version)))
            }
            other => Ok(Step::Leave(Swap::Lost(other))),
        })
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.write(|moment| {
            if moment.live(key)?.is_none() {
                return Ok(Step::Leave(false));
            }
            // First, so that what it frees has room for the note.
            entries::remove(moment.transaction, key)?;
            feed::note(
                moment.transaction,
                key,
                true,
                moment.settled,
                moment.changes,
            )?;
            Ok(Step::Keep(true))
        })
    }

    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.access.with(&self.access.reading, |connection| {
            entries::page(connection, prefix, after, limit, self.clock.now())
        })
    }

    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        let mut waited = Duration::ZERO;
        loop {
            let heard = self.signal.heard();
            let told = self.access.with(&self.access.reading, |connection| {
                feed::read(connection, since)
            })?;
            if told.gap || !told.items.is_empty() || waited >= wait {
                return Ok(told);
            }
            waited += self.signal.wait(heard, Self::POLL.min(wait - waited));
        }
    }

    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        let mut wiped = 0;
        while wiped < at_most {
            let part = PURGE_AT_ONCE.min(at_most - wiped);
            let now = self.access.with(&self.access.writing, |connection| {
                let mut purge = |moment: &Moment<'_>| {
                    let wiped = entries::purge(moment.transaction, moment.settled, part)?;
                    Ok(if wiped == 0 {
                        Step::Leave(0)
                    } else {
                        Step::Keep(wiped)
                    })
                };
                match self.transact(connection, &mut purge)? {
                    Step::Keep(wiped) | Step::Leave(wiped) => Ok(wiped),
                }
            })?;
            wiped += now;
            if now < part {
                break;
            }
        }
        // What was wiped is in the log still. Not now, if a reader is in the way.
        self.access.with(&self.access.writing, |connection| {
            let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
            match connection
                .query_row(truncate, [], |_| Ok(()))
                .map_err(Failure::from)
            {
                Err(failure) if !failure.is_busy() => Err(failure),
                _ => Ok(()),
            }
        })?;
        Ok(wiped)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
