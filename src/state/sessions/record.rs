use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::id::Owner;
use super::session::Times;
use super::{Session, SessionId, SessionSettings};
use crate::base64url;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::store::{Entry, Namespace, StoreKey};

/// All sessions of a user, as a store keeps them: one record, so that whatever changes several of
/// them changes them in one step, and none can be left out.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) subject: Arc<str>,
    /// The oldest first.
    pub(super) sessions: Vec<Kept>,
}

/// One session of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) own: [u8; 16],
    pub(super) times: Times,
    /// How far a renewal moves the end, in milliseconds.
    pub(super) span: u64,
    pub(super) attributes: String,
}

#[derive(Serialize, Deserialize)]
struct Written {
    subject: String,
    sessions: Vec<WrittenSession>,
}

#[derive(Serialize, Deserialize)]
struct WrittenSession {
    id: String,
    created: i64,
    renewed: i64,
    expires: i64,
    span: u64,
    attributes: String,
}

pub(super) const SESSIONS: Namespace = Namespace::new("sessions");

impl User {
    /// Of one who has no session yet.
    pub(super) fn of(subject: &str) -> Self {
        Self {
            subject: subject.into(),
            sessions: Vec::new(),
        }
    }

    pub(super) fn key(profile: &str, owner: Owner) -> Result<StoreKey, Fault> {
        let owner = base64url::encode(&owner.0);
        StoreKey::new(SESSIONS, &[profile.as_bytes(), owner.as_bytes()])
    }

    /// The common beginning of a profile's records.
    pub(super) fn prefix(profile: &str) -> Result<StoreKey, Fault> {
        StoreKey::new(SESSIONS, &[profile.as_bytes()])
    }

    /// Whose record has that key.
    pub(super) fn owner(key: &StoreKey) -> Option<Owner> {
        let [_, owner]: [Vec<u8>; 2] = key.parts().try_into().ok()?;
        let bytes = base64url::decode(&owner).ok()?;
        Some(Owner(bytes.try_into().ok()?))
    }

    pub(super) fn read(entry: &Entry) -> Result<Self, Fault> {
        let written: Written =
            serde_json::from_slice(entry.value.expose()).map_err(|_| foreign())?;
        let sessions = written.sessions.into_iter().map(Kept::read);
        Ok(Self {
            subject: written.subject.into(),
            sessions: sessions.collect::<Option<_>>().ok_or_else(foreign)?,
        })
    }

    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let written = Written {
            subject: self.subject.as_ref().to_owned(),
            sessions: self.sessions.iter().map(Kept::write).collect(),
        };
        serde_json::to_vec(&written)
            .map(Zeroizing::new)
            .map_err(|error| {
                Fault::new(Code::Internal, "sessions could not be written").caused_by(error)
            })
    }

    /// When the last of them ends.
    pub(super) fn expires(&self) -> UnixMillis {
        let ends = self.sessions.iter().map(|kept| kept.times.expires);
        ends.max().unwrap_or(UnixMillis::EPOCH)
    }

    /// What memory keeps of it.
    pub(super) fn states(&self, owner: Owner, settings: &SessionSettings) -> Vec<Arc<Session>> {
        let state = |kept: &Kept| {
            let id = SessionId {
                owner,
                own: kept.own,
            };
            let attributes = kept.attributes.as_str().into();
            let subject = Arc::clone(&self.subject);
            let renew_from = kept.renew_from(settings);
            Arc::new(Session::new(
                id, subject, kept.times, attributes, renew_from,
            ))
        };
        self.sessions.iter().map(state).collect()
    }

    pub(super) fn find(&mut self, own: [u8; 16]) -> Option<&mut Kept> {
        self.sessions.iter_mut().find(|kept| kept.own == own)
    }
}

impl Kept {
    /// When it would end if it were renewed at that moment. Never sooner than it ends anyway.
    pub(super) fn renewed_until(&self, now: UnixMillis, settings: &SessionSettings) -> UnixMillis {
        let until = now.plus(Duration::from_millis(self.span));
        let limit = settings.max_lifetime;
        let limit = limit.map_or(UnixMillis::MAX, |most| self.times.created.plus(most));
        until.min(limit).max(self.times.expires)
    }

    /// From when on a use renews it; never, where that would change nothing.
    pub(super) fn renew_from(&self, settings: &SessionSettings) -> UnixMillis {
        let due = self.times.renewed.plus(settings.renew_every);
        if self.renewed_until(due, settings) > self.times.expires {
            due
        } else {
            UnixMillis::MAX
        }
    }

    fn read(written: WrittenSession) -> Option<Self> {
        Some(Self {
            own: base64url::decode(written.id.as_bytes())
                .ok()?
                .try_into()
                .ok()?,
            times: Times {
                created: UnixMillis::from_millis(written.created),
                renewed: UnixMillis::from_millis(written.renewed),
                expires: UnixMillis::from_millis(written.expires),
            },
            span: written.span,
            attributes: written.attributes,
        })
    }

    fn write(&self) -> WrittenSession {
        WrittenSession {
            id: base64url::encode(&self.own),
            created: self.times.created.millis(),
            renewed: self.times.renewed.millis(),
            expires: self.times.expires.millis(),
            span: self.span,
            attributes: self.attributes.clone(),
        }
    }
}

#[cold]
pub(super) fn foreign() -> Fault {
    Fault::new(
        Code::StoreUnavailable,
        "the store holds sessions that bearerd did not write: give bearerd a database or key prefix of its own",
    )
}
