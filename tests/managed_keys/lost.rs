//! Stores that were emptied, restored, or cannot be reached.

use bearerd::keys::managed::KeyOrder;
use bearerd::keys::managed::KeyState::{Active, Staged};

use crate::world::{AHEAD, EVERY, FIRST, KEEP, MOMENT, STORES, World, in_memory};

#[test]
fn an_emptied_store_is_told_what_is_known() {
    for make in STORES {
        let world = World::new(make);
        let (one, other) = (world.started(), world.started());
        let kids = one.kids();
        assert!(world.store.delete(one.keeper.vault().key()).unwrap());
        other.settle();
        one.settle();
        for process in [&one, &other, &world.started()] {
            process.settle();
            assert_eq!(process.kids(), kids, "no new key");
        }
        assert_eq!(other.keeper.stats().healed, 1);
    }
}

/// A process that knows nothing comes to an emptied store before those that know.
#[test]
fn a_key_made_in_ignorance_waits_until_it_is_known() {
    for make in STORES {
        let world = World::new(make);
        let knows = world.started();
        let first = knows.active().unwrap();
        assert!(world.store.delete(knows.keeper.vault().key()).unwrap());
        let ignorant = world.process();
        ignorant.settle();
        assert_eq!(ignorant.active(), None, "it does not sign yet");
        let made = ignorant.kids().remove(0);
        knows.settle();
        ignorant.settle();
        for process in [&knows, &ignorant] {
            assert_eq!(process.active().as_deref(), Some(&*first));
            assert_eq!(process.states(), [Active, Staged]);
            assert!(process.verifies(&made));
        }
        world.clock.advance(AHEAD - MOMENT);
        assert_eq!(knows.active().unwrap(), first);
        world.clock.advance(MOMENT);
        for process in [&knows, &ignorant] {
            assert_eq!(process.active().unwrap(), made);
        }
    }
}

#[test]
fn what_was_revoked_does_not_come_back_with_an_old_copy() {
    for make in STORES {
        let world = World::new(make);
        let process = world.started();
        let key = process.keeper.vault().key().clone();
        let first = process.active().unwrap();
        let copy = world.store.get(&key).unwrap().unwrap();
        let second = process.order(&KeyOrder::Stage).unwrap();
        let revoke = KeyOrder::Revoke { kid: first.clone() };
        process.order(&revoke).unwrap();
        let there = world.store.get(&key).unwrap().unwrap();
        let restored =
            world
                .store
                .compare_and_swap(&key, there.version, copy.value.expose(), copy.expires);
        assert!(restored.is_ok());
        process.settle();
        assert!(!process.verifies(&first));
        assert_eq!(process.active().unwrap(), second);
        let fresh = world.process();
        fresh.settle();
        assert!(!fresh.verifies(&first));
        assert_eq!(fresh.kids(), [second]);
    }
}

/// An old copy and nobody who knows better: each key ends in its time.
#[test]
fn a_retired_key_of_an_old_copy_is_not_accepted() {
    let world = World::new(in_memory);
    let process = world.started();
    let key = process.keeper.vault().key().clone();
    let first = process.active().unwrap();
    world.at(FIRST + EVERY - AHEAD);
    process.settle();
    let copy = world.store.get(&key).unwrap().unwrap();
    world.at(FIRST + EVERY + KEEP);
    process.settle();
    assert_eq!(process.kids().len(), 1);
    assert!(world.store.delete(&key).unwrap());
    let put = world
        .store
        .put_if_absent(&key, copy.value.expose(), copy.expires);
    assert!(put.is_ok());
    let fresh = world.process();
    fresh.settle();
    assert!(!fresh.verifies(&first));
    assert_eq!(fresh.kids(), process.kids());
}
