use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::id::Owner;
use super::record::Kept;
use super::session::{BOUNDS, Times};
use super::{Session, SessionId, Sessions};
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::json;

/// A session that is ready to be opened: its name is known, and nobody has it yet.
#[must_use]
pub struct Opening {
    id: SessionId,
    subject: String,
    span: Duration,
    attributes: String,
}

/// The longest attributes of a session, as JSON.
const ATTRIBUTES: usize = 4_096;
/// The longest subject.
const SUBJECT: usize = 1_024;

impl Opening {
    /// The `sid` that it will have.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }
}

impl Sessions {
    /// Makes a session ready for a user who signs in, without opening it: tokens can be signed for
    /// it first, so that nothing is half done where they cannot. `lifetime`, where given, takes the
    /// place of the profile's.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the subject is empty or longer than 1,024 bytes, the attributes are
    /// longer than 4,096 bytes as JSON, or the lifetime is zero; `INTERNAL` where the system has no
    /// randomness.
    pub fn prepare(
        &self,
        subject: &str,
        attributes: &Map<String, Value>,
        lifetime: Option<Duration>,
    ) -> Result<Opening, Fault> {
        if subject.is_empty() || subject.len() > SUBJECT {
            return Err(invalid(format!("subject: must be of 1 to {SUBJECT} bytes")));
        }
        let span = lifetime.unwrap_or(self.settings.lifetime);
        if span.is_zero() {
            return Err(invalid(
                "lifetime: must be a millisecond or more".to_owned(),
            ));
        }
        let mut own = [0; 16];
        self.provider.random(&mut own).map_err(|error| {
            Fault::new(Code::Internal, "the system gave no randomness").caused_by(error)
        })?;
        Ok(Opening {
            id: SessionId {
                owner: Owner::of(self.provider, subject),
                own,
            },
            subject: subject.to_owned(),
            span,
            attributes: written(attributes)?,
        })
    }

    /// Opens a session, and ends the user's oldest where he then has too many. Of any number of
    /// sign-ins at once, in any number of processes, never more remain than he may have.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it cannot be recorded: it is then not open, unless the store has
    /// taken it and could not say so.
    pub fn open(&self, opening: &Opening) -> Result<Arc<Session>, Fault> {
        let id = opening.id;
        let states = self.change(id.owner, Some(&opening.subject), |user| {
            let others = self.settings.max_sessions.saturating_sub(1);
            let over = user.sessions.len().saturating_sub(others);
            user.sessions.drain(..over);
            user.sessions.push(self.begin(opening, self.clock.now()));
            Ok(true)
        })?;
        states
            .into_iter()
            .find(|session| session.id() == id)
            .ok_or_else(|| Fault::new(Code::Internal, "a session was not kept"))
    }

    /// [`prepare`](Self::prepare) and [`open`](Self::open) in one.
    ///
    /// # Errors
    /// As these.
    pub fn create(
        &self,
        subject: &str,
        attributes: &Map<String, Value>,
        lifetime: Option<Duration>,
    ) -> Result<Arc<Session>, Fault> {
        self.open(&self.prepare(subject, attributes, lifetime)?)
    }

    /// Changes the attributes of a session: removals first, then what is set. From then on its
    /// tokens come with the new ones. `None` where there is no such session.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where they would be too long, `STORE_UNAVAILABLE` where it cannot be
    /// recorded.
    pub fn change_attributes(
        &self,
        id: SessionId,
        set: &Map<String, Value>,
        remove: &[String],
    ) -> Result<Option<Arc<Session>>, Fault> {
        let states = self.change(id.owner, None, |user| match user.find(id.own) {
            Some(kept) => kept.change(set, remove),
            None => Ok(false),
        })?;
        Ok(states.into_iter().find(|session| session.id() == id))
    }

    /// As [`change_attributes`](Self::change_attributes), for all sessions of a user in one step;
    /// gives them.
    ///
    /// # Errors
    /// As [`change_attributes`](Self::change_attributes).
    pub fn change_attributes_of(
        &self,
        subject: &str,
        set: &Map<String, Value>,
        remove: &[String],
    ) -> Result<Vec<Arc<Session>>, Fault> {
        let owner = Owner::of(self.provider, subject);
        self.change(owner, Some(subject), |user| {
            let mut changed = false;
            for kept in &mut user.sessions {
                changed |= kept.change(set, remove)?;
            }
            Ok(changed)
        })
    }

    fn begin(&self, opening: &Opening, now: UnixMillis) -> Kept {
        let mut kept = Kept {
            own: opening.id.own,
            times: Times {
                created: now,
                renewed: now,
                expires: now,
            },
            span: u64::try_from(opening.span.as_millis()).unwrap_or(u64::MAX),
            attributes: opening.attributes.clone(),
        };
        kept.times.expires = kept.renewed_until(now, &self.settings);
        kept
    }
}

impl Kept {
    /// Whether anything is different then.
    fn change(&mut self, set: &Map<String, Value>, remove: &[String]) -> Result<bool, Fault> {
        let mut attributes = json::object(self.attributes.as_bytes())
            .map_err(|wrong| Fault::new(Code::Internal, format!("kept attributes: {wrong}")))?;
        for name in remove {
            attributes.shift_remove(name);
        }
        for (name, value) in set {
            attributes.insert(name.clone(), value.clone());
        }
        let changed = written(&attributes)?;
        let differs = changed != self.attributes;
        self.attributes = changed;
        Ok(differs)
    }
}

fn written(attributes: &Map<String, Value>) -> Result<String, Fault> {
    let text = serde_json::to_string(attributes).map_err(|error| {
        Fault::new(Code::Internal, "attributes could not be written").caused_by(error)
    })?;
    if text.len() > ATTRIBUTES {
        return Err(invalid(format!(
            "attributes: are longer than {ATTRIBUTES} bytes as JSON"
        )));
    }
    json::check(text.as_bytes(), BOUNDS)
        .map_err(|wrong| invalid(format!("attributes: {wrong}")))?;
    Ok(text)
}

#[cold]
fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}
