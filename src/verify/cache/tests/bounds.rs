//! What is not kept, and that all sums hold.

use super::*;

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
