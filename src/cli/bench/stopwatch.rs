use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since some fixed moment, as exactly as the system tells. The product's clock lags by
/// milliseconds, which is what is measured here.
#[inline]
pub(super) fn now() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

/// Processor time of this thread, in nanoseconds.
pub(super) fn thread_time() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}
