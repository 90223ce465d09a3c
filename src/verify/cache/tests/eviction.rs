//! Who leaves.

use super::*;

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
