use std::sync::Arc;

use super::reading::{self, Reading, number, of_profiles, only};
use crate::config::Profiles;
use crate::sidecar::metrics::{Kind, Metrics};
use crate::verify::cache::CacheStats;

/// The claims cache of every profile.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let readings: [Reading<CacheStats>; 5] = [
        Reading {
            kind: Kind::Counter,
            name: "cache_lookups",
            help: "Look-ups in the claims cache",
            label: "result",
            read: |stats| vec![("hit", number(stats.hits)), ("miss", number(stats.misses))],
        },
        Reading {
            kind: Kind::Counter,
            name: "cache_inserts",
            help: "Verified tokens taken into the cache",
            label: "",
            read: |stats| only(number(stats.inserts)),
        },
        Reading {
            kind: Kind::Counter,
            name: "cache_evictions",
            help: "Entries that left the cache",
            label: "cause",
            read: |stats| {
                vec![
                    ("capacity", number(stats.evicted_capacity)),
                    ("bytes", number(stats.evicted_bytes)),
                    ("expired", number(stats.evicted_expired)),
                    ("replaced", number(stats.evicted_replaced)),
                    ("dead_key", number(stats.evicted_dead_key)),
                ]
            },
        },
        Reading {
            kind: Kind::Gauge,
            name: "cache_entries",
            help: "Entries in the cache",
            label: "",
            read: |stats| only(number(stats.entries as u64)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "cache_bytes",
            help: "Bytes that the cache's entries weigh",
            label: "",
            read: |stats| only(number(stats.bytes as u64)),
        },
    ];
    let counts = of_profiles(profiles, |profile| Some(profile.verifier().cache_stats()));
    reading::register(metrics, readings, counts);
}
