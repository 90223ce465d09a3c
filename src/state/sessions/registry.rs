use std::fmt;
use std::sync::Arc;

use super::id::Owner;
use super::record::{Kept, User};
use super::session::Times;
use super::table::{Known, Table, Ticket};
use super::{Session, SessionId, SessionSettings};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::Provider;
use crate::error::{Code, Fault, Reject};
use crate::json::{self, Bounds};
use crate::store::{Entry, Put, Store, Swap};

/// The sessions of one profile. Shareable between threads.
pub struct Sessions {
    profile: String,
    settings: SessionSettings,
    provider: Provider,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    table: Table,
}

/// Two processes may write one user's sessions at once; a few more where somebody makes them.
const TRIES: usize = 64;
/// The longest attributes of a session, as JSON.
const ATTRIBUTES: usize = 4_096;
/// The longest subject.
const SUBJECT: usize = 1_024;
const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 1_024,
};

impl Sessions {
    /// The sessions of `profile` in `store`.
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
        }
    }

    /// Opens a session for a user who has signed in.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the subject is empty or too long or the attributes are no JSON
    /// object of at most 4,096 bytes; `STORE_UNAVAILABLE` where it cannot be recorded.
    pub fn create(&self, subject: &str, attributes: &str) -> Result<Arc<Session>, Fault> {
        if subject.is_empty() || subject.len() > SUBJECT {
            return Err(invalid(format!("subject: must be of 1 to {SUBJECT} bytes")));
        }
        if attributes.len() > ATTRIBUTES {
            return Err(invalid(format!(
                "attributes: are longer than {ATTRIBUTES} bytes as JSON"
            )));
        }
        json::check(attributes.as_bytes(), BOUNDS)
            .map_err(|wrong| invalid(format!("attributes: {wrong}")))?;
        let owner = Owner::of(self.provider, subject);
        let mut own = [0; 16];
        self.provider.random(&mut own).map_err(|error| {
            Fault::new(Code::Internal, "the system gave no randomness").caused_by(error)
        })?;
        let now = self.clock.now();
        let lifetime = self.settings.lifetime;
        let kept = Kept {
            own,
            times: Times {
                created: now,
                renewed: now,
                expires: now.plus(lifetime),
            },
            span: u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX),
            attributes: attributes.to_owned(),
        };
        let states = self.change(owner, Some(subject), |user| {
            let others = self.settings.max_sessions.saturating_sub(1);
            let over = user.sessions.len().saturating_sub(others);
            user.sessions.drain(..over);
            user.sessions.push(kept.clone());
            true
        })?;
        let id = SessionId { owner, own };
        states
            .into_iter()
            .find(|session| session.id() == id)
            .ok_or_else(|| Fault::new(Code::Internal, "a session was not kept"))
    }

    /// Ends a session; false where there was none.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it cannot be recorded.
    pub fn end(&self, id: SessionId) -> Result<bool, Fault> {
        let mut ended = false;
        self.change(id.owner, None, |user| {
            let before = user.sessions.len();
            user.sessions.retain(|kept| kept.own != id.own);
            ended = user.sessions.len() < before;
            ended
        })?;
        Ok(ended)
    }

    /// What a token's `sid` names, if memory can tell; never waits for the store.
    #[must_use]
    pub(crate) fn at_hand(
        &self,
        id: SessionId,
        subject: &str,
        now: UnixMillis,
    ) -> Option<Result<Arc<Session>, Reject>> {
        match self.table.get(id) {
            Known::Live(session) if session.expires() > now => Some(of(session, subject)),
            Known::Ended => Some(Err(ended())),
            // It may have been renewed elsewhere.
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
        let ticket = self.table.ticket(id.owner);
        let user = match self.read(id.owner) {
            Ok(user) => user,
            Err(fault) => {
                tracing::warn!(fault = fault.chain(), "a session could not be looked up");
                return Err(Reject::new(Code::StoreUnavailable));
            }
        };
        let Some((user, _)) = user else {
            self.table.take_over(id.owner, ticket, &[]);
            return Err(ended());
        };
        let states = user.states(id.owner);
        self.table.take_over(id.owner, ticket, &states);
        let session = states
            .into_iter()
            .find(|session| session.id() == id && session.expires() > now);
        of(session.ok_or(ended())?, subject)
    }

    fn read(&self, owner: Owner) -> Result<Option<(User, Entry)>, Fault> {
        let key = User::key(&self.profile, owner)?;
        let Some(entry) = self.store.get(&key)? else {
            return Ok(None);
        };
        Ok(Some((User::read(&entry)?, entry)))
    }

    /// Changes a user's record in one step: `change` gets what lives of it and says whether there
    /// is anything to write. `found` is whose record it is, where one may be begun.
    fn change(
        &self,
        owner: Owner,
        found: Option<&str>,
        mut change: impl FnMut(&mut User) -> bool,
    ) -> Result<Vec<Arc<Session>>, Fault> {
        let key = User::key(&self.profile, owner)?;
        for _ in 0..TRIES {
            let ticket = self.table.ticket(owner);
            let (mut user, version) = match self.read(owner)? {
                Some((user, entry)) => (user, Some(entry.version)),
                None => match found {
                    Some(subject) => (User::of(subject), None),
                    None => {
                        self.keep(owner, ticket, &[], &[]);
                        return Ok(Vec::new());
                    }
                },
            };
            if found.is_some_and(|subject| *user.subject != *subject) {
                return Err(invalid("subject: another one has its hash".to_owned()));
            }
            let before: Vec<[u8; 16]> = user.sessions.iter().map(|kept| kept.own).collect();
            let now = self.clock.now();
            user.sessions.retain(|kept| kept.times.expires > now);
            if !change(&mut user) {
                let states = user.states(owner);
                self.table.take_over(owner, ticket, &states);
                return Ok(states);
            }
            let (bytes, expires) = (user.bytes()?, user.expires());
            let stored = match version {
                None => matches!(
                    self.store.put_if_absent(&key, &bytes, expires)?,
                    Put::Stored(_)
                ),
                Some(version) => matches!(
                    self.store
                        .compare_and_swap(&key, version, &bytes, expires)?,
                    Swap::Stored(_)
                ),
            };
            if stored {
                let states = user.states(owner);
                let lives = |own: &[u8; 16]| user.sessions.iter().any(|kept| kept.own == *own);
                let ended: Vec<_> = before.into_iter().filter(|own| !lives(own)).collect();
                self.keep(owner, ticket, &states, &ended);
                return Ok(states);
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "a session could not be recorded: too many processes write the same user's; try again",
        ))
    }

    fn keep(&self, owner: Owner, ticket: Ticket, states: &[Arc<Session>], ended: &[[u8; 16]]) {
        self.table.wrote(owner, ticket, states, ended);
    }

    /// How a session of this profile lives and ends.
    #[must_use]
    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }
}

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

#[cold]
fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("profile", &self.profile)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
