use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::claims::{Claims, TypeClass};
use crate::clock::UnixMillis;
use crate::error::Reject;
use crate::guard::permission::Rights;
use crate::keys::PreparedKey;
use crate::state::{CheckedAt, Revocations, Subjects};

use super::cache::Cacheable;
use super::pat::PatMark;
use super::session::BoundSession;

/// What is remembered beside a token whose signature verified: what it claims, never what was
/// decided about it. The cache keeps the token's own text.
pub(crate) struct Entry {
    pub(super) claims: Claims,
    pub(super) typ: TypeClass,
    /// What the claims allow; `None` where the profile has no permissions. Made with the claims:
    /// reading twenty grants anew would cost more than the rest of a hit.
    pub(super) rights: Option<Arc<Rights>>,
    proof: Proof,
    /// When the entry must be gone: at `exp`, or at the profile's cap where there is none.
    expires_at: UnixMillis,
    /// A clock that was set back to before this moment cannot be trusted about `expires_at`.
    made_at: UnixMillis,
    checked: CheckedAt,
    /// The session that the token was last found to belong to; none where the profile has none.
    session: Option<Box<ArcSwapOption<BoundSession>>>,
}

/// What vouches for a token.
pub(super) enum Proof {
    /// The key that signed it
    Key(Arc<PreparedKey>),
    /// Its record
    Pat(Box<PatMark>),
}

impl Entry {
    #[inline]
    pub(super) fn new(
        claims: Claims,
        typ: TypeClass,
        proof: Proof,
        rights: Option<Rights>,
        (made_at, expires_at): (UnixMillis, UnixMillis),
        has_session: bool,
    ) -> Self {
        Self {
            claims,
            typ,
            rights: rights.map(Arc::new),
            proof,
            expires_at,
            made_at,
            checked: CheckedAt::never(),
            session: has_session.then(Box::default),
        }
    }

    /// The key that signed the token, where one did.
    #[inline]
    pub(super) fn key(&self) -> Option<&PreparedKey> {
        match &self.proof {
            Proof::Key(key) => Some(key),
            Proof::Pat(_) => None,
        }
    }

    /// What is known of the token beside its claims, where it is a personal access token.
    #[inline]
    pub(super) fn pat(&self) -> Option<&PatMark> {
        match &self.proof {
            Proof::Key(_) => None,
            Proof::Pat(mark) => Some(mark),
        }
    }

    /// Whether what vouches for the token still does. A record's end is a revocation, and asked for
    /// as such.
    #[inline]
    pub(super) fn is_alive(&self, now: UnixMillis) -> bool {
        self.key().is_none_or(|key| key.is_alive(now))
    }

    /// Where the token's session is remembered, so that a hit need not look for it.
    #[inline]
    pub(super) fn session(&self) -> Option<&ArcSwapOption<BoundSession>> {
        self.session.as_deref()
    }

    /// Whether the entry's time has come, or the clock has been set back to before it was made.
    #[inline]
    pub(super) fn is_over(&self, now: UnixMillis) -> bool {
        now >= self.expires_at || now < self.made_at
    }

    /// By what the token can be revoked. Not kept: 64 bytes an entry would buy three short hashes
    /// once for every revocation that lands between two hits.
    fn subjects(&self, revocations: &Revocations) -> Subjects {
        let claims = &self.claims;
        // Whatever claim the profile revokes by, a personal access token is revoked by its id.
        let handle = match self.pat() {
            Some(mark) => Some(revocations.handle_key(mark.id.as_bytes())),
            None => claims
                .handle()
                .map(|handle| revocations.handle_key(handle.as_bytes())),
        };
        Subjects {
            handle,
            family: claims
                .family()
                .map(|family| revocations.family_key(family.as_bytes())),
            subject: claims
                .subject()
                .map(|subject| revocations.subject_key(subject.as_bytes())),
            issued_at: claims.issued_at(),
        }
    }

    /// Asks the index, unless nothing was revoked since it was last asked about this token.
    #[inline]
    pub(super) fn check_revocation(&self, revocations: &Revocations) -> Result<(), Reject> {
        revocations.recheck(&self.checked, || self.subjects(revocations))
    }
}

impl Cacheable for Entry {
    fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    fn heap(&self) -> usize {
        let rights = self.rights.as_ref();
        let memo = self.session.as_ref().map_or(0, |_| size_of::<usize>());
        let rights = rights.map_or(0, |rights| size_of::<Rights>() + rights.heap_size());
        self.claims.heap_size() + self.pat().map_or(0, PatMark::heap_size) + memo + rights
    }
}
