//! What others count, as metrics: read when it is scraped, and costing nothing before.

mod audit;
mod caches;
mod limits;
mod pats;
mod reading;
mod sessions;
mod signing_keys;
mod state;

use std::sync::Arc;

use crate::audit::AuditLog;
use crate::config::{Profile, Profiles};
use crate::sidecar::metrics::Metrics;
use crate::sidecar::rate::Limits;

/// Registers the readings of whatever this process has.
pub(super) fn register(
    metrics: &Metrics,
    profiles: &Arc<Profiles>,
    limits: &Arc<Limits>,
    audit: Option<&Arc<AuditLog>>,
) {
    caches::register(metrics, profiles);
    limits::register(metrics, limits);
    if profiles.iter().any(|profile| profile.sessions().is_some()) {
        sessions::register(metrics, profiles);
    }
    if profiles.follower_stats().is_some() {
        state::register(metrics, profiles);
    }
    if profiles.pat_uses().is_some() {
        pats::register(metrics, profiles);
    }
    let makes_keys = |profile: &Arc<Profile>| profile.signing_keys_reading().is_some();
    if profiles.iter().any(makes_keys) {
        signing_keys::register(metrics, profiles);
    }
    if let Some(audit) = audit {
        audit::register(metrics, audit);
    }
}
