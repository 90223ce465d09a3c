use std::ops::Deref;
use std::sync::Arc;

use crate::claims::Claims;
use crate::crypto::Algorithm;
use crate::error::Reject;
use crate::guard::permission::Rights;
use crate::guard::{Guard, RequestFacts};
use crate::keys::PreparedKey;
use crate::state::Session;

use super::cache::Hit;
use super::entry::Entry;
use super::session::BoundSession;

/// An accepted token: its claims, for as long as this value lives.
///
/// Holds on to the cache's entry without copying it. Cheap to make and to drop; keep it for the
/// length of a request rather than for ever, since many that are held make others a little slower.
#[must_use]
pub struct Verified {
    pub(super) entry: Hit<Entry>,
    session: Option<Arc<BoundSession>>,
    was_cached: bool,
}

impl Verified {
    #[inline]
    pub(super) fn new(
        entry: Hit<Entry>,
        session: Option<Arc<BoundSession>>,
        was_cached: bool,
    ) -> Self {
        Self {
            entry,
            session,
            was_cached,
        }
    }

    /// The claims.
    #[inline]
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.entry.claims
    }

    /// What its holder may do; `None` where the profile has no permissions.
    #[inline]
    #[must_use]
    pub fn rights(&self) -> Option<&Rights> {
        let session = self.session.as_ref();
        let of_session = session.and_then(|bound| bound.rights.as_deref());
        of_session.or(self.entry.rights.as_deref())
    }

    /// Whether a guard holds for it.
    ///
    /// # Errors
    /// As [`Guard::check`].
    pub fn check(&self, guard: &Guard, request: &RequestFacts<'_>) -> Result<(), Reject> {
        guard.check_with(self.claims(), self.rights(), request)
    }

    /// The live session that it belongs to; `None` where the profile has no sessions, and for a
    /// personal access token.
    #[must_use]
    pub fn session(&self) -> Option<&Arc<Session>> {
        self.session.as_ref().map(|bound| &bound.session)
    }

    /// The algorithm of its signature; `None` for a personal access token, which has none.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.entry.key().map(PreparedKey::algorithm)
    }

    /// The `kid` of the key that signed it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.entry.key()?.kid()
    }

    /// Whether the signature had been verified by an earlier call.
    #[must_use]
    pub fn was_cached(&self) -> bool {
        self.was_cached
    }

    /// The place of the cache that holds the claims; `None` where they are not kept.
    #[must_use]
    pub fn slot(&self) -> Option<u32> {
        self.entry.slot()
    }

    /// A number that no other entry of this verifier has had or will have: together with the slot
    /// it lets a language binding keep the object that it built from the claims.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.entry.generation()
    }
}

impl Deref for Verified {
    type Target = Claims;

    #[inline]
    fn deref(&self) -> &Claims {
        self.claims()
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified")
            .field("claims", self.claims())
            .field("was_cached", &self.was_cached)
            .finish()
    }
}
