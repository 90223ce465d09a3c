//! What the store in a file promises beyond the suite that every store passes: row R6, and what
//! several processes do with one file.

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "test code outside of #[test]")]

mod clocks;
mod damage;
mod durability;
mod files;
#[path = "../common/part.rs"]
mod other;
mod part;
mod replaced;
mod room;
mod sharing;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use bearerd::error::{Code, Fault};
use bearerd::store::{
    Changes, Cursor, Namespace, Put, SqliteLimits, SqliteStore, Store, StoreKey, Version,
};
use tempfile::TempDir;

const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);

/// Long enough for a machine with much else to do.
const PATIENT: SqliteLimits = SqliteLimits {
    bytes: 1 << 30,
    changes: 16_384,
    wait: Duration::from_secs(60),
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn key(parts: &[&str]) -> StoreKey {
    const THINGS: Namespace = Namespace::new("thing");
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    StoreKey::new(THINGS, &parts).unwrap()
}

fn open(path: &Path, limits: SqliteLimits) -> Result<SqliteStore, Fault> {
    SqliteStore::open(path, limits, Arc::new(SystemClock))
}

fn with_clock(path: &Path) -> (Arc<ManualClock>, SqliteStore) {
    let clock = Arc::new(ManualClock::at(START));
    let store = SqliteStore::open(path, PATIENT, clock.clone()).unwrap();
    (clock, store)
}

fn put(store: &SqliteStore, name: &str, value: &[u8]) -> Version {
    put_until(store, name, value, UnixMillis::MAX)
}

fn put_until(store: &SqliteStore, name: &str, value: &[u8], expires: UnixMillis) -> Version {
    match store.put_if_absent(&key(&[name]), value, expires).unwrap() {
        Put::Stored(version) => version,
        Put::Present(_) => panic!("{name} is taken"),
    }
}

fn value(store: &SqliteStore, name: &str) -> Option<Vec<u8>> {
    let entry = store.get(&key(&[name])).unwrap()?;
    Some(entry.value.expose().to_vec())
}

fn cursor(store: &SqliteStore) -> Cursor {
    store.changes(None, Duration::ZERO).unwrap().next
}

fn since(store: &SqliteStore, cursor: Cursor) -> Changes {
    store.changes(Some(cursor), Duration::ZERO).unwrap()
}

/// Names the file, and what to do.
fn assert_fault(fault: &Fault, code: Code, path: &Path, what: &str) {
    let text = fault.chain();
    assert_eq!(fault.code(), code, "{text}");
    assert!(
        text.contains(path.file_name().unwrap().to_str().unwrap()),
        "{text}"
    );
    assert!(text.contains(what), "{text}");
}

fn monotonic() -> Duration {
    SystemClock.monotonic()
}
