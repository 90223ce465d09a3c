//! A store on Redis in a child. In a process of its own: the generation is the process's.
#![cfg(feature = "redis")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests panic, and wait for another process by the clock on the wall"
)]

#[path = "common/redis.rs"]
#[expect(dead_code, reason = "the other tests of that store use the rest")]
mod server;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bearerd::clock::{ManualClock, UnixMillis};
use bearerd::store::{Namespace, Put, RedisStore, Store, StoreKey};

use server::{LONG, Server};

const NO_WAIT: Duration = Duration::ZERO;

fn put(store: &RedisStore, name: &str) {
    let key = StoreKey::new(Namespace::new("thing"), &[name.as_bytes()]).unwrap();
    let put = store.put_if_absent(&key, b"value", UnixMillis::MAX);
    assert!(matches!(put, Ok(Put::Stored(_))), "{put:?}");
}

/// The connections of the store, without that of whoever asks.
fn ids(server: &Server) -> Vec<String> {
    let redis::Value::BulkString(clients) = server.ask(&["CLIENT", "LIST"]) else {
        panic!("a list is text");
    };
    let clients = String::from_utf8(clients).unwrap();
    let ours = clients
        .lines()
        .filter(|client| !client.contains("cmd=client"));
    ours.map(|client| client.split(' ').next().unwrap().to_owned())
        .collect()
}

/// A child shares no connection with its parent: it drops what it inherited, and connects anew.
#[test]
fn a_child_connects_anew() {
    let server = Server::start(&[]);
    let store = server.store(Arc::new(ManualClock::at(UnixMillis::EPOCH)));
    put(&store, "in the parent");
    let cursor = store.changes(None, NO_WAIT).unwrap().next;
    let before = ids(&server);
    assert_eq!(before.len(), 2, "one to write, one to follow");
    put(&store, "again");
    assert!(store.changes(Some(cursor), NO_WAIT).is_ok());
    assert_eq!(ids(&server), before, "kept");

    bearerd::fork::prepare();
    bearerd::fork::in_child();
    put(&store, "in the child");
    assert!(store.changes(Some(cursor), NO_WAIT).is_ok());
    let start = Instant::now();
    loop {
        let after = ids(&server);
        if after.len() == 2 && before.iter().all(|id| !after.contains(id)) {
            break;
        }
        assert!(
            start.elapsed() < LONG,
            "{after:?} are open, {before:?} were inherited"
        );
        thread::sleep(Duration::from_millis(5));
    }
}
