use crate::error::{Code, GuardMember, Reject};

/// Why a guard does not hold. `Absent` stays a refusal under `not`.
pub(super) enum Refusal {
    Unmet(Reject),
    Absent(Reject),
}

pub(super) type Outcome = Result<(), Refusal>;

/// Remembers the first unmet member and lets only an absent claim end the evaluation.
#[inline]
pub(super) fn keep(outcome: Outcome, unmet: &mut Option<Reject>) -> Outcome {
    match outcome {
        Err(Refusal::Unmet(reject)) => {
            unmet.get_or_insert(reject);
            Ok(())
        }
        other => other,
    }
}

#[inline]
pub(super) fn held(holds: bool, code: Code, member: GuardMember) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(Refusal::Unmet(Reject::guard(code, member)))
    }
}

#[inline]
pub(super) fn absent(code: Code, member: GuardMember) -> Outcome {
    Err(Refusal::Absent(Reject::guard(code, member)))
}
