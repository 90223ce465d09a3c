use std::time::Duration;

use serde_json::{Value, json};

use crate::audited;
use crate::world::{START, await_that};

/// A flood of revoked tokens, the same and different ones, makes a bounded number of events, and
/// none is lost from the count.
#[test]
fn a_flood_of_revoked_tokens_is_bounded_and_counted() {
    let world = audited("");
    world.control("/v1/revoke", &json!({"subject": "u1"}));
    let tokens: Vec<String> = (0..100)
        .map(|number| world.token(&json!({"n": number})))
        .collect();
    let mut client = world.client();
    for token in tokens.iter().chain(&tokens).chain(&tokens) {
        let answer = client.post("/v1/verify", &[], &json!({"token": token}));
        assert_eq!(answer.code(), "REVOKED");
    }
    let revoked = || {
        let all = world.query(&json!({"action": "reject.revoked", "limit": 500}));
        all["events"].as_array().unwrap().clone()
    };
    let counted = 300.0 - world.metric("bearerd_audit_events_coalesced_total{}");
    await_that("what passed is written", || {
        revoked().len() as f64 >= counted
    });
    let firsts = revoked();
    // A few more than the bound may pass where another thread was in the sieve.
    assert_eq!(firsts.len() as f64, counted);
    assert!((32..=64).contains(&firsts.len()), "{}", firsts.len());
    assert!(firsts.iter().all(|event| event["actor"] == "u1"));

    world.clock.advance(Duration::from_secs(61));
    let sum = |name: &str| {
        let number = |event: &Value| event["detail"][name].as_u64().unwrap_or(0);
        revoked().iter().map(number).sum::<u64>()
    };
    await_that("the window is closed", || sum("left_out") > 0);
    assert_eq!(sum("left_out") + sum("again") + firsts.len() as u64, 300);
    assert!(revoked().len() <= 2 * firsts.len() + 1);
    let first = firsts.last().unwrap()["entity_id"].clone();
    // A window later, the first is an event again.
    client.post("/v1/verify", &[], &json!({"token": tokens[0]}));
    await_that("a new window", || {
        world.query(&json!({"entity_id": first, "from": START + 61}))["total"].as_u64() >= Some(1)
    });
}

#[test]
fn a_flood_of_guesses_at_the_control_token_is_bounded_and_counted() {
    let world = audited("");
    let mut client = world.client();
    for guess in 0..200 {
        let bearer = format!("Bearer guess-{guess}");
        client.post("/v1/sign", &[("Authorization", &bearer)], &json!({}));
    }
    world.one(&json!({"action": "reject.unauthorized"}));
    world.clock.advance(Duration::from_secs(61));
    let events = world.events(&json!({"action": "reject.unauthorized"}), 2);
    assert_eq!(events[0]["detail"], json!({"again": 199}));
    assert_eq!(events[0]["ip"], "127.0.0.1");
}

/// What the sieve has counted is written at the end, too.
#[test]
fn the_end_tells_what_was_counted() {
    let mut world = audited("");
    let file = world.audit_file();
    world.control("/v1/revoke", &json!({"subject": "u1"}));
    let token = world.token(&json!({}));
    for _ in 0..5 {
        world.verify_token(&token);
    }
    let sidecar = world.sidecar.take().unwrap();
    sidecar.drain().begin();
    let _ = sidecar.wait().unwrap();
    let read = rusqlite::Connection::open(&file).unwrap();
    let details: Vec<String> = read
        .prepare("SELECT detail FROM events WHERE action = 'reject.revoked' ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(details, ["{}", r#"{"again":4}"#]);
}
