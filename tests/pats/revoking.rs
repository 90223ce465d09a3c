//! Revoking: at once here, within the bound elsewhere, whatever races or stops half-way.

use std::sync::Barrier;
use std::thread;

use bearerd::error::Code;
use bearerd::state::pats::NewPat;
use bearerd::verify::VerifyOptions;

use crate::stores::{Make, on_every_store};
use crate::watched::Moment;
use crate::world::{DAY, World, ada};

on_every_store!(
    r5_a_revoked_token_is_remembered,
    r5_revoked_in_another_process,
    all_of_a_subject,
    a_crash_while_revoking_leaves_nothing_good,
    what_is_being_created_is_revoked_too,
    r5_a_revocation_races_a_verification,
    a_subject_watermark_voids_its_tokens,
);

fn r5_a_revoked_token_is_remembered(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let mut new = ada();
    new.lifetime = Some(60 * DAY);
    let created = process.create(new);
    let endless = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    for (token, id) in [
        (&created.token, &created.pat.id),
        (&endless.token, &endless.pat.id),
    ] {
        assert!(process.pats.revoke(id).unwrap());
        for _ in 0..2 {
            assert_eq!(process.code(&**token), Code::Revoked);
            assert!(!process.pats.revoke(id).unwrap(), "it was revoked before");
        }
        assert!(process.pats.get(id).unwrap().unwrap().revoked_at.is_some());
    }
    assert!(process.pats.list("ada", None, 10).unwrap().pats.is_empty());
    // Long after the index has forgotten it.
    world.clock.advance(50 * DAY);
    let later = world.process();
    assert_eq!(later.code(&*created.token), Code::Revoked);
    world.clock.advance(310 * DAY);
    let later = world.process();
    assert_eq!(later.code(&*endless.token), Code::Revoked);
    assert!(!process.pats.revoke(&"0".repeat(32)).unwrap(), "nobody's");
    for bad in [
        "",
        "x",
        "../../x",
        &"A".repeat(32),
        &"0".repeat(33),
        &*created.token,
    ] {
        let fault = process.pats.revoke(bad).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(bad.is_empty() || !fault.to_string().contains(bad) || bad == "x");
    }
}

/// Row R5: it was in the other's cache, and out of a third one's.
fn r5_revoked_in_another_process(make: Make) {
    let world = World::new(make);
    let (one, mut other, cold) = (world.process(), world.process(), world.process());
    let created = one.create(ada());
    assert_eq!(other.code(&*created.token), Code::Ok);
    one.pats.revoke(&created.pat.id).unwrap();
    assert_eq!(
        cold.code(&*created.token),
        Code::Revoked,
        "its record says so at once"
    );
    other.hear();
    assert_eq!(other.code(&*created.token), Code::Revoked);
}

/// A process that never hears of it goes by what it has read for no longer than the cap.
#[test]
fn unheard_of_it_ends_with_the_caches_cap() {
    let world = World::new(crate::stores::memory);
    let (one, other) = (world.process(), world.process());
    let created = one.create(ada());
    assert_eq!(other.code(&*created.token), Code::Ok);
    one.pats.revoke(&created.pat.id).unwrap();
    let cap = one.pats.store().settings().cached_for;
    world
        .clock
        .advance(cap - std::time::Duration::from_millis(1));
    assert_eq!(other.code(&*created.token), Code::Ok);
    world.clock.advance(std::time::Duration::from_millis(1));
    assert_eq!(other.code(&*created.token), Code::Revoked);
}

fn all_of_a_subject(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let hers: Vec<_> = (0..5).map(|_| process.create(ada())).collect();
    let his = process.create(NewPat::of("ada2"));
    for created in &hers {
        assert_eq!(process.code(&*created.token), Code::Ok);
    }
    assert!(process.pats.revoke(&hers[0].pat.id).unwrap());
    assert_eq!(process.pats.revoke_all("ada").unwrap(), 4);
    assert_eq!(process.pats.revoke_all("ada").unwrap(), 0);
    for created in &hers {
        assert_eq!(process.code(&*created.token), Code::Revoked);
    }
    assert_eq!(process.code(&*his.token), Code::Ok);
    let again = process.create(ada());
    assert_eq!(
        process.code(&*again.token),
        Code::Ok,
        "what comes after is good"
    );
}

/// After any write the process may end: the token is never good again, or nothing has happened, and
/// who tries again gets there.
fn a_crash_while_revoking_leaves_nothing_good(make: Make) {
    for writes in 0..4 {
        let world = World::new(make);
        let process = world.process();
        let created = process.create(ada());
        world.store.stop_after(writes);
        let whole = process.pats.revoke_all("ada").is_ok();
        world.store.stop_after(usize::MAX);
        assert_eq!(whole, writes == 3);
        let after = world.process();
        let code = after.code(&*created.token);
        assert_eq!(code, if writes == 0 { Code::Ok } else { Code::Revoked });
        after.pats.revoke_all("ada").unwrap();
        let last = world.process();
        assert_eq!(last.code(&*created.token), Code::Revoked);
        let index = last.verifier.revocations();
        let listed = index.check(&bearerd::state::Subjects {
            handle: Some(index.handle_key(created.pat.id.as_bytes())),
            ..Default::default()
        });
        assert!(
            listed.is_err(),
            "caches elsewhere were told, after {writes} writes"
        );
    }
}

/// Listed and not written down yet: its place is taken, and who creates it is told.
#[test]
fn a_creation_that_is_overtaken_by_a_revocation_fails() {
    let world = World::new(crate::stores::memory);
    let (one, other) = (world.process(), world.process());
    world.store.at(Moment::BeforePut("pat"), move || {
        assert_eq!(other.pats.revoke_all("ada").unwrap(), 0);
    });
    let fault = one.try_create(ada()).unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    assert!(fault.to_string().contains("try again"), "{fault}");
    assert!(one.pats.list("ada", None, 10).unwrap().pats.is_empty());
    assert!(one.try_create(ada()).is_ok());
}

fn what_is_being_created_is_revoked_too(make: Make) {
    let world = World::new(make);
    let process = world.process();
    world.store.stop_after(1);
    let fault = process.try_create(ada()).unwrap_err();
    assert_eq!(fault.code(), Code::StoreUnavailable);
    world.store.stop_after(usize::MAX);
    assert_eq!(process.pats.revoke_all("ada").unwrap(), 0);
    // Many at once: every token that was handed out is listed or revoked.
    let barrier = Barrier::new(5);
    let created: Vec<_> = thread::scope(|scope| {
        let creators: Vec<_> = (0..4)
            .map(|_| {
                let (process, barrier) = (world.process(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let made = (0..10).map(|_| process.try_create(ada()));
                    made.filter_map(Result::ok).collect::<Vec<_>>()
                })
            })
            .collect();
        barrier.wait();
        for _ in 0..5 {
            process.pats.revoke_all("ada").unwrap();
        }
        creators
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    let after = world.process();
    let page = after.pats.list("ada", None, 1_000).unwrap();
    for created in &created {
        let listed = page.pats.iter().any(|pat| pat.id == created.pat.id);
        let expected = if listed { Code::Ok } else { Code::Revoked };
        assert_eq!(after.code(&*created.token), expected);
    }
}

/// Row R5 and line 4: verified by many while it is revoked; after the answer, nobody takes it.
fn r5_a_revocation_races_a_verification(make: Make) {
    let world = World::new(make);
    for _ in 0..20 {
        let process = world.process();
        let created = process.create(ada());
        let barrier = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    barrier.wait();
                    for _ in 0..50 {
                        let code = process.code(&*created.token);
                        assert!(matches!(code, Code::Ok | Code::Revoked), "{code}");
                    }
                });
            }
            barrier.wait();
            process.pats.revoke(&created.pat.id).unwrap();
            assert_eq!(process.code(&*created.token), Code::Revoked);
        });
        assert_eq!(process.code(&*created.token), Code::Revoked);
    }
}

fn a_subject_watermark_voids_its_tokens(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let created = process.create(ada());
    assert_eq!(process.code(&*created.token), Code::Ok);
    world.clock.advance(std::time::Duration::from_secs(2));
    let index = process.verifier.revocations();
    let mark = bearerd::clock::UnixMillis::from_secs(crate::world::START.secs() + 2);
    index.revoke_subject(b"ada", mark, mark.plus(DAY)).unwrap();
    assert_eq!(process.code(&*created.token), Code::Revoked);
    let after = process.create(ada());
    assert_eq!(
        process.code_of(&*after.token, &VerifyOptions::default()),
        Code::Ok
    );
}
