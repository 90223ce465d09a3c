//! Sliding renewal: throttled, asynchronous, and never a way back for what has ended.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bearerd::clock::{Clock, SystemClock};
use bearerd::error::Code;
use bearerd::state::{Renewal, SessionSettings};
use serde_json::Map;

use crate::watched::Moment;
use crate::world::{DAY, Make, START, World, token};

const MOMENT: Duration = Duration::from_millis(1);

fn a_use_slides_the_end_once_in_a_while(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let id = process.sign_in("ada").id();
    let expires = || process.sessions.get(id).unwrap().unwrap().expires();
    world.advance(7 * DAY / 10 - MOMENT);
    let asked = world.store.asked();
    assert_eq!(process.sessions.renew(id).unwrap(), Renewal::NotDue);
    assert_eq!(world.store.asked().1, asked.1, "nothing is written");
    assert_eq!(expires(), START.plus(7 * DAY));
    world.advance(MOMENT);
    assert_eq!(process.sessions.renew(id).unwrap(), Renewal::Done);
    assert_eq!(expires(), START.plus(7 * DAY / 10 + 7 * DAY));
    assert_eq!(process.sessions.renew(id).unwrap(), Renewal::NotDue);
    // Another process sees what the first has done.
    let other = world.process();
    assert_eq!(other.sessions.renew(id).unwrap(), Renewal::NotDue);
    // What is used lives on, far past its first end.
    for _ in 0..20 {
        world.advance(3 * DAY);
        assert_eq!(other.sessions.renew(id).unwrap(), Renewal::Done);
    }
    process.follow();
    assert!(process.sessions.get(id).unwrap().is_some());
    world.advance(7 * DAY);
    assert_eq!(process.sessions.renew(id).unwrap(), Renewal::Ended);
    assert!(process.sessions.get(id).unwrap().is_none());
}

fn nothing_outlives_the_longest_life(make: Make) {
    let world = World::new(make);
    let limited = |settings: &mut SessionSettings| settings.max_lifetime = Some(10 * DAY);
    let process = world.process_with(limited);
    let session = process.sign_in("ada");
    let token = token(&session);
    world.advance(5 * DAY);
    assert_eq!(process.sessions.renew(session.id()).unwrap(), Renewal::Done);
    world.advance(4 * DAY);
    let asked = world.store.asked();
    assert_eq!(
        process.sessions.renew(session.id()).unwrap(),
        Renewal::NotDue
    );
    assert_eq!(world.store.asked().1, asked.1);
    let found = process.sessions.get(session.id()).unwrap().unwrap();
    assert_eq!(found.expires(), START.plus(10 * DAY));
    process.follow();
    assert_eq!(process.code(&token), Code::Ok);
    world.advance(DAY);
    process.follow();
    assert_eq!(process.code(&token), Code::SessionEnded);
}

/// A verification asks for the renewal and does not wait for it.
fn a_verification_has_it_renewed(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let session = process.sign_in("ada");
    let token = token(&session);
    world.advance(DAY);
    process.follow();
    // Nobody renews yet: it is counted, and the token is as good.
    assert_eq!(process.code_at_hand(&token), Some(Code::Ok));
    assert_eq!(process.sessions.stats().dropped, 1);
    assert_eq!(process.code_at_hand(&token), Some(Code::Ok));
    assert_eq!(process.sessions.stats().dropped, 1, "one use asks for all");
    process.sessions.start().unwrap();
    world.advance(Duration::from_secs(10));
    process.follow();
    for _ in 0..3 {
        assert_eq!(process.code_at_hand(&token), Some(Code::Ok));
    }
    let begun = SystemClock.monotonic();
    while process.sessions.stats().renewed == 0 {
        assert!(SystemClock.monotonic() - begun < Duration::from_secs(20));
        thread::yield_now();
    }
    let found = process.sessions.get(session.id()).unwrap().unwrap();
    assert_eq!(
        found.expires(),
        START.plus(8 * DAY + Duration::from_secs(10))
    );
    assert_eq!(process.sessions.stats().renewed, 1);
}

/// R4, step by step: the renewal has read the session, it ends, and the renewal writes.
fn r4_an_end_between_the_steps_of_a_renewal_holds(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    for all in [false, true] {
        let session = one.sign_in("ada");
        let token = token(&session);
        world.advance(DAY);
        other.follow();
        assert_eq!(other.code(&token), Code::Ok);
        let (ender, id) = (Arc::clone(&other.sessions), session.id());
        world.store.at(Moment::BeforeSwap, move || {
            if all {
                assert_eq!(ender.end_all("ada", None).unwrap(), 1);
            } else {
                assert!(ender.end(id).unwrap());
            }
        });
        assert_eq!(one.sessions.renew(id).unwrap(), Renewal::Ended);
        assert_eq!(other.code(&token), Code::SessionEnded);
        for process in [&one, &other] {
            process.follow();
            assert_eq!(process.code(&token), Code::SessionEnded);
            assert_eq!(process.sessions.renew(id).unwrap(), Renewal::Ended);
            assert!(process.sessions.get(id).unwrap().is_none());
        }
    }
}

/// R4, by chance: one process renews, another ends, and both verify, all at once.
fn a_session_that_ends_while_it_is_renewed_stays_ended(make: Make, rounds: usize) {
    let world = World::new(make);
    let quick = |settings: &mut SessionSettings| settings.renew_every = MOMENT;
    let (one, other) = (world.process_with(quick), world.process_with(quick));
    let mut renewed = 0;
    for round in 0..rounds {
        world.advance(MOMENT);
        let session = one.sign_in("ada");
        let (token, id) = (token(&session), session.id());
        world.advance(MOMENT);
        let begin = Barrier::new(3);
        thread::scope(|scope| {
            let renewing = scope.spawn(|| {
                begin.wait();
                one.sessions.renew(id).unwrap()
            });
            let ending = scope.spawn(|| {
                begin.wait();
                assert!(other.sessions.end(id).unwrap());
            });
            begin.wait();
            let codes = [one.code(&token), other.code(&token)];
            renewed += usize::from(renewing.join().unwrap() == Renewal::Done);
            ending.join().unwrap();
            for code in codes {
                assert!(matches!(code, Code::Ok | Code::SessionEnded), "{code}");
            }
        });
        assert_eq!(
            other.code(&token),
            Code::SessionEnded,
            "round {round}: here"
        );
        one.follow();
        other.follow();
        for process in [&one, &other] {
            assert_eq!(process.code(&token), Code::SessionEnded, "round {round}");
        }
        assert!(
            one.sessions.list("ada").unwrap().is_empty(),
            "round {round}"
        );
    }
    // A race that one side always wins shows nothing.
    assert!(renewed > 0, "no renewal came first in {rounds} rounds");
}

/// So many in the ordinary suite; `BEARERD_SESSION_ROUNDS` asks for more.
fn rounds(usual: usize) -> usize {
    let asked = std::env::var_os("BEARERD_SESSION_ROUNDS");
    asked.map_or(usual, |rounds| rounds.to_str().unwrap().parse().unwrap())
}

#[test]
fn r4_ended_stays_ended_in_memory() {
    a_session_that_ends_while_it_is_renewed_stays_ended(crate::world::memory, rounds(10_000));
}

#[cfg(feature = "sqlite")]
#[test]
fn r4_ended_stays_ended_in_sqlite() {
    a_session_that_ends_while_it_is_renewed_stays_ended(crate::world::sqlite, rounds(500));
}

#[cfg(feature = "redis")]
#[test]
fn r4_ended_stays_ended_in_redis() {
    a_session_that_ends_while_it_is_renewed_stays_ended(crate::world::redis, rounds(500));
}

/// An attribute that changes while a session is renewed is not lost, and neither is the renewal.
fn a_renewal_and_a_change_keep_each_other(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let id = one.sign_in("ada").id();
    world.advance(DAY);
    let changer = Arc::clone(&other.sessions);
    world.store.at(Moment::BeforeSwap, move || {
        let set = crate::world::object(serde_json::json!({"a": 1}));
        assert!(changer.change_attributes(id, &set, &[]).unwrap().is_some());
    });
    assert_eq!(one.sessions.renew(id).unwrap(), Renewal::Done);
    let found = one.sessions.get(id).unwrap().unwrap();
    assert_eq!(found.attributes(), "{\"a\":1}");
    assert_eq!(found.expires(), START.plus(8 * DAY));
}

/// A store that does not answer costs a renewal and no request.
#[test]
fn a_renewal_that_fails_is_asked_for_again() {
    let world = World::new(crate::world::memory);
    let process = world.process();
    let session = process.sessions.create("ada", &Map::new(), None).unwrap();
    let token = token(&session);
    process.sessions.start().unwrap();
    world.advance(DAY);
    let until = |condition: &dyn Fn() -> bool| {
        let begun = SystemClock.monotonic();
        while !condition() {
            assert!(SystemClock.monotonic() - begun < Duration::from_secs(20));
            thread::yield_now();
        }
    };
    process.follow();
    world.store.set_broken(true);
    assert_eq!(process.code(&token), Code::Ok);
    until(&|| process.sessions.stats().dropped == 1);
    world.store.set_broken(false);
    assert_eq!(process.code(&token), Code::Ok);
    assert_eq!(process.sessions.stats().renewed, 0, "not at once");
    world.advance(Duration::from_secs(10));
    process.follow();
    assert_eq!(process.code(&token), Code::Ok);
    until(&|| process.sessions.stats().renewed == 1);
}

on_every_store!(
    a_use_slides_the_end_once_in_a_while,
    nothing_outlives_the_longest_life,
    a_verification_has_it_renewed,
    r4_an_end_between_the_steps_of_a_renewal_holds,
    a_renewal_and_a_change_keep_each_other,
);
