use std::net::IpAddr;

use crate::claims::TokenKind;
use crate::guard::{Guard, RequestFacts};

/// What one call asks for beyond what the profile always asks.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct VerifyOptions<'a> {
    /// `aud` must hold this, in place of the profile's audiences.
    pub audience: Option<&'a str>,
    /// A guard that must hold.
    pub guard: Option<&'a Guard>,
    /// What the guard sees of the request.
    pub request: RequestFacts<'a>,
    /// The kind that the token must be of.
    pub kind: ExpectedKind,
}

/// Which kind of token a call takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectedKind {
    /// What the guard names, else access tokens where the profile tells kinds apart.
    #[default]
    Profile,
    /// That kind and no other, guard or not.
    Exactly(TokenKind),
    /// Any kind. For looking at a token, not for letting it in.
    Any,
}

impl<'a> VerifyOptions<'a> {
    /// Asks for a guard to hold.
    #[must_use]
    pub fn guard(mut self, guard: &'a Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Asks for an audience, in place of the profile's.
    #[must_use]
    pub fn audience(mut self, audience: &'a str) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Says which device the request comes from.
    #[must_use]
    pub fn device(mut self, device: &'a str) -> Self {
        self.request.device = Some(device);
        self
    }

    /// Says which address the request comes from: a personal access token's owner is told.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.request.address = Some(address);
        self
    }

    /// Asks for one kind of token.
    #[must_use]
    pub fn kind(mut self, kind: TokenKind) -> Self {
        self.kind = ExpectedKind::Exactly(kind);
        self
    }

    /// Takes a token of any kind.
    #[must_use]
    pub fn any_kind(mut self) -> Self {
        self.kind = ExpectedKind::Any;
        self
    }
}
