//! The revocation index: contract 1, lines 4, 8 and 10, and the rows of the attacks on it.

mod model;
mod reload;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::Code;
use bearerd::state::{CheckedAt, Revocations, Subjects};
use proptest::prelude::*;

const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn index(capacity: usize) -> (Arc<ManualClock>, Revocations) {
    let clock = Arc::new(ManualClock::at(START));
    (clock.clone(), Revocations::new(&[7; 16], capacity, clock))
}

fn by_handle(index: &Revocations, value: &str) -> Subjects {
    Subjects {
        handle: Some(index.handle_key(value.as_bytes())),
        ..Subjects::default()
    }
}

fn by_family(index: &Revocations, value: &str) -> Subjects {
    Subjects {
        family: Some(index.family_key(value.as_bytes())),
        ..Subjects::default()
    }
}

fn by_subject(index: &Revocations, value: &str, issued_at: Option<UnixMillis>) -> Subjects {
    let subject = Some(index.subject_key(value.as_bytes()));
    Subjects {
        subject,
        issued_at,
        ..Subjects::default()
    }
}

fn revoked(index: &Revocations, subjects: &Subjects) -> bool {
    match index.check(subjects) {
        Ok(()) => false,
        Err(reject) => {
            assert_eq!(reject.code(), Code::Revoked);
            true
        }
    }
}

#[test]
fn each_kind_voids_its_own_alone() {
    let (_, index) = index(100);
    let all = [
        by_handle(&index, "x"),
        by_family(&index, "x"),
        by_subject(&index, "x", None),
    ];
    let seen = |index: &Revocations| all.map(|subjects| revoked(index, &subjects));
    assert_eq!(seen(&index), [false; 3]);
    assert_eq!((index.epoch(), index.len()), (0, 0));
    index.revoke_handle(b"x", UnixMillis::MAX).unwrap();
    assert_eq!(seen(&index), [true, false, false]);
    index.revoke_family(b"x", UnixMillis::MAX).unwrap();
    assert_eq!(seen(&index), [true, true, false]);
    index.revoke_subject(b"x", START, UnixMillis::MAX).unwrap();
    assert_eq!(seen(&index), [true; 3]);
    for other in ["", "X", "x\0", " x", "\u{1}x"] {
        assert!(!revoked(&index, &by_handle(&index, other)), "{other:?}");
    }
    assert!(
        !revoked(&index, &Subjects::default()),
        "a token that names nothing"
    );
    let mixed = Subjects {
        subject: all[2].subject,
        issued_at: Some(START),
        ..all[1]
    };
    assert!(
        revoked(&index, &mixed),
        "the family counts, though the subject is fresh"
    );
}

#[test]
fn a_watermark_voids_what_was_issued_before_it() {
    let (_, index) = index(100);
    index
        .revoke_subject(b"ann", START, UnixMillis::MAX)
        .unwrap();
    let moment = Duration::from_millis(1);
    let at = |issued_at| revoked(&index, &by_subject(&index, "ann", Some(issued_at)));
    assert!(at(START.minus(moment)));
    assert!(!at(START));
    assert!(!at(START.plus(moment)));
    assert!(at(UnixMillis::from_millis(i64::MIN)));
    assert!(!at(UnixMillis::MAX));
    assert!(
        revoked(&index, &by_subject(&index, "ann", None)),
        "without iat: fail closed"
    );
    assert!(!revoked(&index, &by_subject(&index, "bob", None)));
}

#[test]
fn an_earlier_watermark_never_lowers_a_later_one() {
    let (clock, index) = index(100);
    let (early, late) = (START, START.plus(HOUR));
    for (subject, marks) in [("up", [early, late]), ("down", [late, early])] {
        for mark in marks {
            // The earlier mark also ends earlier, and must not shorten the later one either.
            index
                .revoke_subject(subject.as_bytes(), mark, mark.plus(HOUR))
                .unwrap();
        }
    }
    clock.advance(HOUR);
    index.purge(usize::MAX);
    for subject in ["up", "down"] {
        let between = by_subject(&index, subject, Some(late.minus(Duration::from_millis(1))));
        assert!(revoked(&index, &between), "{subject}");
        assert!(
            !revoked(&index, &by_subject(&index, subject, Some(late))),
            "{subject}"
        );
    }
    assert_eq!(index.len(), 2);
}

/// Contract 1, line 4: what a cache entry remembers is void with the next revocation.
#[test]
fn a_revocation_is_seen_on_the_next_call() {
    let (_, index) = index(100);
    let at = CheckedAt::never();
    let subjects = Subjects {
        handle: Some(index.handle_key(b"jti")),
        family: Some(index.family_key(b"fam")),
        subject: Some(index.subject_key(b"sub")),
        issued_at: Some(START),
    };
    index.revoke_handle(b"another", UnixMillis::MAX).unwrap();
    let mut epoch = index.epoch();
    let revoke: [&dyn Fn(); 3] = [
        &|| index.revoke_handle(b"jti", UnixMillis::MAX).unwrap(),
        &|| index.revoke_family(b"fam", UnixMillis::MAX).unwrap(),
        &|| {
            index
                .revoke_subject(b"sub", START.plus(HOUR), UnixMillis::MAX)
                .unwrap();
        },
    ];
    for (revoke, key) in revoke
        .iter()
        .zip([subjects.handle, subjects.family, subjects.subject])
    {
        assert_eq!(index.recheck(&at, || subjects), Ok(()));
        assert_eq!(index.recheck(&at, || subjects), Ok(()));
        revoke();
        assert!(index.epoch() > epoch);
        epoch = index.epoch();
        for _ in 0..3 {
            assert_eq!(
                index.recheck(&at, || subjects).unwrap_err().code(),
                Code::Revoked
            );
        }
        assert!(index.lift(key.unwrap()));
    }
    assert_eq!(
        index.recheck(&at, || subjects),
        Ok(()),
        "a refusal is not remembered"
    );
}

/// Row C3 and contract 1, line 4, under a race: whoever begins after the revocation returned is
/// refused, whatever it remembered from checks that ran at the same time.
#[test]
fn a_check_that_races_a_revocation_remembers_nothing_wrong() {
    const ROUNDS: u64 = 3_000;
    let (_, index) = index(1_000_000);
    index.revoke_handle(b"warm", UnixMillis::MAX).unwrap();
    let (round, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut missed = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=ROUNDS {
                while round.load(Ordering::Acquire) != number {
                    thread::yield_now();
                }
                index
                    .revoke_handle(&number.to_be_bytes(), UnixMillis::MAX)
                    .unwrap();
                done.store(number, Ordering::Release);
            }
        });
        for number in 1..=ROUNDS {
            let at = CheckedAt::never();
            let handle = Some(index.handle_key(&number.to_be_bytes()));
            let subjects = Subjects {
                handle,
                ..Subjects::default()
            };
            round.store(number, Ordering::Release);
            while done.load(Ordering::Acquire) != number {
                let _ = index.recheck(&at, || subjects);
            }
            // Counted and not asserted here: the other thread waits for the next round.
            missed += u64::from(index.recheck(&at, || subjects).is_ok());
        }
    });
    assert_eq!(missed, 0, "of {ROUNDS}");
}

/// Row R3: every one of many revocations made at once holds.
#[test]
fn concurrent_revocations_all_hold() {
    const THREADS: usize = 16;
    const EACH: usize = 500;
    let (_, index) = index(THREADS * EACH + 1);
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (index, barrier) = (&index, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for number in 0..EACH {
                    let name = format!("{thread}-{number}");
                    index
                        .revoke_handle(name.as_bytes(), UnixMillis::MAX)
                        .unwrap();
                    index
                        .revoke_subject(b"one", UnixMillis::from_secs(number as i64), START)
                        .unwrap();
                    assert!(revoked(index, &by_handle(index, &name)));
                }
            });
        }
    });
    assert_eq!(index.len(), THREADS * EACH + 1);
    assert_eq!(index.epoch(), (THREADS * EACH * 2) as u64);
    let last = UnixMillis::from_secs(EACH as i64 - 1);
    assert!(!revoked(&index, &by_subject(&index, "one", Some(last))));
    assert!(revoked(
        &index,
        &by_subject(&index, "one", Some(last.minus(Duration::from_millis(1))))
    ));
}

/// Contract 1, line 8.
#[test]
fn indexes_share_nothing() {
    let clock = Arc::new(ManualClock::at(START));
    let one = Revocations::new(&[1; 16], 10, clock.clone());
    let two = Revocations::new(&[2; 16], 10, clock);
    one.revoke_handle(b"a", UnixMillis::MAX).unwrap();
    two.revoke_handle(b"b", UnixMillis::MAX).unwrap();
    assert_ne!(
        one.handle_key(b"a"),
        two.handle_key(b"a"),
        "the key is keyed"
    );
    assert!(revoked(&one, &by_handle(&one, "a")) && !revoked(&two, &by_handle(&two, "a")));
    assert!(revoked(&two, &by_handle(&two, "b")) && !revoked(&one, &by_handle(&one, "b")));
}

/// Row C8: full is a fault; nothing makes room by being forgotten, except what has ended.
#[test]
fn a_full_index_refuses_and_forgets_nothing() {
    let (clock, index) = index(100);
    for number in 0..100 {
        let until = if number < 10 {
            START.plus(HOUR)
        } else {
            UnixMillis::MAX
        };
        index
            .revoke_handle(number.to_string().as_bytes(), until)
            .unwrap();
    }
    let epoch = index.epoch();
    let fault = index.revoke_family(b"more", UnixMillis::MAX).unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    assert!(fault.to_string().contains("100 are listed"), "{fault}");
    assert_eq!(index.epoch(), epoch);
    assert!(!revoked(&index, &by_family(&index, "more")));
    index.revoke_handle(b"5", UnixMillis::MAX).unwrap();
    index.revoke_handle(b"50", START).unwrap();
    assert!((0..100).all(|number| revoked(&index, &by_handle(&index, &number.to_string()))));

    clock.advance(HOUR);
    for number in 100..109 {
        index
            .revoke_handle(number.to_string().as_bytes(), UnixMillis::MAX)
            .unwrap();
    }
    assert!(
        index.revoke_family(b"more", UnixMillis::MAX).is_err(),
        "9 had ended"
    );
    assert!(
        revoked(&index, &by_handle(&index, "5")),
        "its end was moved"
    );
    assert!((10..109).all(|number| revoked(&index, &by_handle(&index, &number.to_string()))));
    assert_eq!(index.len(), 100);
}

#[test]
fn purging_takes_what_it_is_told_and_what_has_ended() {
    let (clock, index) = index(10_000);
    for number in 0..1_000_u32 {
        let until = START.plus(Duration::from_millis(u64::from(number) + 1));
        index.revoke_handle(&number.to_be_bytes(), until).unwrap();
    }
    assert_eq!(index.purge(usize::MAX), 0);
    clock.advance(Duration::from_millis(500));
    assert_eq!(index.purge(100), 100);
    assert_eq!(index.purge(usize::MAX), 400);
    assert_eq!((index.purge(usize::MAX), index.len()), (0, 500));
    clock.advance(Duration::from_millis(500));
    for number in 0..200_u32 {
        index
            .revoke_family(&number.to_be_bytes(), UnixMillis::MAX)
            .unwrap();
    }
    assert_eq!(index.len(), 200, "revocations purge in passing");
}

/// Row C9: a clock that jumps ahead and is set right does not lift a revocation.
#[test]
fn a_clock_set_forward_and_back_lifts_nothing() {
    let (clock, index) = index(100);
    index.revoke_handle(b"before", START.plus(HOUR)).unwrap();
    clock.set(START.plus(HOUR * 48));
    index.revoke_handle(b"during", START.plus(HOUR)).unwrap();
    assert_eq!(index.purge(usize::MAX), 0);
    clock.set(START);
    clock.advance(HOUR / 2);
    assert_eq!(index.purge(usize::MAX), 0);
    for value in ["before", "during"] {
        assert!(revoked(&index, &by_handle(&index, value)), "{value}");
    }
    clock.advance(HOUR / 2);
    assert_eq!(index.purge(usize::MAX), 2);
    clock.set(UnixMillis::from_millis(i64::MIN));
    index.revoke_handle(b"a", START).unwrap();
    clock.set(UnixMillis::MAX);
    index
        .revoke_handle(b"b", UnixMillis::from_millis(i64::MIN))
        .unwrap();
    index.purge(usize::MAX);
}

/// A million live revocations take less than 100 MB, and no shard had to grow for them.
#[test]
fn a_million_take_less_than_100_mb() {
    const MILLION: u32 = 1_000_000;
    let (_, index) = index(MILLION as usize);
    let reserved = index.bytes();
    for number in 0..MILLION {
        index
            .revoke_handle(&number.to_be_bytes(), START.plus(HOUR))
            .unwrap();
    }
    assert_eq!(index.len(), MILLION as usize);
    let each = index.bytes() / MILLION as usize;
    assert!(index.bytes() < 100_000_000, "{each} bytes each");
    let ends = 24 * (MILLION as usize).next_power_of_two();
    assert!(
        index.bytes() <= reserved + ends,
        "a shard grew: {reserved} to {}",
        index.bytes()
    );
    assert!((0..MILLION).step_by(997).all(|number| {
        let handle = Some(index.handle_key(&number.to_be_bytes()));
        index
            .check(&Subjects {
                handle,
                ..Subjects::default()
            })
            .is_err()
    }));
}

#[test]
fn nothing_revoked_is_shown() {
    let (_, index) = index(10);
    index
        .revoke_handle(b"handle-of-ann", UnixMillis::MAX)
        .unwrap();
    let reload = index.reload();
    let subjects = by_handle(&index, "handle-of-ann");
    let shown = format!("{reload:?} {subjects:?}");
    drop(reload);
    let shown = format!("{shown} {index:?}");
    assert!(!shown.contains("ann"), "{shown}");
}

/// A cache entry keeps them, and has 100 bytes.
#[test]
fn the_keys_of_a_token_are_small() {
    assert!(size_of::<Subjects>() <= 64);
}
