use crate::claims::Claims;
use crate::error::{ClaimName, Code, Detail, Fault, Reject};
use crate::jws::Compact;
use crate::verify::Verifier;

use super::Signed;

impl Signed {
    /// Whether the profile that it was signed for would take it.
    ///
    /// What is handed out must be good: a refresh token that nobody can use locks its user out,
    /// and the old one is spent by then.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` saying what about the claims or the lifetime the profile refuses.
    pub fn acceptable_to(&self, verifier: &Verifier, typ: &str) -> Result<(), Fault> {
        self.judge(verifier, typ).map_err(|reject| {
            let on = match reject.detail() {
                Detail::Claim(claim) => verifier.claim_map().spelling(claim),
                Detail::Malformed(how) => how.as_str(),
                _ => reject.code().name(),
            };
            let member = match (on, self.expires_at) {
                ("exp", None) => "ttl",
                _ => "claims",
            };
            Fault::new(
                Code::ValidationError,
                format!(
                    "{member}: the profile would refuse such a token ({on}); nothing was signed"
                ),
            )
        })
    }

    fn judge(&self, verifier: &Verifier, typ: &str) -> Result<(), Reject> {
        let limits = verifier.limits();
        Compact::split(self.token.as_bytes(), limits)?;
        let map = verifier.claim_map();
        let claims = Claims::parse(self.payload.as_bytes().into(), map, limits)?;
        let (rules, now) = (verifier.rules(), verifier.clock().now());
        rules.check(&claims, map, rules.classify(Some(typ)), now, None)?;
        if verifier.sessions().is_some() && claims.session().is_none() {
            return Err(Reject::claim(Code::InvalidClaim, ClaimName::Session));
        }
        Ok(())
    }
}
