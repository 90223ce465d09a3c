use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{KeyBook, KeyOrder, KeySchedule, KeyState, KeyVault, ManagedKey, Next};
use crate::clock::{Clock, UnixMillis};
use crate::error::Fault;
use crate::fork;

/// Where the keys of a profile go whenever they change.
pub trait BookSink: Send + Sync + 'static {
    /// Takes over what the book says: which keys verify and until when, which sign and when.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where a key cannot be used; what was taken before stays.
    fn take(&self, book: &KeyBook) -> Result<(), Fault>;
}

/// Keeps the signing keys of one profile: does what is due, carries out orders, and knows the book
/// as it was last seen. Shareable between threads.
///
/// What is known here never goes back: a key that was seen revoked stays revoked, whatever an older
/// reading or an older store says.
pub struct KeyKeeper {
    vault: KeyVault,
    schedule: KeySchedule,
    clock: Arc<dyn Clock>,
    sink: Arc<dyn BookSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    book: Arc<KeyBook>,
    stats: KeeperStats,
    overdue: bool,
}

/// What a keeper has done so far.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct KeeperStats {
    /// Whether the book was ever read
    pub was_read: bool,
    /// Keys that were made and staged by this process
    pub staged: u64,
    /// Times that the store had lost what was known here, and was told
    pub healed: u64,
    /// Steps that failed, since the last that did not
    pub failures_in_a_row: u64,
    /// Why the last step failed
    pub last_failure: Option<String>,
}

/// What one look at the book came to.
struct Looked {
    book: KeyBook,
    /// Whether the store is to be told.
    changed: bool,
    healed: bool,
    staged: Option<String>,
    wants_a_key: bool,
}

impl KeyKeeper {
    /// A keeper that has read nothing yet.
    #[must_use]
    pub fn new(
        vault: KeyVault,
        schedule: KeySchedule,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn BookSink>,
    ) -> Self {
        Self {
            vault,
            schedule,
            clock,
            sink,
            state: Mutex::default(),
        }
    }

    /// Where the book lies.
    #[must_use]
    pub fn vault(&self) -> &KeyVault {
        &self.vault
    }

    /// When keys follow one another.
    #[must_use]
    pub fn schedule(&self) -> &KeySchedule {
        &self.schedule
    }

    /// The book as it was last seen.
    #[must_use]
    pub fn book(&self) -> Arc<KeyBook> {
        let _undivided = fork::undivided();
        Arc::clone(&self.state.lock().book)
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> KeeperStats {
        let _undivided = fork::undivided();
        self.state.lock().stats.clone()
    }

    /// The time by the keeper's clock.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// When there is something to do, as far as is known here.
    #[must_use]
    pub fn due(&self) -> UnixMillis {
        match self.schedule.next(&self.book(), self.clock.now()) {
            Next::Wait(until) => until,
            Next::Stage(_) | Next::Write(_) => UnixMillis::EPOCH,
        }
    }

    /// Reads the book and does what is due. True: a key is due, and was not given as `made`, which
    /// [`make`](Self::make) makes.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer, `CONFIG_ERROR` where the book does not
    /// open: what is known here goes on, each key in its time, and nothing new is made.
    pub fn step(&self, made: Option<&ManagedKey>) -> Result<bool, Fault> {
        let result = self.try_step(made);
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        match &result {
            Ok(_) => {
                state.stats.was_read = true;
                state.stats.failures_in_a_row = 0;
                state.stats.last_failure = None;
            }
            Err(fault) => {
                state.stats.failures_in_a_row += 1;
                state.stats.last_failure = Some(fault.to_string());
            }
        }
        let is_overdue = self.overdue_in(&state.book);
        if is_overdue && !state.overdue {
            tracing::warn!(
                profile = self.vault.profile(),
                reason = state.stats.last_failure,
                "the signing key should have been replaced by now; it goes on signing"
            );
        }
        state.overdue = is_overdue;
        result
    }

    /// [`step`](Self::step), making keys on this thread, until nothing is due.
    ///
    /// # Errors
    /// As [`step`](Self::step), and `INTERNAL` where no key can be made.
    pub fn settle(&self) -> Result<(), Fault> {
        let mut made = None;
        while self.step(made.as_ref())? {
            made = Some(self.make()?);
        }
        Ok(())
    }

    /// Makes a key. RSA takes a second or so.
    ///
    /// # Errors
    /// `INTERNAL` where there is no randomness.
    pub fn make(&self) -> Result<ManagedKey, Fault> {
        ManagedKey::generate(self.schedule.algorithm, self.vault.provider())
    }

    /// Carries out an order, here and in the store; returns the `kid` of the key that it concerns.
    /// In this process it holds when this returns, in the others as soon as they have heard of it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the order would break verifiers, saying what to do; otherwise as
    /// [`step`](Self::step). Nothing has changed then.
    pub fn order(&self, order: &KeyOrder) -> Result<String, Fault> {
        let mut made: Option<ManagedKey> = None;
        let (book, kid) = self.vault.update(|stored| {
            let now = self.clock.now();
            let base = self.joined(stored, now);
            let mut make = || match &made {
                Some(key) => Ok(key.clone()),
                None => Ok(made.insert(self.make()?).clone()),
            };
            let (after, kid) = self.schedule.carry_out(&base.book, order, now, &mut make)?;
            Ok((Some(after), kid))
        })?;
        self.apply(book)?;
        tracing::info!(
            profile = self.vault.profile(),
            kid,
            ?order,
            "signing keys changed"
        );
        Ok(kid)
    }

    /// Whether the signing key should have been replaced by now.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.overdue_in(&self.book())
    }

    /// Whether a key signs now.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.book().active(self.clock.now()).is_some()
    }

    /// How many keys are in that state.
    #[must_use]
    pub fn count(&self, state: KeyState) -> usize {
        let status = self.book().status(self.clock.now());
        status.iter().filter(|key| key.state == state).count()
    }

    fn overdue_in(&self, book: &KeyBook) -> bool {
        self.schedule.overdue(book, self.clock.now()).is_some()
    }

    fn try_step(&self, made: Option<&ManagedKey>) -> Result<bool, Fault> {
        let (book, looked) = self.vault.update(|stored| {
            let looked = self.look(stored, made);
            let book = looked.changed.then(|| looked.book.clone());
            Ok((book, looked))
        })?;
        // Where the store holds nothing and has nothing to be told, there is nothing.
        self.apply(book)?;
        self.tell(&looked);
        Ok(looked.wants_a_key)
    }

    fn look(&self, stored: Option<&KeyBook>, made: Option<&ManagedKey>) -> Looked {
        let now = self.clock.now();
        let mut looked = self.joined(stored, now);
        loop {
            match self.schedule.next(&looked.book, now) {
                Next::Wait(_) => return looked,
                Next::Write(book) => looked.book = book,
                Next::Stage(activates) => {
                    let Some(made) = made.filter(|_| looked.staged.is_none()) else {
                        looked.wants_a_key = looked.staged.is_none();
                        return looked;
                    };
                    looked.staged = Some(made.kid.clone());
                    looked.book.add(self.schedule.entry(made, now, activates));
                }
            }
            looked.changed = true;
        }
    }

    /// What the store holds together with what is known here.
    fn joined(&self, stored: Option<&KeyBook>, now: UnixMillis) -> Looked {
        let empty = KeyBook::default();
        let stored = stored.unwrap_or(&empty);
        let joined = self.book().joined(stored, &self.schedule, now);
        let healed = joined.is_some();
        Looked {
            book: joined.unwrap_or_else(|| stored.clone()),
            changed: healed,
            healed,
            staged: None,
            wants_a_key: false,
        }
    }

    fn apply(&self, book: KeyBook) -> Result<(), Fault> {
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        // Another thread may have applied a later book meanwhile.
        let now = self.clock.now();
        let book = state
            .book
            .joined(&book, &self.schedule, now)
            .unwrap_or(book);
        self.sink.take(&book)?;
        state.book = Arc::new(book);
        Ok(())
    }

    fn tell(&self, looked: &Looked) {
        let profile = self.vault.profile();
        if looked.healed {
            tracing::warn!(
                profile,
                "the store had lost signing keys, or what was revoked; it was told again what is known here"
            );
        }
        if let Some(kid) = &looked.staged {
            let first = looked.book.keys().len() == 1;
            if first {
                tracing::warn!(
                    profile,
                    kid,
                    "the store held no signing key and a first one was made: tokens of any earlier key are refused"
                );
            } else {
                tracing::info!(profile, kid, "a signing key was made and is published");
            }
        }
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        state.stats.healed += u64::from(looked.healed);
        state.stats.staged += u64::from(looked.staged.is_some());
    }
}

/// Its order names no secret, so it may be logged; the keeper shows its profile alone.
impl fmt::Debug for KeyKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyKeeper")
            .field("profile", &self.vault.profile())
            .finish_non_exhaustive()
    }
}
