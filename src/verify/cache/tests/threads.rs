//! Many threads, and handles that outlive what they came from.

use super::*;

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
