use std::sync::Arc;

use super::reading::{self, Reading, Whose, number, only};
use crate::config::Profiles;
use crate::sidecar::metrics::{Kind, Metrics};
use crate::state::FollowerStats;

/// How the store that others share is followed.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let readings: [Reading<FollowerStats>; 5] = [
        Reading {
            kind: Kind::Counter,
            name: "state_revocations_applied",
            help: "Revocations taken over from the store",
            label: "",
            read: |stats| only(number(stats.applied)),
        },
        Reading {
            kind: Kind::Counter,
            name: "state_reloads",
            help: "Times that all revocations were read from the store",
            label: "",
            read: |stats| only(number(stats.reloads)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "state_revocations_missing",
            help: "Revocations in force here that the store lacked when it was last read",
            label: "",
            read: |stats| only(number(stats.missing)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "state_failures_in_a_row",
            help: "Tries since the store last answered",
            label: "",
            read: |stats| only(number(stats.failures_in_a_row)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "state_lag_seconds",
            help: "From the recording of the last revocation to its being in force here",
            label: "",
            read: |stats| only(stats.lag.as_secs_f64()),
        },
    ];
    let profiles = Arc::clone(profiles);
    let counts = move || -> Vec<(Whose, FollowerStats)> {
        let stats = profiles.follower_stats();
        stats
            .map(|stats| (Whose::new(), stats))
            .into_iter()
            .collect()
    };
    reading::register(metrics, readings, counts);
}
