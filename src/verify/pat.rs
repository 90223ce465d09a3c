use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Map, Value};

use crate::claims::{ClaimNames, Claims, Rules, TokenKind, TypeClass};
use crate::clock::UnixMillis;
use crate::error::{Code, Fault, Reject};
use crate::state::pats::{Pat, PatStore};

use super::entry::{Entry, Proof};
use super::patience::{Patience, Refused};
use super::{Verified, Verifier, VerifyOptions};

/// What a verifier has of its profile's personal access tokens.
///
/// A record becomes claims under the profile's own names, and from then on is one more token:
/// cached, judged and shown as a signed one is.
pub(super) struct PatProfile {
    pub(super) store: Arc<PatStore>,
    /// The profile's rules without those that are about signed tokens: an expiry is the record's
    /// business, and so is the age; a `typ` it has none. `iss` and `aud` are the profile's own.
    pub(super) rules: Rules,
    names: ClaimNames,
}

/// What is remembered of a token beside its claims.
pub(super) struct PatMark {
    pub(super) id: Box<str>,
    /// When a use of it was last told, in milliseconds
    told: AtomicI64,
}

/// The value of the kind's claim, where the profile has one.
const KIND: &str = TokenKind::Pat.as_str();
/// Claims that are nobody's to choose, whatever the profile calls its own.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl PatProfile {
    /// # Errors
    /// `CONFIG_ERROR` where two roles share a claim, or a signed token could look like one of these.
    pub(super) fn new(
        store: Arc<PatStore>,
        rules: &Rules,
        names: &ClaimNames,
    ) -> Result<Self, Fault> {
        if let Some(kind) = &names.kind {
            if KIND == kind.access || KIND == kind.refresh {
                return Err(Fault::config(format!(
                    "claims.kind: {KIND:?} stands for personal access tokens; choose another value"
                )));
            }
            if REGISTERED.contains(&kind.claim.as_str()) {
                return Err(Fault::config(format!(
                    "claims.kind: {:?} is a registered claim and cannot carry the token kind; map another",
                    kind.claim
                )));
            }
        }
        let rules = Rules {
            expiration_required: false,
            max_age: None,
            types: Vec::new(),
            ..rules.clone()
        };
        Ok(Self {
            store,
            rules,
            names: names.clone(),
        })
    }

    /// A token's entry, revoked no more than its expiry or its guards being asked here.
    ///
    /// # Errors
    /// As [`PatStore::find`].
    pub(super) fn read(
        &self,
        token: &[u8],
        verifier: &Verifier,
        now: UnixMillis,
    ) -> Result<Entry, Reject> {
        self.entry(&self.store.find(token)?, verifier, now)
    }

    fn entry(&self, pat: &Pat, verifier: &Verifier, now: UnixMillis) -> Result<Entry, Reject> {
        let claims = Claims::parse(self.payload(pat), &verifier.map, &verifier.limits)?;
        let cap = now.plus(verifier.cap);
        let rights = verifier.rights_claimed(&claims);
        // Never for longer than the cap: then the record is read again.
        let until = claims.expires_at().map_or(cap, |at| at.min(cap));
        let mark = PatMark {
            id: pat.id.as_str().into(),
            told: AtomicI64::new(pat.last_used_at.map_or(i64::MIN, UnixMillis::millis)),
        };
        Ok(Entry::new(
            claims.of_kind(TokenKind::Pat),
            TypeClass::Expected,
            Proof::Pat(Box::new(mark)),
            rights,
            (now, until),
            false,
        ))
    }

    /// The record as the profile's tokens say it.
    fn payload(&self, pat: &Pat) -> Box<[u8]> {
        let names = &self.names;
        let mut payload = pat.claims.clone();
        let mut set = |name: &str, value: Value| payload.insert(name.to_owned(), value);
        if let Some(issuer) = self.rules.issuers.first() {
            set("iss", issuer.as_str().into());
        }
        match self.rules.audiences.as_slice() {
            [] => None,
            [one] => set("aud", one.as_str().into()),
            several => set("aud", several.into()),
        };
        set(&names.subject, pat.subject.as_str().into());
        set("iat", pat.created_at.secs().into());
        if let Some(expires_at) = pat.expires_at {
            set("exp", expires_at.secs().into());
        }
        set("jti", pat.id.as_str().into());
        if let Some(kind) = &names.kind {
            set(&kind.claim, KIND.into());
        }
        // RFC 8693 §4.2; no claim where there are none, as in a signed token.
        if !pat.scopes.is_empty() {
            set(&names.scope, pat.scopes.join(" ").into());
        }
        Value::Object(payload).to_string().into_bytes().into()
    }

    /// Refuses claims that are not the caller's to choose.
    fn refuse_owned(&self, claims: &Map<String, Value>) -> Result<(), Fault> {
        let names = &self.names;
        let kind = names.kind.as_ref().map(|kind| kind.claim.as_str());
        let owned = [
            &names.subject,
            &names.scope,
            &names.handle,
            &names.family,
            &names.session,
        ]
        .into_iter()
        .map(String::as_str)
        .chain(kind)
        .chain(REGISTERED);
        for name in owned {
            if claims.contains_key(name) {
                return Err(invalid(format!(
                    "claims: {name:?} is set by the profile; leave it out"
                )));
            }
        }
        Ok(())
    }

    /// Has a use told, once in a while.
    #[inline]
    pub(super) fn used(&self, mark: &PatMark, now: UnixMillis, from: Option<IpAddr>) {
        let told = mark.told.load(Ordering::Relaxed);
        if now < UnixMillis::from_millis(told).plus(self.store.settings().last_used_every) {
            return;
        }
        let (told, now_millis) = (told, now.millis());
        let first =
            mark.told
                .compare_exchange(told, now_millis, Ordering::Relaxed, Ordering::Relaxed);
        if first.is_ok() {
            self.store.used(&mark.id, now, from);
        }
    }
}

impl PatMark {
    pub(super) fn heap_size(&self) -> usize {
        size_of::<Self>() + self.id.len()
    }
}

impl Verifier {
    /// Where the profile's personal access tokens are found; `None` where it takes none.
    #[must_use]
    pub fn pats(&self) -> Option<&Arc<PatStore>> {
        self.pats.as_ref().map(|pats| &pats.store)
    }

    /// Whether a token is meant to be a personal access token of the profile, by its prefix.
    #[inline]
    #[must_use]
    pub fn takes_as_pat(&self, token: &[u8]) -> bool {
        self.pats_of(token).is_some()
    }

    #[inline]
    pub(super) fn pats_of(&self, token: &[u8]) -> Option<&PatProfile> {
        self.pats
            .as_ref()
            .filter(|pats| pats.store.settings().format.claims(token))
    }

    /// As [`verify`](Self::verify), of a token that the cache does not have: one read of the store,
    /// where there is patience for it.
    pub(super) fn verify_pat(
        &self,
        pats: &PatProfile,
        token: &[u8],
        now: UnixMillis,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Result<Verified, Refused> {
        if patience == Patience::None {
            pats.store.settings().format.check(token)?;
            return Err(Refused::NotAtHand);
        }
        let pat = pats.store.find(token)?;
        if pat.revoked_at.is_some() {
            return Err(Reject::new(Code::Revoked).into());
        }
        let entry = pats.entry(&pat, self, now)?;
        // Whoever revoked it since it was read has told the index, which is asked after this.
        let verified = self.keep(token, entry, now);
        self.decide(&verified, now, options, patience)?;
        Ok(Verified::new(verified, None, false))
    }

    /// Whether the profile would take a personal access token, were it asked for nothing else.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` saying what about it the profile refuses, or that it takes none.
    pub fn would_take(&self, pat: &Pat) -> Result<(), Fault> {
        let Some(pats) = &self.pats else {
            return Err(invalid(format!(
                "profile: {:?} takes no personal access tokens; add a [profiles.{}.pat] section",
                self.name, self.name
            )));
        };
        pats.refuse_owned(&pat.claims)?;
        let now = self.clock.precise();
        let judged = pats.entry(pat, self, now).and_then(|entry| {
            pats.rules
                .check(&entry.claims, &self.map, entry.typ, now, None)?;
            entry.check_revocation(&self.revocations)
        });
        judged.map_err(|reject| match reject.code() {
            Code::Revoked => invalid(
                "subject: all that it was issued up to this second is revoked; try again in a second"
                    .to_owned(),
            ),
            _ => invalid(format!(
                "claims: the profile would refuse such a token ({}); nothing was created",
                self.reason(reject)
            )),
        })
    }
}

#[cold]
fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}
