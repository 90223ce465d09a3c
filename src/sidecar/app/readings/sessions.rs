use std::sync::Arc;

use super::reading::{self, Reading, number, of_profiles, only};
use crate::config::Profiles;
use crate::sidecar::metrics::{Kind, Metrics};
use crate::state::SessionStats;

/// The sessions of every profile that has some.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let readings: [Reading<SessionStats>; 4] = [
        Reading {
            kind: Kind::Gauge,
            name: "sessions",
            help: "Sessions that are in memory",
            label: "",
            read: |stats| only(number(stats.sessions as u64)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "session_bytes",
            help: "Bytes that the sessions in memory take",
            label: "",
            read: |stats| only(number(stats.bytes as u64)),
        },
        Reading {
            kind: Kind::Counter,
            name: "session_lookups",
            help: "Look-ups of sessions whose tokens did not remember them",
            label: "result",
            read: |stats| {
                vec![
                    ("memory", number(stats.found)),
                    ("ended", number(stats.ended)),
                    ("store", number(stats.store_reads)),
                ]
            },
        },
        Reading {
            kind: Kind::Counter,
            name: "session_renewals",
            help: "Renewals that a use of a session has asked for",
            label: "result",
            read: |stats| {
                vec![
                    ("done", number(stats.renewed)),
                    ("not_due", number(stats.not_due)),
                    ("lost", number(stats.too_late)),
                    ("dropped", number(stats.dropped)),
                ]
            },
        },
    ];
    let counts = of_profiles(profiles, |profile| Some(profile.sessions()?.stats()));
    reading::register(metrics, readings, counts);
}
