use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// `kill -9` in the middle of many writes, 30 times: what was answered is there, versions go on,
/// and what was deleted stays deleted.
#[test]
fn nothing_that_was_answered_is_lost() {
    const ROUNDS: usize = 30;
    const WRITERS: usize = 4;
    let mut server = Server::durable();
    let store = server.store(clock());
    let mut kept: Vec<(String, Version)> = Vec::new();
    let mut deleted: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (store, stop) = (&store, &stop);
                    scope.spawn(move || write_until(store, stop, &format!("{round}-{writer}")))
                })
                .collect();
            thread::sleep(Duration::from_millis(u64::try_from(round).unwrap() * 2));
            server.kill();
            stop.store(true, Ordering::Relaxed);
            for writer in writers {
                let (mut stored, mut gone) = writer.join().unwrap();
                kept.append(&mut stored);
                deleted.append(&mut gone);
            }
        });
        server.restart();
        for (name, version) in &kept {
            let entry = store
                .get(&key(name))
                .unwrap()
                .unwrap_or_else(|| panic!("{name} is lost"));
            assert_eq!(entry.version, *version);
        }
        for name in &deleted {
            assert!(store.get(&key(name)).unwrap().is_none(), "{name} came back");
        }
        let newest = kept.iter().map(|(_, version)| *version).max();
        assert!(newest.is_none_or(|newest| put(&store, &format!("after {round}")) > newest));
    }
    assert!(
        kept.len() > ROUNDS && deleted.len() > ROUNDS,
        "{} kept",
        kept.len()
    );
}

type Answered = (Vec<(String, Version)>, Vec<String>);

/// What was answered: stored, and deleted.
fn write_until(store: &RedisStore, stop: &AtomicBool, writer: &str) -> Answered {
    let (mut kept, mut deleted) = (Vec::new(), Vec::new());
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{writer}-{number}");
        match store.put_if_absent(&key(&name), b"value", UnixMillis::MAX) {
            Ok(Put::Stored(_)) if number % 3 == 0 => match store.delete(&key(&name)) {
                Ok(existed) => {
                    assert!(existed);
                    deleted.push(name);
                }
                // Perhaps it is deleted, perhaps not.
                Err(_) => break,
            },
            Ok(Put::Stored(version)) => kept.push((name, version)),
            Ok(Put::Present(_)) => panic!("{name} is taken"),
            Err(fault) => {
                assert_eq!(fault.code(), Code::StoreUnavailable);
                break;
            }
        }
    }
    (kept, deleted)
}

/// The server's own expiry is a backstop: by its clock these have been over for years, or are over
/// at once, and they stay as long as ours says.
#[test]
fn the_clock_of_the_server_wipes_nothing_early() {
    let server = Server::start(&[]);
    let time = Arc::new(ManualClock::at(START));
    let store = server.store(time.clone());
    let expires = START.plus(Duration::from_millis(10));
    let Put::Stored(_) = store.put_if_absent(&key("short"), b"v", expires).unwrap() else {
        panic!("nothing was there");
    };
    thread::sleep(Duration::from_millis(50));
    assert!(store.get(&key("short")).unwrap().is_some());
    time.advance(Duration::from_millis(10));
    assert!(store.get(&key("short")).unwrap().is_none());
    let left = server.ask(&[
        "PTTL",
        &format!("{{bearerd}}:entry:{}", key("short").as_str()),
    ]);
    let redis::Value::Int(left) = left else {
        panic!("{left:?}")
    };
    assert!((80_000_000..=86_400_010).contains(&left), "{left} ms");
}

/// One host whose clock is ahead wipes nothing that the others still see.
#[test]
fn a_clock_that_is_ahead_wipes_nothing_for_the_others() {
    let server = Server::start(&[]);
    let now = bearerd::clock::SystemClock.now();
    let right = server.store(Arc::new(ManualClock::at(now)));
    let ahead = server.store(Arc::new(ManualClock::at(now.plus(LONG * 100))));
    for number in 0..40 {
        let (name, expires) = (key(&number.to_string()), now.plus(LONG * 50));
        assert!(matches!(
            right.put_if_absent(&name, b"v", expires),
            Ok(Put::Stored(_))
        ));
    }
    assert_eq!(ahead.purge(usize::MAX).unwrap(), 0);
    assert_eq!(ahead.scan(&all(), None, 100).unwrap().items.len(), 0);
    put(&ahead, "one more");
    assert_eq!(right.scan(&all(), None, 100).unwrap().items.len(), 41);
}

/// What is over is wiped by the writes that follow, index and all.
#[test]
fn writes_wipe_what_has_expired() {
    let server = Server::start(&[]);
    let time = Arc::new(ManualClock::at(START));
    let store = server.store(time.clone());
    for number in 0..500 {
        let expires = time.now().plus(Duration::from_millis(9));
        let _ = store
            .put_if_absent(&key(&number.to_string()), b"v", expires)
            .unwrap();
        time.advance(Duration::from_millis(1));
    }
    let entries = || {
        let redis::Value::Int(names) = server.ask(&["ZCARD", "{bearerd}:index"]) else {
            panic!()
        };
        let redis::Value::Int(keys) = server.ask(&["DBSIZE"]) else {
            panic!()
        };
        (names, keys)
    };
    assert!(entries().0 < 60, "{} are left", entries().0);
    time.advance(LONG);
    store.purge(usize::MAX).unwrap();
    // Life and feed.
    assert_eq!(entries(), (0, 2));
}
