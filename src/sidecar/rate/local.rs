use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as Paced;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Clock;
use crate::store::{Bucket, Take};

/// The most buckets that a limit keeps: some 25 MB of them.
pub(super) const MOST: u64 = 100_000;

/// Buckets of this process alone.
pub(super) struct Local {
    limiter: RateLimiter<Key, Buckets, Pace, StateInformationMiddleware>,
}

type Key = [u8; 16];

impl Local {
    pub(super) fn new(bucket: &Bucket, clock: Arc<dyn Clock>) -> Self {
        // Both are checked where the configuration is read.
        let interval = bucket.interval.max(Duration::from_nanos(1));
        let burst = NonZeroU32::new(bucket.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(interval)
            .unwrap_or(Quota::per_second(burst))
            .allow_burst(burst);
        // Full again by then, so that nothing is lost with it.
        let full = interval.saturating_mul(burst.get()) + Duration::from_secs(1);
        let buckets = Cache::builder()
            .max_capacity(MOST)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(full)
            .build();
        Self {
            limiter: RateLimiter::new(quota, Buckets(buckets), Pace(clock)),
        }
    }

    pub(super) fn take(&self, name: &Key) -> Take {
        match self.limiter.check_key(name) {
            Ok(left) => Take::Taken {
                remaining: left.remaining_burst_capacity(),
            },
            Err(until) => Take::Empty {
                retry_after: until.wait_time_from(self.limiter.clock().now()),
            },
        }
    }
}

/// By when a bucket was last looked at, the first to go once there are too many.
#[derive(Debug)]
struct Buckets(Cache<Key, Arc<InMemoryState>>);

impl StateStore for Buckets {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let bucket = self.0.get_with_by_ref(key, Arc::default);
        bucket.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// The process's monotonic clock, as a limiter reads it.
#[derive(Clone)]
struct Pace(Arc<dyn Clock>);

impl Paced for Pace {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Local")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, UnixMillis};

    #[test]
    fn memory_is_bounded_however_many_ask() {
        let clock = Arc::new(ManualClock::at(UnixMillis::EPOCH));
        let bucket = Bucket {
            interval: Duration::from_secs(1),
            burst: 1,
        };
        let local = Local::new(&bucket, clock);
        for number in 0..MOST * 3 / 2 {
            let mut name = [0; 16];
            name[..8].copy_from_slice(&number.to_be_bytes());
            assert_eq!(local.take(&name), Take::Taken { remaining: 0 });
        }
        let buckets = &local.limiter.into_state_store().0;
        buckets.run_pending_tasks();
        assert!(buckets.entry_count() <= MOST, "{}", buckets.entry_count());
    }
}
