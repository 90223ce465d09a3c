//! Sign-out: one, all, all but one, all from before; and a read that is overtaken by it.

use std::sync::Arc;
use std::time::Duration;

use bearerd::error::Code;

use crate::watched::Moment;
use crate::world::{Make, World, token};

fn each_way_to_end_ends_its_own_alone(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let sign_in = |subject: &str| {
        world.advance(Duration::from_secs(1));
        process.sign_in(subject)
    };
    let ada: Vec<_> = (0..6).map(|_| sign_in("ada")).collect();
    let bob = token(&sign_in("bob"));
    let live = || -> Vec<usize> {
        (0..ada.len())
            .filter(|at| process.code(&token(&ada[*at])) == Code::Ok)
            .collect()
    };
    assert_eq!(live(), [0, 1, 2, 3, 4, 5]);
    assert!(process.sessions.end(ada[3].id()).unwrap());
    assert!(!process.sessions.end(ada[3].id()).unwrap(), "it had ended");
    assert_eq!(live(), [0, 1, 2, 4, 5]);
    let before = ada[1].created();
    assert_eq!(
        process.sessions.end_created_before("ada", before).unwrap(),
        1
    );
    assert_eq!(live(), [1, 2, 4, 5]);
    assert_eq!(
        process.sessions.end_all("ada", Some(ada[4].id())).unwrap(),
        3
    );
    assert_eq!(live(), [4]);
    assert_eq!(process.sessions.end_all("ada", None).unwrap(), 1);
    assert!(live().is_empty());
    assert_eq!(process.sessions.end_all("ada", None).unwrap(), 0);
    assert_eq!(process.sessions.end_all("nobody", None).unwrap(), 0);
    assert_eq!(process.code(&bob), Code::Ok);
    // A new one is a new one.
    let again = token(&process.sign_in("ada"));
    assert_eq!(process.code(&again), Code::Ok);
    assert!(live().is_empty());
}

/// The record is read, the session ends, and only then does the reader go on: what it has read is
/// not written back.
fn r4_a_read_that_is_overtaken_brings_nothing_back(make: Make) {
    let world = World::new(make);
    let one = world.process();
    let reader = Arc::new(world.process());
    let session = one.sign_in("ada");
    let token = token(&session);
    let ender = Arc::clone(&reader.sessions);
    let id = session.id();
    world
        .store
        .at(Moment::AfterGet, move || assert!(ender.end(id).unwrap()));
    // Asked before the end, answered after it: either answer would do.
    let _ = reader.code(&token);
    for _ in 0..2 {
        assert_eq!(reader.code_at_hand(&token), Some(Code::SessionEnded));
        assert_eq!(reader.code(&token), Code::SessionEnded);
    }
    assert!(reader.sessions.get(id).unwrap().is_none());
}

/// As before, but it ends elsewhere, and the feed tells of it before the reader goes on.
fn a_read_that_the_feed_overtakes_is_not_written_back(make: Make) {
    let world = World::new(make);
    let one = world.process();
    let reader = Arc::new(world.process());
    let session = one.sign_in("ada");
    let token = token(&session);
    reader.follow();
    let following = Arc::clone(&reader);
    let (ender, id) = (Arc::clone(&one.sessions), session.id());
    world.store.at(Moment::AfterGet, move || {
        assert!(ender.end(id).unwrap());
        following.follow();
    });
    let _ = reader.code(&token);
    // Nothing more comes by the feed.
    assert_eq!(reader.code_at_hand(&token), None, "not written back");
    assert_eq!(reader.code(&token), Code::SessionEnded);
}

/// A read of a time before a session was opened does not make others take it for ended.
fn a_late_read_does_not_hide_a_new_session(make: Make) {
    let world = World::new(make);
    let one = world.process();
    let reader = Arc::new(world.process());
    let first = token(&one.sign_in("ada"));
    let opener = Arc::clone(&reader);
    let (send, receive) = std::sync::mpsc::channel();
    world.store.at(Moment::AfterGet, move || {
        send.send(token(&opener.sign_in("ada"))).unwrap();
    });
    assert_eq!(reader.code(&first), Code::Ok);
    let second = receive.recv().unwrap();
    assert_eq!(reader.code(&second), Code::Ok);
    assert_eq!(reader.code(&first), Code::Ok);
}

on_every_store!(
    each_way_to_end_ends_its_own_alone,
    r4_a_read_that_is_overtaken_brings_nothing_back,
    a_read_that_the_feed_overtakes_is_not_written_back,
    a_late_read_does_not_hide_a_new_session,
);
