use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use bearerd::crypto::Algorithm;
use bearerd::keys::managed::KeyState::{Active, Retiring, Staged};

use crate::world::{AHEAD, EVERY, FIRST, KEEP, MOMENT, STORES, World, in_memory};

#[test]
fn a_key_is_staged_signs_retires_and_goes() {
    for make in STORES {
        let world = World::new(make);
        let one = world.process();
        one.settle();
        assert_eq!(one.states(), [Staged]);
        assert_eq!(one.active(), None, "nobody else has heard of it");
        world.at(FIRST);
        assert_eq!(one.states(), [Active]);
        let first = one.active().unwrap();
        let turn = FIRST + EVERY;
        world.at(turn - AHEAD - MOMENT);
        one.settle();
        assert_eq!(one.kids().len(), 1);
        world.at(turn - AHEAD);
        one.settle();
        assert_eq!(one.states(), [Active, Staged]);
        assert_eq!(one.active().unwrap(), first);
        // Another process that comes now sees the same.
        let other = world.process();
        other.settle();
        assert_eq!(other.kids(), one.kids());
        world.at(turn - MOMENT);
        assert_eq!(one.active().unwrap(), first);
        // From here on nobody reads the store: the moments are known.
        world.at(turn);
        let second = one.active().unwrap();
        assert_ne!(second, first);
        for process in [&one, &other] {
            assert_eq!(process.states(), [Retiring, Active]);
            assert_eq!(process.active().unwrap(), second);
        }
        world.at(turn + KEEP - MOMENT);
        assert!(one.verifies(&first) && other.verifies(&first));
        world.at(turn + KEEP);
        assert!(!one.verifies(&first) && !other.verifies(&first));
        other.settle();
        assert_eq!(other.kids(), std::slice::from_ref(&second));
        one.settle();
        assert_eq!(one.kids(), [second]);
        assert_eq!(one.keeper.stats().healed + other.keeper.stats().healed, 0);
    }
}

/// However many processes find that a key is due, one key is staged.
#[test]
fn one_of_many_stages() {
    const PROCESSES: usize = 8;
    for make in STORES {
        let world = World::new(make);
        let processes: Vec<_> = (0..PROCESSES).map(|_| world.process()).collect();
        for round in 0..5_u32 {
            let barrier = Barrier::new(PROCESSES);
            thread::scope(|scope| {
                for process in &processes {
                    scope.spawn(|| {
                        barrier.wait();
                        process.settle();
                    });
                }
            });
            for process in &processes {
                process.settle();
            }
            let staged: u64 = processes.iter().map(|one| one.keeper.stats().staged).sum();
            assert_eq!(staged, u64::from(round) + 1);
            assert!(
                processes
                    .iter()
                    .all(|one| one.kids() == processes[0].kids())
            );
            world.at(FIRST + EVERY * (round + 1) - AHEAD);
        }
    }
}

/// Nobody ran for a long time: the key goes on, and the next one is published before it signs.
#[test]
fn an_overdue_key_goes_on_until_the_next_is_known() {
    let world = World::new(in_memory);
    let process = world.started();
    let first = process.active().unwrap();
    world.at(EVERY * 3);
    assert!(process.keeper.is_overdue());
    assert_eq!(process.active().unwrap(), first);
    process.settle();
    assert!(!process.keeper.is_overdue());
    assert_eq!(process.states(), [Active, Staged]);
    world.clock.advance(AHEAD - MOMENT);
    assert_eq!(process.active().unwrap(), first);
    world.clock.advance(MOMENT);
    assert_ne!(process.active().unwrap(), first);
}

#[test]
fn a_key_is_kept_for_the_tokens_that_live_longest() {
    let mut world = World::new(in_memory);
    let before = world.started();
    let first = before.active().unwrap();
    // The profile signs longer tokens now.
    world.schedule.keep = KEEP * 2;
    let after = world.process();
    after.settle();
    before.settle();
    world.at(FIRST + EVERY - AHEAD);
    before.settle();
    after.settle();
    world.at(FIRST + EVERY + KEEP * 2 - MOMENT);
    for process in [&before, &after] {
        assert!(process.verifies(&first));
    }
    world.clock.advance(MOMENT);
    for process in [&before, &after] {
        assert!(!process.verifies(&first));
    }
}

#[test]
fn another_algorithm_is_published_before_it_signs() {
    let mut world = World::new(in_memory);
    let before = world.started();
    let first = before.active().unwrap();
    world.schedule.algorithm = Algorithm::EdDSA;
    let after = world.process();
    after.settle();
    assert_eq!(after.states(), [Active, Staged]);
    assert_eq!(after.active().unwrap(), first);
    world.clock.advance(AHEAD);
    let book = after.keeper.book();
    assert_eq!(
        book.active(world.now()).unwrap().algorithm,
        Algorithm::EdDSA
    );
}

/// A clock that is set by hours moves nothing for good.
#[test]
fn a_clock_that_is_set_back_stages_nothing_new() {
    let world = World::new(in_memory);
    let process = world.started();
    world.at(EVERY);
    process.settle();
    let kids = process.kids();
    world.at(Duration::from_secs(60));
    process.settle();
    assert_eq!(process.kids(), kids);
    assert_eq!(process.active().as_ref(), kids.first());
}
