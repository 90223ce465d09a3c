//! Token buckets: one step on the server, by its clock, and nothing that lives on.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bearerd::store::{Bucket, Meter, Store, Take};

use crate::server::Server;
use crate::{NO_WAIT, all, begin, clock, unavailable};

const SLOW: Bucket = Bucket {
    interval: Duration::from_secs(3_600),
    burst: 16,
};

#[test]
fn of_many_at_once_as_many_take_as_there_are_tokens() {
    let server = Server::start(&[]);
    let stores: Vec<_> = (0..4).map(|_| Arc::new(server.store(clock()))).collect();
    let threads = (0..32).map(|at| {
        let store = Arc::clone(&stores[at % stores.len()]);
        thread::spawn(move || matches!(store.take(&[1; 16], &SLOW).unwrap(), Take::Taken { .. }))
    });
    let threads: Vec<_> = threads.collect();
    let taken = threads
        .into_iter()
        .filter_map(|thread| thread.join().ok())
        .filter(|taken| *taken)
        .count();
    assert_eq!(taken, 16);
    let Take::Empty { retry_after } = stores[0].take(&[1; 16], &SLOW).unwrap() else {
        panic!("a token too many");
    };
    assert!(retry_after <= SLOW.interval && retry_after > SLOW.interval / 2);
    assert_eq!(
        stores[0].take(&[2; 16], &SLOW).unwrap(),
        Take::Taken { remaining: 15 }
    );
}

#[test]
fn a_bucket_ends_by_itself_and_is_no_entry() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    let cursor = begin(&store);
    let _ = store.take(&[7; 16], &SLOW).unwrap();
    let redis::Value::Array(keys) = server.ask(&["KEYS", "*:bucket:*"]) else {
        panic!("no keys");
    };
    let [redis::Value::BulkString(name)] = keys.as_slice() else {
        panic!("{keys:?}");
    };
    let name = String::from_utf8(name.clone()).unwrap();
    assert!(name.starts_with("{bearerd}:bucket:"), "{name}");
    let redis::Value::Int(left) = server.ask(&["PTTL", &name]) else {
        panic!("no time");
    };
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
    assert!(store.scan(&all(), None, 10).unwrap().items.is_empty());
    let changes = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert!(changes.items.is_empty() && !changes.gap);
}

#[test]
fn a_bucket_of_the_future_locks_nobody_out_for_longer_than_an_empty_one() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    let _ = store.take(&[7; 16], &SLOW).unwrap();
    let redis::Value::Array(keys) = server.ask(&["KEYS", "*:bucket:*"]) else {
        panic!("no keys");
    };
    let redis::Value::BulkString(name) = &keys[0] else {
        panic!("{keys:?}");
    };
    let name = String::from_utf8(name.clone()).unwrap();
    // As a server whose clock ran years ahead would have left it.
    server.ask(&["SET", &name, "9000000000000000"]);
    let Take::Empty { retry_after } = store.take(&[7; 16], &SLOW).unwrap() else {
        panic!("an empty bucket gave a token");
    };
    assert!(retry_after <= SLOW.interval, "{retry_after:?}");
}

#[test]
fn what_is_no_bucket_is_unavailable() {
    let mut server = Server::start(&[]);
    let store = server.store(clock());
    let _ = store.take(&[7; 16], &SLOW).unwrap();
    let redis::Value::Array(keys) = server.ask(&["KEYS", "*:bucket:*"]) else {
        panic!("no keys");
    };
    let redis::Value::BulkString(name) = &keys[0] else {
        panic!("{keys:?}");
    };
    let name = String::from_utf8(name.clone()).unwrap();
    server.ask(&["DEL", &name]);
    server.ask(&["LPUSH", &name, "x"]);
    unavailable(store.take(&[7; 16], &SLOW), "redis");
    server.kill();
    unavailable(store.take(&[7; 16], &SLOW), "redis");
}
