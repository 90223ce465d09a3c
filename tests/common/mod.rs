//! What the tests of the core share: keys, tokens forged by hand, profiles built from text, and
//! the question every refusal is asked (cold, warm, and twice in a row).

pub mod bench;
pub mod forge;
pub mod meddler;
mod provider;

pub(crate) use provider::providers;

use bearerd::error::{ClaimName, Code, GuardMember, Malformed, Reject};

/// What every clock shows at first, in seconds.
pub const NOW: i64 = 1_800_000_000;

pub fn malformed(how: Malformed) -> Reject {
    Reject::malformed(how)
}

pub fn code(code: Code) -> Reject {
    Reject::new(code)
}

pub fn invalid(claim: ClaimName) -> Reject {
    Reject::claim(Code::InvalidClaim, claim)
}

pub fn expired(claim: ClaimName) -> Reject {
    Reject::claim(Code::Expired, claim)
}

pub fn too_early(claim: ClaimName) -> Reject {
    Reject::claim(Code::NotYetValid, claim)
}

pub fn wrong_kind() -> Reject {
    Reject::claim(Code::WrongTokenKind, ClaimName::Kind)
}

pub fn forbidden(member: GuardMember) -> Reject {
    Reject::guard(Code::Forbidden, member)
}
