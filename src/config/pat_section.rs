use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::state::pats::{PatFormat, PatSettings, PatStore};
use crate::store::Store;

use super::values::Span;

/// Personal access tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatSection {
    /// What each begins with, such as `acme_pat_`
    pub prefix: String,
    /// The longest that one may live; without it, as long as its creator says, or without end
    pub max_lifetime: Option<Span>,
    /// How often, at most, the last use of one is written down; 10m
    pub last_used_every: Option<Span>,
}

impl PatSection {
    /// `cap` is how long the profile's cache keeps claims without `exp`.
    pub(super) fn open(
        &self,
        profile: &str,
        store: &Arc<dyn Store>,
        provider: Provider,
        clock: &Arc<dyn Clock>,
        cap: Duration,
    ) -> Result<PatStore, Fault> {
        let mut settings = PatSettings::new(PatFormat::new(&self.prefix)?);
        let second = Duration::from_secs(1);
        settings.max_lifetime = self.max_lifetime.map(|span| span.0);
        if settings.max_lifetime.is_some_and(|span| span < second) {
            return Err(Fault::config(
                "pat.max_lifetime is under a second; no token would be good: raise it",
            ));
        }
        if let Some(span) = self.last_used_every {
            settings.last_used_every = span.0;
        }
        if settings.last_used_every < second {
            return Err(Fault::config(
                "pat.last_used_every is under a second; each write costs the store one: raise it",
            ));
        }
        settings.cached_for = cap;
        Ok(PatStore::new(
            profile,
            settings,
            Arc::clone(store),
            provider,
            Arc::clone(clock),
        ))
    }
}
