use std::sync::Arc;
use std::time::Duration;

use crate::claims::{ClaimMap, Claims, Rules, TokenKind, TypeClass};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::Algorithm;
use crate::error::{ClaimName, Code, Reject};
use crate::guard::Guard;
use crate::guard::permission::{PermissionRules, Rights, RightsSource};
use crate::jws::{Compact, Header};
use crate::keys::{KeyRing, KeySet, KidPolicy, PreparedKey};
use crate::limits::Limits;
use crate::state::{Revocations, Sessions};

use super::cache::{CacheStats, Eviction, Hit, TokenCache};
use super::entry::{Entry, Proof};
use super::memo::HeaderMemo;
use super::pat::PatProfile;
use super::patience::{Patience, Refused};
use super::session::{BoundSession, session_of};
use super::signature::{check_signature, decode_payload};
use super::{ExpectedKind, Held, Verified, VerifyOptions};

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

/// What a header leads to.
struct Resolved {
    candidates: Vec<Arc<PreparedKey>>,
    typ: TypeClass,
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

    /// Everything about an accepted signature that may differ from call to call.
    #[inline]
    pub(super) fn decide(
        &self,
        entry: &Entry,
        now: UnixMillis,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Result<Option<Arc<BoundSession>>, Refused> {
        let all = match (entry.pat(), &self.pats) {
            (Some(_), Some(pats)) => &pats.rules,
            _ => &self.rules,
        };
        let (claims, audience) = (&entry.claims, options.audience);
        if let Err(reject) = all.check(claims, &self.map, entry.typ, now, audience) {
            self.check_precisely(reject, all, entry, audience)?;
        }
        self.check_kind(&entry.claims, options)?;
        if !self.revocations.is_fresh(now) {
            return Err(Reject::new(Code::StoreUnavailable).into());
        }
        entry.check_revocation(&self.revocations)?;
        let session = match &self.sessions {
            // A personal access token belongs to nobody's sign-in.
            Some(sessions) if entry.pat().is_none() => {
                let rules = self.permissions.as_ref();
                Some(session_of(entry, sessions, rules, now, patience)?)
            }
            _ => None,
        };
        if let Some(guard) = options.guard {
            let rights = session
                .as_ref()
                .and_then(|session| session.rights.as_deref());
            let rights = rights.or(entry.rights.as_deref());
            guard.check_with(&entry.claims, rights, &options.request)?;
        }
        if let (Some(mark), Some(pats)) = (entry.pat(), &self.pats) {
            pats.used(mark, now, options.request.address);
        }
        Ok(session)
    }

    /// A token that was issued on this machine a moment ago is not of the future because the clock
    /// that is read first lags behind.
    #[cold]
    fn check_precisely(
        &self,
        reject: Reject,
        rules: &Rules,
        entry: &Entry,
        audience: Option<&str>,
    ) -> Result<(), Reject> {
        if reject.code() != Code::NotYetValid {
            return Err(reject);
        }
        let now = self.clock.precise();
        rules.check(&entry.claims, &self.map, entry.typ, now, audience)
    }

    #[inline]
    fn check_kind(&self, claims: &Claims, options: &VerifyOptions<'_>) -> Result<(), Reject> {
        let expected = match options.kind {
            ExpectedKind::Any => None,
            ExpectedKind::Exactly(kind) => Some(kind),
            ExpectedKind::Profile => match options.guard.and_then(Guard::token_kind) {
                // Where nobody asks, what is presented to resources: either.
                None if claims.kind() == Some(TokenKind::Pat) => None,
                None => self.map.names().kind.as_ref().map(|_| TokenKind::Access),
                asked => asked,
            },
        };
        match expected {
            Some(expected) if claims.kind() != Some(expected) => {
                Err(Reject::claim(Code::WrongTokenKind, ClaimName::Kind))
            }
            _ => Ok(()),
        }
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

    /// Everything that only the token and the key set decide, and what `then` makes of the entry:
    /// handed on instead of returned, since moving one about costs as much as decoding the token.
    #[inline]
    pub(super) fn authenticate<T>(
        &self,
        token: &[u8],
        now: UnixMillis,
        set: &Arc<KeySet>,
        then: impl FnOnce(Entry) -> T,
    ) -> Result<T, Reject> {
        let compact = Compact::split(token, &self.limits)?;
        let (payload, key, typ) = match self.memo.find(compact.header, set) {
            Some((key, typ)) => {
                let payload = decode_payload(&compact)?;
                check_signature(&compact, std::slice::from_ref(&key))?;
                (payload, key, typ)
            }
            None => {
                let Resolved { candidates, typ } = self.resolve(compact.header, set)?;
                let payload = decode_payload(&compact)?;
                let key = Arc::clone(check_signature(&compact, &candidates)?);
                if candidates.len() == 1 {
                    self.memo.remember(compact.header, set, &key, typ);
                }
                (payload, key, typ)
            }
        };
        let claims = Claims::parse(payload.into_boxed_slice(), &self.map, &self.limits)?;
        let expires_at = claims.expires_at().unwrap_or_else(|| now.plus(self.cap));
        let rights = self.rights_claimed(&claims);
        let has_session = self.sessions.is_some();
        let (proof, times) = (Proof::Key(key), (now, expires_at));
        Ok(then(Entry::new(
            claims,
            typ,
            proof,
            rights,
            times,
            has_session,
        )))
    }

    fn resolve(&self, header: &[u8], set: &KeySet) -> Result<Resolved, Reject> {
        let header = Header::decode(header, &self.limits)?;
        let allowed = |algorithm: &Algorithm| self.keys.algorithms().contains(algorithm);
        let algorithm = header
            .algorithm
            .filter(allowed)
            .ok_or(Reject::new(Code::UnsupportedAlg))?;
        let kid = header.kid.as_deref();
        let candidates: Vec<_> = set
            .candidates(algorithm, kid, self.kid)
            .map(Arc::clone)
            .collect();
        if candidates.is_empty() {
            if let Some(kid) = kid {
                self.keys.report_unknown_kid(kid);
            }
            return Err(Reject::new(Code::UnknownKey));
        }
        Ok(Resolved {
            candidates,
            typ: self.rules.classify(header.typ.as_deref()),
        })
    }

    /// What the claims allow, where the profile's permissions are read from claims.
    #[inline]
    pub(super) fn rights_claimed(&self, claims: &Claims) -> Option<Rights> {
        let rules = self.permissions.as_ref()?;
        (rules.source == RightsSource::Claims).then(|| rules.rights(claims.json_bytes()))
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
