use std::net::IpAddr;

use crate::claims::{Atom, Atoms, Claims};
use crate::error::{Code, GuardMember, Reject};

use super::Guard;
use super::demands::member_of;
use super::outcome::{Outcome, Refusal, absent, held, keep};
use super::permission::Rights;
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

/// What a guard is asked about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    claims: &'a Claims,
    rights: Option<&'a Rights>,
    request: &'a RequestFacts<'a>,
}

impl Guard {
    /// Whether the guard holds for claims that a verifier has accepted.
    ///
    /// # Errors
    /// `FORBIDDEN`, `WRONG_TOKEN_KIND` or `DEVICE_MISMATCH`, with the member that refused.
    ///
    /// Claims alone hold no rights: whoever asks this way is refused by the members that need them.
    /// `Verified::check` asks with them.
    #[inline]
    pub fn check(&self, claims: &Claims, request: &RequestFacts<'_>) -> Result<(), Reject> {
        self.check_with(claims, None, request)
    }

    /// As [`check`](Self::check), with the rights of the token's holder.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    #[inline]
    pub fn check_with(
        &self,
        claims: &Claims,
        rights: Option<&Rights>,
        request: &RequestFacts<'_>,
    ) -> Result<(), Reject> {
        let asked = Asked {
            claims,
            rights,
            request,
        };
        self.evaluate(asked).map_err(|refusal| match refusal {
            Refusal::Unmet(reject) | Refusal::Absent(reject) => reject,
        })
    }

    fn evaluate(&self, asked: Asked<'_>) -> Outcome {
        // Every member is asked even after one was unmet: under `not`, a claim that is absent must
        // outweigh one that differs.
        let mut unmet = None;
        self.evaluate_members(asked, &mut unmet)?;
        for guard in &self.all {
            keep(guard.evaluate(asked), &mut unmet)?;
        }
        if !self.any.is_empty() {
            keep(self.evaluate_any(asked), &mut unmet)?;
        }
        if let Some(guard) = &self.not {
            let negated = match guard.evaluate(asked) {
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
    fn evaluate_members(&self, asked: Asked<'_>, unmet: &mut Option<Reject>) -> Outcome {
        let Asked {
            claims,
            rights,
            request,
        } = asked;
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
            let outcome = match rights.filter(|rights| rights.team_is_here) {
                Some(rights) => member_of(rights.team.as_ref(), team, GuardMember::Team),
                None => over(&claims.teams(), GuardMember::Team, |atoms| match team {
                    Team::Present => {
                        atoms.any(|atom| !matches!(atom, Atom::Other | Atom::Text(b"")))
                    }
                    Team::OneOf(names) => atoms.any(|atom| names.iter().any(|name| name.is(atom))),
                }),
            };
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
        match &self.demands {
            Some(demands) => demands.evaluate(rights, unmet),
            None => Ok(()),
        }
    }

    fn evaluate_any(&self, asked: Asked<'_>) -> Outcome {
        let refused = Reject::guard(Code::Forbidden, GuardMember::Any);
        let mut outcome = Err(Refusal::Unmet(refused));
        for guard in &self.any {
            match guard.evaluate(asked) {
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

#[cfg(test)]
mod tests;
