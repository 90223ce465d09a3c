//! What other processes do.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{SystemClock, UnixMillis};
use bearerd::state::{Spend, SpentHandles};
use bearerd::store::{Put, Store, Swap};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::other::{lines, say};
use super::{PATIENT, key, monotonic, open, put, value};

#[test]
#[ignore = "no test: a part in other tests, which they start themselves"]
fn plays_a_part() {
    let of = |name| env::var_os(name).expect("other tests start this one");
    let path = PathBuf::from(of("TEST_PATH"));
    let name = of("TEST_NAME").into_string().unwrap();
    match of("TEST_ROLE").to_str().unwrap() {
        "write until killed" => write_until_killed(&path, &name),
        "write a hundred" => write_a_hundred(&path, &name),
        "write when told" => write_when_told(&path, &name),
        "spend" => spend(&path, &name),
        "hold the lock" => hold_the_lock(&path),
        "short of disk" => short_of_disk(&path),
        role => panic!("{role}: no such part"),
    }
}

/// Says each write once it was answered: a new entry, and a counter that is swapped.
fn write_until_killed(path: &Path, name: &str) {
    let store = open(path, PATIENT).unwrap();
    say("ready");
    for number in 0_u64.. {
        put(
            &store,
            &format!("{name}-{number}"),
            number.to_string().as_bytes(),
        );
        say(&format!("put {number}"));
        let counter = key(&["counter", name]);
        let text = number.to_string();
        let value = text.as_bytes();
        match store.get(&counter).unwrap() {
            None => assert!(matches!(
                store.put_if_absent(&counter, value, UnixMillis::MAX),
                Ok(Put::Stored(_))
            )),
            Some(entry) => assert!(matches!(
                store.compare_and_swap(&counter, entry.version, value, UnixMillis::MAX),
                Ok(Swap::Stored(_))
            )),
        }
        say(&format!("swapped {number}"));
    }
}

fn write_a_hundred(path: &Path, name: &str) {
    let store = open(path, PATIENT).unwrap();
    for number in 0..100 {
        let version = put(&store, &format!("{name}-{number}"), b"v");
        say(&version.raw().to_string());
    }
}

fn write_when_told(path: &Path, _: &str) {
    let store = open(path, PATIENT).unwrap();
    say("ready");
    for name in lines() {
        put(&store, &name, b"v");
        say(&monotonic().as_millis().to_string());
    }
}

fn spend(path: &Path, name: &str) {
    let clock = Arc::new(SystemClock);
    let store = Arc::new(open(path, PATIENT).unwrap());
    let spent = SpentHandles::new(store, "web", clock);
    say("ready");
    for line in lines() {
        // At one moment in all processes; the ticks of this clock are the same for all.
        let (handle, at) = line.split_once(' ').unwrap();
        let at = Duration::from_millis(at.parse().unwrap());
        while monotonic() < at {
            std::thread::yield_now();
        }
        let grace = Duration::from_secs(600);
        let spend = spent.spend(handle.as_bytes(), name.as_bytes(), UnixMillis::MAX, grace);
        match spend.unwrap() {
            Spend::First => say("first"),
            Spend::Again(reply) => say(std::str::from_utf8(reply.expose()).unwrap()),
            Spend::Reused => say("reused"),
        }
    }
}

fn hold_the_lock(path: &Path) {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    say("locked");
    lines().next();
    other.execute_batch("ROLLBACK").unwrap();
    say("released");
    lines().next();
}

/// A disk that is full, as far as a process can have one for itself: no file may grow.
fn short_of_disk(path: &Path) {
    // Else the signal would end the process.
    let full = Arc::new(std::sync::atomic::AtomicBool::new(false));
    signal_hook::flag::register(25, full.clone()).unwrap();
    let store = open(path, PATIENT).unwrap();
    put(&store, "before", b"v");
    let roomy = getrlimit(Resource::Fsize);
    let tight = Rlimit {
        current: Some(8_192),
        ..roomy
    };
    setrlimit(Resource::Fsize, tight).unwrap();
    let fault = store
        .put_if_absent(&key(&["refused"]), &[7; 10_000], UnixMillis::MAX)
        .unwrap_err();
    super::assert_fault(&fault, bearerd::error::Code::StoreUnavailable, path, "disk");
    assert!(full.load(std::sync::atomic::Ordering::SeqCst));
    setrlimit(Resource::Fsize, roomy).unwrap();
    assert_eq!(value(&store, "before").as_deref(), Some(&b"v"[..]));
    assert_eq!(value(&store, "refused"), None);
    put(&store, "after", b"v");
    say("went on");
}
