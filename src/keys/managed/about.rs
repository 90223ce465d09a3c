use super::{KeyBook, ManagedKey};
use crate::clock::UnixMillis;
use crate::crypto::Algorithm;

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It verifies and is published, and does not sign yet.
    Staged,
    /// It signs.
    Active,
    /// It signs no more, and verifies until the last of its tokens has ended.
    Retiring,
    /// Its time is over.
    Retired,
    /// It was revoked.
    Revoked,
}

/// What may be told of a key: no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyStatus {
    /// Its name
    pub kid: String,
    /// What it signs with; `None` of a key that was revoked
    pub algorithm: Option<Algorithm>,
    /// Where it is in its life
    pub state: KeyState,
    /// Since when it is published
    pub staged: Option<UnixMillis>,
    /// When it begins or began to sign
    pub activates: Option<UnixMillis>,
    /// When it stops signing, where that is known
    pub signs_until: Option<UnixMillis>,
    /// When it stops verifying, where that is known
    pub verifies_until: Option<UnixMillis>,
}

impl KeyStatus {
    /// The same as JSON, times in seconds since the epoch or null, as HTTP and the command line
    /// tell it.
    #[must_use]
    pub fn to_json(&self, profile: &str) -> serde_json::Value {
        let seconds = |at: Option<UnixMillis>| at.map(UnixMillis::secs);
        serde_json::json!({
            "profile": profile,
            "kid": self.kid,
            "alg": self.algorithm.map(Algorithm::name),
            "state": self.state.as_str(),
            "staged": seconds(self.staged),
            "activates": seconds(self.activates),
            "signs_until": seconds(self.signs_until),
            "verifies_until": seconds(self.verifies_until),
        })
    }
}

impl KeyState {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] = [
        Self::Staged,
        Self::Active,
        Self::Retiring,
        Self::Retired,
        Self::Revoked,
    ];

    /// The name, as HTTP bodies and metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

impl KeyBook {
    /// Where a key of this book is in its life.
    #[must_use]
    pub fn state(&self, key: &ManagedKey, now: UnixMillis) -> KeyState {
        if now < key.activates {
            return KeyState::Staged;
        }
        match self.signs_until(key) {
            Some(end) if now >= end.plus(key.keep) => KeyState::Retired,
            Some(end) if now >= end => KeyState::Retiring,
            _ => KeyState::Active,
        }
    }

    /// What may be told of every key, in the order in which they sign, the revoked ones last.
    #[must_use]
    pub fn status(&self, now: UnixMillis) -> Vec<KeyStatus> {
        let of_key = |key: &ManagedKey| {
            let signs_until = self.signs_until(key);
            KeyStatus {
                kid: key.kid.clone(),
                algorithm: Some(key.algorithm),
                state: self.state(key, now),
                staged: Some(key.staged),
                activates: Some(key.activates),
                signs_until,
                verifies_until: signs_until.map(|end| end.plus(key.keep)),
            }
        };
        let revoked = self.revoked.iter().map(|revoked| KeyStatus {
            kid: revoked.kid.clone(),
            algorithm: None,
            state: KeyState::Revoked,
            staged: Some(revoked.staged),
            activates: revoked.activated,
            signs_until: None,
            verifies_until: None,
        });
        self.keys.iter().map(of_key).chain(revoked).collect()
    }
}
