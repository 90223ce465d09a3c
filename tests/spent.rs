//! Spent refresh handles: rows R1 and R3.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

#[cfg(any(feature = "redis", feature = "sqlite"))]
#[path = "store_suite/kept.rs"]
mod kept;
#[cfg(feature = "redis")]
#[path = "store_suite/on_redis.rs"]
mod on_redis;
#[cfg(feature = "sqlite")]
#[path = "store_suite/temporary.rs"]
mod temporary;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::{Code, Fault};
use bearerd::state::{Spend, SpentHandles};
use bearerd::store::{
    Changes, Cursor, Entry, MemoryLimits, MemoryStore, Page, Put, Store, StoreKey, Swap, Version,
};

const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const GRACE: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);

fn until() -> UnixMillis {
    START.plus(Duration::from_secs(86_400))
}

type Make = fn(Arc<dyn Clock>) -> Arc<dyn Store>;

fn memory(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryLimits::default(), clock))
}

#[cfg(feature = "sqlite")]
fn sqlite(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    temporary::open(clock, 4_096).into()
}

#[cfg(feature = "redis")]
fn redis(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    on_redis::temporary(clock, 4_096).into()
}

/// Each of these is a test on every store.
macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod memory_store {
            $(#[test] fn $case() { super::$case(super::memory); })*
        }
        #[cfg(feature = "sqlite")]
        mod sqlite_store {
            $(#[test] fn $case() { super::$case(super::sqlite); })*
        }
        #[cfg(feature = "redis")]
        mod redis_store {
            $(#[test] fn $case() { super::$case(super::redis); })*
        }
    };
}

on_every_store!(
    a_handle_is_spent_once,
    one_of_many_is_first_and_all_get_its_reply,
    an_ending_handle_is_spent_once,
    handles_stay_apart,
    a_crash_between_steps_gives_one_successor,
    one_that_stalls_past_the_grace_is_not_a_second_first,
    one_that_overtakes_the_first_repeats_the_first_reply,
);

fn fresh(make: Make) -> (Arc<ManualClock>, Arc<dyn Store>, SpentHandles) {
    let clock = Arc::new(ManualClock::at(START));
    let store = make(clock.clone());
    (
        clock.clone(),
        store.clone(),
        SpentHandles::new(store, "web", clock),
    )
}

/// With the store itself, whose bytes can be counted.
fn in_memory() -> (Arc<ManualClock>, Arc<MemoryStore>, SpentHandles) {
    let clock = Arc::new(ManualClock::at(START));
    let store = Arc::new(MemoryStore::new(MemoryLimits::default(), clock.clone()));
    (
        clock.clone(),
        store.clone(),
        SpentHandles::new(store, "web", clock),
    )
}

/// `None` for the first, the repeated reply, or "REUSED".
fn said(spend: Result<Spend, Fault>) -> Option<String> {
    match spend.unwrap() {
        Spend::First => None,
        Spend::Again(reply) => Some(String::from_utf8(reply.expose().to_vec()).unwrap()),
        Spend::Reused => Some("REUSED".to_owned()),
    }
}

/// Row R1: the same successor inside the grace, reuse from its last moment on.
fn a_handle_is_spent_once(make: Make) {
    let (clock, _, spent) = fresh(make);
    let spend = |reply: &str| said(spent.spend(b"jti", reply.as_bytes(), until(), GRACE));
    assert_eq!(spend("first"), None);
    assert_eq!(spend("second").as_deref(), Some("first"));
    clock.advance(GRACE - MOMENT);
    assert_eq!(
        spend("third").as_deref(),
        Some("first"),
        "the grace is not extended by use"
    );
    clock.advance(MOMENT);
    assert_eq!(spend("fourth").as_deref(), Some("REUSED"));
    assert_eq!(spend("fifth").as_deref(), Some("REUSED"));
    clock.set(until().minus(MOMENT));
    assert_eq!(
        spend("sixth").as_deref(),
        Some("REUSED"),
        "as long as the token lives"
    );
    assert_eq!(said(spent.spend(b"other", b"x", until(), GRACE)), None);
}

/// Row R3: 64 at once.
fn one_of_many_is_first_and_all_get_its_reply(make: Make) {
    const THREADS: usize = 64;
    for grace in [GRACE, Duration::ZERO] {
        let (_, _, spent) = fresh(make);
        let barrier = Barrier::new(THREADS);
        let outcomes: Vec<(String, Option<String>)> = thread::scope(|scope| {
            let racers: Vec<_> = (0..THREADS)
                .map(|racer| {
                    let (spent, barrier) = (&spent, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let mine = format!("reply {racer}");
                        let outcome = said(spent.spend(b"jti", mine.as_bytes(), until(), grace));
                        (mine, outcome)
                    })
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let firsts: Vec<&String> = outcomes
            .iter()
            .filter(|(_, said)| said.is_none())
            .map(|(mine, _)| mine)
            .collect();
        assert_eq!(firsts.len(), 1);
        let expected = if grace.is_zero() { "REUSED" } else { firsts[0] };
        assert!(
            outcomes
                .iter()
                .flat_map(|(_, said)| said)
                .all(|said| said == expected)
        );
    }
}

/// The tokens of a reply are gone from memory with the grace; the mark stays.
#[test]
fn a_reply_does_not_outlive_its_grace() {
    let (clock, store, spent) = in_memory();
    let reply = vec![b'x'; 5_000];
    let _ = spent.spend(b"jti", &reply, until(), GRACE).unwrap();
    assert!(store.bytes() > 5_000);
    clock.advance(GRACE);
    store.purge(usize::MAX).unwrap();
    assert!(store.bytes() < 500, "{} bytes are left", store.bytes());
    assert_eq!(store.len(), 1);
    assert_eq!(
        said(spent.spend(b"jti", b"y", until(), GRACE)).as_deref(),
        Some("REUSED")
    );
    assert_eq!(store.len(), 1, "a reuse stores nothing");
    clock.advance(Duration::from_secs(86_400) - GRACE);
    assert_eq!(clock.now(), until());
    store.purge(usize::MAX).unwrap();
    assert!(store.is_empty());
}

#[test]
fn without_grace_no_reply_is_stored() {
    let (_, store, spent) = in_memory();
    let reply = vec![b'x'; 5_000];
    assert_eq!(
        said(spent.spend(b"jti", &reply, until(), Duration::ZERO)),
        None
    );
    assert!(store.bytes() < 500);
    assert_eq!(
        said(spent.spend(b"jti", &reply, until(), GRACE)).as_deref(),
        Some("REUSED")
    );
}

/// A handle whose token ends in this very moment is spent as well, once.
fn an_ending_handle_is_spent_once(make: Make) {
    for grace in [Duration::ZERO, GRACE] {
        let (clock, _, spent) = fresh(make);
        assert_eq!(said(spent.spend(b"jti", b"a", START, grace)), None);
        clock.advance(grace);
        assert_eq!(
            said(spent.spend(b"jti", b"b", START, grace)).as_deref(),
            Some("REUSED")
        );
    }
}

/// Contract 1, line 8, and row R7: handles of two profiles, and hostile ones, stay apart.
fn handles_stay_apart(make: Make) {
    let (clock, store, web) = fresh(make);
    let names: [&[u8]; 7] = [b"a", b"a/b", b"", b"*", b"\n", b"{a}", &[0xFF; 512]];
    for name in names {
        assert_eq!(said(web.spend(name, b"web", until(), GRACE)), None);
    }
    for profile in ["api", "web/a", "we", ""] {
        let other = SpentHandles::new(store.clone(), profile, clock.clone());
        for name in &names[..6] {
            assert_eq!(
                said(other.spend(name, b"other", until(), GRACE)),
                None,
                "{profile}"
            );
        }
    }
    let fault = web
        .spend(&[b'x'; 100_000], b"", until(), GRACE)
        .unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
}

type Hook = Box<dyn Fn(usize) -> Result<(), Fault> + Send + Sync>;

/// A store whose writes are counted from zero, with something that happens before or after each.
struct Hooked {
    store: Arc<dyn Store>,
    writes: AtomicUsize,
    before: Hook,
    after: Hook,
}

impl Hooked {
    fn new(store: Arc<dyn Store>, before: Hook, after: Hook) -> Arc<Self> {
        Arc::new(Self {
            store,
            writes: AtomicUsize::new(0),
            before,
            after,
        })
    }
}

impl Store for Hooked {
    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst);
        (self.before)(number)?;
        let put = self.store.put_if_absent(key, value, expires)?;
        (self.after)(number).map(|()| put)
    }
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.store.get(key)
    }
    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        self.store.compare_and_swap(key, expected, value, expires)
    }
    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.store.delete(key)
    }
    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.store.scan(prefix, after, limit)
    }
    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        self.store.changes(since, wait)
    }
    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        self.store.purge(at_most)
    }
}

fn fails_at(number: Option<usize>) -> Hook {
    Box::new(move |write| match number {
        Some(number) if number == write => {
            Err(Fault::new(Code::StoreUnavailable, "the connection is gone"))
        }
        _ => Ok(()),
    })
}

/// Row R3: a crash between any two steps. Nobody was told that he is the first, so the next
/// caller goes on; all later ones agree with that one.
fn a_crash_between_steps_gives_one_successor(make: Make) {
    for (before, after) in [
        (Some(0), None),
        (None, Some(0)),
        (Some(1), None),
        (None, Some(1)),
    ] {
        let (clock, store, spent) = fresh(make);
        let dying = Hooked::new(store, fails_at(before), fails_at(after));
        let crashing = SpentHandles::new(dying, "web", clock.clone());
        let fault = crashing
            .spend(b"jti", b"crashed", until(), GRACE)
            .unwrap_err();
        assert_eq!(fault.code(), Code::StoreUnavailable);
        let stored = before != Some(0);
        let second = said(spent.spend(b"jti", b"second", until(), GRACE));
        assert_eq!(second.as_deref(), stored.then_some("crashed"));
        let successor = if stored { "crashed" } else { "second" };
        let third = said(spent.spend(b"jti", b"third", until(), GRACE));
        assert_eq!(third.as_deref(), Some(successor));
        clock.advance(GRACE);
        assert_eq!(
            said(spent.spend(b"jti", b"late", until(), GRACE)).as_deref(),
            Some("REUSED")
        );
    }
}

/// Row R3: one that stalls before either step for longer than the grace, while another goes on.
/// His reply counts for nobody, not even where it is stored after the other's is gone.
fn one_that_stalls_past_the_grace_is_not_a_second_first(make: Make) {
    for (stalls_at, grace, third) in [(0, GRACE * 4, "REUSED"), (1, GRACE, "other")] {
        let (clock, store, spent) = fresh(make);
        let other = SpentHandles::new(store.clone(), "web", clock.clone());
        let time = clock.clone();
        let stalls = Box::new(move |write| {
            if write == stalls_at {
                time.advance(GRACE);
                assert_eq!(said(other.spend(b"jti", b"other", until(), GRACE)), None);
                time.advance(if write == 0 { GRACE } else { Duration::ZERO });
            }
            Ok(())
        });
        let slow = SpentHandles::new(Hooked::new(store, stalls, fails_at(None)), "web", clock);
        let slow = slow.spend(b"jti", b"slow", until(), grace);
        assert_eq!(said(slow).as_deref(), Some("REUSED"));
        let last = spent.spend(b"jti", b"x", until(), GRACE);
        assert_eq!(said(last).as_deref(), Some(third));
    }
}

/// Row R3: one that finds the reply of another who has not set the mark yet sets it for him.
fn one_that_overtakes_the_first_repeats_the_first_reply(make: Make) {
    let (clock, store, spent) = fresh(make);
    let other = SpentHandles::new(store.clone(), "web", clock.clone());
    let overtaken = Box::new(move |write| {
        if write == 1 {
            let said = said(other.spend(b"jti", b"other", until(), GRACE));
            assert_eq!(said.as_deref(), Some("slow"));
        }
        Ok(())
    });
    let slow = SpentHandles::new(Hooked::new(store, overtaken, fails_at(None)), "web", clock);
    assert_eq!(said(slow.spend(b"jti", b"slow", until(), GRACE)), None);
    assert_eq!(
        said(spent.spend(b"jti", b"x", until(), GRACE)).as_deref(),
        Some("slow")
    );
}

#[test]
fn nothing_spent_is_shown() {
    let (_, _, spent) = in_memory();
    let _ = spent
        .spend(b"jti-of-ann", b"hunter2", until(), GRACE)
        .unwrap();
    let again = spent.spend(b"jti-of-ann", b"", until(), GRACE).unwrap();
    let shown = format!("{again:?} {spent:?}");
    assert!(shown.contains("Again") && !shown.contains("hunter2") && !shown.contains("ann"));
    assert!(!shown.contains("104, 117"), "{shown}");
}
