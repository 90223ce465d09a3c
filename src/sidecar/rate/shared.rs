use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Clock;
use crate::store::{Bucket, Store, Take};

/// Buckets in a store that other processes share.
pub(super) struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Until when the store is not asked, in milliseconds of the monotonic clock.
    rests_until: AtomicU64,
}

/// How long a store that did not answer is left alone: nobody is to wait for it at every attempt.
const REST: Duration = Duration::from_secs(1);

impl Shared {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            rests_until: AtomicU64::new(0),
        }
    }

    /// `None` where the store does not answer.
    pub(super) fn take(&self, name: &[u8; 16], bucket: &Bucket) -> Option<Take> {
        let now = self.clock.monotonic();
        let rests_until = Duration::from_millis(self.rests_until.load(Ordering::Relaxed));
        if now < rests_until {
            return None;
        }
        match self.store.meter()?.take(name, bucket) {
            Ok(take) => Some(take),
            Err(fault) => {
                tracing::warn!(
                    fault = fault.chain(),
                    "a shared rate limit is kept by this process alone until its store answers"
                );
                let until = now.saturating_add(REST).as_millis();
                let until = u64::try_from(until).unwrap_or(u64::MAX);
                self.rests_until.store(until, Ordering::Relaxed);
                None
            }
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}
