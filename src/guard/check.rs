use std::net::IpAddr;

use crate::claims::{Atom, Atoms, Claims};
use crate::error::{Code, GuardMember, Reject};

use super::Guard;
use super::rule::{Name, Team};

/// What a guard sees of the request.
///
/// A struct of its own, because sender-constrained tokens will need more than a device.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RequestFacts<'a> {
    /// The device that the request says it comes from
    pub device: Option<&'a str>,
    /// The address that it comes from, to be told of a personal access token: no guard asks for it
    pub address: Option<IpAddr>,
}

impl<'a> RequestFacts<'a> {
    /// Facts of a request from that device.
    #[must_use]
    pub fn from_device(device: &'a str) -> Self {
        Self {
            device: Some(device),
            ..Self::default()
        }
    }
}

/// Why a guard does not hold. `Absent` stays a refusal under `not`.
enum Refusal {
    Unmet(Reject),
    Absent(Reject),
}

type Outcome = Result<(), Refusal>;

impl Guard {
    /// Whether the guard holds for claims that a verifier has accepted.
    ///
    /// # Errors
    /// `FORBIDDEN`, `WRONG_TOKEN_KIND` or `DEVICE_MISMATCH`, with the member that refused.
    #[inline]
    pub fn check(&self, claims: &Claims, request: &RequestFacts<'_>) -> Result<(), Reject> {
        self.evaluate(claims, request)
            .map_err(|refusal| match refusal {
                Refusal::Unmet(reject) | Refusal::Absent(reject) => reject,
            })
    }

    fn evaluate(&self, claims: &Claims, request: &RequestFacts<'_>) -> Outcome {
        // Every member is asked even after one was unmet: under `not`, a claim that is absent must
        // outweigh one that differs.
        let mut unmet = None;
        self.evaluate_members(claims, request, &mut unmet)?;
        for guard in &self.all {
            keep(guard.evaluate(claims, request), &mut unmet)?;
        }
        if !self.any.is_empty() {
            keep(self.evaluate_any(claims, request), &mut unmet)?;
        }
        if let Some(guard) = &self.not {
            let negated = match guard.evaluate(claims, request) {
                Ok(()) => Err(Refusal::Unmet(Reject::guard(
                    Code::Forbidden,
                    GuardMember::Not,
                ))),
                Err(Refusal::Unmet(_)) => Ok(()),
                Err(absent) => Err(absent),
            };
            keep(negated, &mut unmet)?;
        }
        match unmet {
            None => Ok(()),
            Some(reject) => Err(Refusal::Unmet(reject)),
        }
    }

    #[inline]
    fn evaluate_members(
        &self,
        claims: &Claims,
        request: &RequestFacts<'_>,
        unmet: &mut Option<Reject>,
    ) -> Outcome {
        if let Some(token) = self.token {
            let outcome = match claims.kind() {
                Some(kind) => held(kind == token, Code::WrongTokenKind, GuardMember::Token),
                None => absent(Code::WrongTokenKind, GuardMember::Token),
            };
            keep(outcome, unmet)?;
        }
        if !self.roles.is_empty() {
            let outcome = over(&claims.roles(), GuardMember::Roles, |atoms| {
                atoms.any(|role| self.roles.iter().any(|name| name.is(role)))
            });
            keep(outcome, unmet)?;
        }
        if !self.scopes.is_empty() {
            let outcome = over(&claims.scopes(), GuardMember::Scopes, |atoms| {
                let has = |scope: &str| atoms.any(|atom| atom.is_text(scope));
                self.scopes.iter().all(|scope| has(scope))
            });
            keep(outcome, unmet)?;
        }
        if !self.any_scope.is_empty() {
            let outcome = over(&claims.scopes(), GuardMember::AnyScope, |atoms| {
                let has = |scope: &str| atoms.any(|atom| atom.is_text(scope));
                self.any_scope.iter().any(|scope| has(scope))
            });
            keep(outcome, unmet)?;
        }
        if let Some(vip) = self.vip {
            let outcome = match claims.vip() {
                Some(claim) => held(claim == vip, Code::Forbidden, GuardMember::Vip),
                None => absent(Code::Forbidden, GuardMember::Vip),
            };
            keep(outcome, unmet)?;
        }
        if let Some(team) = &self.team {
            let outcome = over(&claims.teams(), GuardMember::Team, |atoms| match team {
                Team::Present => atoms.any(|atom| !matches!(atom, Atom::Other | Atom::Text(b""))),
                Team::OneOf(names) => atoms.any(|atom| names.iter().any(|name| name.is(atom))),
            });
            keep(outcome, unmet)?;
        }
        if self.device {
            let outcome = match (claims.device(), request.device) {
                (Some(_), Some(device)) if !device.is_empty() => {
                    let same = claims.device_is(device);
                    held(same, Code::DeviceMismatch, GuardMember::Device)
                }
                _ => absent(Code::DeviceMismatch, GuardMember::Device),
            };
            keep(outcome, unmet)?;
        }
        Ok(())
    }

    fn evaluate_any(&self, claims: &Claims, request: &RequestFacts<'_>) -> Outcome {
        let refused = Reject::guard(Code::Forbidden, GuardMember::Any);
        let mut outcome = Err(Refusal::Unmet(refused));
        for guard in &self.any {
            match guard.evaluate(claims, request) {
                Ok(()) => return Ok(()),
                Err(Refusal::Unmet(_)) => {}
                Err(Refusal::Absent(_)) => outcome = Err(Refusal::Absent(refused)),
            }
        }
        outcome
    }
}

impl Name {
    #[inline]
    fn is(&self, atom: Atom<'_>) -> bool {
        match self {
            Self::Id(id) => atom.is_integer(*id),
            Self::Text(text) => atom.is_text(text),
        }
    }
}

/// Remembers the first unmet member and lets only an absent claim end the evaluation.
#[inline]
fn keep(outcome: Outcome, unmet: &mut Option<Reject>) -> Outcome {
    match outcome {
        Err(Refusal::Unmet(reject)) => {
            unmet.get_or_insert(reject);
            Ok(())
        }
        other => other,
    }
}

#[inline]
fn over(atoms: &Atoms<'_>, member: GuardMember, holds: impl Fn(&Atoms<'_>) -> bool) -> Outcome {
    if atoms.is_absent() {
        absent(Code::Forbidden, member)
    } else if holds(atoms) {
        Ok(())
    } else if atoms.any(|atom| matches!(atom, Atom::Other)) {
        // What cannot be compared may be the very thing that the guard names.
        absent(Code::Forbidden, member)
    } else {
        held(false, Code::Forbidden, member)
    }
}

#[inline]
fn held(holds: bool, code: Code, member: GuardMember) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(Refusal::Unmet(Reject::guard(code, member)))
    }
}

#[inline]
fn absent(code: Code, member: GuardMember) -> Outcome {
    Err(Refusal::Absent(Reject::guard(code, member)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{ClaimMap, ClaimNames, KindNames};
    use crate::limits::Limits;

    fn check(rule: &str, claims: &str, device: Option<&str>) -> Result<(), (Code, GuardMember)> {
        let kind = KindNames {
            claim: "tokenType".into(),
            access: "access".into(),
            refresh: "refresh".into(),
        };
        let names = ClaimNames {
            kind: Some(kind),
            ..ClaimNames::default()
        };
        let map = ClaimMap::new(names, &[]).unwrap();
        let claims = Claims::parse(claims.as_bytes().into(), &map, &Limits::default()).unwrap();
        let guard = Guard::from_json(rule.as_bytes()).unwrap();
        guard
            .check(
                &claims,
                &RequestFacts {
                    device,
                    ..RequestFacts::default()
                },
            )
            .map_err(|reject| match reject.detail() {
                crate::error::Detail::Guard(member) => (reject.code(), member),
                other => panic!("{other:?}"),
            })
    }

    #[test]
    fn members() {
        use GuardMember as M;
        let forbidden = |member| Err((Code::Forbidden, member));
        for (rule, claims, expected) in [
            (r#"{"roles":[4]}"#, r#"{"role":4}"#, Ok(())),
            (r#"{"roles":[4]}"#, r#"{"role":[1,4]}"#, Ok(())),
            (r#"{"roles":["admin",4]}"#, r#"{"role":"admin"}"#, Ok(())),
            (r#"{"roles":["admin"]}"#, r#"{"role":"adm\u0069n"}"#, Ok(())),
            (r#"{"roles":[4]}"#, r#"{"role":"4"}"#, forbidden(M::Roles)),
            (r#"{"roles":[4]}"#, r#"{"role":4.0}"#, forbidden(M::Roles)),
            (r#"{"roles":[4]}"#, r#"{"role":null}"#, forbidden(M::Roles)),
            (
                r#"{"roles":[4]}"#,
                r#"{"role":{"4":4}}"#,
                forbidden(M::Roles),
            ),
            (
                r#"{"roles":["admin"]}"#,
                r#"{"role":"administrator"}"#,
                forbidden(M::Roles),
            ),
            (r#"{"scopes":["a","b"]}"#, r#"{"scope":"a b c"}"#, Ok(())),
            (r#"{"scopes":["a","b"]}"#, r#"{"scope":["b","a"]}"#, Ok(())),
            (
                r#"{"scopes":["a","b"]}"#,
                r#"{"scope":"a"}"#,
                forbidden(M::Scopes),
            ),
            (
                r#"{"scopes":["a"]}"#,
                r#"{"scope":"ab"}"#,
                forbidden(M::Scopes),
            ),
            (
                r#"{"scopes":["a"]}"#,
                r#"{"scope":7}"#,
                forbidden(M::Scopes),
            ),
            (r#"{"any_scope":["x","b"]}"#, r#"{"scope":"a b"}"#, Ok(())),
            (
                r#"{"any_scope":["x"]}"#,
                r#"{"scope":[]}"#,
                forbidden(M::AnyScope),
            ),
            (r#"{"vip":true}"#, r#"{"vip":true}"#, Ok(())),
            (r#"{"vip":true}"#, r#"{"vip":1}"#, forbidden(M::Vip)),
            (r#"{"vip":false}"#, r#"{}"#, forbidden(M::Vip)),
            (r#"{"vip":false}"#, r#"{"vip":false}"#, Ok(())),
            (r#"{"team":true}"#, r#"{"team":"t1"}"#, Ok(())),
            (r#"{"team":true}"#, r#"{"team":""}"#, forbidden(M::Team)),
            (r#"{"team":["t1",7]}"#, r#"{"team":7}"#, Ok(())),
            (r#"{"team":["t1"]}"#, r#"{"team":"t2"}"#, forbidden(M::Team)),
            (
                r#"{"token":"refresh"}"#,
                r#"{"tokenType":"refresh"}"#,
                Ok(()),
            ),
            (
                r#"{"token":"access"}"#,
                r#"{"tokenType":"refresh"}"#,
                Err((Code::WrongTokenKind, M::Token)),
            ),
            (
                r#"{"token":"access"}"#,
                r#"{}"#,
                Err((Code::WrongTokenKind, M::Token)),
            ),
            (
                r#"{"any":[{"roles":[1]},{"vip":true}]}"#,
                r#"{"vip":true}"#,
                Ok(()),
            ),
            (
                r#"{"any":[{"roles":[1]},{"vip":true}]}"#,
                r#"{"role":2}"#,
                forbidden(M::Any),
            ),
            (
                r#"{"all":[{"roles":[1]},{"vip":true}]}"#,
                r#"{"role":1,"vip":true}"#,
                Ok(()),
            ),
            (
                r#"{"all":[{"roles":[1]},{"vip":true}]}"#,
                r#"{"role":1}"#,
                forbidden(M::Vip),
            ),
            (r#"{"not":{"roles":[1]}}"#, r#"{"role":2}"#, Ok(())),
            (
                r#"{"not":{"roles":[1]}}"#,
                r#"{"role":1}"#,
                forbidden(M::Not),
            ),
        ] {
            assert_eq!(check(rule, claims, None), expected, "{rule} on {claims}");
        }
    }

    #[test]
    fn absence_refuses_under_not_too() {
        for (rule, claims) in [
            (r#"{"not":{"roles":[1]}}"#, "{}"),
            (r#"{"not":{"roles":[1],"vip":true}}"#, r#"{"role":2}"#),
            (
                r#"{"not":{"all":[{"roles":[1]},{"team":true}]}}"#,
                r#"{"role":2}"#,
            ),
            (
                r#"{"not":{"any":[{"roles":[1]},{"vip":true}]}}"#,
                r#"{"role":2}"#,
            ),
            (r#"{"not":{"not":{"roles":[1]}}}"#, "{}"),
            (r#"{"not":{"roles":[1]}}"#, r#"{"role":1.0}"#),
            (r#"{"not":{"roles":["a"]}}"#, r#"{"role":{"name":"a"}}"#),
            (r#"{"not":{"roles":["a"]}}"#, r#"{"role":[["a"]]}"#),
            (r#"{"not":{"scopes":["a"]}}"#, r#"{"scope":["b",{"a":1}]}"#),
            (r#"{"not":{"scopes":["a"]}}"#, r#"{"scope":"b\u0020a"}"#),
            (r#"{"not":{"team":["t"]}}"#, r#"{"team":true}"#),
        ] {
            assert!(check(rule, claims, None).is_err(), "{rule} on {claims}");
        }
    }

    #[test]
    fn devices() {
        let mismatch = Err((Code::DeviceMismatch, GuardMember::Device));
        let rule = r#"{"device":true}"#;
        assert_eq!(check(rule, r#"{"device_id":"d1"}"#, Some("d1")), Ok(()));
        assert_eq!(check(rule, r#"{"device_id":"d1"}"#, Some("d2")), mismatch);
        assert_eq!(check(rule, r#"{"device_id":"d1"}"#, None), mismatch);
        assert_eq!(check(rule, r#"{"device_id":""}"#, Some("")), mismatch);
        assert_eq!(check(rule, "{}", Some("d1")), mismatch);
    }

    #[test]
    fn what_is_not_a_guard_is_named() {
        for (rule, named) in [
            ("{}", "empty"),
            ("[]", "guard"),
            (r#"{"role":[4]}"#, "unknown field `role`"),
            (r#"{"roles":[]}"#, "`roles` is an empty list"),
            (r#"{"roles":[true]}"#, "id (integer) or a name"),
            (r#"{"scopes":"a"}"#, "sequence"),
            (r#"{"scopes":["a b"]}"#, "not one scope"),
            (r#"{"team":false}"#, "`team` can only be true"),
            (r#"{"device":false}"#, "`device` can only be true"),
            (r#"{"token":"id"}"#, "`token` is none of"),
            (r#"{"vip":1}"#, "boolean"),
            (r#"{"any":[]}"#, "`any` is an empty list"),
            (r#"{"any":[{}]}"#, "empty"),
            (r#"{"roles":[1],"roles":[2]}"#, "duplicate field `roles`"),
        ] {
            let fault = Guard::from_json(rule.as_bytes()).unwrap_err();
            assert_eq!(fault.code(), Code::ValidationError);
            assert!(fault.chain().contains(named), "{rule}: {}", fault.chain());
        }
        let deep = format!(
            "{}{{\"vip\":true}}{}",
            "{\"not\":".repeat(100),
            "}".repeat(100)
        );
        assert!(
            Guard::from_json(deep.as_bytes())
                .unwrap_err()
                .chain()
                .contains("nested")
        );
    }
}
