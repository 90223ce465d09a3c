//! The last use: told now and then, never by a verification itself, and never for a token that was
//! revoked meanwhile.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::Code;
use bearerd::verify::VerifyOptions;

use crate::stores::{Make, memory, on_every_store};
use crate::world::{Process, START, World, ada, alone};

on_every_store!(
    the_last_use_is_written_once_in_a_while,
    r5_a_last_use_never_revives_a_revoked_token,
    two_processes_write_it_once,
);

const EVERY: Duration = Duration::from_secs(600);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

fn used_at(process: &Process, id: &str) -> Option<UnixMillis> {
    process.pats.get(id).unwrap().unwrap().last_used_at
}

fn the_last_use_is_written_once_in_a_while(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let created = process.create(ada());
    let id = &created.pat.id;
    assert_eq!(used_at(&process, id), None);
    let from = VerifyOptions::default().address(HERE);
    assert_eq!(process.code_of(&*created.token, &from), Code::Ok);
    process.uses.write_all();
    assert_eq!(used_at(&process, id), Some(START));
    let pat = process.pats.get(id).unwrap().unwrap();
    assert_eq!(pat.last_used_from, Some(HERE));
    for _ in 0..20 {
        world.clock.advance(EVERY / 21);
        assert_eq!(process.code(&*created.token), Code::Ok);
    }
    process.uses.write_all();
    assert_eq!((process.uses.written(), process.uses.dropped()), (1, 0));
    world.clock.advance(EVERY / 20);
    assert_eq!(process.code(&*created.token), Code::Ok);
    process.uses.write_all();
    assert_eq!(used_at(&process, id), Some(world.now()));
    let pat = process.pats.get(id).unwrap().unwrap();
    assert_eq!(
        pat.last_used_from, None,
        "it is not known where this came from"
    );
    assert_eq!(process.uses.written(), 2);
}

fn r5_a_last_use_never_revives_a_revoked_token(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let created = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    process.pats.revoke(&created.pat.id).unwrap();
    process.uses.write_all();
    assert_eq!(process.uses.written(), 0);
    let pat = process.pats.get(&created.pat.id).unwrap().unwrap();
    assert!(pat.revoked_at.is_some() && pat.last_used_at.is_none());
    assert_eq!(world.process().code(&*created.token), Code::Revoked);
}

fn two_processes_write_it_once(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let created = one.create(ada());
    assert_eq!(one.code(&*created.token), Code::Ok);
    assert_eq!(other.code(&*created.token), Code::Ok);
    one.uses.write_all();
    other.uses.write_all();
    assert_eq!(one.uses.written() + other.uses.written(), 1);
}

/// Refused is not used.
#[test]
fn what_was_refused_is_no_use() {
    let (_, process) = alone();
    let created = process.create(ada());
    assert_eq!(
        process.guarded(&created.token, r#"{"roles": ["admin"]}"#),
        Code::Forbidden
    );
    process.uses.write_all();
    assert_eq!(used_at(&process, &created.pat.id), None);
}

/// The verification does not write, whether there is a store or not; nor does it wait for who does.
#[test]
fn a_verification_writes_nothing_itself() {
    let (world, process) = alone();
    let created = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    world.store.set_broken(true);
    let asked = world.store.calls();
    world.clock.advance(EVERY / 3);
    world.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        assert_eq!(process.code(&*created.token), Code::Ok);
    }
    assert_eq!(world.store.calls(), asked);
    process.uses.write_all();
    assert_eq!((process.uses.written(), process.uses.dropped()), (0, 1));
    assert_eq!(
        world.store.calls(),
        asked + 1,
        "a store that is gone is asked once a round"
    );
}

/// The queue is bounded; what it has no room for is counted.
#[test]
fn a_full_queue_drops_and_counts() {
    let world = World::new(memory);
    let process = world.process();
    let created = process.create(ada());
    let pats = process.pats.store();
    for _ in 0..5_000 {
        pats.used(&created.pat.id, START, None);
    }
    assert_eq!(process.uses.dropped(), 5_000 - 4_096);
    process.uses.write_all();
    assert_eq!(process.uses.written(), 1);
    assert_eq!(process.uses.written() + process.uses.dropped(), 5_000);
}

/// The thread does it by itself, and what is in the queue when it is told to end.
#[test]
fn a_thread_writes_it_down() {
    let (_, process) = alone();
    let created = process.create(ada());
    let thread = process.uses.start().unwrap();
    assert_eq!(process.code(&*created.token), Code::Ok);
    drop(thread);
    assert_eq!(used_at(&process, &created.pat.id), Some(START));
}
