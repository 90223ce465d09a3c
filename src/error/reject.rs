use std::fmt;

use super::Code;

/// A verdict against a token.
///
/// Two machine words at most, `Copy`, and free of anything that came in the token, so it can be
/// logged, counted and sent as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Reject {
    code: Code,
    detail: Detail,
}

/// What exactly was refused, in words of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// The code says it all.
    None,
    /// The claim that is absent, of the wrong type, or not as expected.
    Claim(ClaimName),
    /// The member of the guard that refused.
    Guard(GuardMember),
    /// Where the form broke.
    Malformed(Malformed),
}

/// The claims that rules speak of, by their registered or mapped role rather than their spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimName {
    /// `iss`
    Issuer,
    /// `sub`, or the claim that the profile maps to it
    Subject,
    /// `aud`
    Audience,
    /// `exp`
    Expiration,
    /// `nbf`
    NotBefore,
    /// `iat`
    IssuedAt,
    /// `jti`
    TokenId,
    /// the header's `typ`
    Type,
    /// the claim that holds the token kind
    Kind,
    /// the claim that holds scopes
    Scope,
    /// the claim that holds roles
    Role,
    /// the claim that marks a VIP
    Vip,
    /// the claim that holds the team
    Team,
    /// the claim that holds the device
    Device,
    /// the claim by which the profile revokes
    Handle,
    /// the refresh family
    Family,
    /// the session
    Session,
    /// the n-th of the profile's required claims
    Required(u16),
}

/// The members of the guard language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GuardMember {
    /// `roles`
    Roles,
    /// `scopes`
    Scopes,
    /// `any_scope`
    AnyScope,
    /// `vip`
    Vip,
    /// `team`
    Team,
    /// `token`
    Token,
    /// `device`
    Device,
    /// `permission`
    Permission,
    /// `any_permission`
    AnyPermission,
    /// `position`
    Position,
    /// `subordinates`
    Subordinates,
    /// `headquarters`
    Headquarters,
    /// `project`
    Project,
    /// `any`: none of the alternatives held
    Any,
    /// `not`: the negated guard held
    Not,
}

/// The ways in which a token is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformed {
    /// longer than the limit
    TooLong,
    /// not three non-empty parts of base64url
    Parts,
    /// the header is not strict base64url
    HeaderEncoding,
    /// the claims are not strict base64url
    ClaimsEncoding,
    /// the signature is not strict base64url
    SignatureEncoding,
    /// the header is not one strict JSON object
    HeaderJson,
    /// the claims are not one strict JSON object
    ClaimsJson,
    /// a header member is of the wrong type
    HeaderMember,
    /// `crit` lists what is not understood, is empty or is not an array of names
    Critical,
    /// two different tokens were presented at once
    Ambiguous,
    /// not of the form of the profile's personal access tokens, whose prefix it has
    PatForm,
    /// the checksum of a personal access token is wrong
    PatChecksum,
}

impl Reject {
    /// A reject that its code describes fully.
    #[cold]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            detail: Detail::None,
        }
    }

    /// `MALFORMED`, with the place.
    #[cold]
    pub const fn malformed(how: Malformed) -> Self {
        Self {
            code: Code::Malformed,
            detail: Detail::Malformed(how),
        }
    }

    /// `code` on account of one claim.
    #[cold]
    pub const fn claim(code: Code, claim: ClaimName) -> Self {
        Self {
            code,
            detail: Detail::Claim(claim),
        }
    }

    /// `code` on account of one member of a guard.
    #[cold]
    pub const fn guard(code: Code, member: GuardMember) -> Self {
        Self {
            code,
            detail: Detail::Guard(member),
        }
    }

    /// The row of the table.
    #[must_use]
    pub const fn code(self) -> Code {
        self.code
    }

    /// What exactly was refused.
    #[must_use]
    pub const fn detail(self) -> Detail {
        self.detail
    }
}

impl ClaimName {
    /// The name as documentation and logs spell it. A mapped claim keeps the name of its role.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expiration => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::TokenId => "jti",
            Self::Type => "typ",
            Self::Kind => "token kind",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Vip => "vip",
            Self::Team => "team",
            Self::Device => "device",
            Self::Handle => "handle",
            Self::Family => "family",
            Self::Session => "sid",
            Self::Required(_) => "required claim",
        }
    }
}

impl GuardMember {
    /// The member's name in the guard language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Scopes => "scopes",
            Self::AnyScope => "any_scope",
            Self::Vip => "vip",
            Self::Team => "team",
            Self::Token => "token",
            Self::Device => "device",
            Self::Permission => "permission",
            Self::AnyPermission => "any_permission",
            Self::Position => "position",
            Self::Subordinates => "subordinates",
            Self::Headquarters => "headquarters",
            Self::Project => "project",
            Self::Any => "any",
            Self::Not => "not",
        }
    }
}

impl Malformed {
    /// The place in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "longer than the limit",
            Self::Parts => "not three non-empty parts",
            Self::HeaderEncoding => "the header is not strict base64url",
            Self::ClaimsEncoding => "the claims are not strict base64url",
            Self::SignatureEncoding => "the signature is not strict base64url",
            Self::HeaderJson => "the header is not a strict JSON object",
            Self::ClaimsJson => "the claims are not a strict JSON object",
            Self::HeaderMember => "a header member is of the wrong type",
            Self::Critical => "crit is not understood",
            Self::Ambiguous => "two different tokens were presented",
            Self::PatForm => "not of the form of a personal access token",
            Self::PatChecksum => "the checksum is wrong",
        }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        match self.detail {
            Detail::None => Ok(()),
            Detail::Claim(claim) => write!(f, " ({})", claim.as_str()),
            Detail::Guard(member) => write!(f, " ({})", member.as_str()),
            Detail::Malformed(how) => write!(f, " ({})", how.as_str()),
        }
    }
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Reject {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_stays_small() {
        assert!(size_of::<Reject>() <= 8);
        assert!(size_of::<Result<(), Reject>>() <= 8);
    }
}
