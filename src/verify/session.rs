use std::sync::Arc;

use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Reject};
use crate::state::{Session, SessionId, Sessions};

use super::entry::Entry;
use super::patience::{Patience, Refused};

/// The live session that a token names.
pub(super) fn session_of(
    entry: &Entry,
    sessions: &Sessions,
    now: UnixMillis,
    patience: Patience,
) -> Result<Arc<Session>, Refused> {
    let claims = &entry.claims;
    let absent = |claim| Reject::claim(Code::InvalidClaim, claim);
    let text = claims.session().ok_or(absent(ClaimName::Session))?;
    let subject = claims.subject().ok_or(absent(ClaimName::Subject))?;
    let id = SessionId::parse(&text).ok_or(Reject::new(Code::SessionEnded))?;
    match (sessions.at_hand(id, &subject, now), patience) {
        (Some(verdict), _) => Ok(verdict?),
        (None, Patience::Store) => Ok(sessions.look_up(id, &subject, now)?),
        (None, Patience::None) => Err(Refused::NotAtHand),
    }
}
