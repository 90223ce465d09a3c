use std::fmt::Write;

use crate::base64url;
use crate::claims::{Claims, Explanation};
use crate::error::{Code, Detail, GuardMember, Reject};
use crate::guard::permission::RightsSource;
use crate::jws::{Compact, Header};

use super::entry::Entry;
use super::{Verifier, VerifyOptions};

/// Why a token is accepted or refused, for the operator. It quotes claims: keep it from clients
/// and logs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explained {
    /// The profile whose rules were applied
    pub profile: String,
    /// The very verdict that [`Verifier::verify`] gives
    pub verdict: Result<(), Reject>,
    /// One sentence on the verdict
    pub reason: String,
    /// The claim or header member, what was expected of it and what it is
    pub explanation: Option<Explanation>,
}

impl Explained {
    /// The same as one JSON object: `code`, `status`, `profile`, `reason`, and, where there is one,
    /// `claim`, `expected` and `actual`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let code = self.verdict.map_or_else(Reject::code, |()| Code::Ok);
        let mut body = serde_json::json!({
            "code": code.name(), "status": code.status(),
            "profile": self.profile, "reason": self.reason,
        });
        if let Some(explanation) = &self.explanation {
            body["claim"] = explanation.claim.as_str().into();
            body["expected"] = explanation.expected.as_str().into();
            body["actual"] = explanation.actual.as_str().into();
        }
        body.to_string()
    }
}

impl Verifier {
    /// Verifies a token and says why it was refused: claim, expected and actual.
    ///
    /// Costs more than a verification; what it reads of a token whose signature does not verify is
    /// the header alone.
    #[must_use]
    pub fn explain(&self, token: impl AsRef<[u8]>, options: &VerifyOptions<'_>) -> Explained {
        let token = token.as_ref();
        let verdict = self.verify(token, options).map(|_| ());
        let (reason, explanation) = match verdict {
            Ok(()) => ("every check passed".to_owned(), None),
            Err(reject) => (self.reason(reject), self.quote(reject, token, options)),
        };
        Explained {
            profile: self.name.to_string(),
            verdict,
            reason,
            explanation,
        }
    }

    pub(super) fn reason(&self, reject: Reject) -> String {
        let mut reason = reject.code().message().to_owned();
        let detail = match reject.detail() {
            Detail::None => return reason,
            Detail::Claim(claim) => self.map.spelling(claim),
            Detail::Guard(member) => member.as_str(),
            Detail::Malformed(how) => how.as_str(),
        };
        let _ = write!(reason, " ({detail})");
        reason
    }

    fn quote(
        &self,
        reject: Reject,
        token: &[u8],
        options: &VerifyOptions<'_>,
    ) -> Option<Explanation> {
        if let Some(pats) = self.pats_of(token) {
            return self.quote_pat(
                reject,
                &pats.read(token, self, self.clock.now()).ok()?,
                options,
            );
        }
        let header = Header::decode(
            Compact::split(token, &self.limits).ok()?.header,
            &self.limits,
        )
        .ok();
        match reject.code() {
            Code::UnsupportedAlg => Some(Explanation {
                claim: "alg".to_owned(),
                expected: join(
                    self.keys
                        .algorithms()
                        .iter()
                        .map(|algorithm| algorithm.name()),
                ),
                actual: header
                    .and_then(|header| header.algorithm)
                    .map_or("absent, or not in the table", |alg| alg.name())
                    .to_owned(),
            }),
            Code::UnknownKey => {
                let set = self.keys.current();
                let algorithm = header.as_ref().and_then(|header| header.algorithm);
                let of_algorithm = set.iter().filter(|key| Some(key.algorithm()) == algorithm);
                Some(Explanation {
                    claim: "kid".to_owned(),
                    expected: join(of_algorithm.map(|key| key.kid().unwrap_or("(none)"))),
                    actual: header
                        .and_then(|header| header.kid)
                        .map_or_else(|| "absent".to_owned(), String::from),
                })
            }
            _ => self.quote_claim(reject, token, header?.typ.as_deref(), options),
        }
    }

    /// Only after the signature has verified again: unverified claims prove nothing.
    fn quote_claim(
        &self,
        reject: Reject,
        token: &[u8],
        typ: Option<&str>,
        options: &VerifyOptions<'_>,
    ) -> Option<Explanation> {
        let now = self.clock.now();
        let member = match reject.detail() {
            Detail::Claim(claim) => Ok(claim),
            Detail::Guard(member) => Err(member),
            _ => return None,
        };
        let authentic = self.authenticate(token, now, &self.keys.current(), |entry| entry);
        match (authentic, member) {
            (Ok(entry), Ok(_)) => {
                self.rules
                    .explain(reject, &entry.claims, &self.map, typ, now, options.audience)
            }
            (Ok(entry), Err(member)) => Some(self.quote_guard(member, &entry.claims, options)),
            // The signature is good and a registered claim is of the wrong type.
            (Err(broken), Ok(claim)) if broken == reject => {
                let payload =
                    base64url::decode(Compact::split(token, &self.limits).ok()?.payload).ok()?;
                let values: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_slice(&payload).ok()?;
                let name = self.map.spelling(claim);
                Some(Explanation {
                    claim: name.to_owned(),
                    expected: "its registered type (RFC 7519 §4.1)".to_owned(),
                    actual: values
                        .get(name)
                        .map_or_else(|| "absent".to_owned(), ToString::to_string),
                })
            }
            _ => None,
        }
    }

    fn quote_pat(
        &self,
        reject: Reject,
        entry: &Entry,
        options: &VerifyOptions<'_>,
    ) -> Option<Explanation> {
        match reject.detail() {
            Detail::Guard(member) => Some(self.quote_guard(member, &entry.claims, options)),
            _ => {
                let now = self.clock.now();
                self.rules.explain(
                    reject,
                    &entry.claims,
                    &self.map,
                    None,
                    now,
                    options.audience,
                )
            }
        }
    }

    fn quote_guard(
        &self,
        member: GuardMember,
        claims: &Claims,
        options: &VerifyOptions<'_>,
    ) -> Explanation {
        use crate::error::ClaimName;
        let claim = match member {
            GuardMember::Roles => Some(ClaimName::Role),
            GuardMember::Scopes | GuardMember::AnyScope => Some(ClaimName::Scope),
            GuardMember::Vip => Some(ClaimName::Vip),
            GuardMember::Team => Some(ClaimName::Team),
            GuardMember::Token => Some(ClaimName::Kind),
            GuardMember::Device => Some(ClaimName::Device),
            _ => None,
        };
        let permissions = self.permissions.as_ref();
        let name = permissions
            .and_then(|rules| rules.names.of(member))
            .or_else(|| claim.map(|claim| self.map.spelling(claim)));
        let of_session = permissions.is_some_and(|rules| {
            rules.source == RightsSource::Session && rules.names.of(member).is_some()
        });
        let actual = match name.and_then(|name| claims.get(name)) {
            _ if of_session => "what the attributes of the token's session say".to_owned(),
            None => "absent".to_owned(),
            Some(value) => value.to_string(),
        };
        let expected = match (member, options.request.device) {
            (GuardMember::Device, Some(device)) => format!("the request's device, {device:?}"),
            (GuardMember::Device, None) => "the request's device, which it did not name".to_owned(),
            _ => format!("what the guard's `{}` asks for", member.as_str()),
        };
        Explanation {
            claim: name.unwrap_or(member.as_str()).to_owned(),
            expected,
            actual,
        }
    }
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "no key of that algorithm is loaded".to_owned()
    } else {
        format!("one of {}", names.join(", "))
    }
}
