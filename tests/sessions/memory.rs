//! What memory holds is bounded, whoever asks for what.

use bearerd::base64url;
use bearerd::error::Code;
use bearerd::state::SessionSettings;
use serde_json::json;

use crate::world::{World, memory, object, token, token_of};

/// Tokens that are signed and name sessions that never were: nothing is kept of them, and those
/// that live stay where they are.
#[test]
fn a_flood_of_unknown_sessions_leaves_nothing_behind() {
    let world = World::new(memory);
    let process = world.process();
    let live: Vec<String> = (0..100)
        .map(|number| token(&process.sign_in(&format!("user {number}"))))
        .collect();
    let before = process.sessions.stats();
    for number in 0..20_000_u64 {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        name[24..].copy_from_slice(&number.to_be_bytes());
        let flood = token_of(json!({"sub": "x", "sid": base64url::encode(&name)}));
        assert_eq!(process.code(&flood), Code::SessionEnded);
    }
    let after = process.sessions.stats();
    assert_eq!((after.users, after.bytes), (before.users, before.bytes));
    for token in &live {
        assert_eq!(process.code_at_hand(token), Some(Code::Ok));
    }
}

#[test]
fn many_users_stay_within_the_bounds() {
    let world = World::new(memory);
    let small = |settings: &mut SessionSettings| {
        settings.memory.users = 640;
        settings.memory.bytes = 1 << 20;
    };
    let process = world.process_with(small);
    let large = object(json!({ "a": "x".repeat(3_000) }));
    let mut tokens = Vec::new();
    for number in 0..4_000 {
        let session = process
            .sessions
            .create(&format!("user {number}"), &large, None);
        tokens.push(token(&session.unwrap()));
        let stats = process.sessions.stats();
        assert!(stats.users <= 640 && stats.bytes <= 1 << 20, "{stats:?}");
    }
    // Who left memory is still signed in.
    for token in tokens.iter().step_by(97) {
        assert_eq!(process.code(token), Code::Ok);
    }
    // Ended users do not pile up either.
    for number in 0..4_000 {
        process
            .sessions
            .end_all(&format!("user {number}"), None)
            .unwrap();
    }
    let stats = process.sessions.stats();
    assert!(stats.users <= 640 && stats.bytes <= 1 << 20, "{stats:?}");
    assert_eq!(stats.sessions, 0);
}

/// Whoever is asked for stays; whoever is not makes room.
#[test]
fn those_who_are_asked_for_stay() {
    let world = World::new(memory);
    let process = world.process_with(|settings| settings.memory.users = 640);
    let favourite = token(&process.sign_in("favourite"));
    for number in 0..10_000 {
        process.sign_in(&format!("user {number}"));
        assert_eq!(process.code_at_hand(&favourite), Some(Code::Ok), "{number}");
    }
}
