use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{ManualClock, UnixMillis};
use bearerd::store::{SqliteStore, Store};

use super::{PATIENT, START, folder, put, put_until, value, with_clock};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// A clock that ran ahead and was corrected: nothing that was to stay is gone.
#[test]
fn a_jump_of_the_clock_wipes_nothing() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let (clock, store) = with_clock(&path);
    for number in 0..20 {
        put_until(&store, &format!("mark {number}"), b"v", START.plus(DAY));
    }
    for ahead in [DAY * 365, DAY * 2] {
        clock.set(clock_now(&clock).plus(ahead));
        for number in 0..20 {
            assert_eq!(
                value(&store, &format!("mark {number}")),
                None,
                "absent by the clock"
            );
            put(&store, &format!("{number} after {ahead:?}"), b"v");
        }
        assert_eq!(store.purge(usize::MAX).unwrap(), 0);
        clock.advance(MINUTE * 14);
        assert_eq!(store.purge(usize::MAX).unwrap(), 0);
        // Nor does a process that is started meanwhile.
        let started = SqliteStore::open(&path, PATIENT, clock.clone()).unwrap();
        assert_eq!(started.purge(usize::MAX).unwrap(), 0);
        clock.set(START.plus(MINUTE));
        for number in 0..20 {
            assert!(value(&store, &format!("mark {number}")).is_some());
        }
    }
}

fn clock_now(clock: &ManualClock) -> UnixMillis {
    bearerd::clock::Clock::now(clock)
}

#[test]
fn a_clock_that_holds_is_believed() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let (clock, store) = with_clock(&path);
    put_until(&store, "short", b"v", START.plus(DAY));
    clock.set(START.plus(DAY));
    assert_eq!(store.purge(usize::MAX).unwrap(), 0);
    clock.advance(MINUTE * 15);
    assert_eq!(store.purge(usize::MAX).unwrap(), 1);
    drop(store);

    // After a rest, as long as it takes to know it from a jump.
    let store = SqliteStore::open(&path, PATIENT, clock.clone()).unwrap();
    put_until(&store, "short", b"v", clock_now(&clock).plus(DAY));
    drop(store);
    let later = Arc::new(ManualClock::at(clock_now(&clock).plus(DAY * 2)));
    let store = SqliteStore::open(&path, PATIENT, later.clone()).unwrap();
    assert_eq!(store.purge(usize::MAX).unwrap(), 0);
    later.advance(MINUTE * 15);
    assert_eq!(store.purge(usize::MAX).unwrap(), 1);
}

/// Writes wipe what has expired, so it cannot pile up.
#[test]
fn writes_wipe_what_has_expired() {
    let folder = folder();
    let (clock, store) = with_clock(&folder.path().join("state.db"));
    for number in 0..100 {
        let expires = clock_now(&clock).plus(Duration::from_millis(9));
        put_until(&store, &number.to_string(), b"v", expires);
        clock.advance(Duration::from_millis(1));
    }
    let left = store.purge(usize::MAX).unwrap();
    assert!(left <= 2, "{left} had piled up");
}

/// What was removed or wiped is in no file any more.
#[test]
fn what_is_removed_is_overwritten() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let (clock, store) = with_clock(&path);
    // By another process: closing a file that SQLite has open would cost this one its locks.
    let found = |text: &str| {
        let grep = Command::new("grep")
            .args(["-rlF", text])
            .arg(folder.path())
            .output();
        !grep.unwrap().stdout.is_empty()
    };
    let secret = "hunter2-".repeat(2_000);
    for (name, expires) in [("removed", UnixMillis::MAX), ("ended", START.plus(MINUTE))] {
        put_until(&store, name, format!("{name}-{secret}").as_bytes(), expires);
        assert!(found(&format!("{name}-hunter2")));
    }
    assert!(store.delete(&super::key(&["removed"])).unwrap());
    clock.advance(MINUTE);
    assert_eq!(store.purge(usize::MAX).unwrap(), 1);
    assert!(!found("hunter2"));
}
