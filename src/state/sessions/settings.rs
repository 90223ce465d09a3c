use std::time::Duration;

use super::TableLimits;

/// How the sessions of a profile live and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSettings {
    /// How long a session lives without being used
    pub lifetime: Duration,
    /// The most sessions of one user; a sign-in beyond them ends the oldest
    pub max_sessions: usize,
    /// How much is kept in memory
    pub memory: TableLimits,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(7 * 86_400),
            max_sessions: 100,
            memory: TableLimits::default(),
        }
    }
}
