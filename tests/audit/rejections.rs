use serde_json::{Value, json};

use crate::http::Client;
use crate::{audited, members, uid};

fn refresh_pair(world: &crate::world::World) -> (String, String) {
    world.pair(&json!({"sub": "ada"}))
}

/// By what the token is revoked.
fn handle(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let claims = bearerd::base64url::decode(claims.as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["jti"].as_str().unwrap().to_owned()
}

#[test]
fn a_revoked_token_is_an_event_wherever_it_is_shown() {
    let world = audited("");
    for (subject, route) in [("u-verify", 0), ("u-batch", 1), ("u-auth", 2)] {
        let token = world.token(&json!({"sub": subject}));
        assert_eq!(world.verify_token(&token).status, 200);
        world.control("/v1/revoke", &json!({"subject": subject}));
        let status = match route {
            0 => world.verify_token(&token).status,
            1 => {
                let body = json!({"tokens": [token]});
                let answer = world.client().post("/v1/verify/batch", &[], &body);
                let status = answer.json()["results"][0]["status"].as_u64().unwrap();
                u16::try_from(status).unwrap()
            }
            _ => {
                let bearer = format!("Bearer {token}");
                world.auth("/v1/auth", &[("Authorization", &bearer)]).status
            }
        };
        assert_eq!(status, 401);
        let event = world.one(&json!({"action": "reject.revoked", "actor": subject}));
        assert_eq!(
            members(
                &event,
                &["source", "entity", "entity_id", "profile", "ip", "caller"]
            ),
            json!({
                "source": "rejection", "entity": "token", "entity_id": handle(&token),
                "profile": "main", "ip": "127.0.0.1", "caller": "",
            })
        );
    }
    let token = world.token(&json!({"sub": "u-verify", "n": 2}));
    Client::unix(&world.data_socket).post("/v1/verify", &[], &json!({"token": token}));
    let event = world.one(&json!({"caller": uid(), "source": "rejection"}));
    assert_eq!(event["ip"], "");
}

#[test]
fn reuse_and_a_foreign_device_are_events() {
    let world = audited("");
    let (_, refresh) = refresh_pair(&world);
    let rotate = || world.control("/v1/rotate", &json!({"refresh": refresh}));
    assert_eq!(rotate().status, 200);
    world.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(rotate().code(), "REUSED");
    let event = world.one(&json!({"action": "reject.reused"}));
    assert_eq!(event["actor"], "ada");
    assert_eq!(event["caller"], uid().as_str());
    assert_eq!(rotate().code(), "REVOKED");
    world.one(&json!({"action": "reject.revoked"}));

    let token = world.token(&json!({"device_id": "d1", "sub": "bob"}));
    let ask = json!({"token": token, "guard": "desk", "device": "d2"});
    assert_eq!(world.verify(&ask).code(), "DEVICE_MISMATCH");
    let event = world.one(&json!({"action": "reject.device_mismatch"}));
    assert_eq!(event["actor"], "bob");
}

#[test]
fn a_call_without_the_control_token_is_an_event() {
    let world = audited("");
    let mut client = world.client();
    let answer = client.post("/v1/sign", &[("Authorization", "Bearer guess")], &json!({}));
    assert_eq!(answer.code(), "UNAUTHORIZED");
    let event = world.one(&json!({"action": "reject.unauthorized"}));
    assert_eq!(
        members(&event, &["entity", "entity_id", "ip", "actor"]),
        json!({"entity": "route", "entity_id": "/v1/sign", "ip": "127.0.0.1", "actor": ""})
    );
}

#[test]
fn what_happens_every_day_is_none() {
    let world = audited("required = true");
    let expired = world.token_for("main", &json!({}), "1s");
    world.clock.advance(std::time::Duration::from_secs(5));
    let good = world.token(&json!({}));
    assert_eq!(world.verify_token(&good).status, 200);
    for (body, code) in [
        (json!({"token": expired}), "EXPIRED"),
        (json!({"token": "x"}), "MALFORMED"),
        (json!({"token": good, "guard": "admin"}), "FORBIDDEN"),
        (json!({}), "MISSING_TOKEN"),
    ] {
        assert_eq!(world.verify(&body).code(), code);
    }
    // Behind them in the queue.
    assert_eq!(world.tell(&json!({"action": "last"})).status, 200);
    let events: Value = world.query(&json!({}));
    assert_eq!(events["total"], 1, "{events}");
}
