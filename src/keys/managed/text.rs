//! A book as a store keeps it: one JSON object.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::seal::{read, written};
use super::{KeyBook, ManagedKey, RevokedKey, SealKey};
use crate::base64url;
use crate::clock::UnixMillis;
use crate::crypto::{Algorithm, KeyMaterial, Provider};
use crate::error::{Code, Fault};
use crate::secret::Secret;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BookText {
    version: u32,
    profile: String,
    sealed: bool,
    keys: Vec<KeyText>,
    revoked: Vec<RevokedText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    kid: String,
    alg: String,
    staged: i64,
    activates: i64,
    keep: u64,
    key: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokedText {
    kid: String,
    staged: i64,
    activated: Option<i64>,
    until: i64,
}

const VERSION: u32 = 1;

/// What it takes to read and write the books of a profile.
pub(super) struct Scribe {
    pub(super) profile: String,
    pub(super) seal: Option<SealKey>,
    pub(super) provider: Provider,
}

impl Scribe {
    pub(super) fn write(&self, book: &KeyBook) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut text = BookText {
            version: VERSION,
            profile: self.profile.clone(),
            sealed: self.seal.is_some(),
            keys: Vec::new(),
            revoked: book.revoked.iter().map(RevokedText::of).collect(),
        };
        for key in &book.keys {
            let bytes = written(key, &self.profile, self.seal.as_ref(), self.provider)?;
            text.keys.push(KeyText {
                kid: key.kid.clone(),
                alg: key.algorithm.name().to_owned(),
                staged: key.staged.millis(),
                activates: key.activates.millis(),
                keep: u64::try_from(key.keep.as_millis()).unwrap_or(u64::MAX),
                key: Zeroizing::new(base64url::encode(&bytes)),
            });
        }
        // Of its full size at once: growing would leave copies of the secrets behind.
        let size = text
            .keys
            .iter()
            .map(|key| key.key.len() + 512)
            .sum::<usize>();
        let mut json = Zeroizing::new(Vec::with_capacity(size + text.revoked.len() * 256 + 1_024));
        serde_json::to_writer(&mut *json, &text).map_err(|error| {
            Fault::new(Code::Internal, "the signing keys could not be written").caused_by(error)
        })?;
        Ok(json)
    }

    /// Every key in it must open and be the one that it is called.
    pub(super) fn read(&self, text: &Secret) -> Result<KeyBook, Fault> {
        let profile = &self.profile;
        let wrong = |what: &str| {
            Fault::config(format!(
                "the signing keys of profile {profile:?} in the store {what}; the keys stay as they were"
            ))
        };
        // The parser's own message may quote what it met.
        let text: BookText = serde_json::from_slice(text.expose()).map_err(|_| {
            wrong("are not as bearerd writes them: give it a database or key prefix of its own")
        })?;
        if text.version != VERSION {
            return Err(wrong(
                "were written by another version of bearerd: use that one or a later one",
            ));
        }
        if text.profile != *profile {
            return Err(wrong("are those of another profile"));
        }
        if text.sealed != self.seal.is_some() {
            return Err(wrong(if text.sealed {
                "are sealed and the profile has no seal key: give it seal_file or seal_env"
            } else {
                "are not sealed and the profile has a seal key: seal them by starting anew with an empty \
                 store, or leave seal_file and seal_env out"
            }));
        }
        let mut book = KeyBook::default();
        for key in &text.keys {
            let mut entry = key
                .entry()
                .ok_or_else(|| wrong("have a key of no known algorithm"))?;
            let bytes = base64url::decode(key.key.as_bytes())
                .map(Zeroizing::new)
                .map_err(|_| wrong("have a key that is not base64url"))?;
            let material = read(&bytes, &entry, profile, self.seal.as_ref(), self.provider)?;
            entry.material = Arc::new(material);
            if book.key(&entry.kid).is_some() {
                return Err(wrong("name a key twice"));
            }
            book.keys.push(entry);
        }
        book.revoked = text.revoked.iter().map(RevokedText::entry).collect();
        book.sort();
        Ok(book)
    }
}

impl KeyText {
    /// Everything but the key itself.
    fn entry(&self) -> Option<ManagedKey> {
        Some(ManagedKey {
            kid: self.kid.clone(),
            algorithm: Algorithm::from_name(&self.alg)?,
            staged: UnixMillis::from_millis(self.staged),
            activates: UnixMillis::from_millis(self.activates),
            keep: Duration::from_millis(self.keep),
            material: Arc::new(KeyMaterial::Symmetric(Secret::new(Vec::new()))),
        })
    }
}

impl RevokedText {
    fn of(revoked: &RevokedKey) -> Self {
        Self {
            kid: revoked.kid.clone(),
            staged: revoked.staged.millis(),
            activated: revoked.activated.map(UnixMillis::millis),
            until: revoked.until.millis(),
        }
    }

    fn entry(&self) -> RevokedKey {
        RevokedKey {
            kid: self.kid.clone(),
            staged: UnixMillis::from_millis(self.staged),
            activated: self.activated.map(UnixMillis::from_millis),
            until: UnixMillis::from_millis(self.until),
        }
    }
}
