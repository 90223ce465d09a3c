use std::sync::Arc;

use crate::audit::{AuditLog, AuditStats};
use crate::config::{Profile, Profiles, SigningKeysReading};
use crate::keys::managed::KeyState;
use crate::sidecar::metrics::{Kind, Metrics, Sample};
use crate::sidecar::rate::{Counts, Limiter, Limits};
use crate::state::{FollowerStats, SessionStats};

/// What others count, read when it is scraped.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>, limits: &Arc<Limits>) {
    of_caches(metrics, profiles);
    if profiles.iter().any(|profile| profile.sessions().is_some()) {
        of_sessions(metrics, profiles);
    }
    of_limits(metrics, limits);
    if profiles.follower_stats().is_some() {
        of_state(metrics, profiles);
    }
    if profiles.pat_uses().is_some() {
        of_pats(metrics, profiles);
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

fn of_limits(metrics: &Metrics, limits: &Arc<Limits>) {
    type Read = fn(&Counts) -> Vec<(&'static str, u64)>;
    let rows: [(&'static str, &'static str, Read); 2] = [
        (
            "limit_decisions",
            "Attempts that a rate limit decided about",
            |counts| vec![("allowed", counts.allowed), ("limited", counts.limited)],
        ),
        (
            "limit_fallbacks",
            "Buckets of shared rate limits kept by this process alone, its store not answering",
            |counts| vec![("", counts.fallbacks)],
        ),
    ];
    for (name, help, read) in rows {
        let limits = Arc::clone(limits);
        metrics.register(Kind::Counter, name, help, move || {
            let of = |(name, limiter): (&str, &Limiter)| -> Vec<Sample> {
                let rows = read(&limiter.counts());
                let sample = |(result, value): (&'static str, u64)| {
                    let mut labels = vec![("limit", name.to_owned())];
                    if !result.is_empty() {
                        labels.push(("result", result.to_owned()));
                    }
                    Sample {
                        labels,
                        value: count(value),
                    }
                };
                rows.into_iter().map(sample).collect()
            };
            limits.iter().flat_map(of).collect()
        });
    }
}

fn of_state(metrics: &Metrics, profiles: &Arc<Profiles>) {
    type Read = fn(&FollowerStats) -> f64;
    let rows: [(Kind, &'static str, &'static str, Read); 5] = [
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
            "state_revocations_missing",
            "Revocations in force here that the store lacked when it was last read",
            |stats| count(stats.missing),
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

fn of_pats(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let sample = |labels: &[(&'static str, &str)], value| Sample {
        labels: labels
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        value: count(value),
    };
    let read = Arc::clone(profiles);
    metrics.register(
        Kind::Counter,
        "pat_lookups",
        "Reads of the store for personal access tokens",
        move || {
            let of = |profile: &Arc<Profile>| {
                let stats = profile.verifier().pats().map(|pats| pats.stats())?;
                let of = |result, value| {
                    sample(&[("profile", profile.name()), ("result", result)], value)
                };
                Some([
                    of("found", stats.found),
                    of("unknown", stats.unknown),
                    of("failed", stats.failed),
                ])
            };
            read.iter().filter_map(of).flatten().collect()
        },
    );
    let read = Arc::clone(profiles);
    metrics.register(
        Kind::Counter,
        "pat_last_uses",
        "Last uses of personal access tokens that were to be written down",
        move || {
            let (written, dropped) = read.pat_uses().unwrap_or_default();
            vec![
                sample(&[("result", "written")], written),
                sample(&[("result", "dropped")], dropped),
            ]
        },
    );
}

pub(super) fn of_audit(metrics: &Metrics, audit: &Arc<AuditLog>) {
    type Read = fn(&AuditStats) -> f64;
    let rows: [(Kind, &'static str, &'static str, Read); 7] = [
        (
            Kind::Counter,
            "audit_events_written",
            "Audit events written",
            |stats| count(stats.written),
        ),
        (
            Kind::Counter,
            "audit_events_dropped",
            "Audit events that could not be queued or written",
            |stats| count(stats.dropped),
        ),
        (
            Kind::Counter,
            "audit_events_coalesced",
            "Rejections that were counted without an event of their own",
            |stats| count(stats.coalesced),
        ),
        (
            Kind::Counter,
            "audit_events_purged",
            "Audit events that retention removed",
            |stats| count(stats.purged),
        ),
        (
            Kind::Counter,
            "audit_lines_dropped",
            "Audit lines that standard output did not take",
            |stats| count(stats.unsaid),
        ),
        (
            Kind::Gauge,
            "audit_lag_seconds",
            "How long the oldest audit event waits to be written",
            |stats| stats.lag.as_secs_f64(),
        ),
        (
            Kind::Gauge,
            "audit_in_trouble",
            "1 while the audit file cannot be written",
            |stats| count(u64::from(stats.in_trouble)),
        ),
    ];
    for (kind, name, help, read) in rows {
        let audit = Arc::clone(audit);
        metrics.register(kind, name, help, move || {
            vec![Sample {
                labels: Vec::new(),
                value: read(&audit.stats()),
            }]
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
fn count(number: u64) -> f64 {
    number as f64
}
