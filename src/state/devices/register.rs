use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Fingerprint;
use super::fingerprint::{check_subject, invalid};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::Provider;
use crate::error::{Code, Fault};
use crate::store::{Entry, Namespace, Page, Put, Store, StoreKey, Swap};

/// The trusted devices of one profile. Shareable between threads; every call waits for the store.
pub struct TrustedDevices {
    profile: String,
    store: Arc<dyn Store>,
    provider: Provider,
    clock: Arc<dyn Clock>,
    trusted_for: Duration,
}

/// A device that is trusted. `Debug` shows the times alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustedDevice {
    /// Its name
    pub id: Fingerprint,
    /// What the application calls it
    pub description: String,
    /// When it was last trusted
    pub trusted_at: UnixMillis,
    /// Until when it is
    pub expires_at: UnixMillis,
}

/// A part of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DevicePage {
    /// The devices, in the order of their ids
    pub devices: Vec<TrustedDevice>,
    /// Where to go on (`after` of the next call); `None` where nothing follows
    pub next: Option<Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    trusted: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
}

const DEVICES: Namespace = Namespace::new("device");
/// Two sign-ins of one device may come at once, sixteen hardly.
const TRIES: usize = 16;

impl TrustedDevices {
    /// The longest description, in bytes.
    pub const MAX_DESCRIPTION: usize = 512;

    /// The devices of one profile in `store`, each trusted for `trusted_for`.
    #[must_use]
    pub fn new(
        profile: &str,
        trusted_for: Duration,
        store: Arc<dyn Store>,
        provider: Provider,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            profile: profile.to_owned(),
            store,
            provider,
            clock,
            trusted_for,
        }
    }

    /// Trusts a device from now on; one that is trusted already is so anew.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the member that is wrong, `STORE_UNAVAILABLE`.
    pub fn trust(
        &self,
        subject: &str,
        address: IpAddr,
        user_agent: &str,
        description: &str,
    ) -> Result<TrustedDevice, Fault> {
        if description.len() > Self::MAX_DESCRIPTION {
            return Err(invalid(format!(
                "description: is over {} bytes",
                Self::MAX_DESCRIPTION
            )));
        }
        let id = Fingerprint::of(self.provider, subject, address, user_agent)?;
        let key = self.key(subject, Some(&id))?;
        let trusted_at = self.clock.now();
        let device = TrustedDevice {
            id,
            description: description.to_owned(),
            trusted_at,
            expires_at: trusted_at.plus(self.trusted_for),
        };
        let bytes = device.write()?;
        for _ in 0..TRIES {
            let there = match self.store.put_if_absent(&key, &bytes, device.expires_at)? {
                Put::Stored(_) => return Ok(device),
                Put::Present(there) => there,
            };
            let swap =
                self.store
                    .compare_and_swap(&key, there.version, &bytes, device.expires_at)?;
            if let Swap::Stored(_) = swap {
                return Ok(device);
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "a device could not be trusted: too many do it at once; try again",
        ))
    }

    /// The device, where it is trusted.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the member that is wrong; `STORE_UNAVAILABLE`: take it for one that
    /// is not trusted.
    pub fn check(
        &self,
        subject: &str,
        address: IpAddr,
        user_agent: &str,
    ) -> Result<Option<TrustedDevice>, Fault> {
        let id = Fingerprint::of(self.provider, subject, address, user_agent)?;
        let entry = self.store.get(&self.key(subject, Some(&id))?)?;
        entry
            .map(|entry| TrustedDevice::read(id, &entry))
            .transpose()
    }

    /// A subject's devices, from the one after `after` on and `limit` of them at most.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn list(
        &self,
        subject: &str,
        after: Option<&Fingerprint>,
        limit: usize,
    ) -> Result<DevicePage, Fault> {
        check_subject(subject)?;
        let after = after.map(|id| self.key(subject, Some(id))).transpose()?;
        let prefix = self.key(subject, None)?;
        let limit = limit.clamp(1, Page::MAX);
        let page = self.store.scan(&prefix, after.as_ref(), limit)?;
        let devices = page
            .items
            .iter()
            .map(|(key, entry)| TrustedDevice::read(id_of(key)?, entry));
        Ok(DevicePage {
            devices: devices.collect::<Result<_, _>>()?,
            next: page.next.as_ref().map(id_of).transpose()?,
        })
    }

    /// Forgets a device; false where it was not trusted.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn forget(&self, subject: &str, id: &Fingerprint) -> Result<bool, Fault> {
        check_subject(subject)?;
        self.store.delete(&self.key(subject, Some(id))?)
    }

    /// Forgets every device of a subject, and says how many there were. One that is trusted
    /// meanwhile may be among them or not.
    ///
    /// # Errors
    /// As [`check`](Self::check): what was forgotten by then stays so.
    pub fn forget_all(&self, subject: &str) -> Result<usize, Fault> {
        check_subject(subject)?;
        let prefix = self.key(subject, None)?;
        let (mut after, mut forgotten) = (None, 0);
        loop {
            let page = self.store.scan(&prefix, after.as_ref(), Page::MAX)?;
            for (key, _) in &page.items {
                forgotten += usize::from(self.store.delete(key)?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(forgotten);
            }
        }
    }

    fn key(&self, subject: &str, id: Option<&Fingerprint>) -> Result<StoreKey, Fault> {
        let (profile, subject) = (self.profile.as_bytes(), subject.as_bytes());
        match id {
            Some(id) => StoreKey::new(DEVICES, &[profile, subject, id.as_str().as_bytes()]),
            None => StoreKey::new(DEVICES, &[profile, subject]),
        }
    }
}

impl TrustedDevice {
    fn write(&self) -> Result<Vec<u8>, Fault> {
        let stored = Stored {
            trusted: self.trusted_at.millis(),
            description: self.description.clone(),
        };
        serde_json::to_vec(&stored).map_err(|error| {
            Fault::new(Code::Internal, "a trusted device could not be written down")
                .caused_by(error)
        })
    }

    fn read(id: Fingerprint, entry: &Entry) -> Result<Self, Fault> {
        // The parser's own message may quote what is there.
        let stored: Stored = serde_json::from_slice(entry.value.expose()).map_err(|_| foreign())?;
        Ok(Self {
            id,
            description: stored.description,
            trusted_at: UnixMillis::from_millis(stored.trusted),
            expires_at: entry.expires,
        })
    }
}

fn id_of(key: &StoreKey) -> Result<Fingerprint, Fault> {
    let id = key.parts().pop().and_then(|id| String::from_utf8(id).ok());
    id.and_then(|id| Fingerprint::parse(&id).ok())
        .ok_or_else(foreign)
}

#[cold]
fn foreign() -> Fault {
    Fault::new(
        Code::StoreUnavailable,
        "the store holds a trusted device that bearerd did not write: give bearerd a database or key prefix of its own",
    )
}

impl fmt::Debug for TrustedDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedDevices")
            .field("profile", &self.profile)
            .field("trusted_for", &self.trusted_for)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TrustedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedDevice")
            .field("trusted_at", &self.trusted_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
