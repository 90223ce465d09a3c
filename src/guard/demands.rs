use crate::error::{Code, GuardMember, Reject};

use super::outcome::{Outcome, absent, held, keep};
use super::permission::{Answer, List, Permission, Rights};
use super::rule::{Name, Team};

/// The members of a guard that ask for rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Demands {
    pub(super) permission: Box<[Permission]>,
    pub(super) any_permission: Box<[Permission]>,
    pub(super) position: Box<[Name]>,
    pub(super) subordinates: Option<bool>,
    pub(super) headquarters: Option<bool>,
    pub(super) project: Option<Team>,
}

impl Demands {
    pub(super) fn is_empty(&self) -> bool {
        self.permission.is_empty()
            && self.any_permission.is_empty()
            && self.position.is_empty()
            && self.subordinates.is_none()
            && self.headquarters.is_none()
            && self.project.is_none()
    }

    /// As a guard's other members: each is asked, and one whose answer is not known outweighs one
    /// that does not hold.
    #[inline]
    pub(super) fn evaluate(&self, rights: Option<&Rights>, unmet: &mut Option<Reject>) -> Outcome {
        let answer = |permission: &Permission| {
            rights.map_or(Answer::Unknown, |rights| rights.answer(permission))
        };
        if !self.permission.is_empty() {
            let mut outcome = Ok(());
            for permission in &self.permission {
                outcome = match (outcome, answer(permission)) {
                    (outcome, Answer::Yes) => outcome,
                    (_, Answer::Unknown) => absent(Code::Forbidden, GuardMember::Permission),
                    (Ok(()), Answer::No) => held(false, Code::Forbidden, GuardMember::Permission),
                    (refused, Answer::No) => refused,
                };
            }
            keep(outcome, unmet)?;
        }
        if !self.any_permission.is_empty() {
            let mut outcome = held(false, Code::Forbidden, GuardMember::AnyPermission);
            for permission in &self.any_permission {
                match answer(permission) {
                    Answer::Yes => {
                        outcome = Ok(());
                        break;
                    }
                    Answer::Unknown => {
                        outcome = absent(Code::Forbidden, GuardMember::AnyPermission);
                    }
                    Answer::No => {}
                }
            }
            keep(outcome, unmet)?;
        }
        if !self.position.is_empty() {
            let position = rights.and_then(|rights| rights.position.as_ref());
            let outcome = among(position, &self.position, GuardMember::Position);
            keep(outcome, unmet)?;
        }
        if let Some(wanted) = self.subordinates {
            let is = rights.and_then(|rights| rights.subordinates);
            keep(same(is, wanted, GuardMember::Subordinates), unmet)?;
        }
        if let Some(wanted) = self.headquarters {
            let is = rights.and_then(|rights| rights.headquarters);
            keep(same(is, wanted, GuardMember::Headquarters), unmet)?;
        }
        if let Some(project) = &self.project {
            let list = rights.and_then(|rights| rights.project.as_ref());
            keep(member_of(list, project, GuardMember::Project), unmet)?;
        }
        Ok(())
    }
}

/// Whether a list names what is wanted of it.
pub(super) fn member_of(list: Option<&List>, wanted: &Team, member: GuardMember) -> Outcome {
    match (list, wanted) {
        (Some(list), Team::Present) if list.names_any() => Ok(()),
        (Some(list), Team::Present) if !list.has_others() => held(false, Code::Forbidden, member),
        (list, Team::OneOf(names)) => among(list, names, member),
        _ => absent(Code::Forbidden, member),
    }
}

fn among(list: Option<&List>, wanted: &[Name], member: GuardMember) -> Outcome {
    match list {
        Some(list) if list.has_one_of(wanted) => Ok(()),
        // What cannot be compared may be the very thing that the guard names.
        Some(list) if !list.has_others() => held(false, Code::Forbidden, member),
        _ => absent(Code::Forbidden, member),
    }
}

fn same(is: Option<bool>, wanted: bool, member: GuardMember) -> Outcome {
    match is {
        Some(is) => held(is == wanted, Code::Forbidden, member),
        None => absent(Code::Forbidden, member),
    }
}
