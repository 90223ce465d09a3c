//! Trust, check, list, forget; and what ends by itself.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bearerd::clock::ManualClock;
use bearerd::clock::UnixMillis;
use bearerd::crypto::providers;
use bearerd::error::Code;
use bearerd::state::devices::TrustedDevices;
use bearerd::store::{Namespace, Page, Put, Store, StoreKey, Swap};

use crate::stores::{Make, on_every_store};

const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_secs(86_400);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8));

struct World {
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
}

impl World {
    fn new(make: Make) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = make(clock.clone());
        Self { clock, store }
    }

    fn devices(&self, profile: &str) -> TrustedDevices {
        let (store, clock) = (Arc::clone(&self.store), self.clock.clone());
        TrustedDevices::new(profile, 90 * DAY, store, providers()[0], clock)
    }
}

fn trusts(devices: &TrustedDevices, subject: &str, ip: IpAddr, agent: &str) -> bool {
    devices.check(subject, ip, agent).unwrap().is_some()
}

on_every_store!(
    a_device_is_trusted_to_the_millisecond,
    only_the_very_device_is_trusted,
    devices_are_listed_page_by_page,
    one_or_all_are_forgotten,
    many_at_once_trust_one_device_once,
    hostile_subjects_stay_apart,
);

fn a_device_is_trusted_to_the_millisecond(make: Make) {
    let world = World::new(make);
    let devices = world.devices("web");
    let first = devices.trust("ada", HERE, "x/1", "desk").unwrap();
    assert_eq!(
        (first.trusted_at, first.expires_at),
        (START, START.plus(90 * DAY))
    );
    assert_eq!(devices.check("ada", HERE, "x/1").unwrap(), Some(first));
    world.clock.advance(89 * DAY);
    // Trusted anew, it is so for another ninety days.
    let again = devices.trust("ada", HERE, "x/1", "the desk").unwrap();
    world.clock.advance(90 * DAY - Duration::from_millis(1));
    assert_eq!(devices.check("ada", HERE, "x/1").unwrap(), Some(again));
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(devices.check("ada", HERE, "x/1").unwrap(), None);
    assert!(devices.list("ada", None, 10).unwrap().devices.is_empty());
    assert_eq!(devices.forget_all("ada").unwrap(), 0);
    assert!(devices.trust("ada", HERE, "x/1", "").is_ok());
}

fn only_the_very_device_is_trusted(make: Make) {
    let world = World::new(make);
    let devices = world.devices("web");
    let _ = devices.trust("ada", HERE, "x/1", "").unwrap();
    assert!(trusts(&devices, "ada", HERE, "x/1"));
    for (subject, ip, agent) in [
        ("bob", HERE, "x/1"),
        ("Ada", HERE, "x/1"),
        ("ada", THERE, "x/1"),
        ("ada", HERE, "x/2"),
        ("ada", HERE, ""),
        ("ada", HERE, "x/1 "),
    ] {
        assert!(!trusts(&devices, subject, ip, agent), "{subject} {agent}");
    }
    assert!(!trusts(&world.devices("other"), "ada", HERE, "x/1"));
    assert!(
        trusts(&world.devices("web"), "ada", HERE, "x/1"),
        "in another process"
    );
}

fn devices_are_listed_page_by_page(make: Make) {
    let world = World::new(make);
    let devices = world.devices("web");
    let made: BTreeSet<String> = (0..25)
        .map(|n| {
            let device = devices.trust("ada", HERE, &format!("x/{n}"), "d").unwrap();
            device.id.as_str().to_owned()
        })
        .collect();
    let _ = devices.trust("ada2", HERE, "x/1", "").unwrap();
    let (mut after, mut listed) = (None, BTreeSet::new());
    loop {
        let page = devices.list("ada", after.as_ref(), 10).unwrap();
        assert!(page.devices.len() <= 10);
        for device in page.devices {
            assert_eq!(device.description, "d");
            assert!(listed.insert(device.id.as_str().to_owned()));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
    let fault = devices.list("", None, 10).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
}

fn one_or_all_are_forgotten(make: Make) {
    let world = World::new(make);
    let devices = world.devices("web");
    let one = devices.trust("ada", HERE, "x/1", "").unwrap();
    for n in 2..5 {
        let _ = devices.trust("ada", HERE, &format!("x/{n}"), "").unwrap();
    }
    let _ = devices.trust("bob", HERE, "x/1", "").unwrap();
    assert!(!devices.forget("bob", &one.id).unwrap(), "it is not bob's");
    assert!(devices.forget("ada", &one.id).unwrap());
    assert!(!devices.forget("ada", &one.id).unwrap());
    assert!(!trusts(&devices, "ada", HERE, "x/1"));
    assert!(trusts(&devices, "ada", HERE, "x/2"));
    assert_eq!(devices.forget_all("ada").unwrap(), 3);
    assert_eq!(devices.forget_all("ada").unwrap(), 0);
    assert!(!trusts(&devices, "ada", HERE, "x/2"));
    assert!(trusts(&devices, "bob", HERE, "x/1"));
}

fn many_at_once_trust_one_device_once(make: Make) {
    let world = World::new(make);
    thread::scope(|scope| {
        for _ in 0..4 {
            let devices = world.devices("web");
            scope.spawn(move || {
                for _ in 0..5 {
                    assert!(devices.trust("ada", HERE, "x/1", "").is_ok());
                }
            });
        }
    });
    let devices = world.devices("web");
    assert_eq!(devices.list("ada", None, 10).unwrap().devices.len(), 1);
}

fn hostile_subjects_stay_apart(make: Make) {
    let world = World::new(make);
    let devices = world.devices("web");
    let subjects = [
        "a", "a/", "a/b", "*", "a*", "a%2F", "{a}", "a\n", "\0", "../a", "ä", "a:",
    ];
    for subject in subjects {
        let _ = devices
            .trust(subject, HERE, "x\r\nSet-Cookie: y\0", "\u{202e}")
            .unwrap();
    }
    for subject in subjects {
        assert_eq!(
            devices.list(subject, None, 10).unwrap().devices.len(),
            1,
            "{subject:?}"
        );
        assert_eq!(devices.forget_all(subject).unwrap(), 1, "{subject:?}");
    }
    let long = "d".repeat(513);
    let fault = devices.trust("a", HERE, "x", &long).unwrap_err();
    assert!(fault.to_string().starts_with("description: "), "{fault}");
}

/// The store has neither address nor user agent, and what somebody else wrote is not taken.
#[test]
fn the_store_holds_a_hash() {
    let world = World::new(crate::stores::memory);
    let devices = world.devices("web");
    let device = devices.trust("ada", HERE, "hidden/1", "").unwrap();
    let prefix = StoreKey::new(Namespace::new("device"), &[]).unwrap();
    let items = world.store.scan(&prefix, None, Page::MAX).unwrap().items;
    assert_eq!(items.len(), 1);
    let (key, entry) = &items[0];
    let value = String::from_utf8(entry.value.expose().to_vec()).unwrap();
    for text in [key.as_str(), &value, &format!("{devices:?} {device:?}")] {
        assert!(!text.contains("hidden") && !text.contains("192"), "{text}");
    }
    let swap = world
        .store
        .compare_and_swap(key, entry.version, b"[]", entry.expires);
    assert!(matches!(swap, Ok(Swap::Stored(_))));
    let fault = devices.check("ada", HERE, "hidden/1").unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    let parts: [&[u8]; 3] = [b"web", b"bob", b"x"];
    let foreign = StoreKey::new(Namespace::new("device"), &parts).unwrap();
    let put = world.store.put_if_absent(&foreign, b"{}", UnixMillis::MAX);
    assert!(matches!(put, Ok(Put::Stored(_))));
    let fault = devices.list("bob", None, 10).unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
}

/// What has ended is wiped by the store, with nobody asking for the device again.
#[test]
fn expired_devices_are_purged() {
    let world = World::new(crate::stores::memory);
    let devices = world.devices("web");
    for n in 0..10 {
        let _ = devices.trust("ada", HERE, &format!("x/{n}"), "").unwrap();
    }
    world.clock.advance(90 * DAY);
    assert_eq!(world.store.purge(100).unwrap(), 10);
}
