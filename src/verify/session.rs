use std::sync::Arc;

use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Reject};
use crate::state::{Session, SessionId, Sessions};

use super::entry::Entry;
use super::patience::{Patience, Refused};

/// The live session that a token names.
///
/// A token that was asked about before remembers its session, and takes neither a look-up nor a
/// lock until something about the session changes. Whatever changes it marks what is remembered
/// before the change has returned, so nothing that has ended is found here.
#[inline]
pub(super) fn session_of(
    entry: &Entry,
    sessions: &Sessions,
    now: UnixMillis,
    patience: Patience,
) -> Result<Arc<Session>, Refused> {
    if let Some(memo) = entry.session()
        && let Some(session) = &*memo.load()
        && session.is_good(now)
    {
        sessions.used(session, now);
        return Ok(Arc::clone(session));
    }
    look_up(entry, sessions, now, patience)
}

fn look_up(
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
    let session = match (sessions.at_hand(id, &subject, now), patience) {
        (Some(verdict), _) => verdict?,
        (None, Patience::Store) => sessions.look_up(id, &subject, now)?,
        (None, Patience::None) => return Err(Refused::NotAtHand),
    };
    if let Some(memo) = entry.session() {
        memo.store(Some(Arc::clone(&session)));
    }
    sessions.used(&session, now);
    Ok(session)
}
