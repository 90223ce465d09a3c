use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::id::Owner;
use super::record::User;
use super::renewer::Renewer;
use super::stats::{Counters, SessionStats};
use super::table::{Known, Table};
use super::{Session, SessionId, SessionSettings};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::Provider;
use crate::error::{Code, Fault, Reject};
use crate::store::{Store, StoreKey};

/// The sessions of one profile. Shareable between threads.
pub struct Sessions {
    pub(super) profile: String,
    pub(super) settings: SessionSettings,
    pub(super) provider: Provider,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) table: Table,
    pub(super) counters: Counters,
    /// Swapped by a fork's child; what it replaces is of the parent and ends without a word.
    renewer: ArcSwapOption<Renewer>,
}

impl Sessions {
    /// The sessions of `profile` in `store`. Nothing is renewed until [`start`](Self::start).
    #[must_use]
    pub fn new(
        profile: &str,
        settings: SessionSettings,
        provider: Provider,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            profile: profile.to_owned(),
            settings,
            provider,
            store,
            clock,
            table: Table::new(settings.memory),
            counters: Counters::default(),
            renewer: ArcSwapOption::empty(),
        }
    }

    /// Renews what is used from now on, on a thread of its own: a verification asks for a renewal
    /// where one is due and never waits for it. To be called again in the child of a fork.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread.
    pub fn start(self: &Arc<Self>) -> Result<(), Fault> {
        let renewer = Renewer::start(self)?;
        self.renewer.store(Some(Arc::new(renewer)));
        Ok(())
    }

    /// How a session of this profile lives and ends.
    #[must_use]
    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// What was done so far, and what is in memory.
    #[must_use]
    pub fn stats(&self) -> SessionStats {
        let (users, sessions, bytes) = self.table.sizes();
        SessionStats {
            users,
            sessions,
            bytes,
            ..self.counters.read()
        }
    }

    /// A live session, as the store has it.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer.
    pub fn get(&self, id: SessionId) -> Result<Option<Arc<Session>>, Fault> {
        let states = self.change(id.owner, None, |_| Ok(false))?;
        Ok(states.into_iter().find(|session| session.id() == id))
    }

    /// The live sessions of a user, as the store has them, the oldest first.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn list(&self, subject: &str) -> Result<Vec<Arc<Session>>, Fault> {
        self.change(Owner::of(self.provider, subject), Some(subject), |_| {
            Ok(false)
        })
    }

    /// What a token's `sid` names, if memory can tell; never waits for the store.
    pub(crate) fn at_hand(
        &self,
        id: SessionId,
        subject: &str,
        now: UnixMillis,
    ) -> Option<Result<Arc<Session>, Reject>> {
        match self.table.get(id) {
            // One that is over may have been renewed elsewhere.
            Known::Live(session) if session.is_good(now) => {
                Counters::one(&self.counters.found);
                Some(of(session, subject))
            }
            Known::Ended => {
                Counters::one(&self.counters.ended);
                Some(Err(ended()))
            }
            Known::Live(_) | Known::Nothing => None,
        }
    }

    /// What a token's `sid` names, by the store.
    pub(crate) fn look_up(
        &self,
        id: SessionId,
        subject: &str,
        now: UnixMillis,
    ) -> Result<Arc<Session>, Reject> {
        Counters::one(&self.counters.store_reads);
        match self.get(id) {
            Ok(Some(session)) if now < session.expires() => of(session, subject),
            Ok(_) => Err(ended()),
            Err(fault) => {
                tracing::warn!(fault = fault.chain(), "a session could not be looked up");
                Err(Reject::new(Code::StoreUnavailable))
            }
        }
    }

    /// Notes a use of a session: it stays in memory, and is renewed where that is due.
    #[inline]
    pub(crate) fn used(&self, session: &Session, now: UnixMillis) {
        session.mark_used();
        if session.is_due(now) {
            self.ask_for_renewal(session.id());
        }
    }

    #[cold]
    fn ask_for_renewal(&self, id: SessionId) {
        let renewer = self.renewer.load();
        if !renewer.as_ref().is_some_and(|renewer| renewer.ask(id)) {
            Counters::one(&self.counters.dropped);
        }
    }

    /// The common beginning of the keys of a profile's records.
    pub(crate) fn prefix(&self) -> Result<StoreKey, Fault> {
        User::prefix(&self.profile)
    }

    /// Reads anew what this process knows of a user whose record has changed.
    pub(crate) fn changed(&self, key: &StoreKey) -> Result<(), Fault> {
        let Some(owner) = User::owner(key) else {
            return Err(super::record::foreign());
        };
        // What is being read at this moment may be what was before.
        if !self.table.touch(owner) {
            return Ok(());
        }
        let read = self.change(owner, None, |_| Ok(false));
        if read.is_err() {
            self.table.forget(owner);
        }
        read.map(drop)
    }

    /// Forgets what is in memory: changes were missed, so the store is asked anew.
    pub(crate) fn forget_all(&self) {
        self.table.clear();
    }
}

/// Only its own subject's tokens may name a session.
fn of(session: Arc<Session>, subject: &str) -> Result<Arc<Session>, Reject> {
    if session.subject() == subject {
        Ok(session)
    } else {
        Err(ended())
    }
}

#[cold]
fn ended() -> Reject {
    Reject::new(Code::SessionEnded)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("profile", &self.profile)
            .field("settings", &self.settings)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
