use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use crate::claims::{ClaimNames, Claims, Rules};
use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Reject};

/// How long what descends from one sign-in may go on. By default without end, as long as each
/// refresh token is rotated in its time.
///
/// The founding moment stands in every refresh token, as a claim that is signed and the signer's
/// alone ([`ClaimNames::founded`]), so it needs no store and holds for rotation of either kind. A
/// refresh token from before the limit was set has no such claim; its own `iat` counts, and what it
/// is exchanged for carries that on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FamilyLimits {
    /// From the sign-in on; no refresh token's `exp` passes it.
    pub lifetime: Option<Duration>,
    /// From a refresh token's `iat` on: one that was not used for so long rotates no more, whatever
    /// its own `exp` says.
    pub idle: Option<Duration>,
}

/// What a token inherits of its sign-in.
#[derive(Clone, Debug, Default)]
pub(super) struct Descent<'a> {
    pub(super) family: Option<Cow<'a, str>>,
    pub(super) founded: Option<UnixMillis>,
}

impl FamilyLimits {
    /// The end of a family, in whole seconds as `exp` has them.
    pub(super) fn end(&self, founded: UnixMillis) -> Option<UnixMillis> {
        let end = |lifetime| UnixMillis::from_secs(founded.plus(lifetime).secs());
        self.lifetime.map(end)
    }

    /// Whether a refresh token may still be exchanged, and when its family was founded; `None`
    /// where nothing depends on that.
    ///
    /// A token without `iat` has no age, which is refused as it is under a `max_age`.
    pub(super) fn check(
        &self,
        claims: &Claims,
        names: &ClaimNames,
        rules: &Rules,
        now: UnixMillis,
    ) -> Result<Option<UnixMillis>, Reject> {
        if *self == Self::default() {
            return Ok(None);
        }
        let issued_at = claims
            .issued_at()
            .ok_or(Reject::claim(Code::InvalidClaim, ClaimName::IssuedAt))?;
        let over = |end: UnixMillis| now >= end.plus(rules.leeway);
        if self.idle.is_some_and(|idle| over(issued_at.plus(idle))) {
            return Err(Reject::claim(Code::Expired, ClaimName::IssuedAt));
        }
        // A family is never younger than its tokens, whoever signed them.
        let founded = match claims.get(&names.founded) {
            None => issued_at,
            Some(value) => seconds(&value)
                .ok_or(Reject::claim(Code::InvalidClaim, ClaimName::Family))?
                .min(issued_at),
        };
        match self.end(founded) {
            None => Ok(None),
            Some(end) if over(end) => Err(Reject::claim(Code::Expired, ClaimName::Family)),
            Some(_) => Ok(Some(founded)),
        }
    }
}

fn seconds(value: &Value) -> Option<UnixMillis> {
    let seconds = value.as_i64().filter(|seconds| *seconds >= 0)?;
    Some(UnixMillis::from_secs(seconds))
}
