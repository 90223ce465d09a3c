use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::base64url;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::store::{Entry, Namespace, StoreKey};

/// A personal access token as its owner may see it: everything but the token.
///
/// `Debug` shows the id alone.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Pat {
    /// Its public name: the `jti` of its claims, and what it is revoked by
    pub id: String,
    /// Who it is for
    pub subject: String,
    /// What its owner calls it
    pub description: String,
    /// What it may be used for
    pub scopes: Vec<String>,
    /// Its further claims
    pub claims: Map<String, Value>,
    /// When it was made, in whole seconds
    pub created_at: UnixMillis,
    /// When it ends; `None`: without end
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, as far as that has been written down
    pub last_used_at: Option<UnixMillis>,
    /// From where, where the verification was told
    pub last_used_from: Option<IpAddr>,
    /// When it was revoked
    pub revoked_at: Option<UnixMillis>,
}

/// The record as a store keeps it, as JSON.
#[derive(Serialize, Deserialize)]
struct Stored {
    sha256: String,
    sub: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_from: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<i64>,
}

/// A token's SHA-256; all zero where none is known.
pub(super) type Digest = [u8; 32];

const RECORDS: Namespace = Namespace::new("pat");
const BY_SUBJECT: Namespace = Namespace::new("pat-of");

/// How long after its end a token is still told to be expired, and listed.
const EXPIRED: Duration = Duration::from_secs(30 * 86_400);
/// How long a token is told to be revoked, at most.
const REVOKED: Duration = Duration::from_secs(365 * 86_400);

/// The public id that belongs to a digest.
pub(super) fn id_of(digest: &Digest) -> String {
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether a text may be an id at all.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a record lies.
pub(super) fn key(profile: &str, id: &str) -> Result<StoreKey, Fault> {
    StoreKey::new(RECORDS, &[profile.as_bytes(), id.as_bytes()])
}

/// Where a subject's token is listed; without an id, the common beginning of all of them.
pub(super) fn listed(profile: &str, subject: &str, id: Option<&str>) -> Result<StoreKey, Fault> {
    let (profile, subject) = (profile.as_bytes(), subject.as_bytes());
    match id {
        Some(id) => StoreKey::new(BY_SUBJECT, &[profile, subject, id.as_bytes()]),
        None => StoreKey::new(BY_SUBJECT, &[profile, subject]),
    }
}

/// The id in a key of [`listed`].
pub(super) fn listed_id(key: &StoreKey) -> Result<String, Fault> {
    let id = key.parts().pop().and_then(|id| String::from_utf8(id).ok());
    id.filter(|id| is_id(id)).ok_or_else(foreign)
}

impl Pat {
    /// The token as HTTP bodies show it: `id`, `subject`, `description`, `scopes`, `claims`,
    /// `created_at`, `expires_at`, `last_used_at`, `last_used_from`; times in seconds since the
    /// epoch, null for none.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let seconds = |at: Option<UnixMillis>| at.map(UnixMillis::secs);
        json!({
            "id": self.id,
            "subject": self.subject,
            "description": self.description,
            "scopes": self.scopes,
            "claims": self.claims,
            "created_at": self.created_at.secs(),
            "expires_at": seconds(self.expires_at),
            "last_used_at": seconds(self.last_used_at),
            "last_used_from": self.last_used_from,
        })
    }

    /// One that was revoked before there was any more of it.
    pub(super) fn nothing_but_revoked(id: &str, subject: &str, now: UnixMillis) -> Self {
        Self {
            id: id.to_owned(),
            subject: subject.to_owned(),
            description: String::new(),
            scopes: Vec::new(),
            claims: Map::new(),
            created_at: now,
            expires_at: Some(now),
            last_used_at: None,
            last_used_from: None,
            revoked_at: Some(now),
        }
    }

    /// Until when a store is to keep it.
    pub(super) fn kept_until(&self) -> UnixMillis {
        let expired = self
            .expires_at
            .map_or(UnixMillis::MAX, |at| at.plus(EXPIRED));
        self.revoked_at
            .map_or(expired, |at| expired.min(at.plus(REVOKED)))
    }

    pub(super) fn write(&self, digest: &Digest) -> Result<Vec<u8>, Fault> {
        let stored = Stored {
            sha256: base64url::encode(digest),
            sub: self.subject.clone(),
            description: self.description.clone(),
            scopes: self.scopes.clone(),
            claims: self.claims.clone(),
            created: self.created_at.millis(),
            expires: self.expires_at.map(UnixMillis::millis),
            used: self.last_used_at.map(UnixMillis::millis),
            used_from: self.last_used_from,
            revoked: self.revoked_at.map(UnixMillis::millis),
        };
        serde_json::to_vec(&stored).map_err(|error| {
            Fault::new(
                Code::Internal,
                "a personal access token could not be written down",
            )
            .caused_by(error)
        })
    }

    pub(super) fn read(id: &str, entry: &Entry) -> Result<(Self, Digest), Fault> {
        // The parser's own message may quote what is there.
        let stored: Stored = serde_json::from_slice(entry.value.expose()).map_err(|_| foreign())?;
        let digest = base64url::decode(stored.sha256.as_bytes())
            .ok()
            .and_then(|bytes| Digest::try_from(bytes).ok())
            .ok_or_else(foreign)?;
        let pat = Self {
            id: id.to_owned(),
            subject: stored.sub,
            description: stored.description,
            scopes: stored.scopes,
            claims: stored.claims,
            created_at: UnixMillis::from_millis(stored.created),
            expires_at: stored.expires.map(UnixMillis::from_millis),
            last_used_at: stored.used.map(UnixMillis::from_millis),
            last_used_from: stored.used_from,
            revoked_at: stored.revoked.map(UnixMillis::from_millis),
        };
        Ok((pat, digest))
    }
}

#[cold]
fn foreign() -> Fault {
    Fault::new(
        Code::StoreUnavailable,
        "the store holds a personal access token that bearerd did not write: give bearerd a database or key prefix of its own",
    )
}

impl fmt::Debug for Pat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pat")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
