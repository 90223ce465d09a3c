//! What the store on Redis promises beyond what all stores do: rows R3 and R6.
#![cfg(feature = "redis")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests panic, and wait for another process by the clock on the wall"
)]

mod buckets;
mod durability;
mod gaps;
mod races;
mod refusals;
mod silence;
mod tls;
#[cfg(feature = "server")]
mod warnings;

#[path = "../common/redis.rs"]
mod server;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::{Code, Fault};
use bearerd::store::{Cursor, Namespace, Put, RedisStore, Store, StoreKey, Version};

use server::{LONG, Server};

const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const NO_WAIT: Duration = Duration::ZERO;

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(START))
}

fn key(name: &str) -> StoreKey {
    StoreKey::new(Namespace::new("thing"), &[name.as_bytes()]).unwrap()
}

fn all() -> StoreKey {
    StoreKey::new(Namespace::new("thing"), &[]).unwrap()
}

fn put(store: &RedisStore, name: &str) -> Version {
    match store
        .put_if_absent(&key(name), b"value", UnixMillis::MAX)
        .unwrap()
    {
        Put::Stored(version) => version,
        Put::Present(_) => panic!("{name} is taken"),
    }
}

fn begin(store: &RedisStore) -> Cursor {
    store.changes(None, NO_WAIT).unwrap().next
}

fn unavailable<T: std::fmt::Debug>(answer: Result<T, Fault>, says: &str) -> Fault {
    let fault = answer.unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable, "{fault}");
    assert!(
        fault.chain().contains(says),
        "{says:?} is not in: {}",
        fault.chain()
    );
    fault
}

/// Every method of a store, by name, as something that may fail.
fn calls(store: &RedisStore) -> [(&'static str, Result<(), Fault>); 7] {
    let some = key("some");
    [
        ("get", store.get(&some).map(drop)),
        (
            "put",
            store.put_if_absent(&some, b"v", UnixMillis::MAX).map(drop),
        ),
        (
            "swap",
            store
                .compare_and_swap(&some, Version::from_raw(1), b"v", UnixMillis::MAX)
                .map(drop),
        ),
        ("delete", store.delete(&some).map(drop)),
        ("scan", store.scan(&all(), None, 10).map(drop)),
        ("changes", store.changes(None, NO_WAIT).map(drop)),
        ("purge", store.purge(10).map(drop)),
    ]
}

/// Tries until it is true: another process needs its time.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}
