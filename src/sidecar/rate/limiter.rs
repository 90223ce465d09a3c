use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Asker;
use super::local::Local;
use super::shared::Shared;
use crate::clock::Clock;
use crate::config::{By, RateLimit};
use crate::crypto::{self, Provider};
use crate::store::{Bucket, Store, Take};

/// One rate limit. Shareable between threads.
///
/// A shared one asks its store and may wait for it: call it where waiting is allowed. While the store
/// does not answer, this process counts for itself, so that a limit is never gone altogether.
#[derive(Debug)]
pub struct Limiter {
    name: String,
    provider: Option<Provider>,
    bucket: Bucket,
    by: Vec<By>,
    local: Local,
    shared: Option<Shared>,
    allowed: AtomicU64,
    limited: AtomicU64,
    fallbacks: AtomicU64,
}

/// What a limiter has decided since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attempts that were let through
    pub allowed: u64,
    /// Attempts that were not
    pub limited: u64,
    /// Buckets that this process kept for itself because the store did not answer
    pub fallbacks: u64,
}

impl Limiter {
    pub(super) fn new(
        name: &str,
        limit: &RateLimit,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let shared = || Shared::new(Arc::clone(store), Arc::clone(clock));
        let mut by = limit.by.clone();
        // The address first: see `take`.
        by.sort_by_key(|by| *by == By::Subject);
        Self {
            name: name.to_owned(),
            provider: crypto::providers().first().copied(),
            bucket: limit.bucket,
            by,
            local: Local::new(&limit.bucket, Arc::clone(clock)),
            shared: limit.shared.then(shared),
            allowed: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            fallbacks: AtomicU64::new(0),
        }
    }

    /// What it counts by, the address before the subject.
    #[must_use]
    pub fn by(&self) -> &[By] {
        &self.by
    }

    /// Lets one attempt through, or says after how long to try again. Every bucket of the asker
    /// must have a token; the fewest that one of them has left are told.
    ///
    /// The address is asked before the subject: whoever is refused by address has taken nothing from
    /// a subject that is somebody else. What is refused takes no token.
    pub fn take(&self, asker: &Asker<'_>) -> Take {
        let mut fewest = self.bucket.burst;
        for by in &self.by {
            let name = self
                .provider
                .and_then(|provider| asker.bucket(provider, &self.name, *by));
            let Some(name) = name else { continue };
            match self.take_one(&name) {
                Take::Taken { remaining } => fewest = fewest.min(remaining),
                Take::Empty { retry_after } => {
                    self.limited.fetch_add(1, Ordering::Relaxed);
                    // Longer than it takes to fill is a clock that was set.
                    let longest = self.bucket.interval.saturating_mul(self.bucket.burst);
                    let retry_after = retry_after.min(longest.max(Duration::from_secs(1)));
                    return Take::Empty { retry_after };
                }
            }
        }
        self.allowed.fetch_add(1, Ordering::Relaxed);
        Take::Taken { remaining: fewest }
    }

    fn take_one(&self, name: &[u8; 16]) -> Take {
        if let Some(shared) = &self.shared {
            if let Some(take) = shared.take(name, &self.bucket) {
                return take;
            }
            self.fallbacks.fetch_add(1, Ordering::Relaxed);
        }
        self.local.take(name)
    }

    /// What was decided so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            allowed: read(&self.allowed),
            limited: read(&self.limited),
            fallbacks: read(&self.fallbacks),
        }
    }
}
