use std::sync::Arc;

use super::reading::{self, Reading, Whose, number, of_profiles};
use crate::config::Profiles;
use crate::sidecar::metrics::{Kind, Metrics};
use crate::state::pats::PatStats;

/// The personal access tokens of every profile that has some.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let lookups: Reading<PatStats> = Reading {
        kind: Kind::Counter,
        name: "pat_lookups",
        help: "Reads of the store for personal access tokens",
        label: "result",
        read: |stats| {
            vec![
                ("found", number(stats.found)),
                ("unknown", number(stats.unknown)),
                ("failed", number(stats.failed)),
            ]
        },
    };
    let counts = of_profiles(profiles, |profile| Some(profile.verifier().pats()?.stats()));
    reading::register(metrics, [lookups], counts);

    let last_uses: Reading<(u64, u64)> = Reading {
        kind: Kind::Counter,
        name: "pat_last_uses",
        help: "Last uses of personal access tokens that were to be written down",
        label: "result",
        read: |&(written, dropped)| {
            vec![("written", number(written)), ("dropped", number(dropped))]
        },
    };
    let profiles = Arc::clone(profiles);
    let counts = move || vec![(Whose::new(), profiles.pat_uses().unwrap_or_default())];
    reading::register(metrics, [last_uses], counts);
}
