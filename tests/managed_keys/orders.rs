use bearerd::keys::managed::KeyOrder;
use bearerd::keys::managed::KeyState::{Active, Retiring, Revoked, Staged};

use crate::world::{AHEAD, FIRST, KEEP, MOMENT, STORES, World, in_memory};

fn activate(force: bool) -> KeyOrder {
    KeyOrder::Activate { kid: None, force }
}

fn retire(kid: Option<&str>, force: bool) -> KeyOrder {
    KeyOrder::Retire {
        kid: kid.map(str::to_owned),
        force,
    }
}

fn revoke(kid: &str) -> KeyOrder {
    KeyOrder::Revoke {
        kid: kid.to_owned(),
    }
}

#[test]
fn an_operator_rotates_by_hand() {
    for make in STORES {
        let world = World::new(make);
        let (one, other) = (world.started(), world.started());
        let first = one.active().unwrap();
        let second = one.order(&KeyOrder::Stage).unwrap();
        assert_eq!(one.states(), [Active, Staged]);
        other.settle();
        let why = other.order(&KeyOrder::Stage).unwrap_err();
        assert!(why.contains(&second), "{why}");
        let why = other.order(&activate(false)).unwrap_err();
        assert!(why.contains("force") && why.contains("wait until"), "{why}");
        assert_eq!(other.active().unwrap(), first);
        world.clock.advance(AHEAD);
        assert_eq!(other.order(&activate(false)).unwrap(), second);
        one.settle();
        for process in [&one, &other] {
            assert_eq!(process.states(), [Retiring, Active]);
            assert_eq!(process.active().unwrap(), second);
            assert!(process.verifies(&first));
        }
        let why = one.order(&activate(true)).unwrap_err();
        assert!(why.contains("stage one first"), "{why}");
        world.clock.advance(KEEP);
        one.settle();
        assert_eq!(one.kids(), [second]);
    }
}

#[test]
fn a_key_is_retired_only_where_another_signs() {
    let world = World::new(in_memory);
    let process = world.started();
    let first = process.active().unwrap();
    let why = process.order(&retire(None, false)).unwrap_err();
    assert!(why.contains("stage a key first"), "{why}");
    let second = process.order(&KeyOrder::Stage).unwrap();
    let why = process.order(&retire(Some(&first), false)).unwrap_err();
    assert!(why.contains("publish_ahead"), "{why}");
    // A staged one may be withdrawn, and the first goes on as if it had never been.
    process.order(&retire(Some(&second), false)).unwrap();
    assert_eq!(process.states(), [Active, Revoked]);
    world.clock.advance(AHEAD * 4);
    assert_eq!(process.active().unwrap(), first);
    assert!(
        process
            .keeper
            .book()
            .signs_until(&process.keeper.book().keys()[0])
            .is_none()
    );
    // By force, one is made at once.
    process.order(&retire(Some(&first), true)).unwrap();
    world.clock.advance(FIRST);
    assert_ne!(process.active().unwrap(), first);
    assert!(process.verifies(&first));
    let why = process.order(&retire(Some(&first), true)).unwrap_err();
    assert!(why.contains("signs no more"), "{why}");
    for order in [retire(Some("no such"), true), revoke("no such")] {
        let why = process.order(&order).unwrap_err();
        assert!(why.contains("no such key"), "{why}");
    }
}

#[test]
fn a_revoked_key_is_gone_and_another_signs() {
    for make in STORES {
        let world = World::new(make);
        let (one, other) = (world.started(), world.started());
        let first = one.active().unwrap();
        let second = one.order(&KeyOrder::Stage).unwrap();
        one.order(&revoke(&first)).unwrap();
        assert!(!one.verifies(&first));
        assert_eq!(one.active().unwrap(), second, "it had been staged");
        other.settle();
        assert!(!other.verifies(&first));
        assert_eq!(other.active().unwrap(), second);
        // Nothing is staged now: one is made.
        other.order(&revoke(&second)).unwrap();
        one.settle();
        assert_eq!(one.active(), None);
        world.clock.advance(FIRST);
        let third = one.active().unwrap();
        assert_eq!(other.active().unwrap(), third);
        assert_eq!(one.kids(), [third]);
        assert_eq!(one.states(), [Active, Revoked, Revoked]);
        let why = one.order(&revoke(&first)).unwrap_err();
        assert!(why.contains("no such key"), "{why}");
        world.clock.advance(KEEP);
        one.settle();
        assert_eq!(one.states(), [Active], "no token of theirs can be left");
    }
}

/// The key before a revoked one does not sign again, nor live longer than it would have.
#[test]
fn what_had_retired_stays_retired_when_its_successor_is_revoked() {
    let world = World::new(in_memory);
    let process = world.started();
    let first = process.active().unwrap();
    process.order(&KeyOrder::Stage).unwrap();
    let second = process.order(&activate(true)).unwrap();
    let retired = world.now();
    world.clock.advance(AHEAD);
    process.order(&revoke(&second)).unwrap();
    assert_eq!(process.active(), None);
    assert!(process.verifies(&first));
    world.clock.set(retired.plus(KEEP - MOMENT));
    process.settle();
    assert_ne!(process.active().unwrap(), first);
    assert!(process.verifies(&first));
    world.clock.advance(MOMENT);
    assert!(!process.verifies(&first));
    process.settle();
    assert!(!process.verifies(&first));
}
