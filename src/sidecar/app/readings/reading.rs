use std::sync::Arc;

use crate::config::{Profile, Profiles};
use crate::sidecar::metrics::{Kind, Metrics, Sample};

/// A metric that is read off `T`, somebody's count of several things.
pub(super) struct Reading<T> {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    /// What tells its values apart, where it has several; else empty.
    pub(super) label: &'static str,
    /// The values, each under its own value of the label.
    pub(super) read: fn(&T) -> Vec<(&'static str, f64)>,
}

/// Whose count it is: labels and their values.
pub(super) type Whose = Vec<(&'static str, String)>;

/// Registers readings of every count that `counts` gives.
pub(super) fn register<T: 'static>(
    metrics: &Metrics,
    readings: impl IntoIterator<Item = Reading<T>>,
    counts: impl Fn() -> Vec<(Whose, T)> + Clone + Send + Sync + 'static,
) {
    for reading in readings {
        let Reading {
            kind,
            name,
            help,
            label,
            read,
        } = reading;
        let counts = counts.clone();
        metrics.register(kind, name, help, move || {
            let mut samples = Vec::new();
            for (whose, count) in counts() {
                for (row, value) in read(&count) {
                    let mut labels = whose.clone();
                    if !label.is_empty() {
                        labels.push((label, row.to_owned()));
                    }
                    samples.push(Sample { labels, value });
                }
            }
            samples
        });
    }
}

/// The counts of the profiles that have one.
pub(super) fn of_profiles<T>(
    profiles: &Arc<Profiles>,
    count: impl Fn(&Profile) -> Option<T> + Clone + Send + Sync + 'static,
) -> impl Fn() -> Vec<(Whose, T)> + Clone + Send + Sync + 'static {
    let profiles = Arc::clone(profiles);
    move || {
        let of = |profile: &Arc<Profile>| {
            let whose = vec![("profile", profile.name().to_owned())];
            Some((whose, count(profile)?))
        };
        profiles.iter().filter_map(of).collect()
    }
}

/// The only value of a metric without a label.
pub(super) fn only(value: f64) -> Vec<(&'static str, f64)> {
    vec![("", value)]
}

#[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
pub(super) fn number(number: u64) -> f64 {
    number as f64
}
