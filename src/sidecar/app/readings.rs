use std::sync::Arc;

use crate::config::{Profile, Profiles};
use crate::sidecar::metrics::{Kind, Metrics, Sample};
use crate::state::{FollowerStats, SessionStats};

/// What others count, read when it is scraped.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    of_caches(metrics, profiles);
    if profiles.iter().any(|profile| profile.sessions().is_some()) {
        of_sessions(metrics, profiles);
    }
    if profiles.follower_stats().is_some() {
        of_state(metrics, profiles);
    }
}

fn of_caches(metrics: &Metrics, profiles: &Arc<Profiles>) {
    type Read = fn(&crate::verify::cache::CacheStats) -> Vec<(&'static str, f64)>;
    let add = |kind, name, help, label: &'static str, read: Read| {
        let profiles = Arc::clone(profiles);
        metrics.register(kind, name, help, move || {
            let of = |profile: &Arc<Profile>| -> Vec<Sample> {
                let rows = read(&profile.verifier().cache_stats());
                let labels = |value: &str| {
                    let mut labels = vec![("profile", profile.name().to_owned())];
                    if !label.is_empty() {
                        labels.push((label, value.to_owned()));
                    }
                    labels
                };
                rows.into_iter()
                    .map(|(row, value)| Sample {
                        labels: labels(row),
                        value,
                    })
                    .collect()
            };
            profiles.iter().flat_map(of).collect()
        });
    };
    add(
        Kind::Counter,
        "cache_lookups",
        "Look-ups in the claims cache",
        "result",
        |stats| vec![("hit", count(stats.hits)), ("miss", count(stats.misses))],
    );
    add(
        Kind::Counter,
        "cache_inserts",
        "Verified tokens taken into the cache",
        "",
        |stats| vec![("", count(stats.inserts))],
    );
    add(
        Kind::Counter,
        "cache_evictions",
        "Entries that left the cache",
        "cause",
        |stats| {
            vec![
                ("capacity", count(stats.evicted_capacity)),
                ("bytes", count(stats.evicted_bytes)),
                ("expired", count(stats.evicted_expired)),
                ("replaced", count(stats.evicted_replaced)),
                ("dead_key", count(stats.evicted_dead_key)),
            ]
        },
    );
    add(
        Kind::Gauge,
        "cache_entries",
        "Entries in the cache",
        "",
        |stats| vec![("", count(stats.entries as u64))],
    );
    add(
        Kind::Gauge,
        "cache_bytes",
        "Bytes that the cache's entries weigh",
        "",
        |stats| vec![("", count(stats.bytes as u64))],
    );
}

fn of_sessions(metrics: &Metrics, profiles: &Arc<Profiles>) {
    type Read = fn(&SessionStats) -> Vec<(&'static str, u64)>;
    let add = |kind, name, help, label: &'static str, read: Read| {
        let profiles = Arc::clone(profiles);
        metrics.register(kind, name, help, move || {
            let of = |profile: &Arc<Profile>| -> Vec<Sample> {
                let Some(sessions) = profile.sessions() else {
                    return Vec::new();
                };
                let sample = |(row, value): (&str, u64)| {
                    let mut labels = vec![("profile", profile.name().to_owned())];
                    if !label.is_empty() {
                        labels.push((label, row.to_owned()));
                    }
                    let value = count(value);
                    Sample { labels, value }
                };
                read(&sessions.stats()).into_iter().map(sample).collect()
            };
            profiles.iter().flat_map(of).collect()
        });
    };
    add(
        Kind::Gauge,
        "sessions",
        "Sessions that are in memory",
        "",
        |stats| vec![("", stats.sessions as u64)],
    );
    add(
        Kind::Gauge,
        "session_bytes",
        "Bytes that the sessions in memory take",
        "",
        |stats| vec![("", stats.bytes as u64)],
    );
    add(
        Kind::Counter,
        "session_lookups",
        "Look-ups of sessions whose tokens did not remember them",
        "result",
        |stats| {
            vec![
                ("memory", stats.found),
                ("ended", stats.ended),
                ("store", stats.store_reads),
            ]
        },
    );
    add(
        Kind::Counter,
        "session_renewals",
        "Renewals that a use of a session has asked for",
        "result",
        |stats| {
            vec![
                ("done", stats.renewed),
                ("not_due", stats.not_due),
                ("lost", stats.too_late),
                ("dropped", stats.dropped),
            ]
        },
    );
}

fn of_state(metrics: &Metrics, profiles: &Arc<Profiles>) {
    type Read = fn(&FollowerStats) -> f64;
    let rows: [(Kind, &'static str, &'static str, Read); 4] = [
        (
            Kind::Counter,
            "state_revocations_applied",
            "Revocations taken over from the store",
            |stats| count(stats.applied),
        ),
        (
            Kind::Counter,
            "state_reloads",
            "Times that all revocations were read from the store",
            |stats| count(stats.reloads),
        ),
        (
            Kind::Gauge,
            "state_failures_in_a_row",
            "Tries since the store last answered",
            |stats| count(stats.failures_in_a_row),
        ),
        (
            Kind::Gauge,
            "state_lag_seconds",
            "From the recording of the last revocation to its being in force here",
            |stats| stats.lag.as_secs_f64(),
        ),
    ];
    for (kind, name, help, read) in rows {
        let profiles = Arc::clone(profiles);
        metrics.register(kind, name, help, move || {
            let reading = |stats: FollowerStats| Sample {
                labels: Vec::new(),
                value: read(&stats),
            };
            profiles.follower_stats().map(reading).into_iter().collect()
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
fn count(number: u64) -> f64 {
    number as f64
}
