use std::fmt;
use std::sync::Arc;

use super::Revocations;
use super::record::{Kind, Record};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Fault};
use crate::store::{Put, Store, Swap};

/// Revokes for one profile so that it lasts: in the store first, and then in the index that every
/// verification asks. What has returned holds in this process from then on, in the others as soon
/// as their [`Follower`](super::Follower) has read it, and after a restart for as long as the store
/// keeps what it answered.
///
/// Where the store does not answer, nothing is revoked here either: an answer that only this
/// process knew of would be lost with it.
pub struct RevocationLog {
    profile: String,
    index: Arc<Revocations>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// Two processes may revoke the same thing at once, three hardly.
const TRIES: usize = 16;

impl RevocationLog {
    /// The log of one profile in `store`, whose index is `index`.
    #[must_use]
    pub fn new(
        profile: &str,
        index: Arc<Revocations>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            profile: profile.to_owned(),
            index,
            store,
            clock,
        }
    }

    /// The index that it keeps.
    #[must_use]
    pub fn index(&self) -> &Arc<Revocations> {
        &self.index
    }

    /// Voids every token of this handle until `until`: see [`Revocations::revoke_handle`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it cannot be recorded, `VALIDATION_ERROR` where the value is too
    /// long to be.
    pub fn revoke_handle(&self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.record(Kind::Handle, value, UnixMillis::MAX, until)?;
        self.index.revoke_handle(value, until)
    }

    /// Voids every token of this family. As [`revoke_handle`](Self::revoke_handle).
    ///
    /// # Errors
    /// As [`revoke_handle`](Self::revoke_handle).
    pub fn revoke_family(&self, value: &[u8], until: UnixMillis) -> Result<(), Fault> {
        self.record(Kind::Family, value, UnixMillis::MAX, until)?;
        self.index.revoke_family(value, until)
    }

    /// Voids what this subject was issued before `before`: see [`Revocations::revoke_subject`].
    ///
    /// # Errors
    /// As [`revoke_handle`](Self::revoke_handle).
    pub fn revoke_subject(
        &self,
        value: &[u8],
        before: UnixMillis,
        until: UnixMillis,
    ) -> Result<(), Fault> {
        self.record(Kind::Subject, value, before, until)?;
        self.index.revoke_subject(value, before, until)
    }

    /// What is recorded is never less than what was recorded before.
    fn record(
        &self,
        kind: Kind,
        value: &[u8],
        before: UnixMillis,
        until: UnixMillis,
    ) -> Result<(), Fault> {
        let key = kind.key(&self.profile, value)?;
        let mut record = Record {
            before,
            written: self.clock.now(),
        };
        let mut until = until;
        for _ in 0..TRIES {
            let there = match self.store.put_if_absent(&key, &record.bytes(), until)? {
                Put::Stored(_) => return Ok(()),
                Put::Present(there) => there,
            };
            let listed = Record::read(&there)?;
            if listed.before >= record.before && there.expires >= until {
                return Ok(());
            }
            record.before = record.before.max(listed.before);
            until = until.max(there.expires);
            let bytes = record.bytes();
            if let Swap::Stored(_) =
                self.store
                    .compare_and_swap(&key, there.version, &bytes, until)?
            {
                return Ok(());
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "a revocation could not be recorded: too many processes record the same one; try again",
        ))
    }
}

impl fmt::Debug for RevocationLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationLog")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
