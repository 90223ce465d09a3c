use std::time::Duration;

use super::TableLimits;

/// How the sessions of a profile live and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSettings {
    /// How long a session lives without being used
    pub lifetime: Duration,
    /// How long it lives at most, used or not; `None`: as long as it is used
    pub max_lifetime: Option<Duration>,
    /// A use within this span of the last renewal renews nothing
    pub renew_every: Duration,
    /// The most sessions of one user; a sign-in beyond them ends the oldest
    pub max_sessions: usize,
    /// How much is kept in memory
    pub memory: TableLimits,
}

impl SessionSettings {
    /// Sessions that live for `lifetime` without being used, and are renewed at most ten times in
    /// it.
    #[must_use]
    pub fn of(lifetime: Duration) -> Self {
        Self {
            lifetime,
            max_lifetime: None,
            renew_every: lifetime / 10,
            max_sessions: 100,
            memory: TableLimits::default(),
        }
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self::of(Duration::from_secs(7 * 86_400))
    }
}
