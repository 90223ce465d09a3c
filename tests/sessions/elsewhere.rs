//! What one process does to a session, and the others that share the store.

use bearerd::error::Code;
use bearerd::state::Renewal;

use crate::world::{DAY, Make, STALENESS, World, token};

fn what_ends_in_one_process_ends_in_the_others(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let session = one.sign_in("ada");
    let token = token(&session);
    assert_eq!(other.code(&token), Code::Ok);
    assert!(one.sessions.end(session.id()).unwrap());
    assert_eq!(one.code(&token), Code::SessionEnded);
    other.follow();
    let asked = world.store.asked();
    for _ in 0..3 {
        assert_eq!(other.code_at_hand(&token), Some(Code::SessionEnded));
    }
    assert_eq!(world.store.asked(), asked, "it is remembered as ended");
}

/// A session that was opened elsewhere a moment ago is no ended one, whatever memory has of its
/// user.
fn a_new_session_is_good_everywhere_at_once(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let first = token(&one.sign_in("ada"));
    assert_eq!(other.code(&first), Code::Ok);
    let second = token(&one.sign_in("ada"));
    assert_eq!(other.code(&second), Code::Ok, "without the feed");
    assert_eq!(other.code(&first), Code::Ok);
}

fn a_renewal_elsewhere_keeps_it_alive_here(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let session = one.sign_in("ada");
    let token = token(&session);
    assert_eq!(other.code(&token), Code::Ok);
    world.advance(5 * DAY);
    assert_eq!(one.sessions.renew(session.id()).unwrap(), Renewal::Done);
    // With the feed, and without it.
    world.advance(3 * DAY);
    other.follow();
    assert_eq!(other.code_at_hand(&token), Some(Code::Ok));
    assert_eq!(one.sessions.renew(session.id()).unwrap(), Renewal::Done);
    world.advance(5 * DAY);
    one.follow();
    let refreshed = other.code(&token);
    assert_eq!(refreshed, Code::StoreUnavailable, "nothing heard for days");
    other.follow();
    assert_eq!(other.code(&token), Code::Ok);
}

/// What is known of sessions is as old as what is known of revocations, and no older.
fn a_silent_feed_counts_for_sessions_too(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let token = token(&process.sign_in("ada"));
    world.advance(STALENESS);
    assert_eq!(process.code(&token), Code::StoreUnavailable);
    process.follow();
    assert_eq!(process.code(&token), Code::Ok);
}

/// After a gap in the feed nothing of before is trusted.
fn what_was_missed_is_read_anew(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let kept = token(&one.sign_in("ada"));
    let session = one.sign_in("bob");
    let over = token(&session);
    assert_eq!((other.code(&kept), other.code(&over)), (Code::Ok, Code::Ok));
    one.sessions.end(session.id()).unwrap();
    other.miss_everything();
    assert_eq!(other.sessions.stats().sessions, 0);
    assert_eq!(other.code_at_hand(&kept), None);
    assert_eq!(
        (other.code(&kept), other.code(&over)),
        (Code::Ok, Code::SessionEnded)
    );
}

on_every_store!(
    what_ends_in_one_process_ends_in_the_others,
    a_new_session_is_good_everywhere_at_once,
    a_renewal_elsewhere_keeps_it_alive_here,
    a_silent_feed_counts_for_sessions_too,
    what_was_missed_is_read_anew,
);
