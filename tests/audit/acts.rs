use serde_json::json;

use crate::http::Client;
use crate::world::{CONTROL_TOKEN, START};
use crate::{audited, empty, members, uid};

#[test]
fn every_act_of_the_control_plane_is_recorded() {
    let world = audited("required = true");
    let claims = json!({"sub": "ada"});
    let (access, refresh) = world.pair(&claims);
    let rotated = world.control("/v1/rotate", &json!({"refresh": refresh}));
    assert_eq!(rotated.status, 200, "{rotated:?}");
    for body in [
        json!({"token": access, "profile": "main"}),
        json!({"handle": "jti-7"}),
        json!({"subject": "bob", "issued_before": START}),
    ] {
        assert_eq!(world.control("/v1/revoke", &body).status, 200);
    }
    assert_eq!(world.control("/v1/keys/reload", &empty()).status, 200);

    // The newest first, and at once: it was required.
    let events = world.query(&empty());
    assert_eq!(events["total"], 6);
    let events: Vec<_> = events["events"].as_array().unwrap().iter().rev().collect();
    let said: Vec<_> = events
        .iter()
        .map(|event| members(event, &["action", "entity", "entity_id", "profile"]))
        .collect();
    let jti = said[2]["entity_id"].as_str().unwrap().to_owned();
    assert!(!jti.is_empty());
    let expected = [
        json!({"action": "token.sign", "entity": "subject", "entity_id": "ada", "profile": "main"}),
        json!({"action": "token.rotate", "entity": "subject", "entity_id": "ada", "profile": "main"}),
        json!({"action": "token.revoke", "entity": "token", "entity_id": jti, "profile": "main"}),
        json!({"action": "token.revoke", "entity": "token", "entity_id": "jti-7", "profile": "main"}),
        json!({"action": "token.revoke", "entity": "subject", "entity_id": "bob", "profile": "main"}),
        json!({"action": "keys.reload", "entity": "", "entity_id": "", "profile": ""}),
    ];
    assert_eq!(said, expected);
    assert_eq!(events[0]["detail"], json!({"kind": "pair"}));
    assert_eq!(
        events[2]["detail"],
        json!({"subject": "ada", "by": "handle"})
    );
    assert_eq!(events[5]["detail"], json!({"keys": {"es": 1, "main": 1}}));
    for event in events {
        assert_eq!(event["time_ms"], START * 1_000);
        assert_eq!(event["source"], "control");
        assert_eq!(event["caller"], uid().as_str());
        assert_eq!(event["actor"], uid().as_str());
        assert!(!event["request_id"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_application_may_say_who_acts_and_cannot_say_who_calls() {
    let world = audited("required = true");
    let bearer = format!("Bearer {CONTROL_TOKEN}");
    let over_tcp = |headers: &[(&str, &str)]| {
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let answer = world
            .client()
            .post("/v1/revoke", &all, &json!({"handle": "h"}));
        assert_eq!(answer.status, 200, "{answer:?}");
        world.query(&empty())["events"][0].clone()
    };
    let names = &["actor", "caller", "ip", "request_id"];
    let event = over_tcp(&[("X-Bearerd-Actor", "uid:0"), ("X-Request-Id", "r-1")]);
    assert_eq!(
        members(&event, names),
        json!({"actor": "uid:0", "caller": "control-token", "ip": "127.0.0.1", "request_id": "r-1"})
    );
    let event = over_tcp(&[("X-Bearerd-Actor", "Änne")]);
    assert_eq!(event["actor"], "Änne");
    for unclear in [
        &[("X-Bearerd-Actor", "a"), ("X-Bearerd-Actor", "b")][..],
        &[("X-Bearerd-Actor", "")],
        &[],
    ] {
        assert_eq!(over_tcp(unclear)["actor"], "control-token");
    }
    let mut control = Client::unix(&world.control_socket);
    control.post(
        "/v1/revoke",
        &[("X-Bearerd-Actor", "eve")],
        &json!({"handle": "h"}),
    );
    let event = world.query(&empty())["events"][0].clone();
    let expected = json!({"actor": "eve", "caller": uid(), "ip": ""});
    assert_eq!(members(&event, &["actor", "caller", "ip"]), expected);
}

#[test]
fn what_was_refused_is_no_act() {
    let world = audited("required = true");
    for (target, body) in [
        ("/v1/sign", json!({"kind": "none"})),
        ("/v1/rotate", json!({"refresh": "x"})),
        ("/v1/revoke", json!({"handle": ""})),
        ("/v1/revoke", json!({"token": "x"})),
        ("/v1/keys/reload", json!({"now": true})),
    ] {
        assert!(world.control(target, &body).status >= 400, "{target}");
    }
    assert_eq!(world.query(&empty())["total"], 0);
    // A reload that failed is one that somebody tried.
    std::fs::write(&world.es_file, "no key").unwrap();
    assert_eq!(world.control("/v1/keys/reload", &empty()).status, 422);
    let event = world.one(&empty());
    assert_eq!(event["action"], "keys.reload");
    assert_eq!(event["detail"], json!({"failed": "CONFIG_ERROR"}));
}

#[test]
fn without_a_section_everything_goes_on_and_nothing_can_be_asked() {
    let world = crate::world::start();
    world.pair(&json!({"sub": "ada"}));
    for (target, body) in [
        ("/v1/audit", json!({"action": "a"})),
        ("/v1/audit/query", empty()),
        ("/v1/audit/options", empty()),
    ] {
        crate::invalid(&world.control(target, &body), "[audit]");
    }
}
