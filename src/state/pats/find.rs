use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use subtle::ConstantTimeEq;

use super::record::{Digest, id_of, key};
use super::{LastUses, Pat, PatFormat, PatUse};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::Provider;
use crate::error::{Code, Fault, Reject};
use crate::store::Store;

/// How the personal access tokens of a profile are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PatSettings {
    /// Their form
    pub format: PatFormat,
    /// The longest that one may live; `None`: without end
    pub max_lifetime: Option<Duration>,
    /// How often, at most, the last use of one is written down
    pub last_used_every: Duration,
    /// How long a process may go by what it has read of one: its cache's cap
    pub cached_for: Duration,
}

impl PatSettings {
    /// Tokens of that form, without a longest lifetime, their last use written down every ten
    /// minutes, and kept in caches for five.
    #[must_use]
    pub fn new(format: PatFormat) -> Self {
        Self {
            format,
            max_lifetime: None,
            last_used_every: Duration::from_secs(600),
            cached_for: Duration::from_secs(300),
        }
    }
}

/// Finds the records of a profile's personal access tokens. Shareable between threads.
///
/// Each look-up is one read of the store, and waits for it. What was not found is not remembered:
/// a token is random, so one that was refused is not created later and a memory of refusals would be
/// right; but whoever sends made-up tokens makes up a new one each time, so it would spare nothing,
/// and fill up with what strangers choose.
pub struct PatStore {
    pub(super) profile: String,
    pub(super) settings: PatSettings,
    pub(super) store: Arc<dyn Store>,
    pub(super) provider: Provider,
    pub(super) clock: Arc<dyn Clock>,
    uses: OnceLock<Arc<LastUses>>,
    found: AtomicU64,
    unknown: AtomicU64,
    failed: AtomicU64,
}

/// How look-ups ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatStats {
    /// A record was read
    pub found: u64,
    /// There was none
    pub unknown: u64,
    /// The store did not answer
    pub failed: u64,
}

impl PatStore {
    /// The tokens of one profile in `store`.
    #[must_use]
    pub fn new(
        profile: &str,
        settings: PatSettings,
        store: Arc<dyn Store>,
        provider: Provider,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            profile: profile.to_owned(),
            settings,
            store,
            provider,
            clock,
            uses: OnceLock::new(),
            found: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Has the last use of its tokens written down by `uses`; without it, nobody does. Once.
    pub fn note_uses(&self, uses: Arc<LastUses>) {
        let _ = self.uses.set(uses);
    }

    /// How its tokens are.
    #[must_use]
    pub fn settings(&self) -> &PatSettings {
        &self.settings
    }

    /// How look-ups ended so far.
    #[must_use]
    pub fn stats(&self) -> PatStats {
        PatStats {
            found: self.found.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// The record of a token, revoked or expired or not. Of what is not of the profile's form the
    /// store is not asked.
    ///
    /// # Errors
    /// `MALFORMED` where it is not of that form, `INVALID_SIGNATURE` where no record is its own,
    /// `STORE_UNAVAILABLE`.
    pub fn find(&self, token: &[u8]) -> Result<Pat, Reject> {
        self.settings.format.check(token)?;
        let digest = self.provider.sha256(token);
        match self.look_up(&digest) {
            Ok(Some(pat)) => {
                self.found.fetch_add(1, Ordering::Relaxed);
                Ok(pat)
            }
            Ok(None) => {
                self.unknown.fetch_add(1, Ordering::Relaxed);
                Err(Reject::new(Code::InvalidSignature))
            }
            Err(fault) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(
                    fault = fault.chain(),
                    "a personal access token could not be looked up"
                );
                Err(Reject::new(Code::StoreUnavailable))
            }
        }
    }

    fn look_up(&self, digest: &Digest) -> Result<Option<Pat>, Fault> {
        let id = id_of(digest);
        let Some(entry) = self.store.get(&key(&self.profile, &id)?)? else {
            return Ok(None);
        };
        let (pat, kept) = Pat::read(&id, &entry)?;
        Ok(bool::from(kept.ct_eq(digest)).then_some(pat))
    }

    /// Has it written down that a token was used. Waits for nothing.
    #[cold]
    pub fn used(self: &Arc<Self>, id: &str, at: UnixMillis, from: Option<IpAddr>) {
        if let Some(uses) = self.uses.get() {
            uses.note(PatUse {
                pats: Arc::clone(self),
                id: id.into(),
                at,
                from,
            });
        }
    }
}

impl fmt::Debug for PatStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatStore")
            .field("profile", &self.profile)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
