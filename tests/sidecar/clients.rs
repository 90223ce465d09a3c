//! What an answer tells of the client that the application describes.

use serde_json::{Value, json};

use crate::world::{World, start, start_with};

const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";

fn with_proxies() -> World {
    start_with(|text| {
        let proxies = "max_batch = 4\ntrusted_proxies = [\"10.0.0.0/8\"]";
        text.replacen("max_batch = 4", proxies, 1)
    })
}

fn told(world: &World, client: &Value) -> Value {
    let answer = world.verify(&json!({"token": world.token(&json!({})), "client": client}));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["context"]["client"].clone()
}

#[test]
fn a_client_that_is_described_is_told_of() {
    let world = with_proxies();
    let client = json!({
        "ip": "10.0.0.1", "forwarded_for": "6.6.6.6, 203.0.113.9, 10.2.2.2", "user_agent": AGENT,
    });
    assert_eq!(
        told(&world, &client),
        json!({
            "ip": "203.0.113.9", "device": "mobile", "system": "iPhone",
            "system_version": "18.6", "browser": "Safari", "browser_version": "18.6",
        })
    );
    let client = json!({"ip": "10.0.0.1", "real_ip": "203.0.113.9"});
    assert_eq!(told(&world, &client), json!({"ip": "203.0.113.9"}));
    // From a stranger the headers count for nothing.
    let client = json!({"ip": "9.9.9.9", "forwarded_for": "6.6.6.6", "real_ip": "6.6.6.6"});
    assert_eq!(told(&world, &client), json!({"ip": "9.9.9.9"}));
    let client = json!({"ip": "::ffff:9.9.9.9", "forwarded_for": "6.6.6.6"});
    assert_eq!(told(&world, &client), json!({"ip": "9.9.9.9"}));
    assert_eq!(
        told(&world, &json!({"forwarded_for": "6.6.6.6"})),
        json!({})
    );
    assert_eq!(told(&world, &json!({})), json!({}));
}

#[test]
fn who_does_not_ask_is_told_nothing_more() {
    let world = start();
    let answer = world.verify_token(&world.token(&json!({})));
    let body = answer.json();
    let members: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(members, ["claims", "profile", "kind", "expires_at"]);
}

#[test]
fn a_description_that_cannot_be_is_named_and_not_repeated() {
    let world = start();
    let token = world.token(&json!({}));
    for (client, about) in [
        (json!("10.0.0.1"), "client: must be an object"),
        (json!({"ip": "localhost"}), "client.ip: must be an address"),
        (json!({"ip": 7}), "client.ip: must be a string"),
        (
            json!({"user_agent": ["x"]}),
            "client.user_agent: must be a string",
        ),
        (
            json!({"forwarded_for": 7}),
            "client.forwarded_for: must be a string",
        ),
        (json!({"agent": "x"}), "client.agent: is not a member"),
        (json!({token.clone(): "x"}), "client.an unknown member"),
    ] {
        let answer = world.verify(&json!({"token": token, "client": client}));
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(answer.message().contains(about), "{}", answer.message());
        assert!(!answer.text().contains(&token));
    }
    // Wherever a token is asked about.
    let client = json!({"ip": "localhost"});
    for (path, body) in [
        (
            "/v1/verify/batch",
            json!({"tokens": [token], "client": client}),
        ),
        (
            "/v1/permissions/check",
            json!({"token": token, "permissions": ["a.b"], "client": client}),
        ),
    ] {
        let answer = world.client().post(path, &[], &body);
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(answer.message().contains("client.ip: "), "{path}");
    }
    // The address has one name.
    let answer = world.verify(&json!({"token": token, "ip": "192.0.2.1"}));
    assert_eq!(answer.status, 422);
}
