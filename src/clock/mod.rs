//! Time as a parameter.
//!
//! Everything below the edge takes a [`Clock`], so no test sleeps to see a token expire. Wall time
//! decides about tokens; the monotonic reading paces fetches and sweeps, so a clock that is set
//! back by hours neither revives a token's cache entry nor stops a refresh.

mod span;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub use span::parse_span;

/// Milliseconds since the Unix epoch.
///
/// Milliseconds, because a NumericDate may carry a fraction (RFC 7519 §2); 64 bits hold every
/// integer second that JSON can carry exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// A time that nothing outlives.
    pub const MAX: Self = Self(i64::MAX);
    /// The epoch.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds.
    #[inline]
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds, saturating.
    #[inline]
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// As milliseconds.
    #[inline]
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// As whole seconds, rounded towards the past.
    #[inline]
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Later by `span`, saturating.
    #[inline]
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }

    /// Earlier by `span`, saturating.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }
}

/// In 64 bits: `as_millis` has 128, at three times the cost.
#[inline]
fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_secs())
        .unwrap_or(i64::MAX)
        .saturating_mul(1000)
        .saturating_add(i64::from(span.subsec_millis()))
}

/// Where the time comes from. Called on every verification: keep it cheap.
pub trait Clock: Send + Sync + 'static {
    /// Wall time.
    fn now(&self) -> UnixMillis;

    /// Wall time as exactly as it can be told, where [`now`](Self::now) may lag a little behind: for
    /// what would be refused as coming from the future.
    fn precise(&self) -> UnixMillis {
        self.now()
    }

    /// Time since some fixed moment, never running backwards.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clock, at its coarse resolution.
///
/// The coarse reading (a few milliseconds behind) costs a fifth of the precise one and is finer than
/// any claim is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> UnixMillis {
        wall(ClockId::RealtimeCoarse)
    }

    fn precise(&self) -> UnixMillis {
        wall(ClockId::Realtime)
    }

    #[inline]
    fn monotonic(&self) -> Duration {
        let time = clock_gettime(ClockId::MonotonicCoarse);
        Duration::new(
            u64::try_from(time.tv_sec).unwrap_or(0),
            u32::try_from(time.tv_nsec).unwrap_or(0),
        )
    }
}

#[inline]
fn wall(clock: ClockId) -> UnixMillis {
    let time = clock_gettime(clock);
    UnixMillis(
        time.tv_sec
            .saturating_mul(1000)
            .saturating_add(time.tv_nsec / 1_000_000),
    )
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    monotonic: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: UnixMillis) -> Self {
        Self {
            wall: AtomicI64::new(now.millis()),
            monotonic: AtomicU64::new(0),
        }
    }

    /// Moves wall and monotonic time forward together.
    pub fn advance(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.monotonic.fetch_add(millis, Ordering::SeqCst);
        self.wall
            .fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets the wall clock alone, forward or back, as an administrator or NTP would.
    pub fn set(&self, now: UnixMillis) {
        self.wall.store(now.millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic.load(Ordering::SeqCst))
    }
}
