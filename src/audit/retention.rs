use std::time::Duration;

/// How long events are kept, and how many. What is over is removed a little at a time, the oldest
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Events older than this are removed.
    pub keep: Duration,
    /// The most events. Rejections, which strangers cause, leave first for as long as they are
    /// more than half of them, so that no flood of them drives out what was done.
    pub max_events: u64,
    /// The most bytes of the file, its log not counted. A file that has reached it takes nothing
    /// more.
    pub max_bytes: u64,
}

impl Default for Retention {
    /// 180 days, a million events, 4 GiB.
    fn default() -> Self {
        Self {
            keep: Duration::from_secs(180 * 86_400),
            max_events: 1_000_000,
            max_bytes: 4 << 30,
        }
    }
}
