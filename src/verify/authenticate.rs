use std::sync::Arc;

use crate::claims::{Claims, TypeClass};
use crate::clock::UnixMillis;
use crate::crypto::Algorithm;
use crate::error::{Code, Reject};
use crate::guard::permission::{Rights, RightsSource};
use crate::jws::{Compact, Header};
use crate::keys::{KeySet, PreparedKey};

use super::Verifier;
use super::entry::{Entry, Proof};
use super::signature::{check_signature, decode_payload};

/// What a header leads to.
struct Resolved {
    candidates: Vec<Arc<PreparedKey>>,
    typ: TypeClass,
}

impl Verifier {
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
