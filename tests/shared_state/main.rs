//! Revocations that several processes share through a store: each process is an index, a log and a
//! follower of its own, driven by hand.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each suite uses its part")]
#[path = "../common/watched.rs"]
mod watched;

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::Code;
use bearerd::state::{Follower, RevocationLog, Revocations, Subjects};
use bearerd::store::{MemoryLimits, MemoryStore, Namespace, Store, StoreKey};
use watched::Watched;

const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);
const STALENESS: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);

struct World {
    clock: Arc<ManualClock>,
    store: Arc<Watched>,
}

struct Process {
    index: Arc<Revocations>,
    log: RevocationLog,
    follower: Follower,
}

impl World {
    fn new() -> Self {
        Self::remembering(MemoryLimits::default().changes)
    }

    /// A store whose feed remembers that many changes.
    fn remembering(changes: usize) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let limits = MemoryLimits {
            changes,
            ..MemoryLimits::default()
        };
        let store = Watched::over(Arc::new(MemoryStore::new(limits, clock.clone())));
        Self { clock, store }
    }

    fn process(&self, fails_closed: bool) -> Process {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let index = Arc::new(Revocations::new(&[7; 16], 10_000, Arc::clone(&clock)));
        let store: Arc<dyn Store> = self.store.clone();
        let log = RevocationLog::new(
            "web",
            Arc::clone(&index),
            Arc::clone(&store),
            Arc::clone(&clock),
        );
        let mut follower = Follower::new(store, clock, STALENESS);
        follower
            .follow("web", Arc::clone(&index), fails_closed)
            .unwrap();
        Process {
            index,
            log,
            follower,
        }
    }

    fn is_fresh(&self, process: &Process) -> bool {
        process.index.is_fresh(self.clock.now())
    }
}

impl Process {
    fn step(&mut self) {
        self.follower.step(Duration::ZERO).unwrap();
    }

    fn refuses_handle(&self, handle: &str) -> bool {
        let handle = Some(self.index.handle_key(handle.as_bytes()));
        self.refuses(&Subjects {
            handle,
            ..Subjects::default()
        })
    }

    fn refuses_family(&self, family: &str) -> bool {
        let family = Some(self.index.family_key(family.as_bytes()));
        self.refuses(&Subjects {
            family,
            ..Subjects::default()
        })
    }

    fn refuses_subject(&self, subject: &str, issued_at: UnixMillis) -> bool {
        self.refuses(&Subjects {
            subject: Some(self.index.subject_key(subject.as_bytes())),
            issued_at: Some(issued_at),
            ..Subjects::default()
        })
    }

    fn refuses(&self, subjects: &Subjects) -> bool {
        self.index.check(subjects).is_err()
    }
}

fn until() -> UnixMillis {
    START.plus(Duration::from_secs(86_400))
}

#[test]
fn what_one_revokes_the_others_refuse() {
    let world = World::new();
    let (mut one, mut other) = (world.process(true), world.process(true));
    one.step();
    other.step();
    one.log.revoke_handle(b"h", until()).unwrap();
    one.log.revoke_family(b"f", until()).unwrap();
    one.log.revoke_subject(b"s", START, until()).unwrap();
    assert!(one.refuses_handle("h"), "at once where it was taken");
    assert!(!other.refuses_handle("h"));
    world.clock.advance(Duration::from_millis(40));
    other.step();
    assert!(other.refuses_handle("h"));
    assert!(other.refuses_family("f"));
    assert!(other.refuses_subject("s", START.minus(MOMENT)));
    assert!(!other.refuses_subject("s", START));
    for not in ["f", "s", "x"] {
        assert!(!other.refuses_handle(not));
    }
    let stats = other.follower.stats();
    assert_eq!((stats.applied, stats.reloads), (3, 1));
    assert_eq!(stats.lag, Duration::from_millis(40));
}

#[test]
fn what_was_revoked_before_a_start_is_refused_after_it() {
    let world = World::new();
    {
        let process = world.process(true);
        for n in 0..3_000 {
            let handle = format!("h{n}");
            process
                .log
                .revoke_handle(handle.as_bytes(), until())
                .unwrap();
        }
        process.log.revoke_subject(b"s", START, until()).unwrap();
    }
    let mut process = world.process(true);
    process.step();
    assert!((0..3_000).all(|n| process.refuses_handle(&format!("h{n}"))));
    assert!(process.refuses_subject("s", START.minus(MOMENT)));
    assert_eq!(process.index.len(), 3_001);
}

#[test]
fn a_gap_in_the_feed_is_made_good() {
    let world = World::remembering(4);
    let (one, mut other) = (world.process(true), world.process(true));
    other.step();
    for n in 0..50 {
        let handle = format!("h{n}");
        one.log.revoke_handle(handle.as_bytes(), until()).unwrap();
    }
    other.step();
    assert_eq!(other.follower.stats().reloads, 2);
    assert!((0..50).all(|n| other.refuses_handle(&format!("h{n}"))));
}

/// What an emptied store no longer has stays in force where it is known, and is counted.
#[test]
fn an_emptied_store_gives_no_token_its_life_back() {
    let world = World::remembering(4);
    let (mut one, mut other) = (world.process(true), world.process(true));
    one.step();
    one.log.revoke_handle(b"h", until()).unwrap();
    one.log.revoke_subject(b"s", START, until()).unwrap();
    other.step();
    for (kind, value) in [("handle", "h"), ("subject", "s")] {
        let revoked = Namespace::new("revoked");
        let key = StoreKey::new(revoked, &[b"web", kind.as_bytes(), value.as_bytes()]).unwrap();
        assert!(world.store.delete(&key).unwrap());
    }
    // Past what the feed remembers: nobody is told of the deletions.
    for n in 0..5 {
        let handle = format!("h{n}");
        world
            .process(true)
            .log
            .revoke_handle(handle.as_bytes(), until())
            .unwrap();
    }
    for process in [&mut one, &mut other] {
        process.step();
        assert!(process.refuses_handle("h") && process.refuses_handle("h4"));
        assert!(process.refuses_subject("s", START.minus(MOMENT)));
        assert_eq!(process.follower.stats().missing, 2);
    }
    let mut fresh = world.process(true);
    fresh.step();
    assert!(!fresh.refuses_handle("h"), "nobody can tell it");
    assert_eq!(fresh.follower.stats().missing, 0);
}

/// A process that starts while its wall clock is ahead sees nothing that has ended by it; once the
/// clock is right again, it does.
#[test]
fn a_start_at_a_wrong_time_is_made_good() {
    let world = World::new();
    world
        .process(true)
        .log
        .revoke_handle(b"h", until())
        .unwrap();
    world.clock.set(until().plus(STALENESS));
    let mut process = world.process(true);
    process.step();
    assert!(!process.refuses_handle("h"), "by that clock it has ended");
    world.clock.set(START);
    process.step();
    assert!(process.refuses_handle("h"));
    assert_eq!(process.follower.stats().reloads, 2);
    process.step();
    assert_eq!(process.follower.stats().reloads, 2, "once");
}

/// Nor does a process miss what it heard of at such a time.
#[test]
fn what_is_heard_at_a_wrong_time_is_made_good() {
    let world = World::new();
    let mut process = world.process(true);
    process.step();
    world
        .process(true)
        .log
        .revoke_handle(b"h", until())
        .unwrap();
    world.clock.set(until().plus(STALENESS));
    process.step();
    assert!(!process.refuses_handle("h"), "by that clock it has ended");
    world.clock.set(START);
    process.step();
    assert!(process.refuses_handle("h"));
    assert_eq!(process.follower.stats().reloads, 2);
}

/// Two that revoke the same subject at once: the later watermark and the later end stay.
#[test]
fn a_watermark_is_never_lowered() {
    let world = World::new();
    let (one, two) = (world.process(true), world.process(true));
    let later = START.plus(Duration::from_secs(60));
    one.log.revoke_subject(b"s", later, until()).unwrap();
    two.log
        .revoke_subject(b"s", START, until().plus(MOMENT))
        .unwrap();
    let mut third = world.process(true);
    third.step();
    assert!(third.refuses_subject("s", later.minus(MOMENT)));
    assert!(!third.refuses_subject("s", later));
    world.clock.set(until());
    third.step();
    assert!(
        third.refuses_subject("s", START),
        "until the later of the two ends"
    );
}

#[test]
fn what_cannot_be_recorded_is_not_revoked() {
    let world = World::new();
    let mut process = world.process(true);
    process.step();
    world.store.set_broken(true);
    let fault = process.log.revoke_handle(b"h", until()).unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    assert!(!process.refuses_handle("h"));
    let long = vec![b'x'; 100_000];
    world.store.set_broken(false);
    let fault = process.log.revoke_handle(&long, until()).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
}

#[test]
fn an_index_without_word_from_its_store_goes_stale_and_recovers() {
    let world = World::new();
    let (mut closed, mut open) = (world.process(true), world.process(false));
    assert!(
        !world.is_fresh(&closed),
        "nothing is known before the first answer"
    );
    assert!(world.is_fresh(&open));
    world.store.set_broken(true);
    closed.follower.step(Duration::ZERO).unwrap_err();
    assert!(!world.is_fresh(&closed));
    world.store.set_broken(false);
    closed.step();
    open.step();
    assert!(world.is_fresh(&closed));
    world.store.set_broken(true);
    world.clock.advance(STALENESS - MOMENT);
    for process in [&mut closed, &mut open] {
        process.follower.step(Duration::ZERO).unwrap_err();
    }
    assert!(world.is_fresh(&closed), "within the limit");
    world.clock.advance(MOMENT);
    assert!(!world.is_fresh(&closed), "without another step");
    assert!(world.is_fresh(&open), "as it was told");
    world.store.set_broken(false);
    closed.step();
    assert!(world.is_fresh(&closed));
    assert_eq!(closed.follower.stats().failures_in_a_row, 0);
}

/// The wall clock is set back while the store is away: what is stale does not become fresh.
#[test]
fn a_clock_that_is_set_back_makes_nothing_fresh() {
    let world = World::new();
    let mut process = world.process(true);
    process.step();
    world.store.set_broken(true);
    world.clock.advance(STALENESS);
    world.clock.set(START.minus(Duration::from_secs(3_600)));
    process.follower.step(Duration::ZERO).unwrap_err();
    assert!(!world.is_fresh(&process));
}

#[test]
fn what_is_taken_back_is_accepted_again() {
    let world = World::new();
    let (one, mut other) = (world.process(true), world.process(true));
    one.log.revoke_handle(b"h", until()).unwrap();
    other.step();
    assert!(other.refuses_handle("h"));
    let revoked = Namespace::new("revoked");
    let key = StoreKey::new(revoked, &[b"web", b"handle", b"h"]).unwrap();
    assert!(world.store.delete(&key).unwrap());
    other.step();
    assert!(!other.refuses_handle("h"));
}

/// Somebody else writes where revocations are kept: nobody can say what is revoked.
#[test]
fn a_record_of_a_strangers_stops_the_follower() {
    for (kind, value) in [("handle", &b"short"[..]), ("nonsense", &[0; 16])] {
        let world = World::new();
        let mut process = world.process(true);
        process.step();
        let revoked = Namespace::new("revoked");
        let key = StoreKey::new(revoked, &[b"web", kind.as_bytes(), b"h"]).unwrap();
        let _ = world.store.put_if_absent(&key, value, until()).unwrap();
        for _ in 0..2 {
            let fault = process.follower.step(Duration::ZERO).unwrap_err();
            assert_eq!(fault.code(), Code::StoreUnavailable);
        }
        world.clock.advance(STALENESS);
        assert!(!world.is_fresh(&process));
        let mut fresh = world.process(true);
        fresh.follower.step(Duration::ZERO).unwrap_err();
        assert!(!world.is_fresh(&fresh));
    }
}

/// Each profile has its own.
#[test]
fn profiles_do_not_share_revocations() {
    let world = World::new();
    let process = world.process(true);
    process.log.revoke_handle(b"h", until()).unwrap();
    let clock: Arc<dyn Clock> = world.clock.clone();
    let others = Arc::new(Revocations::new(&[1; 16], 100, Arc::clone(&clock)));
    let mut follower = Follower::new(world.store.clone(), clock, STALENESS);
    follower.follow("we", Arc::clone(&others), true).unwrap();
    follower.step(Duration::ZERO).unwrap();
    assert!(others.is_empty());
}
