use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::store::StoreKey;

/// What a new token is to be. Everything but the subject may be left out.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewPat {
    /// Who it is for: the `sub` of its claims; 1 to 512 bytes.
    pub subject: String,
    /// What its owner calls it; at most [`MAX_DESCRIPTION`](Self::MAX_DESCRIPTION) bytes.
    pub description: String,
    /// What it may be used for: at most [`MAX_SCOPES`](Self::MAX_SCOPES) scopes (RFC 6749 §3.3).
    pub scopes: Vec<String>,
    /// Further claims, such as a role; at most [`MAX_CLAIMS`](Self::MAX_CLAIMS) bytes of JSON.
    pub claims: Map<String, Value>,
    /// How long it lives; `None`: as long as the profile allows, which may be without end.
    pub lifetime: Option<Duration>,
}

impl NewPat {
    /// The longest description, in bytes.
    pub const MAX_DESCRIPTION: usize = 512;
    /// The most scopes.
    pub const MAX_SCOPES: usize = 128;
    /// The longest scope, in bytes.
    pub const MAX_SCOPE: usize = 256;
    /// The most that the further claims may be, in bytes of JSON.
    pub const MAX_CLAIMS: usize = 4_096;
    /// The longest lifetime: a hundred years.
    pub const MAX_LIFETIME: Duration = Duration::from_secs(100 * 366 * 86_400);

    /// A token for that subject.
    #[must_use]
    pub fn of(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            ..Self::default()
        }
    }

    /// When it ends, or what about it is wrong.
    pub(super) fn check(
        &self,
        now: UnixMillis,
        longest: Option<Duration>,
    ) -> Result<Option<UnixMillis>, Fault> {
        if self.subject.is_empty() || self.subject.len() > StoreKey::MAX_PART {
            return Err(invalid(format!(
                "subject: must be of 1 to {} bytes",
                StoreKey::MAX_PART
            )));
        }
        if self.description.len() > Self::MAX_DESCRIPTION {
            return Err(invalid(format!(
                "description: is over {} bytes",
                Self::MAX_DESCRIPTION
            )));
        }
        if self.scopes.len() > Self::MAX_SCOPES || !self.scopes.iter().all(|scope| is_scope(scope))
        {
            return Err(invalid(format!(
                "scopes: must be at most {}, each of 1 to {} visible ASCII characters without \
                 quotes and backslashes (RFC 6749 §3.3)",
                Self::MAX_SCOPES,
                Self::MAX_SCOPE
            )));
        }
        let claims = serde_json::to_vec(&self.claims).map_err(|error| {
            invalid("claims: cannot be written down".to_owned()).caused_by(error)
        })?;
        if claims.len() > Self::MAX_CLAIMS {
            return Err(invalid(format!(
                "claims: are over {} bytes of JSON",
                Self::MAX_CLAIMS
            )));
        }
        let Some(lifetime) = self.lifetime.or(longest) else {
            return Ok(None);
        };
        let longest = longest
            .unwrap_or(Self::MAX_LIFETIME)
            .min(Self::MAX_LIFETIME);
        if lifetime > longest {
            return Err(invalid(format!(
                "ttl: is over {} seconds, the longest that the profile allows",
                longest.as_secs()
            )));
        }
        if lifetime < Duration::from_secs(1) {
            return Err(invalid("ttl: is under a second".to_owned()));
        }
        // `exp` has whole seconds.
        Ok(Some(UnixMillis::from_secs(now.plus(lifetime).secs())))
    }
}

/// A `scope-token` of RFC 6749 §3.3.
fn is_scope(scope: &str) -> bool {
    let taken = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=NewPat::MAX_SCOPE).contains(&scope.len()) && scope.bytes().all(taken)
}

#[cold]
pub(super) fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}
