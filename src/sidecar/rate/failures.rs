use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::asker::network;
use super::local::MOST;
use super::{Asker, Limits};
use crate::clock::Clock;
use crate::store::Take;

/// A limit that failures alone use up, by address. Shareable between threads.
///
/// Whether an address has used it up is known without asking the limit, since that would count: the
/// first failure that finds it empty says until when.
pub struct Failures {
    limits: Arc<Limits>,
    name: &'static str,
    clock: Arc<dyn Clock>,
    /// By the monotonic clock.
    until: Cache<Vec<u8>, Duration>,
}

impl Failures {
    /// Failures under the limit of that name; `None` where there is none.
    #[must_use]
    pub fn under(name: &'static str, limits: &Arc<Limits>, clock: &Arc<dyn Clock>) -> Option<Self> {
        limits.get(name)?;
        Some(Self {
            limits: Arc::clone(limits),
            name,
            clock: Arc::clone(clock),
            until: Cache::new(MOST),
        })
    }

    /// After how long an address may try again, where it may not now. Waits for nothing.
    #[must_use]
    pub fn pause(&self, ip: Option<IpAddr>) -> Option<Duration> {
        let until = self.until.get(&network(ip?))?;
        let left = until.checked_sub(self.clock.monotonic())?;
        (!left.is_zero()).then_some(left)
    }

    /// Counts a failure; where there were too many, says after how long to try again. An address
    /// that is not known is not counted. Waits for the store of a limit that is shared.
    pub fn count(&self, ip: Option<IpAddr>) -> Option<Duration> {
        let asker = Asker {
            ip: Some(ip?),
            ..Asker::default()
        };
        match self.limits.get(self.name)?.take(&asker) {
            Take::Taken { .. } => None,
            Take::Empty { retry_after } => {
                let until = self.clock.monotonic().saturating_add(retry_after);
                self.until.insert(network(ip?), until);
                Some(retry_after)
            }
        }
    }
}

impl std::fmt::Debug for Failures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failures")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
