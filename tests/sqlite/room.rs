use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::Code;
use bearerd::store::{SqliteLimits, SqliteStore, Store};

use super::other::Part;
use super::{PATIENT, START, assert_fault, folder, key, put_until, value, with_clock};

/// Row R6: a file at its limit refuses, forgets nothing, and goes on when something has ended.
#[test]
fn a_full_file_refuses_and_forgets_nothing() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let (clock, _) = with_clock(&path);
    let small = SqliteLimits {
        bytes: 256 << 10,
        ..PATIENT
    };
    let store = SqliteStore::open(&path, small, clock.clone()).unwrap();
    let soon = START.plus(Duration::from_secs(60));
    let mut stored: u32 = 0;
    let fault = loop {
        let expires = if stored < 10 { soon } else { UnixMillis::MAX };
        match store.put_if_absent(&key(&[&stored.to_string()]), &[b'x'; 3_000], expires) {
            Ok(_) => stored += 1,
            Err(fault) => break fault,
        }
        assert!(stored < 1_000, "no limit");
    };
    assert!(stored > 30, "{stored}");
    assert_fault(
        &fault,
        Code::StoreUnavailable,
        &path,
        "limit of 262144 bytes",
    );
    for number in 0..stored {
        assert!(value(&store, &number.to_string()).is_some());
    }
    assert!(
        store.delete(&key(&["20"])).unwrap(),
        "removing needs no room"
    );
    put_until(&store, "20", &[b'x'; 3_000], UnixMillis::MAX);
    clock.advance(Duration::from_secs(60));
    for number in 0..8 {
        put_until(
            &store,
            &format!("more {number}"),
            &[b'y'; 3_000],
            UnixMillis::MAX,
        );
    }
    for number in 10..stored {
        assert!(value(&store, &number.to_string()).is_some());
    }
    let size = path.metadata().unwrap().len();
    assert!(size <= 256 << 10, "{size}");
}

/// Row R6: what the disk has no room for is refused, and the store goes on when there is room.
#[test]
fn a_full_disk_is_a_fault_that_passes() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut part = Part::play("short of disk", &path, "");
    assert_eq!(part.hear().as_deref(), Some("went on"));
}

/// The feed forgets what is old, and the file does not grow by it.
#[test]
fn the_feed_is_bounded() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let limits = SqliteLimits {
        changes: 100,
        ..PATIENT
    };
    let clock = std::sync::Arc::new(bearerd::clock::ManualClock::at(START));
    let store = SqliteStore::open(&path, limits, clock).unwrap();
    for _ in 0..1_000 {
        put_until(&store, "one", b"v", UnixMillis::MAX);
        store.delete(&key(&["one"])).unwrap();
    }
    drop(store);
    let count: i64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM changes", [], |row| row.get(0))
        .unwrap();
    assert!((101..=126).contains(&count), "{count}");
}
