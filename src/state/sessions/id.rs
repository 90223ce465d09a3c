use std::fmt;

use crate::base64url;
use crate::crypto::Provider;

/// The name of a session, as the `sid` claim carries it: 43 characters of base64url for 128 bits
/// that say whose it is and 128 random ones.
///
/// Whose it is makes one record of a store hold all sessions of a user, found from the `sid` alone.
/// A text that no sign-in has given out cannot be read as one, except by 256 bits of luck.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId {
    pub(super) owner: Owner,
    pub(super) own: [u8; 16],
}

/// Whose sessions: half of the SHA-256 of the subject. The record names the subject in full, so
/// two that share a hash do not share sessions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Owner(pub(super) [u8; 16]);

impl SessionId {
    /// The length of its text.
    pub const LENGTH: usize = 43;

    /// The name in that text; `None` where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::LENGTH {
            return None;
        }
        let mut buffer = [0; 32];
        let bytes = base64url::decode_into(text.as_bytes(), &mut buffer).ok()?;
        let (owner, own) = bytes.split_at_checked(16)?;
        Some(Self {
            owner: Owner(owner.try_into().ok()?),
            own: own.try_into().ok()?,
        })
    }
}

impl Owner {
    pub(super) fn of(provider: Provider, subject: &str) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&provider.sha256(subject.as_bytes())[..16]);
        Self(half)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.owner.0);
        bytes[16..].copy_from_slice(&self.own);
        f.write_str(&base64url::encode(&bytes))
    }
}

/// Shows nothing: it stands in somebody's token.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}
