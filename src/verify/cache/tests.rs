//! The contract of the cache, through what its callers see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const KEY: [u64; 2] = [0x0123_4567_89ab_cdef, 42];
const NOW: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const LATER: UnixMillis = UnixMillis::from_secs(1_700_000_900);

const PAYLOAD: &[u8] = b"{\"sub\":\"user\"}";

/// Longer than any test waits; reached only if a promise is broken.
const NEVER: Duration = Duration::from_secs(20);

struct Value {
    token: Vec<u8>,
    claims: usize,
    expires_at: UnixMillis,
    #[expect(dead_code, reason = "it counts when it is dropped")]
    dropped: Option<Tally>,
    gate: Option<Gate>,
}

/// Stops the thread that stores a value while it holds the set's lock.
struct Gate {
    reached: Sender<()>,
    open: Mutex<Receiver<()>>,
}

impl Cacheable for Value {
    fn heap(&self) -> usize {
        self.claims
    }

    fn expires_at(&self) -> UnixMillis {
        if let Some(gate) = &self.gate {
            gate.reached.send(()).unwrap();
            gate.open.lock().unwrap().recv_timeout(NEVER).unwrap();
        }
        self.expires_at
    }
}

/// Counts the values that are gone.
struct Tally(Arc<AtomicUsize>);

impl Drop for Tally {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn token(n: usize) -> Vec<u8> {
    format!("eyJhbGciOiJIUzI1NiJ9.{n:080}.{:043}", n * 7).into_bytes()
}

fn value(n: usize) -> Value {
    Value {
        token: token(n),
        claims: 100,
        expires_at: LATER,
        dropped: None,
        gate: None,
    }
}

trait Keep {
    fn keep(&self, value: Value, now: UnixMillis) -> Hit<Value>;
}

impl Keep for TokenCache<Value> {
    fn keep(&self, value: Value, now: UnixMillis) -> Hit<Value> {
        let token = value.token.clone();
        self.insert(&token, PAYLOAD, value, now)
    }
}

fn lone(value: Value) -> Hit<Value> {
    Hit::lone(&value.token.clone(), PAYLOAD, value)
}

fn cache(max_entries: usize, max_bytes: usize) -> TokenCache<Value> {
    TokenCache::new(
        CacheConfig {
            max_entries,
            max_bytes,
            max_entry_bytes: 10_000,
        },
        KEY,
    )
}

/// Eight places, all of one set.
fn one_set() -> TokenCache<Value> {
    cache(8, usize::MAX)
}

fn assert_sums(stats: &CacheStats) {
    assert_eq!(
        stats.inserts,
        stats.evictions() + stats.entries as u64,
        "{stats:?}"
    );
}

#[test]
fn tokens_with_the_same_signature_are_told_apart() {
    let cache = cache(1000, 1 << 20);
    let genuine = b"header.claims-of-user-1.0123456789abcdef0123456789abcdef0123456789a".to_vec();
    let mut forged = genuine.clone();
    forged[20] = b'2';
    let stored = cache.keep(
        Value {
            token: genuine.clone(),
            ..value(0)
        },
        NOW,
    );
    assert!(cache.get(&forged).is_none());
    assert!(cache.get(&genuine[1..]).is_none());
    assert!(cache.get(&genuine[genuine.len() - 32..]).is_none());
    assert!(cache.get(b"").is_none());

    let other = cache.keep(
        Value {
            token: forged.clone(),
            ..value(0)
        },
        NOW,
    );
    let generation = |token: &[u8]| cache.get(token).unwrap().generation();
    assert_eq!(generation(&genuine), stored.generation());
    assert_eq!(generation(&forged), other.generation());
}

#[test]
fn lookups_store_nothing() {
    let cache = cache(8, 1 << 20);
    let _kept = cache.keep(value(0), NOW);
    for n in 1..10_000 {
        assert!(cache.get(&token(n)).is_none());
    }
    assert!(cache.get(&token(0)).is_some());
    assert_eq!(cache.stats().entries, 1);
}

#[test]
fn an_expired_entry_leaves_before_any_other() {
    for expired in 0..8 {
        let cache = one_set();
        for n in 0..8 {
            let expires_at = if n == expired { NOW } else { LATER };
            let _kept = cache.keep(
                Value {
                    expires_at,
                    ..value(n)
                },
                NOW.minus(Duration::from_secs(60)),
            );
        }
        // The most used of all, yet useless. Time is told to the minute or so here.
        (0..20).for_each(|_| assert!(cache.get(&token(expired)).is_some()));
        let _kept = cache.keep(value(8), NOW.plus(Duration::from_secs(66)));
        for n in 0..9 {
            assert_eq!(cache.get(&token(n)).is_some(), n != expired, "{n}");
        }
        assert_eq!(cache.stats().evicted_expired, 1);
    }
}

#[test]
fn nothing_counts_as_expired_a_millisecond_early() {
    let cache = one_set();
    let expires_at = NOW.plus(Duration::from_millis(1));
    for n in 0..8 {
        let _kept = cache.keep(
            Value {
                expires_at,
                ..value(n)
            },
            NOW,
        );
    }
    let _kept = cache.keep(value(8), NOW);
    assert_eq!(cache.stats().evicted_expired, 0);
    assert_eq!(cache.stats().evicted_capacity, 1);
}

#[test]
fn no_time_panics() {
    let cache = one_set();
    let ends = [i64::MIN, -1, 0, i64::MAX].map(UnixMillis::from_millis);
    for (n, (expires_at, now)) in ends.iter().flat_map(|a| ends.map(|b| (*a, b))).enumerate() {
        let hit = cache.keep(
            Value {
                expires_at,
                ..value(n)
            },
            now,
        );
        assert_eq!(hit.token, token(n));
        assert!(cache.get(&token(n)).is_some());
    }
    assert_sums(&cache.stats());
}

#[test]
fn tokens_seen_once_push_out_each_other() {
    let cache = one_set();
    for n in 0..7 {
        let _kept = cache.keep(value(n), NOW);
        assert!(cache.get(&token(n)).is_some());
    }
    for n in 7..100 {
        let _kept = cache.keep(value(n), NOW);
    }
    for n in 0..7 {
        assert!(cache.get(&token(n)).is_some(), "{n}");
    }
}

#[test]
fn what_was_used_long_ago_leaves_in_the_end() {
    let cache = one_set();
    for n in 0..8 {
        let _kept = cache.keep(value(n), NOW);
        (0..20).for_each(|_| assert!(cache.get(&token(n)).is_some()));
    }
    for n in 8..2_000 {
        let _kept = cache.keep(value(n), NOW);
    }
    assert!((0..8).all(|n| cache.get(&token(n)).is_none()));
}

#[test]
fn a_token_that_comes_back_is_worth_more_than_a_new_one() {
    let cache = one_set();
    for n in 0..8 {
        let _kept = cache.keep(value(n), NOW);
        if n < 7 {
            assert!(cache.get(&token(n)).is_some());
        }
    }
    let _kept = cache.keep(value(8), NOW);
    assert!(cache.get(&token(7)).is_none());
    let _kept = cache.keep(value(7), NOW);
    let _kept = cache.keep(value(9), NOW);
    assert!(cache.get(&token(7)).is_some());
}

#[test]
fn bytes_held_by_what_was_used_once_are_given_up_in_the_end() {
    let cache = cache(64, 10_000);
    for n in 0..10 {
        let _kept = cache.keep(value(n), NOW);
        (0..20).for_each(|_| assert!(cache.get(&token(n)).is_some()));
    }
    for n in 100..200 {
        let claims = 5_000;
        let _kept = cache.keep(Value { claims, ..value(n) }, NOW);
    }
    assert!(cache.stats().evicted_bytes >= 10);
    assert!((0..10).all(|n| cache.get(&token(n)).is_none()));
}

#[test]
fn a_place_that_was_emptied_is_filled_before_anyone_leaves() {
    let cache = one_set();
    for n in 0..8 {
        let _kept = cache.keep(value(n), NOW);
    }
    cache.invalidate(&cache.get(&token(3)).unwrap(), Eviction::DeadKey);
    let _kept = cache.keep(value(8), NOW);
    for n in 0..9 {
        assert_eq!(cache.get(&token(n)).is_some(), n != 3, "{n}");
    }
}

#[test]
fn too_large_is_usable_and_not_kept() {
    let cache = cache(1000, 1 << 20);
    let largest = 10_000 - TokenCache::<Value>::OVERHEAD - token(0).len() - PAYLOAD.len();
    for (claims, kept) in [
        (largest, true),
        (largest + 1, false),
        (usize::MAX / 2, false),
    ] {
        let hit = cache.keep(Value { claims, ..value(0) }, NOW);
        assert_eq!(hit.claims, claims);
        assert_eq!(hit.slot().is_some(), kept, "{claims}");
        assert_eq!(cache.get(&token(0)).is_some(), kept, "{claims}");
        cache.clear();
    }
    assert_eq!(cache.stats().not_kept, 2);
}

#[test]
fn an_entry_larger_than_the_whole_budget_is_not_kept() {
    let cache = cache(1000, 600);
    let kept = cache.keep(value(0), NOW);
    assert!(kept.slot().is_some());
    let large = cache.keep(
        Value {
            claims: 800,
            ..value(1)
        },
        NOW,
    );
    assert_eq!(large.slot(), None);
    assert!(cache.stats().bytes <= 600);
}

#[test]
fn no_entries_or_no_bytes_is_no_cache() {
    for cache in [cache(0, usize::MAX), cache(1000, 0)] {
        assert_eq!(cache.capacity(), 0);
        let hit = cache.keep(value(0), NOW);
        assert_eq!(hit.token, token(0));
        assert_eq!(hit.slot(), None);
        assert!(cache.get(&token(0)).is_none());
        cache.invalidate(&hit, Eviction::DeadKey);
        cache.clear();
        assert_eq!(cache.stats().entries, 0);
        assert_eq!(cache.stats().not_kept, 1);
    }
}

#[test]
fn bytes_and_entries_stay_bounded_under_a_hundred_thousand_inserts() {
    const MAX_BYTES: usize = 300_000;
    let cache = cache(500, MAX_BYTES);
    let mut state = 1_usize;
    for _ in 0..100_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let claims = (state >> 40) % 9_000;
        let _hit = cache.keep(
            Value {
                claims,
                ..value(state >> 44)
            },
            NOW,
        );
        let stats = cache.stats();
        assert!(stats.bytes <= MAX_BYTES, "{stats:?}");
        assert!(stats.entries <= cache.capacity(), "{stats:?}");
    }
    let stats = cache.stats();
    assert_sums(&stats);
    assert!(stats.bytes > MAX_BYTES / 2, "hardly used: {stats:?}");
    let mut weight = 0;
    let count = cache.remove_if(Eviction::Cleared, |value| {
        weight += value.token.len() + PAYLOAD.len() + value.claims + TokenCache::<Value>::OVERHEAD;
        true
    });
    assert_eq!((count, weight), (stats.entries, stats.bytes));
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Get(usize),
    Insert { n: usize, claims: usize, ttl: u64 },
    Invalidate(usize),
    Wait(u64),
    RemoveOdd,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..60).prop_map(Step::Get),
        8 => (0_usize..60, 0_usize..12_000, 0_u64..100)
            .prop_map(|(n, claims, ttl)| Step::Insert { n, claims, ttl }),
        2 => (0_usize..60).prop_map(Step::Invalidate),
        1 => (0_u64..50).prop_map(Step::Wait),
        1 => Just(Step::RemoveOdd),
    ]
}

proptest! {
    /// Whatever happens: a lookup answers with the latest value of exactly that token or not at
    /// all, no generation names two entries, no two live entries share a slot, and all sums hold.
    #[test]
    fn any_history_keeps_the_books(
        steps in prop::collection::vec(step(), 1..300),
        max_entries in 0_usize..40,
        max_bytes in 0_usize..60_000,
    ) {
        let cache = cache(max_entries, max_bytes);
        let mut now = NOW;
        let mut latest: BTreeMap<usize, u64> = BTreeMap::new();
        let mut generations = BTreeSet::new();
        let (mut gets, mut inserts) = (0, 0);
        for step in steps {
            match step {
                Step::Get(n) => {
                    gets += 1;
                    if let Some(hit) = cache.get(&token(n)) {
                        prop_assert_eq!(&hit.token, &token(n));
                        prop_assert_eq!(Some(&hit.generation()), latest.get(&n));
                        prop_assert!((hit.slot().unwrap() as usize) < cache.capacity());
                    }
                }
                Step::Insert { n, claims, ttl } => {
                    inserts += 1;
                    let expires_at = now.plus(Duration::from_secs(ttl));
                    let hit = cache.keep(Value { claims, expires_at, ..value(n) }, now);
                    prop_assert_eq!(&hit.token, &token(n));
                    prop_assert!(generations.insert(hit.generation()));
                    if hit.slot().is_some() {
                        latest.insert(n, hit.generation());
                    }
                }
                Step::Invalidate(n) => {
                    gets += 1;
                    if let Some(hit) = cache.get(&token(n)) {
                        cache.invalidate(&hit, Eviction::DeadKey);
                        latest.remove(&n);
                        gets += 1;
                        prop_assert!(cache.get(&token(n)).is_none());
                    }
                }
                Step::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                Step::RemoveOdd => {
                    cache.remove_if(Eviction::DeadKey, |value| value.token.last().unwrap() % 2 == 1);
                }
            }
            let stats = cache.stats();
            prop_assert!(stats.bytes <= max_bytes && stats.entries <= cache.capacity());
            prop_assert_eq!(stats.inserts, stats.evictions() + stats.entries as u64);
            prop_assert_eq!(stats.inserts + stats.not_kept, inserts);
            prop_assert_eq!(stats.hits + stats.misses, gets);
        }
        let mut slots = BTreeSet::new();
        for hit in (0..60).filter_map(|n| cache.get(&token(n))) {
            prop_assert!(slots.insert(hit.slot()));
        }
        prop_assert_eq!(slots.len(), cache.stats().entries);
    }
}

#[test]
fn a_slot_is_reused_and_its_generation_never() {
    let cache = one_set();
    let mut seen: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for n in 0..200 {
        let hit = cache.keep(value(n), NOW);
        assert!(
            seen.entry(hit.slot().unwrap())
                .or_default()
                .insert(hit.generation())
        );
        let again = cache.get(&token(n)).unwrap();
        assert_eq!(
            (again.slot(), again.generation()),
            (hit.slot(), hit.generation())
        );
    }
    assert_eq!(seen.len(), 8);
    let all: BTreeSet<u64> = seen.values().flatten().copied().collect();
    assert_eq!(all.len(), 200, "a generation names one entry");

    let elsewhere = one_set().keep(value(0), NOW);
    let lone = lone(value(0));
    assert!(!all.contains(&elsewhere.generation()) && !all.contains(&lone.generation()));
    assert_ne!(elsewhere.generation(), lone.generation());
}

#[test]
fn the_same_token_again_replaces_its_entry() {
    let cache = cache(1000, 1 << 20);
    let first = cache.keep(value(0), NOW);
    let bytes = cache.stats().bytes;
    let second = cache.keep(value(0), NOW);
    assert_ne!(first.generation(), second.generation());
    assert_eq!(
        cache.get(&token(0)).unwrap().generation(),
        second.generation()
    );
    let stats = cache.stats();
    assert_eq!(
        (stats.entries, stats.bytes, stats.evicted_replaced),
        (1, bytes, 1)
    );
}

#[test]
fn only_the_entry_that_was_found_dead_is_removed() {
    let cache = cache(1000, 1 << 20);
    let old = cache.keep(value(0), NOW);
    let new = cache.keep(value(0), NOW);
    cache.invalidate(&old, Eviction::DeadKey);
    cache.invalidate(&lone(value(0)), Eviction::DeadKey);
    assert_eq!(cache.get(&token(0)).unwrap().generation(), new.generation());
    cache.invalidate(&new, Eviction::DeadKey);
    assert!(cache.get(&token(0)).is_none());
    cache.invalidate(&new, Eviction::DeadKey);
    let stats = cache.stats();
    assert_eq!(
        (stats.entries, stats.bytes, stats.evicted_dead_key),
        (0, 0, 1)
    );
}

#[test]
fn remove_if_takes_what_it_names() {
    let cache = cache(1000, 1 << 20);
    for n in 0..100 {
        let _kept = cache.keep(
            Value {
                claims: n,
                ..value(n)
            },
            NOW,
        );
    }
    let before = cache.stats().entries;
    let removed = cache.remove_if(Eviction::DeadKey, |value| value.claims < 50);
    for n in 0..50 {
        assert!(cache.get(&token(n)).is_none());
    }
    let stats = cache.stats();
    assert!(removed >= 40, "{removed}");
    assert_eq!(stats.entries, before - removed);
    assert_eq!(stats.evicted_dead_key, removed as u64);
}

#[test]
fn a_hit_proceeds_while_an_eviction_is_under_way() {
    let cache = one_set();
    for n in 0..8 {
        let _kept = cache.keep(value(n), NOW);
        if n > 0 {
            assert!(cache.get(&token(n)).is_some());
        }
    }
    let (reached, at_gate) = channel();
    let (opener, open) = channel();
    let (answer, answers) = channel();
    std::thread::scope(|scope| {
        let cache = &cache;
        let evictor = scope.spawn(move || {
            let gate = Gate {
                reached,
                open: Mutex::new(open),
            };
            let _kept = cache.keep(
                Value {
                    gate: Some(gate),
                    ..value(8)
                },
                NOW,
            );
        });
        // The evictor has thrown one entry out, and holds the set's lock until the gate opens.
        at_gate.recv_timeout(NEVER).unwrap();
        assert_eq!(cache.stats().evicted_capacity, 1);
        scope.spawn(move || {
            let hits = (1..8).filter(|n| cache.get(&token(*n)).is_some()).count();
            let gone = cache.get(&token(0)).is_none();
            let dead = cache.get(&token(1));
            dead.iter()
                .for_each(|hit| cache.invalidate(hit, Eviction::DeadKey));
            let kept = cache.keep(value(9), NOW).slot().is_some();
            let _ = answer.send((hits, gone, kept));
        });
        let answered = answers.recv_timeout(NEVER / 4);
        opener.send(()).unwrap();
        evictor.join().unwrap();
        assert_eq!(
            answered,
            Ok((7, true, false)),
            "hits waited for an eviction"
        );
    });
    assert!(cache.get(&token(8)).is_some());
    assert_sums(&cache.stats());
}

#[test]
fn hits_outlive_whatever_happens_to_the_cache() {
    let cache = cache(1000, 1 << 20);
    let dropped = Arc::new(AtomicUsize::new(0));
    for n in 0..50 {
        let dropped = Some(Tally(dropped.clone()));
        let _kept = cache.keep(
            Value {
                dropped,
                ..value(n)
            },
            NOW,
        );
    }
    // More than a thread has hazard pointers.
    let hits: Vec<_> = (0..50).map(|n| cache.get(&token(n)).unwrap()).collect();
    let copies = hits.clone();
    drop(cache);
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    for (n, hit) in hits.iter().enumerate() {
        assert_eq!(hit.token, token(n));
    }
    // A hit may end on another thread than it began.
    let counted = std::thread::spawn(|| {
        let mut hits = hits;
        let second_half: Vec<_> = hits.split_off(25).into_iter().map(Hit::detach).collect();
        drop(hits);
        second_half
    })
    .join()
    .unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(copies);
    assert_eq!(dropped.load(Ordering::SeqCst), 25);
    assert!(
        counted
            .iter()
            .enumerate()
            .all(|(n, hit)| hit.token() == token(n + 25) && hit.payload() == PAYLOAD)
    );
    drop(counted);
    assert_eq!(dropped.load(Ordering::SeqCst), 50);
}

#[test]
fn threads_agree_on_tokens_and_on_the_books() {
    const ROUNDS: usize = 20_000;
    let cache = cache(64, 16_000);
    let dropped = Arc::new(AtomicUsize::new(0));
    let start = Barrier::new(3);
    std::thread::scope(|scope| {
        for seed in 1..=2_usize {
            let (cache, dropped, start) = (&cache, &dropped, &start);
            scope.spawn(move || {
                start.wait();
                let mut state = seed;
                for _ in 0..ROUNDS {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let n = (state >> 33) % 100;
                    let hit = cache.get(&token(n)).unwrap_or_else(|| {
                        let dropped = Some(Tally(dropped.clone()));
                        cache.keep(
                            Value {
                                dropped,
                                ..value(n)
                            },
                            NOW,
                        )
                    });
                    assert_eq!(hit.token, token(n));
                    if state >> 60 == 0 {
                        cache.invalidate(&hit, Eviction::DeadKey);
                    }
                }
            });
        }
        start.wait();
        for _ in 0..200 {
            assert!(cache.stats().bytes <= 16_000);
            cache.remove_if(Eviction::DeadKey, |value| value.token.last() == Some(&b'3'));
        }
    });
    let stats = cache.stats();
    assert_sums(&stats);
    let mut live = BTreeSet::new();
    cache.remove_if(Eviction::DeadKey, |value| {
        assert!(live.insert(value.token.clone()), "two entries of one token");
        false
    });
    assert_eq!(live.len(), stats.entries);
    cache.clear();
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.bytes), (0, 0));
    assert_sums(&stats);
    assert_eq!(
        dropped.load(Ordering::SeqCst) as u64,
        stats.inserts + stats.not_kept
    );
}

#[test]
fn handles_cross_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Hit<Value>>();
    shared::<TokenCache<Value>>();
}

#[test]
fn debug_shows_no_token() {
    let cache = cache(8, 1 << 20);
    let hit = cache.keep(value(0), NOW);
    let shown = format!("{cache:?} {hit:?} {:?}", lone(value(1)));
    assert!(!shown.contains("eyJ"), "{shown}");
    assert!(shown.contains("entries: 1"), "{shown}");
}
