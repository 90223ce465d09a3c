//! What takes a store and what never does.

use bearerd::error::{ClaimName, Code, Reject};
use bearerd::verify::VerifyOptions;
use serde_json::json;

use crate::world::{Make, World, token, token_of};

/// Once memory knows a session, its tokens are judged without the store; before that, whoever may
/// not wait is told so, and the store is not touched.
fn memory_answers_or_says_that_it_cannot(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let session = one.sign_in("ada");
    let token = token(&session);
    let options = VerifyOptions::default();
    let asked = world.store.asked();
    assert_eq!(one.code_at_hand(&token), Some(Code::Ok), "made here");
    assert_eq!(other.code_at_hand(&token), None, "made elsewhere");
    assert!(other.verifier.verify_cached(&token, &options).is_none());
    assert_eq!(world.store.asked(), asked, "nobody has waited");
    assert_eq!(other.code(&token), Code::Ok);
    assert_eq!(world.store.asked().0, asked.0 + 1, "one read");
    let asked = world.store.asked();
    assert_eq!(other.code_at_hand(&token), Some(Code::Ok), "written back");
    let cached = other.verifier.verify_cached(&token, &options).unwrap();
    assert!(cached.unwrap().was_cached());
    assert_eq!(other.code(&token), Code::Ok);
    assert_eq!(world.store.asked(), asked);
    // Ended here: memory knows.
    assert!(other.sessions.end(session.id()).unwrap());
    let asked = world.store.asked();
    assert_eq!(other.code_at_hand(&token), Some(Code::SessionEnded));
    let cached = other.verifier.verify_cached(&token, &options).unwrap();
    assert_eq!(cached.unwrap_err(), Reject::new(Code::SessionEnded));
    assert_eq!(other.code(&token), Code::SessionEnded);
    assert_eq!(world.store.asked(), asked);
}

fn what_only_a_store_could_tell_is_never_accepted_without_it(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let known = token(&one.sign_in("ada"));
    world.store.set_broken(true);
    assert_eq!(one.code(&known), Code::Ok, "memory knows");
    for _ in 0..2 {
        assert_eq!(other.code(&known), Code::StoreUnavailable);
        assert_eq!(other.code_at_hand(&known), None);
    }
    world.store.set_broken(false);
    assert_eq!(other.code(&known), Code::Ok);
}

/// Whatever is wrong with a token by itself is told without the store.
#[test]
fn a_token_that_names_no_session_takes_no_store() {
    let world = World::new(crate::world::memory);
    let process = world.process();
    let sid = process.sign_in("ada").id().to_string();
    let asked = world.store.asked();
    let absent = |claim| Reject::claim(Code::InvalidClaim, claim);
    let ended = Reject::new(Code::SessionEnded);
    for (claims, expected) in [
        (json!({"sub": "ada"}), absent(ClaimName::Session)),
        (json!({"sub": "ada", "sid": 7}), absent(ClaimName::Session)),
        (
            json!({"sub": "ada", "sid": null}),
            absent(ClaimName::Session),
        ),
        (json!({"sid": sid}), absent(ClaimName::Subject)),
        (json!({"sub": "bob", "sid": sid}), ended),
        (json!({"sub": "ada", "sid": ""}), ended),
        (
            json!({"sub": "ada", "sid": sid.replace(char::is_alphanumeric, "*")}),
            ended,
        ),
        (json!({"sub": "ada", "sid": format!("{sid}=")}), ended),
        (json!({"sub": "ada", "sid": "A".repeat(5_000)}), ended),
    ] {
        let token = token_of(claims.clone());
        for round in ["miss", "hit"] {
            let options = VerifyOptions::default();
            let verdict = process.verifier.verify_at_hand(&token, &options);
            assert_eq!(verdict.unwrap().unwrap_err(), expected, "{claims} {round}");
        }
    }
    assert_eq!(world.store.asked(), asked);
}

on_every_store!(
    memory_answers_or_says_that_it_cannot,
    what_only_a_store_could_tell_is_never_accepted_without_it,
);
