//! Sign-in: what is opened, for how long, and who makes room for it.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use bearerd::error::Code;
use bearerd::state::SessionId;
use serde_json::{Map, json};

use crate::world::{DAY, Make, START, World, object, token};

fn a_session_is_what_was_asked_for(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let attributes = object(json!({"position": "lead", "modules": ["hr", "crm"], "n": 1.5}));
    let session = process.sessions.create("ada", &attributes, None).unwrap();
    assert_eq!(session.subject(), "ada");
    assert_eq!((session.created(), session.renewed()), (START, START));
    assert_eq!(session.expires(), START.plus(7 * DAY), "the default");
    assert_eq!(session.attribute("position"), Some("\"lead\""));
    assert_eq!(session.attribute("modules"), Some("[\"hr\",\"crm\"]"));
    assert_eq!(session.attribute("none"), None);
    let short = Duration::from_secs(90);
    let short = process
        .sessions
        .create("ada", &Map::new(), Some(short))
        .unwrap();
    assert_eq!(short.expires(), START.plus(Duration::from_secs(90)));
    assert_ne!(session.id(), short.id());
    // From anywhere, the oldest first.
    let other = world.process();
    let ids = |subject| -> Vec<SessionId> {
        let sessions = other.sessions.list(subject).unwrap();
        sessions.iter().map(|session| session.id()).collect()
    };
    assert_eq!(ids("ada"), [session.id(), short.id()]);
    assert!(ids("bob").is_empty());
    let found = other.sessions.get(session.id()).unwrap().unwrap();
    assert_eq!(found.attributes(), session.attributes());
    assert_eq!(
        SessionId::parse(&found.id().to_string()),
        Some(session.id())
    );
    assert_eq!(other.code(&token(&found)), Code::Ok);
}

fn a_session_ends_when_its_time_has_come(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let span = Duration::from_secs(90);
    let session = one.sessions.create("ada", &Map::new(), Some(span)).unwrap();
    let token = token(&session);
    assert_eq!((one.code(&token), other.code(&token)), (Code::Ok, Code::Ok));
    world.advance(span - Duration::from_millis(1));
    // What was not used for so long is not renewed by a look alone.
    one.follow();
    other.follow();
    assert_eq!((one.code(&token), other.code(&token)), (Code::Ok, Code::Ok));
    world.advance(Duration::from_millis(1));
    for _ in 0..2 {
        assert_eq!(one.code(&token), Code::SessionEnded);
        assert_eq!(other.code(&token), Code::SessionEnded);
    }
    assert!(one.sessions.get(session.id()).unwrap().is_none());
    assert!(one.sessions.list("ada").unwrap().is_empty());
}

fn the_oldest_makes_room(make: Make) {
    let world = World::new(make);
    let process = world.process_with(|settings| settings.max_sessions = 2);
    let mut tokens = Vec::new();
    for _ in 0..4 {
        world.advance(Duration::from_millis(1));
        tokens.push(token(&process.sign_in("ada")));
    }
    let bystander = token(&process.sign_in("bob"));
    let codes: Vec<Code> = tokens.iter().map(|token| process.code(token)).collect();
    let (over, live) = (Code::SessionEnded, Code::Ok);
    assert_eq!(codes, [over, over, live, live]);
    assert_eq!(process.code(&bystander), live);
    assert_eq!(process.sessions.list("ada").unwrap().len(), 2);
}

/// Eight processes sign one user in at once: in the end there is one session, and never were there
/// two.
fn racing_sign_ins_leave_one(make: Make) {
    let world = World::new(make);
    let one = |settings: &mut bearerd::state::SessionSettings| settings.max_sessions = 1;
    let processes: Vec<_> = (0..8).map(|_| world.process_with(one)).collect();
    for round in 0..25 {
        world.advance(Duration::from_millis(1));
        let begin = Barrier::new(processes.len() + 1);
        let tokens: Vec<String> = thread::scope(|scope| {
            let sign_in = |process| {
                let begin = &begin;
                scope.spawn(move || {
                    begin.wait();
                    crate::world::Process::sign_in(process, "ada")
                })
            };
            let signing_in: Vec<_> = processes.iter().map(sign_in).collect();
            begin.wait();
            while !signing_in.iter().all(thread::ScopedJoinHandle::is_finished) {
                let live = processes[0].sessions.list("ada").unwrap().len();
                assert!(live <= 1, "{live} at once in round {round}");
            }
            let opened = signing_in.into_iter().map(|thread| thread.join().unwrap());
            opened.map(|session| token(&session)).collect()
        });
        for process in &processes {
            process.follow();
            let live = tokens
                .iter()
                .filter(|token| process.code(token) == Code::Ok);
            assert_eq!(live.count(), 1, "round {round}");
        }
    }
}

/// What is prepared and not opened is nobody's session.
fn what_is_only_prepared_is_not_open(make: Make) {
    let world = World::new(make);
    let process = world.process_with(|settings| settings.max_sessions = 1);
    let known = token(&process.sign_in("ada"));
    let opening = process.sessions.prepare("ada", &Map::new(), None).unwrap();
    assert!(process.sessions.get(opening.id()).unwrap().is_none());
    assert_eq!(process.code(&known), Code::Ok, "nobody made room");
    let opened = process.sessions.open(&opening).unwrap();
    assert_eq!(opened.id(), opening.id());
    assert_eq!(process.code(&known), Code::SessionEnded);
}

on_every_store!(
    a_session_is_what_was_asked_for,
    a_session_ends_when_its_time_has_come,
    the_oldest_makes_room,
    racing_sign_ins_leave_one,
    what_is_only_prepared_is_not_open,
);
