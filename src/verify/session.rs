use std::sync::Arc;

use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Reject};
use crate::guard::permission::{PermissionRules, Rights, RightsSource};
use crate::state::{Session, SessionId, Sessions};

use super::entry::Entry;
use super::patience::{Patience, Refused};

/// A session, and what its attributes allow. A change of the attributes makes another session of it,
/// so the rights never outlive what they were read from.
pub(super) struct BoundSession {
    pub(super) session: Arc<Session>,
    /// `None` where the profile's permissions are not those of its sessions.
    pub(super) rights: Option<Arc<Rights>>,
}

impl BoundSession {
    fn new(session: Arc<Session>, rules: Option<&PermissionRules>) -> Self {
        let rules = rules.filter(|rules| rules.source == RightsSource::Session);
        let rights = rules.map(|rules| Arc::new(rules.rights(session.attributes().as_bytes())));
        Self { session, rights }
    }
}

/// The live session that a token names.
///
/// A token that was asked about before remembers its session, and takes neither a look-up nor a
/// lock until something about the session changes. Whatever changes it marks what is remembered
/// before the change has returned, so nothing that has ended is found here.
#[inline]
pub(super) fn session_of(
    entry: &Entry,
    sessions: &Sessions,
    rules: Option<&PermissionRules>,
    now: UnixMillis,
    patience: Patience,
) -> Result<Arc<BoundSession>, Refused> {
    if let Some(memo) = entry.session()
        && let Some(bound) = &*memo.load()
        && bound.session.is_good(now)
    {
        sessions.used(&bound.session, now);
        return Ok(Arc::clone(bound));
    }
    look_up(entry, sessions, rules, now, patience)
}

fn look_up(
    entry: &Entry,
    sessions: &Sessions,
    rules: Option<&PermissionRules>,
    now: UnixMillis,
    patience: Patience,
) -> Result<Arc<BoundSession>, Refused> {
    let claims = &entry.claims;
    let absent = |claim| Reject::claim(Code::InvalidClaim, claim);
    let text = claims.session().ok_or(absent(ClaimName::Session))?;
    let subject = claims.subject().ok_or(absent(ClaimName::Subject))?;
    let id = SessionId::parse(&text).ok_or(Reject::new(Code::SessionEnded))?;
    let session = match (sessions.at_hand(id, &subject, now), patience) {
        (Some(verdict), _) => verdict?,
        (None, Patience::Store) => sessions.look_up(id, &subject, now)?,
        (None, Patience::None) => return Err(Refused::NotAtHand),
    };
    let bound = Arc::new(BoundSession::new(session, rules));
    if let Some(memo) = entry.session() {
        memo.store(Some(Arc::clone(&bound)));
    }
    sessions.used(&bound.session, now);
    Ok(bound)
}
