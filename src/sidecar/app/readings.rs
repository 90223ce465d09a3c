use std::sync::Arc;

use crate::config::{Profile, Profiles, SigningKeysReading};
use crate::keys::managed::KeyState;
use crate::sidecar::metrics::{Kind, Metrics, Sample};
use crate::state::FollowerStats;

/// What others count, read when it is scraped.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    of_caches(metrics, profiles);
    if profiles.follower_stats().is_some() {
        of_state(metrics, profiles);
    }
    if profiles
        .iter()
        .any(|profile| profile.signing_keys_reading().is_some())
    {
        of_signing_keys(metrics, profiles);
    }
}

fn of_signing_keys(metrics: &Metrics, profiles: &Arc<Profiles>) {
    type Read = fn(&SigningKeysReading) -> Vec<(Option<&'static str>, f64)>;
    let rows: [(Kind, &'static str, &'static str, Read); 5] = [
        (
            Kind::Gauge,
            "signing_keys",
            "Signing keys of our own making, by state",
            |reading| {
                let row = |(state, number): &(KeyState, usize)| {
                    (Some(state.as_str()), count(*number as u64))
                };
                reading.states.iter().map(row).collect()
            },
        ),
        (
            Kind::Gauge,
            "signing_keys_overdue",
            "Whether the signing key should have been replaced by now",
            |reading| vec![(None, f64::from(u8::from(reading.is_overdue)))],
        ),
        (
            Kind::Gauge,
            "signing_keys_failures_in_a_row",
            "Times that the signing keys could not be kept since they last could",
            |reading| vec![(None, count(reading.stats.failures_in_a_row))],
        ),
        (
            Kind::Counter,
            "signing_keys_staged",
            "Signing keys that this process made",
            |reading| vec![(None, count(reading.stats.staged))],
        ),
        (
            Kind::Counter,
            "signing_keys_healed",
            "Times that the store had lost signing keys and was told them again",
            |reading| vec![(None, count(reading.stats.healed))],
        ),
    ];
    for (kind, name, help, read) in rows {
        let profiles = Arc::clone(profiles);
        metrics.register(kind, name, help, move || {
            let mut samples = Vec::new();
            for profile in profiles.iter() {
                for (state, value) in profile.signing_keys_reading().iter().flat_map(read) {
                    let mut labels = vec![("profile", profile.name().to_owned())];
                    labels.extend(state.map(|state| ("state", state.to_owned())));
                    samples.push(Sample { labels, value });
                }
            }
            samples
        });
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
