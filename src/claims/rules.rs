use std::time::Duration;

use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Detail, Reject};

use super::{ClaimMap, Claims};

/// What a profile expects of every token (RFC 7519 §4.1, RFC 8725 §3).
///
/// An expectation that is set makes its claim required; one that is not set is not checked, and
/// `bearerd check` lists it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rules {
    /// `iss` must be one of these; empty: not checked.
    pub issuers: Vec<String>,
    /// `aud` must hold one of these; empty: not checked.
    pub audiences: Vec<String>,
    /// The header's `typ` must be one of these, compared as media types (RFC 7515 §4.1.9);
    /// empty: not checked.
    pub types: Vec<String>,
    /// Whether `exp` must be present.
    pub expiration_required: bool,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// The oldest `iat` accepted; makes `iat` required.
    pub max_age: Option<Duration>,
}

/// How a header's `typ` stands to the rules. Kept with the claims, evaluated on every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeClass {
    /// One of the expected types
    Expected,
    /// Absent, or another
    Other,
}

/// Why a token was refused, for the operator alone: it quotes the token's claims.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The claim as the profile spells it
    pub claim: String,
    /// What the rules ask for
    pub expected: String,
    /// What the token holds, as JSON; `absent` where it holds nothing
    pub actual: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            types: Vec::new(),
            expiration_required: true,
            leeway: Duration::ZERO,
            max_age: None,
        }
    }
}

impl Rules {
    /// Checks claims at a moment. `audience`, where given, takes the place of the profile's.
    ///
    /// # Errors
    /// `EXPIRED`, `NOT_YET_VALID`, or `INVALID_CLAIM` with the claim.
    #[inline]
    pub fn check(
        &self,
        claims: &Claims,
        map: &ClaimMap,
        typ: TypeClass,
        now: UnixMillis,
        audience: Option<&str>,
    ) -> Result<(), Reject> {
        self.check_times(claims, now)?;
        if !self.issuers.is_empty() && !self.issuers.iter().any(|issuer| claims.issuer_is(issuer)) {
            return invalid(ClaimName::Issuer);
        }
        let audience_holds = match audience {
            Some(audience) => claims.audience_has(audience),
            None => {
                self.audiences.is_empty()
                    || self
                        .audiences
                        .iter()
                        .any(|audience| claims.audience_has(audience))
            }
        };
        if !audience_holds {
            return invalid(ClaimName::Audience);
        }
        if !self.types.is_empty() && typ == TypeClass::Other {
            return invalid(ClaimName::Type);
        }
        for at in 0..map.required().len() {
            let claim = ClaimName::Required(u16::try_from(at).unwrap_or(u16::MAX));
            if !claims.has(claim) {
                return invalid(claim);
            }
        }
        Ok(())
    }

    #[inline]
    fn check_times(&self, claims: &Claims, now: UnixMillis) -> Result<(), Reject> {
        match claims.expires_at() {
            // At `exp` the token is dead already (RFC 7519 §4.1.4).
            Some(expires_at) if now >= expires_at.plus(self.leeway) => {
                return Err(Reject::claim(Code::Expired, ClaimName::Expiration));
            }
            None if self.expiration_required => return invalid(ClaimName::Expiration),
            _ => {}
        }
        let soonest = now.plus(self.leeway);
        if claims
            .not_before()
            .is_some_and(|not_before| not_before > soonest)
        {
            return Err(Reject::claim(Code::NotYetValid, ClaimName::NotBefore));
        }
        let issued_at = claims.issued_at();
        if issued_at.is_some_and(|issued_at| issued_at > soonest) {
            return Err(Reject::claim(Code::NotYetValid, ClaimName::IssuedAt));
        }
        if let Some(max_age) = self.max_age {
            match issued_at {
                None => return invalid(ClaimName::IssuedAt),
                Some(issued_at) if now >= issued_at.plus(max_age).plus(self.leeway) => {
                    return Err(Reject::claim(Code::Expired, ClaimName::IssuedAt));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The last moment at which these rules can accept the claims; `None`: no end.
    #[must_use]
    pub fn last_moment(&self, claims: &Claims) -> Option<UnixMillis> {
        let by_expiration = claims.expires_at().map(|at| at.plus(self.leeway));
        let by_age = match (self.max_age, claims.issued_at()) {
            (Some(max_age), Some(issued_at)) => Some(issued_at.plus(max_age).plus(self.leeway)),
            _ => None,
        };
        match (by_expiration, by_age) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// How a header's `typ` stands to these rules. `application/` is implied where no slash is.
    #[must_use]
    pub fn classify(&self, typ: Option<&str>) -> TypeClass {
        let Some(typ) = typ else {
            return TypeClass::Other;
        };
        let typ = media_subtype(typ);
        let is = |expected: &String| media_subtype(expected).eq_ignore_ascii_case(typ);
        if self.types.iter().any(is) {
            TypeClass::Expected
        } else {
            TypeClass::Other
        }
    }

    /// Claim, expected and actual behind a reject; `None` where the reject is not about a claim.
    #[must_use]
    pub fn explain(
        &self,
        reject: Reject,
        claims: &Claims,
        map: &ClaimMap,
        typ: Option<&str>,
        now: UnixMillis,
        audience: Option<&str>,
    ) -> Option<Explanation> {
        let Detail::Claim(claim) = reject.detail() else {
            return None;
        };
        let name = map.spelling(claim);
        let quoted = |list: &[String]| format!("one of {list:?}");
        let seconds = |at: UnixMillis| at.secs().to_string();
        let expected = match claim {
            ClaimName::Issuer if !self.issuers.is_empty() => quoted(&self.issuers),
            ClaimName::Audience => match audience {
                Some(audience) => format!("{audience:?}"),
                None => quoted(&self.audiences),
            },
            ClaimName::Type => quoted(&self.types),
            ClaimName::Expiration if reject.code() == Code::Expired => {
                format!("later than {}", seconds(now.minus(self.leeway)))
            }
            ClaimName::NotBefore | ClaimName::IssuedAt if reject.code() == Code::NotYetValid => {
                format!("{} or earlier", seconds(now.plus(self.leeway)))
            }
            ClaimName::IssuedAt if reject.code() == Code::Expired => {
                let oldest = now
                    .minus(self.leeway)
                    .minus(self.max_age.unwrap_or_default());
                format!("later than {}", seconds(oldest))
            }
            ClaimName::Expiration | ClaimName::NotBefore | ClaimName::IssuedAt => {
                "a NumericDate".to_owned()
            }
            ClaimName::Kind => "a token of the kind asked for".to_owned(),
            _ => "present, and of its registered type".to_owned(),
        };
        let actual = match claim {
            ClaimName::Type => typ.map(|typ| format!("{typ:?}")),
            _ => claims.get(name).map(|value| value.to_string()),
        };
        Some(Explanation {
            claim: name.to_owned(),
            expected,
            actual: actual.unwrap_or_else(|| "absent".to_owned()),
        })
    }
}

fn media_subtype(typ: &str) -> &str {
    const IMPLIED: &str = "application/";
    match typ.split_at_checked(IMPLIED.len()) {
        Some((first, rest)) if first.eq_ignore_ascii_case(IMPLIED) => rest,
        _ => typ,
    }
}

#[cold]
fn invalid(claim: ClaimName) -> Result<(), Reject> {
    Err(Reject::claim(Code::InvalidClaim, claim))
}
