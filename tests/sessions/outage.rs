//! A store that does not answer, is emptied, or is brought back from a copy.

use bearerd::error::Code;
use bearerd::store::{Namespace, StoreKey};
use serde_json::Map;

use crate::world::{Make, World, token};

fn nothing_is_done_without_the_store(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let session = process.sign_in("ada");
    let token = token(&session);
    world.store.set_broken(true);
    let sessions = &process.sessions;
    let faults = [
        sessions.create("ada", &Map::new(), None).unwrap_err(),
        sessions.end(session.id()).unwrap_err(),
        sessions.end_all("ada", None).unwrap_err(),
        sessions.get(session.id()).unwrap_err(),
        sessions.list("ada").unwrap_err(),
        sessions.renew(session.id()).unwrap_err(),
    ];
    for fault in faults {
        assert_eq!(fault.code(), Code::StoreUnavailable);
    }
    assert_eq!(process.code(&token), Code::Ok, "it was not ended");
    world.store.set_broken(false);
    assert_eq!(sessions.list("ada").unwrap().len(), 1);
}

/// An emptied store has no sessions; one that is brought back has those that it had.
fn an_emptied_store_ends_them_all(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let token = token(&process.sign_in("ada"));
    let taken = world.take_all("sessions");
    assert_eq!(taken.len(), 1);
    process.miss_everything();
    assert_eq!(process.code(&token), Code::SessionEnded);
    world.put_back(taken);
    process.miss_everything();
    assert_eq!(process.code(&token), Code::Ok);
}

/// What somebody else has written under our keys is no session, and no panic.
fn foreign_records_are_refused(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let session = process.sign_in("ada");
    let token = token(&session);
    let taken = world.take_all("sessions");
    let hostile: [&[u8]; 5] = [
        b"",
        b"\xff\xfe",
        b"{}",
        br#"{"subject":"ada","sessions":[{"id":"AA","created":0,"renewed":0,"expires":9e18,"span":1,"attributes":"{}"}]}"#,
        br#"[]"#,
    ];
    for bytes in hostile {
        world.put_back(vec![(taken[0].0.clone(), bytes.to_vec())]);
        process.miss_everything();
        assert_eq!(process.code(&token), Code::StoreUnavailable);
        let fault = process.sessions.list("ada").unwrap_err();
        assert!(fault.to_string().contains("did not write"), "{fault}");
        world.take_all("sessions");
    }
    let key = StoreKey::new(Namespace::new("sessions"), &[b"web", b"not an owner"]).unwrap();
    world.put_back(vec![(key, Vec::new())]);
    assert!(process.follow_once().is_err());
    world.take_all("sessions");
    world.put_back(taken);
    process.miss_everything();
    assert_eq!(process.code(&token), Code::Ok);
}

on_every_store!(
    nothing_is_done_without_the_store,
    an_emptied_store_ends_them_all,
    foreign_records_are_refused,
);
