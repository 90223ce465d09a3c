//! What every store must do, run once for each of them.
//!
//! `store_suite!(name, make)` makes a module of tests; `make` opens an empty store on the given
//! clock whose feed remembers at least the given number of changes, and at most twice as many.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code outside of #[test]"
)]

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::Code;
use bearerd::store::{
    Change, Changes, Cursor, Entry, Namespace, Page, Put, Store, StoreKey, Swap, Version,
};

#[cfg(any(feature = "redis", feature = "sqlite"))]
mod kept;
#[cfg(feature = "redis")]
pub(crate) mod on_redis;
#[cfg(feature = "sqlite")]
pub(crate) mod temporary;

pub(crate) type Make = fn(Arc<dyn Clock>, usize) -> Box<dyn Store>;

pub(crate) const THINGS: Namespace = Namespace::new("thing");
pub(crate) const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const NO_WAIT: Duration = Duration::ZERO;

macro_rules! store_suite {
    ($name:ident, $make:expr) => {
        store_suite!(@ $name, $make,
            stores_and_reads_back, one_of_many_puts_wins, no_increment_is_lost,
            versions_never_repeat, expires_to_the_millisecond, expired_is_absent_everywhere,
            scans_whole_parts_page_by_page, hostile_keys_stay_apart, long_keys_are_refused,
            long_values_are_refused, a_jump_of_the_clock_wipes_nothing,
            the_feed_tells_every_change_in_order, the_feed_waits_for_a_change,
            a_slow_follower_is_told_of_the_gap, foreign_cursors_are_gaps, the_feed_comes_in_parts);
    };
    (@ $name:ident, $make:expr, $($case:ident),*) => {
        mod $name {
            $(#[test] fn $case() { $crate::store_suite::$case($make); })*
        }
    };
}

fn open(make: Make) -> (Arc<ManualClock>, Box<dyn Store>) {
    let clock = Arc::new(ManualClock::at(START));
    let store = make(clock.clone(), 4_096);
    (clock, store)
}

pub(crate) fn key(parts: &[&str]) -> StoreKey {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    StoreKey::new(THINGS, &parts).expect("a short key")
}

pub(crate) fn put(store: &dyn Store, key: &StoreKey, value: &[u8], expires: UnixMillis) -> Version {
    match store
        .put_if_absent(key, value, expires)
        .expect("a store that answers")
    {
        Put::Stored(version) => version,
        Put::Present(entry) => panic!("{key:?} is taken: {entry:?}"),
    }
}

fn value(store: &dyn Store, key: &StoreKey) -> Option<Vec<u8>> {
    let entry = store.get(key).expect("a store that answers")?;
    Some(entry.value.expose().to_vec())
}

pub(crate) fn stores_and_reads_back(make: Make) {
    let (_, store) = open(make);
    let (one, two) = (key(&["1"]), key(&["2"]));
    assert_eq!(value(&*store, &one), None);
    let version = put(&*store, &one, b"a\0b", UnixMillis::MAX);
    put(&*store, &two, b"", UnixMillis::MAX);
    assert_eq!(value(&*store, &one).as_deref(), Some(&b"a\0b"[..]));
    assert_eq!(value(&*store, &two).as_deref(), Some(&b""[..]));

    match store.put_if_absent(&one, b"other", START).unwrap() {
        Put::Present(entry) => {
            assert_eq!(entry.value.expose(), b"a\0b");
            assert_eq!(entry.version, version);
            assert_eq!(entry.expires, UnixMillis::MAX);
        }
        Put::Stored(_) => panic!("a second put won"),
    }
    let expires = START.plus(Duration::from_secs(9));
    let Swap::Stored(newer) = store
        .compare_and_swap(&one, version, b"c", expires)
        .unwrap()
    else {
        panic!("the version was right");
    };
    let Swap::Lost(Some(entry)) = store
        .compare_and_swap(&one, version, b"d", expires)
        .unwrap()
    else {
        panic!("the version was spent");
    };
    assert_eq!(entry.value.expose(), b"c");
    assert_eq!((entry.version, entry.expires), (newer, expires));

    assert!(store.delete(&one).unwrap());
    assert!(!store.delete(&one).unwrap());
    assert_eq!(value(&*store, &one), None);
    assert!(matches!(
        store.compare_and_swap(&one, newer, b"e", expires).unwrap(),
        Swap::Lost(None)
    ));
    assert_eq!(value(&*store, &two).as_deref(), Some(&b""[..]));
}

pub(crate) fn one_of_many_puts_wins(make: Make) {
    const THREADS: usize = 64;
    let (_, store) = open(make);
    let key = key(&["contended"]);
    let barrier = Barrier::new(THREADS);
    let outcomes: Vec<(usize, Option<Vec<u8>>)> = thread::scope(|scope| {
        let racers: Vec<_> = (0..THREADS)
            .map(|racer| {
                let (store, key, barrier) = (&*store, &key, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let mine = racer.to_string();
                    match store
                        .put_if_absent(key, mine.as_bytes(), UnixMillis::MAX)
                        .unwrap()
                    {
                        Put::Stored(_) => (racer, None),
                        Put::Present(entry) => (racer, Some(entry.value.expose().to_vec())),
                    }
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    let winners: Vec<usize> = outcomes
        .iter()
        .filter(|(_, seen)| seen.is_none())
        .map(|(racer, _)| *racer)
        .collect();
    let [winner] = winners[..] else {
        panic!("{} winners", winners.len());
    };
    for (_, seen) in outcomes {
        assert!(seen.is_none_or(|seen| seen == winner.to_string().as_bytes()));
    }
}

pub(crate) fn no_increment_is_lost(make: Make) {
    const THREADS: usize = 8;
    const ROUNDS: usize = 100;
    let (_, store) = open(make);
    let key = key(&["counter"]);
    put(&*store, &key, b"0", UnixMillis::MAX);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let mut entry = store.get(&key).unwrap().expect("the counter");
                    loop {
                        let text = std::str::from_utf8(entry.value.expose()).unwrap();
                        let next = (text.parse::<usize>().unwrap() + 1).to_string();
                        match store
                            .compare_and_swap(&key, entry.version, next.as_bytes(), UnixMillis::MAX)
                            .unwrap()
                        {
                            Swap::Stored(_) => break,
                            Swap::Lost(seen) => entry = seen.expect("the counter"),
                        }
                    }
                }
            });
        }
    });
    let expected = (THREADS * ROUNDS).to_string();
    assert_eq!(value(&*store, &key).as_deref(), Some(expected.as_bytes()));
}

pub(crate) fn versions_never_repeat(make: Make) {
    let (clock, store) = open(make);
    let key = key(&["reborn"]);
    let mut seen = BTreeSet::new();
    for round in 0..20 {
        let expires = clock.now().plus(Duration::from_millis(1));
        assert!(seen.insert(put(&*store, &key, b"same", expires)));
        if round % 2 == 0 {
            store.delete(&key).unwrap();
        } else {
            clock.advance(Duration::from_millis(1));
        }
    }
    let oldest = *seen.first().unwrap();
    put(&*store, &key, b"same", UnixMillis::MAX);
    assert!(matches!(
        store
            .compare_and_swap(&key, oldest, b"stale", UnixMillis::MAX)
            .unwrap(),
        Swap::Lost(Some(_))
    ));
}

pub(crate) fn expires_to_the_millisecond(make: Make) {
    let (clock, store) = open(make);
    let key = key(&["short"]);
    put(&*store, &key, b"v", START.plus(Duration::from_millis(10)));
    clock.advance(Duration::from_millis(9));
    assert!(value(&*store, &key).is_some());
    clock.advance(Duration::from_millis(1));
    assert!(value(&*store, &key).is_none(), "absent at now == expires");
    put(&*store, &key, b"again", UnixMillis::MAX);
    clock.set(UnixMillis::MAX.minus(Duration::from_millis(1)));
    assert!(value(&*store, &key).is_some());
}

pub(crate) fn expired_is_absent_everywhere(make: Make) {
    let (clock, store) = open(make);
    let (short, long) = (key(&["short"]), key(&["zlong"]));
    let version = put(&*store, &short, b"v", START.plus(Duration::from_secs(1)));
    put(&*store, &long, b"v", UnixMillis::MAX);
    clock.advance(Duration::from_secs(1));
    let page = store.scan(&key(&[]), None, 10).unwrap();
    assert_eq!(page.items.len(), 1);
    assert!(!store.delete(&short).unwrap());
    assert!(matches!(
        store
            .compare_and_swap(&short, version, b"w", UnixMillis::MAX)
            .unwrap(),
        Swap::Lost(None)
    ));
    put(&*store, &short, b"past", START);
    assert!(value(&*store, &short).is_none(), "written into the past");
    store.purge(usize::MAX).unwrap();
    assert_eq!(store.purge(usize::MAX).unwrap(), 0);
    assert!(value(&*store, &long).is_some());
}

pub(crate) fn scans_whole_parts_page_by_page(make: Make) {
    let (_, store) = open(make);
    for user in ["a", "ab", "b"] {
        for number in 0..25 {
            put(
                &*store,
                &key(&[user, &format!("{number:02}")]),
                user.as_bytes(),
                UnixMillis::MAX,
            );
        }
    }
    let prefix = key(&["a"]);
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page: Page = store.scan(&prefix, after.as_ref(), 10).unwrap();
        assert!(page.items.len() <= 10);
        assert!(
            page.items
                .iter()
                .all(|(_, entry)| entry.value.expose() == b"a")
        );
        seen.extend(page.items.into_iter().map(|(key, _)| key));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (25, 3));
    assert!(seen.is_sorted());
    assert_eq!(seen[7].parts(), [b"a".to_vec(), b"07".to_vec()]);
    assert_eq!(
        store.scan(&key(&[]), None, usize::MAX).unwrap().items.len(),
        75
    );
    assert!(store.scan(&key(&["c"]), None, 10).unwrap().items.is_empty());
}

/// Row R7: names made of what a token says.
pub(crate) fn hostile_keys_stay_apart(make: Make) {
    let (_, store) = open(make);
    let names: [&[&str]; 20] = [
        &["a:b"],
        &["a", "b"],
        &["a/b"],
        &["a%2Fb"],
        &["a", "", "b"],
        &["ab"],
        &["a*"],
        &["*"],
        &["?"],
        &["[a-z]"],
        &["{a}"],
        &["\\"],
        &["a\nb"],
        &["a\r\nDEL x"],
        &["\0"],
        &["%00"],
        &["' OR 1=1 --"],
        &["é"],
        &["e\u{301}"],
        &[""],
    ];
    for (number, name) in names.iter().enumerate() {
        put(
            &*store,
            &key(name),
            number.to_string().as_bytes(),
            UnixMillis::MAX,
        );
    }
    for (number, name) in names.iter().enumerate() {
        let expected = number.to_string().into_bytes();
        assert_eq!(value(&*store, &key(name)), Some(expected), "{name:?}");
        let found = store.scan(&key(name), None, 100).unwrap().items;
        let (of, other) = (key(name), key(&["a", "b"]));
        assert!(found.iter().all(|(key, _)| key.starts_with(&of)));
        assert!(*name == ["a", "b"] || found.iter().all(|(key, _)| *key != other));
    }
    assert_eq!(
        store.scan(&key(&[]), None, 100).unwrap().items.len(),
        names.len()
    );
    assert!(store.delete(&key(&["*"])).unwrap());
    assert_eq!(
        store.scan(&key(&[]), None, 100).unwrap().items.len(),
        names.len() - 1
    );
}

/// Row R7: a name of 100 kB is refused before any store sees it, and its text is not repeated.
pub(crate) fn long_keys_are_refused(make: Make) {
    let (_, store) = open(make);
    let fits = "x".repeat(StoreKey::MAX_PART);
    put(&*store, &key(&[&fits]), b"v", UnixMillis::MAX);
    assert!(value(&*store, &key(&[&fits])).is_some());
    for parts in [
        vec!["x".repeat(100_000)],
        vec!["x".repeat(StoreKey::MAX_PART + 1)],
        vec!["\0".repeat(StoreKey::MAX_PART); 2],
        vec![String::new(); 100_000],
    ] {
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        let fault = StoreKey::new(THINGS, &parts).expect_err("too long");
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.to_string().contains("thing"));
        assert!(fault.to_string().len() < 300 && !fault.to_string().contains("xxx"));
    }
}

/// Row C8: a value has a limit, the same in every store, and is not repeated.
pub(crate) fn long_values_are_refused(make: Make) {
    let (_, store) = open(make);
    let (one, longest) = (key(&["1"]), vec![b'x'; Entry::MAX_VALUE]);
    let version = put(&*store, &one, &longest, UnixMillis::MAX);
    assert_eq!(value(&*store, &one).as_ref(), Some(&longest));
    let cursor = begin(&*store);
    let longer = vec![b'x'; Entry::MAX_VALUE + 1];
    for fault in [
        store
            .put_if_absent(&key(&["2"]), &longer, UnixMillis::MAX)
            .unwrap_err(),
        store
            .put_if_absent(&one, &longer, UnixMillis::MAX)
            .unwrap_err(),
        store
            .compare_and_swap(&one, version, &longer, UnixMillis::MAX)
            .unwrap_err(),
    ] {
        assert_eq!(fault.code(), Code::ValidationError, "{fault}");
        let text = fault.chain();
        assert!(text.contains("thing") && text.contains("1048577"), "{text}");
        assert!(!text.contains("xxx"), "{text}");
    }
    assert_eq!(value(&*store, &one).as_ref(), Some(&longest));
    assert_eq!(value(&*store, &key(&["2"])), None);
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert!(told.items.is_empty() && !told.gap, "nothing happened");
    let swapped = store.compare_and_swap(&one, version, &longest, UnixMillis::MAX);
    assert!(matches!(swapped, Ok(Swap::Stored(_))));
}

/// Row R6: a wall clock that ran ahead, past what a server's own clock says too, and was corrected.
pub(crate) fn a_jump_of_the_clock_wipes_nothing(make: Make) {
    const YEAR: Duration = Duration::from_secs(31_557_600);
    let (clock, store) = open(make);
    let names: Vec<StoreKey> = (0..20).map(|n| key(&["mark", &n.to_string()])).collect();
    let versions: Vec<Version> = names
        .iter()
        .map(|name| put(&*store, name, b"v", START.plus(YEAR * 40)))
        .collect();
    clock.set(START.plus(YEAR * 41));
    for (number, name) in names.iter().enumerate() {
        assert_eq!(value(&*store, name), None, "absent by the clock");
        put(
            &*store,
            &key(&["other", &number.to_string()]),
            b"v",
            UnixMillis::MAX,
        );
        clock.advance(Duration::from_secs(1));
    }
    let page = store.scan(&key(&[]), None, 100).unwrap();
    assert_eq!(page.items.len(), 20, "the others");
    assert_eq!(store.purge(usize::MAX).unwrap(), 0);
    clock.set(START);
    for (name, version) in names.iter().zip(versions) {
        let entry = store.get(name).unwrap().expect("there again");
        assert_eq!(entry.version, version);
    }
}

fn begin(store: &dyn Store) -> Cursor {
    let start = store.changes(None, NO_WAIT).unwrap();
    assert!(
        start.gap && start.items.is_empty(),
        "without a cursor: scan first"
    );
    start.next
}

pub(crate) fn the_feed_tells_every_change_in_order(make: Make) {
    let (_, store) = open(make);
    put(&*store, &key(&["before"]), b"v", UnixMillis::MAX);
    let cursor = begin(&*store);
    let (one, two) = (key(&["1"]), key(&["2"]));
    let version = put(&*store, &one, b"v", UnixMillis::MAX);
    put(&*store, &two, b"v", UnixMillis::MAX);
    for (value, wins) in [(b"w", true), (b"x", false)] {
        let swap = store
            .compare_and_swap(&one, version, value, UnixMillis::MAX)
            .unwrap();
        assert_eq!(matches!(swap, Swap::Stored(_)), wins);
    }
    let taken = store.put_if_absent(&one, b"lost", UnixMillis::MAX).unwrap();
    assert!(matches!(taken, Put::Present(_)));
    store.delete(&two).unwrap();
    store.delete(&two).unwrap();
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert!(!told.gap);
    assert_eq!(
        told.items,
        [
            Change::Written(one.clone()),
            Change::Written(two.clone()),
            Change::Written(one),
            Change::Deleted(two),
        ]
    );
    let rest = store.changes(Some(told.next), NO_WAIT).unwrap();
    assert!(!rest.gap && rest.items.is_empty());
    assert_eq!(rest.next, told.next);
    assert_eq!(
        store.changes(Some(cursor), NO_WAIT).unwrap().items,
        told.items
    );
}

pub(crate) fn the_feed_waits_for_a_change(make: Make) {
    let (_, store) = open(make);
    let cursor = begin(&*store);
    let told = thread::scope(|scope| {
        let follower = scope.spawn(|| store.changes(Some(cursor), Duration::from_secs(60)));
        put(&*store, &key(&["late"]), b"v", UnixMillis::MAX);
        follower.join().unwrap().unwrap()
    });
    assert_eq!(told.items, [Change::Written(key(&["late"]))]);
}

pub(crate) fn a_slow_follower_is_told_of_the_gap(make: Make) {
    let clock = Arc::new(ManualClock::at(START));
    let store = make(clock, 50);
    let cursor = begin(&*store);
    for number in 0..50 {
        put(&*store, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert_eq!((told.gap, told.items.len()), (false, 50));
    for number in 50..101 {
        put(&*store, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert!(
        told.gap && told.items.is_empty(),
        "a part of the past is no past"
    );
    put(&*store, &key(&["after"]), b"v", UnixMillis::MAX);
    let told = store.changes(Some(told.next), NO_WAIT).unwrap();
    assert!(!told.gap);
    assert_eq!(told.items, [Change::Written(key(&["after"]))]);
}

/// Row R6: a cursor of another life of the store, or of a store that was emptied since.
pub(crate) fn foreign_cursors_are_gaps(make: Make) {
    let (clock, store) = open(make);
    for number in 0..3 {
        put(&*store, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    let cursor = begin(&*store);
    clock.advance(Duration::from_secs(1));
    let next = make(clock, 4_096);
    for number in 0..9 {
        put(&*next, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    for cursor in [
        cursor,
        Cursor::from_raw(u128::MAX),
        Cursor::from_raw(cursor.raw() + 1),
    ] {
        assert!(next.changes(Some(cursor), NO_WAIT).unwrap().gap);
    }
    assert!(
        store
            .changes(Some(Cursor::from_raw(cursor.raw() + 1)), NO_WAIT)
            .unwrap()
            .gap
    );
}

pub(crate) fn the_feed_comes_in_parts(make: Make) {
    let (_, store) = open(make);
    let mut cursor = begin(&*store);
    let total = Changes::MAX + 10;
    for number in 0..total {
        put(&*store, &key(&[&number.to_string()]), b"v", UnixMillis::MAX);
    }
    let mut told = Vec::new();
    while told.len() < total {
        let part = store.changes(Some(cursor), NO_WAIT).unwrap();
        assert!(!part.gap && !part.items.is_empty() && part.items.len() <= Changes::MAX);
        cursor = part.next;
        told.extend(part.items);
    }
    for (number, change) in told.iter().enumerate() {
        assert_eq!(change.key(), &key(&[&number.to_string()]));
    }
}
