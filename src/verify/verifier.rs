use std::sync::Arc;
use std::time::Duration;

use crate::claims::{ClaimMap, Rules};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Reject};
use crate::guard::permission::PermissionRules;
use crate::keys::{KeyRing, KidPolicy};
use crate::limits::Limits;
use crate::state::{Revocations, Sessions};

use super::cache::{CacheStats, Eviction, Hit, TokenCache};
use super::entry::Entry;
use super::memo::HeaderMemo;
use super::pat::PatProfile;
use super::patience::{Patience, Refused};
use super::{Held, Verified, VerifyOptions};

/// Verifies the tokens of one profile.
///
/// Shareable: any number of threads may verify at once, and none ever waits for another, for I/O
/// or for the network; [`verify`](Self::verify) says where it does wait for a store. A token that
/// was verified before costs a look-up; everything about it that can change (time, audience, kind,
/// revocation, session, guards, its key) is decided anew on every call.
///
/// Whether a token was seen before can be told from how long the answer takes. Who may time the
/// verifier learns that much and no more.
pub struct Verifier {
    pub(super) name: Box<str>,
    pub(super) rules: Rules,
    pub(super) permissions: Option<PermissionRules>,
    pub(super) map: ClaimMap,
    pub(super) limits: Limits,
    pub(super) kid: KidPolicy,
    pub(super) keys: Arc<KeyRing>,
    pub(super) revocations: Arc<Revocations>,
    pub(super) sessions: Option<Arc<Sessions>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: TokenCache<Entry>,
    pub(super) cap: Duration,
    pub(super) memo: HeaderMemo,
    pub(super) pats: Option<PatProfile>,
}

impl Verifier {
    /// Verifies a token: signature, times, issuer, audience, type, kind, revocation, session, guard.
    ///
    /// A hit allocates nothing. A miss costs one signature verification and copies the token once.
    /// Where the profile has [sessions](Self::sessions) and memory does not know the token's, it
    /// waits for their store; [`verify_at_hand`](Self::verify_at_hand) never does.
    ///
    /// # Errors
    /// The [`Reject`] that says which of these refused.
    #[inline]
    pub fn verify(
        &self,
        token: impl AsRef<[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Result<Verified, Reject> {
        let token = token.as_ref();
        let now = self.clock.now();
        let verdict = match self.look_up(token, now, options, Patience::Store) {
            Some(verdict) => verdict,
            None => self.verify_anew(token, now, options, Patience::Store),
        };
        verdict.map_err(Refused::for_good)
    }

    /// Verifies a token as [`verify`](Self::verify) does, but never waits for a store: `None` where
    /// it would. For threads that others depend on; ask `verify` then, on one that may wait. What
    /// was done up to there is not done again, unless the token is too large for the cache.
    #[inline]
    pub fn verify_at_hand(
        &self,
        token: impl AsRef<[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Option<Result<Verified, Reject>> {
        let token = token.as_ref();
        let now = self.clock.now();
        let verdict = match self.look_up(token, now, options, Patience::None) {
            Some(verdict) => verdict,
            None => self.verify_anew(token, now, options, Patience::None),
        };
        Refused::if_decided(verdict)
    }

    /// Verifies a token that was verified before, and is as strict as [`verify`](Self::verify);
    /// `None` where it would take a signature verification or a store. The one is then not made and
    /// the other not asked.
    ///
    /// For callers who hold a lock that others need, and give it up for a while only where the
    /// work is long.
    #[inline]
    pub fn verify_cached(
        &self,
        token: impl AsRef<[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Option<Result<Verified, Reject>> {
        let now = self.clock.now();
        let verdict = self.look_up(token.as_ref(), now, options, Patience::None)?;
        Refused::if_decided(verdict)
    }

    /// The claims of a token whose signature verifies, and no more is asked of it: not whether it is
    /// still good, nor for whom. For what is to be ended by it, never for letting anybody in.
    ///
    /// # Errors
    /// The [`Reject`] of a token that no key of the profile has signed.
    pub fn authentic(&self, token: impl AsRef<[u8]>) -> Result<Held, Reject> {
        let now = self.clock.now();
        let token = token.as_ref();
        if let Some(pats) = self.pats_of(token) {
            let entry = pats.read(token, self, now)?;
            return Ok(Verified::new(Hit::lone(&[], &[], entry), None, false).hold());
        }
        if !self.keys.is_trusted(now) {
            return Err(Reject::new(Code::KeysUnavailable));
        }
        let lone = |entry| Hit::lone(&[], &[], entry);
        let entry = self.authenticate(token, now, &self.keys.current(), lone)?;
        if !entry.is_alive(now) {
            return Err(Reject::new(Code::UnknownKey));
        }
        Ok(Verified::new(entry, None, false).hold())
    }

    #[inline]
    fn look_up(
        &self,
        token: &[u8],
        now: UnixMillis,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Option<Result<Verified, Refused>> {
        if !self.keys.is_trusted(now) && self.pats_of(token).is_none() {
            return Some(Err(Reject::new(Code::KeysUnavailable).into()));
        }
        let hit = self.cache.get(token)?;
        if hit.is_over(now) {
            self.cache.invalidate(&hit, Eviction::Expired);
            return None;
        }
        if !hit.is_alive(now) {
            self.cache.invalidate(&hit, Eviction::DeadKey);
            return None;
        }
        let verdict = self.decide(&hit, now, options, patience);
        Some(verdict.map(|session| Verified::new(hit, session, true)))
    }

    /// The profile's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the profile expects of every token.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Where the profile's permissions come from; `None` where it has none.
    #[must_use]
    pub fn permissions(&self) -> Option<&PermissionRules> {
        self.permissions.as_ref()
    }

    /// The profile's spellings of the claims.
    #[must_use]
    pub fn claim_map(&self) -> &ClaimMap {
        &self.map
    }

    /// The profile's keys.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// What the profile has revoked.
    #[must_use]
    pub fn revocations(&self) -> &Arc<Revocations> {
        &self.revocations
    }

    /// The profile's sessions; `None` where it has none, and then no `sid` is asked for.
    #[must_use]
    pub fn sessions(&self) -> Option<&Arc<Sessions>> {
        self.sessions.as_ref()
    }

    /// The profile's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The profile's limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The numbers that [`Verified::slot`] may have.
    #[must_use]
    pub fn slots(&self) -> std::ops::Range<u32> {
        self.cache.slots()
    }

    /// Counters of the claims cache.
    #[must_use]
    pub fn cache_stats(&self) -> CacheStats {
        self.cache.stats()
    }

    fn verify_anew(
        &self,
        token: &[u8],
        now: UnixMillis,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Result<Verified, Refused> {
        if let Some(pats) = self.pats_of(token) {
            return self.verify_pat(pats, token, now, options, patience);
        }
        let set = self.keys.current();
        let keep = |entry| self.keep(token, entry, now);
        let verified = self.authenticate(token, now, &set, keep)?;
        drop(set);
        // The key may have left the ring while it verified; every later hit asks this again.
        if !verified.is_alive(now) {
            return Err(Reject::new(Code::UnknownKey).into());
        }
        let session = self.decide(&verified, now, options, patience)?;
        Ok(Verified::new(verified, session, false))
    }

    /// Into the cache, unless the entry is over before it is in.
    #[inline]
    pub(super) fn keep(&self, token: &[u8], entry: Entry, now: UnixMillis) -> Hit<Entry> {
        if entry.is_over(now) {
            Hit::lone(&[], &[], entry)
        } else {
            self.cache.insert(token, &[], entry, now)
        }
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("profile", &self.name)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
