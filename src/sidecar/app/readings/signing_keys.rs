use std::sync::Arc;

use super::reading::{self, Reading, number, of_profiles, only};
use crate::config::{Profile, Profiles, SigningKeysReading};
use crate::keys::managed::KeyState;
use crate::sidecar::metrics::{Kind, Metrics};

/// The signing keys of every profile whose keys are made here.
pub(super) fn register(metrics: &Metrics, profiles: &Arc<Profiles>) {
    let readings: [Reading<SigningKeysReading>; 5] = [
        Reading {
            kind: Kind::Gauge,
            name: "signing_keys",
            help: "Signing keys of our own making, by state",
            label: "state",
            read: |reading| {
                let row =
                    |(state, keys): &(KeyState, usize)| (state.as_str(), number(*keys as u64));
                reading.states.iter().map(row).collect()
            },
        },
        Reading {
            kind: Kind::Gauge,
            name: "signing_keys_overdue",
            help: "Whether the signing key should have been replaced by now",
            label: "",
            read: |reading| only(number(u64::from(reading.is_overdue))),
        },
        Reading {
            kind: Kind::Gauge,
            name: "signing_keys_failures_in_a_row",
            help: "Times that the signing keys could not be kept since they last could",
            label: "",
            read: |reading| only(number(reading.stats.failures_in_a_row)),
        },
        Reading {
            kind: Kind::Counter,
            name: "signing_keys_staged",
            help: "Signing keys that this process made",
            label: "",
            read: |reading| only(number(reading.stats.staged)),
        },
        Reading {
            kind: Kind::Counter,
            name: "signing_keys_healed",
            help: "Times that the store had lost signing keys and was told them again",
            label: "",
            read: |reading| only(number(reading.stats.healed)),
        },
    ];
    let counts = of_profiles(profiles, Profile::signing_keys_reading);
    reading::register(metrics, readings, counts);
}
