use std::sync::Arc;

use super::reading::{self, Reading, Whose, number, only};
use crate::sidecar::metrics::{Kind, Metrics};
use crate::sidecar::rate::{Counts, Limits};

/// Every rate limit.
pub(super) fn register(metrics: &Metrics, limits: &Arc<Limits>) {
    let readings: [Reading<Counts>; 2] = [
        Reading {
            kind: Kind::Counter,
            name: "limit_decisions",
            help: "Attempts that a rate limit decided about",
            label: "result",
            read: |stats| {
                vec![
                    ("allowed", number(stats.allowed)),
                    ("limited", number(stats.limited)),
                ]
            },
        },
        Reading {
            kind: Kind::Counter,
            name: "limit_fallbacks",
            help: "Buckets of shared rate limits kept by this process alone, its store not answering",
            label: "",
            read: |stats| only(number(stats.fallbacks)),
        },
    ];
    let limits = Arc::clone(limits);
    let counts = move || -> Vec<(Whose, Counts)> {
        let whose = |name: &str| vec![("limit", name.to_owned())];
        limits
            .iter()
            .map(|(name, limiter)| (whose(name), limiter.counts()))
            .collect()
    };
    reading::register(metrics, readings, counts);
}
