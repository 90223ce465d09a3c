use std::sync::Arc;

use crate::audit::{AuditLog, AuditStats};
use crate::config::{Profile, Profiles};
use crate::sidecar::metrics::{Kind, Metrics, Sample};
use crate::state::FollowerStats;

/// What others count, read when it is scraped.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    of_caches(metrics, profiles);
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
