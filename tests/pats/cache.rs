//! The lines of the cache's contract, for tokens that no key has signed.

use std::time::Duration;

use bearerd::error::Code;
use bearerd::verify::VerifyOptions;

use crate::stores::memory;
use crate::world::{World, ada, alone};

const CAP: Duration = Duration::from_secs(300);

#[test]
fn a_hit_asks_no_store() {
    let (world, process) = alone();
    let created = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    let asked = world.store.calls();
    for _ in 0..100 {
        assert_eq!(process.code(&*created.token), Code::Ok);
    }
    assert_eq!(world.store.calls(), asked);
    assert_eq!(process.verifier.cache_stats().inserts, 1);
}

/// Line 5: without `exp`, the cap; with it, whichever comes first. Then the record is read again.
#[test]
fn line_05_no_entry_outlives_the_cap() {
    let (world, process) = alone();
    let mut short = ada();
    short.lifetime = Some(Duration::from_secs(10));
    let (endless, short) = (process.create(ada()), process.create(short));
    assert_eq!(process.code(&*endless.token), Code::Ok);
    assert_eq!(process.code(&*short.token), Code::Ok);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(process.code(&*short.token), Code::Expired);
    let asked = world.store.calls();
    world
        .clock
        .advance(CAP - Duration::from_secs(10) - Duration::from_millis(1));
    assert_eq!(process.code(&*endless.token), Code::Ok);
    assert_eq!(world.store.calls(), asked);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(process.code(&*endless.token), Code::Ok);
    assert_eq!(world.store.calls(), asked + 1);
}

/// Line 3, with a record in the place of a key: what took it away is known at the next call.
#[test]
fn line_03_an_entry_dies_with_its_record() {
    let (_, process) = alone();
    let created = process.create(ada());
    let held = process
        .verifier
        .verify(&*created.token, &VerifyOptions::default())
        .unwrap();
    process.pats.revoke(&created.pat.id).unwrap();
    assert_eq!(process.code(&*created.token), Code::Revoked);
    drop(held);
}

/// Line 6: what was refused is in no cache, whatever it was refused for.
#[test]
fn line_06_only_found_tokens_are_stored() {
    let (world, process) = alone();
    let elsewhere = World::new(memory).process().create(ada());
    let gone = process.create(ada());
    process.pats.revoke(&gone.pat.id).unwrap();
    assert_eq!(process.code(&*elsewhere.token), Code::InvalidSignature);
    assert_eq!(process.code(&*gone.token), Code::Revoked);
    world.store.set_broken(true);
    assert_eq!(process.code(&*elsewhere.token), Code::StoreUnavailable);
    assert_eq!(process.verifier.cache_stats().entries, 0);
}

/// A clock that is set back makes an entry worthless, as for any token.
#[test]
fn a_clock_that_is_set_back() {
    let (world, process) = alone();
    world.clock.advance(Duration::from_secs(7_200));
    let created = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    world.clock.set(crate::world::START);
    assert_eq!(process.code(&*created.token), Code::NotYetValid);
}

/// Who may not wait is told so, where only the store can tell; nothing else keeps him waiting.
#[test]
fn what_takes_the_store_is_said_and_not_done() {
    let (world, process) = alone();
    let created = process.create(ada());
    let at_hand = |token: &str| {
        let verdict = process
            .verifier
            .verify_at_hand(token, &VerifyOptions::default());
        verdict.map(|verdict| verdict.map_or_else(bearerd::error::Reject::code, |_| Code::Ok))
    };
    let asked = world.store.calls();
    assert_eq!(at_hand(&created.token), None);
    assert_eq!(
        at_hand(&crate::world::changed(&created.token, 12)),
        Some(Code::Malformed)
    );
    assert_eq!(at_hand("acme_pat_"), Some(Code::Malformed));
    assert_eq!(world.store.calls(), asked);
    assert_eq!(process.code(&*created.token), Code::Ok);
    let asked = world.store.calls();
    assert_eq!(at_hand(&created.token), Some(Code::Ok));
    process.pats.revoke(&created.pat.id).unwrap();
    assert!(world.store.calls() > asked);
    let asked = world.store.calls();
    assert_eq!(at_hand(&created.token), Some(Code::Revoked));
    assert_eq!(world.store.calls(), asked);
}
