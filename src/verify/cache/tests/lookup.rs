//! What a lookup finds, and what handles say.

use super::*;

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
fn debug_shows_no_token() {
    let cache = cache(8, 1 << 20);
    let hit = cache.keep(value(0), NOW);
    let shown = format!("{cache:?} {hit:?} {:?}", lone(value(1)));
    assert!(!shown.contains("eyJ"), "{shown}");
    assert!(shown.contains("entries: 1"), "{shown}");
}
