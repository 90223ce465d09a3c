use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::store::{Entry, Namespace, StoreKey};

/// What was revoked, in the second part of a record's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Handle,
    Family,
    Subject,
}

/// A revocation as a store keeps it, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Void is what was issued before this; all of it for a handle or a family.
    pub(super) before: UnixMillis,
    /// When it was recorded, by the clock of whoever did: what a follower's lag is measured by.
    pub(super) written: UnixMillis,
}

pub(super) const REVOKED: Namespace = Namespace::new("revoked");

impl Kind {
    const ALL: [Self; 3] = [Self::Handle, Self::Family, Self::Subject];

    const fn name(self) -> &'static [u8] {
        match self {
            Self::Handle => b"handle",
            Self::Family => b"family",
            Self::Subject => b"subject",
        }
    }

    pub(super) fn key(self, profile: &str, value: &[u8]) -> Result<StoreKey, Fault> {
        StoreKey::new(REVOKED, &[profile.as_bytes(), self.name(), value])
    }

    /// The common beginning of a profile's records.
    pub(super) fn prefix(profile: &str) -> Result<StoreKey, Fault> {
        StoreKey::new(REVOKED, &[profile.as_bytes()])
    }

    /// Kind and value of a record's key.
    pub(super) fn of(key: &StoreKey) -> Option<(Self, Vec<u8>)> {
        let [_, kind, value]: [Vec<u8>; 3] = key.parts().try_into().ok()?;
        let kind = Self::ALL.into_iter().find(|known| known.name() == kind)?;
        Some((kind, value))
    }
}

impl Record {
    pub(super) fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.before.millis().to_be_bytes());
        bytes[8..].copy_from_slice(&self.written.millis().to_be_bytes());
        bytes
    }

    pub(super) fn read(entry: &Entry) -> Result<Self, Fault> {
        let bytes = entry.value.expose();
        let word = |at: usize| {
            let word = bytes.get(at..at + 8)?.try_into().ok()?;
            Some(UnixMillis::from_millis(i64::from_be_bytes(word)))
        };
        match (bytes.len(), word(0), word(8)) {
            (16, Some(before), Some(written)) => Ok(Self { before, written }),
            _ => Err(foreign()),
        }
    }
}

#[cold]
pub(super) fn foreign() -> Fault {
    Fault::new(
        Code::StoreUnavailable,
        "the store holds a revocation that bearerd did not write: give bearerd a database or key prefix of its own",
    )
}
