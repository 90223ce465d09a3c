use std::sync::Arc;

use crate::claims::{Claims, Rules, TokenKind};
use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Reject};
use crate::guard::Guard;

use super::entry::Entry;
use super::patience::{Patience, Refused};
use super::session::{BoundSession, session_of};
use super::{ExpectedKind, Verifier, VerifyOptions};

impl Verifier {
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
}
