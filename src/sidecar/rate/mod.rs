//! Rate limits: a token bucket for each subject and address, in this process or shared by all.
//!
//! Who asks is hashed, so that memory holds no names and a bucket is as large for a long name as for
//! a short one. At most 100,000 buckets are kept for a limit; the one that was used
//! longest ago makes room, which is what a bucket that has filled up again would do anyway.

mod asker;
mod failures;
mod limiter;
mod local;
mod shared;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::RateLimit;
use crate::store::Store;

pub use asker::Asker;
pub use failures::Failures;
pub use limiter::{Counts, Limiter};

/// The limits of a configuration, by name.
///
/// `rotate` is asked before a refresh token is rotated, `pat` counts personal access tokens that are
/// unknown or malformed; the other names are the application's own.
#[derive(Debug, Default)]
pub struct Limits(BTreeMap<String, Limiter>);

impl Limits {
    /// Limiters for these, those that are shared in `store`.
    #[must_use]
    pub fn new(
        limits: &BTreeMap<String, RateLimit>,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let made = limits
            .iter()
            .map(|(name, limit)| (name.clone(), Limiter::new(name, limit, store, clock)));
        Self(made.collect())
    }

    /// The limit of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Limiter> {
        self.0.get(name)
    }

    /// All of them, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Limiter)> {
        self.0
            .iter()
            .map(|(name, limiter)| (name.as_str(), limiter))
    }
}
