//! Stores: the suite for each of them, then what only one of them promises.

#[macro_use]
mod store_suite;

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::Code;
use bearerd::store::{MemoryLimits, MemoryStore, Put, Store, StoreKey, Swap};
use proptest::prelude::*;

use store_suite::{START, THINGS, key, put};

fn memory(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    let limits = MemoryLimits {
        changes,
        ..MemoryLimits::default()
    };
    Box::new(MemoryStore::new(limits, clock))
}

store_suite!(memory_store, super::memory);

/// A store whose file goes with the test that opened it.
#[cfg(feature = "sqlite")]
fn sqlite(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    store_suite::temporary::open(clock, changes)
}

#[cfg(feature = "sqlite")]
store_suite!(sqlite_store, super::sqlite);

#[cfg(feature = "redis")]
store_suite!(redis_store, super::store_suite::on_redis::temporary);

fn small(limits: MemoryLimits) -> (Arc<ManualClock>, MemoryStore) {
    let clock = Arc::new(ManualClock::at(START));
    (clock.clone(), MemoryStore::new(limits, clock))
}

/// Row C8: bounded in entries; what is held stays, what is too much is refused.
#[test]
fn a_full_memory_store_refuses_and_forgets_nothing() {
    let (clock, store) = small(MemoryLimits {
        entries: 10,
        ..MemoryLimits::default()
    });
    let soon = START.plus(Duration::from_secs(5));
    let mut version = None;
    for number in 0..10 {
        let expires = if number < 3 { soon } else { UnixMillis::MAX };
        version = Some(put(&store, &key(&[&number.to_string()]), b"v", expires));
    }
    let fault = store
        .put_if_absent(&key(&["more"]), b"v", UnixMillis::MAX)
        .unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    assert!(fault.to_string().contains("10 of 10 entries"), "{fault}");
    for number in 0..10 {
        assert!(store.get(&key(&[&number.to_string()])).unwrap().is_some());
    }
    let replaced = store.compare_and_swap(&key(&["9"]), version.unwrap(), b"w", UnixMillis::MAX);
    assert!(replaced.is_ok(), "replacing needs no more room");
    clock.advance(Duration::from_secs(5));
    for number in 10..13 {
        put(&store, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    assert!(
        store
            .put_if_absent(&key(&["more"]), b"v", UnixMillis::MAX)
            .is_err()
    );
    assert_eq!(store.len(), 10);
}

/// Row C8: bounded in bytes, and the count returns to zero.
#[test]
fn a_memory_store_counts_its_bytes() {
    let (clock, store) = small(MemoryLimits {
        bytes: 10_000,
        ..MemoryLimits::default()
    });
    let soon = START.plus(Duration::from_secs(5));
    assert!(
        store
            .put_if_absent(&key(&["big"]), &[0; 10_000], soon)
            .is_err()
    );
    let version = put(&store, &key(&["a"]), &[0; 4_000], soon);
    put(&store, &key(&["b"]), &[0; 4_000], soon);
    assert!(
        store
            .put_if_absent(&key(&["c"]), &[0; 4_000], soon)
            .is_err()
    );
    assert!(
        store
            .compare_and_swap(&key(&["a"]), version, &[0; 9_000], soon)
            .is_err()
    );
    assert_eq!(store.get(&key(&["a"])).unwrap().unwrap().version, version);
    let grown = store.compare_and_swap(&key(&["a"]), version, &[0; 5_000], soon);
    assert!(matches!(grown, Ok(Swap::Stored(_))));
    assert!(store.bytes() > 9_000 && store.bytes() <= 10_000);
    store.delete(&key(&["b"])).unwrap();
    clock.advance(Duration::from_secs(5));
    assert_eq!(store.purge(usize::MAX).unwrap(), 1);
    assert_eq!((store.len(), store.bytes()), (0, 0));
}

/// Expired entries are wiped by the writes that follow, so they cannot pile up.
#[test]
fn writes_wipe_what_has_expired() {
    let (clock, store) = small(MemoryLimits::default());
    for number in 0..1_000 {
        put(
            &store,
            &key(&[&number.to_string()]),
            b"v",
            clock.now().plus(Duration::from_millis(9)),
        );
        clock.advance(Duration::from_millis(1));
    }
    assert!(store.len() <= 10, "{} held, 9 of them live", store.len());
}

#[test]
fn nothing_stored_is_shown() {
    let (_, store) = small(MemoryLimits::default());
    let key = key(&["alice"]);
    put(&store, &key, b"hunter2", UnixMillis::MAX);
    let entry = store.get(&key).unwrap().unwrap();
    let again = store.put_if_absent(&key, b"", UnixMillis::MAX).unwrap();
    assert!(matches!(again, Put::Present(_)));
    let changes = store.changes(None, Duration::ZERO).unwrap();
    let page = store.scan(&key, None, 1).unwrap();
    let shown = format!("{store:?} {entry:?} {again:?} {changes:?} {page:?} {key:?}");
    assert!(
        !shown.contains("alice") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(!shown.contains("104, 117"), "{shown}");
}

#[test]
fn a_key_text_that_is_not_ours_is_refused() {
    let long = format!("thing/{}/", "x".repeat(513));
    for text in [
        "",
        "/",
        "thing",
        "Thing/a/",
        "thing/a",
        "thing/a b/",
        "thing/a%2fb/",
        "thing/%61/",
        "thing/%/",
        "thing/%2/",
        "thing/%2G/",
        "thing/%+1/",
        "thing/a*/",
        "thing/é/",
        &long,
    ] {
        let fault = StoreKey::from_encoded(text).expect_err(text);
        assert_eq!(fault.code(), Code::StoreUnavailable);
    }
}

proptest! {
    /// Row R7: whatever the parts are, the text is theirs alone, plain, and reads back.
    #[test]
    fn keys_read_back(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..5)) {
        let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let key = StoreKey::new(THINGS, &slices).unwrap();
        prop_assert_eq!(key.namespace(), "thing");
        prop_assert_eq!(key.parts(), parts.clone());
        prop_assert!(key.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%/".contains(&b)));
        prop_assert_eq!(StoreKey::from_encoded(key.as_str()).unwrap(), key.clone());
        let prefix = StoreKey::new(THINGS, &slices[..slices.len() / 2]).unwrap();
        prop_assert!(key.starts_with(&prefix));
    }

    #[test]
    fn different_parts_never_share_a_key(a in proptest::collection::vec("[a/%:*]{0,3}", 0..4), b in proptest::collection::vec("[a/%:*]{0,3}", 0..4)) {
        let of = |parts: &[String]| StoreKey::new(THINGS, &parts.iter().map(String::as_bytes).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(of(&a) == of(&b), a == b);
        prop_assert_eq!(of(&a).starts_with(&of(&b)), a.starts_with(&b));
    }
}
