use serde_json::json;

use crate::{audited, invalid, members, uid};

#[test]
fn an_application_records_what_it_did() {
    let world = audited("required = true");
    let answer = world.tell(&json!({
        "action": "invoice.approve", "entity": "invoice", "entity_id": "2024-117",
        "actor": "ada", "profile": "main", "ip": "::ffff:192.0.2.7",
        "detail": {"amount": 1200, "note": "für Änne"},
    }));
    let expected = json!({"recorded": true, "durable": true, "masked": false});
    assert_eq!(answer.json(), expected, "{answer:?}");
    let event = world.one(&json!({}));
    let names = [
        "source",
        "action",
        "entity",
        "entity_id",
        "actor",
        "caller",
        "profile",
        "ip",
        "detail",
    ];
    assert_eq!(
        members(&event, &names),
        json!({
            "source": "application", "action": "invoice.approve", "entity": "invoice",
            "entity_id": "2024-117", "actor": "ada", "caller": uid(), "profile": "main",
            "ip": "192.0.2.7", "detail": {"amount": 1200, "note": "für Änne"},
        })
    );
    assert!(event["id"].as_i64().unwrap() > 0);
}

#[test]
fn what_is_only_queued_is_not_called_durable() {
    let world = audited("");
    let answer = world.tell(&json!({"action": "a"}));
    assert_eq!(answer.json()["durable"], false);
    world.one(&json!({"action": "a"}));
}

#[test]
fn what_does_not_fit_is_named_and_never_repeated() {
    let world = audited("required = true");
    let long = "hidden".repeat(50);
    for (body, about) in [
        (json!({}), "action"),
        (json!({"action": "two words"}), "action"),
        (json!({"action": long}), "action"),
        (json!({"action": "a", "entity": "no name!"}), "entity"),
        (json!({"action": "a", "entity_id": long}), "entity_id"),
        (json!({"action": "a", "actor": long}), "actor"),
        (json!({"action": "a", "actor": 7}), "actor"),
        (json!({"action": "a", "ip": "hidden"}), "ip"),
        (json!({"action": "a", "detail": "hidden"}), "detail"),
        (
            json!({"action": "a", "detail": {"x": "hidden ".repeat(700)}}),
            "detail",
        ),
        (json!({"action": "a", "time": 1}), "time"),
        (json!({"action": "a", "source": "control"}), "source"),
    ] {
        let answer = world.tell(&body);
        invalid(&answer, about);
        assert!(!answer.text().contains("hidden"), "{answer:?}");
    }
    assert_eq!(world.query(&json!({}))["total"], 0);
}

#[test]
fn the_control_plane_alone_records_and_asks() {
    let world = audited("");
    for target in ["/v1/audit", "/v1/audit/query", "/v1/audit/options"] {
        let answer = world.client().post(target, &[], &json!({"action": "a"}));
        assert_eq!(answer.said(), (401, "UNAUTHORIZED".to_owned()), "{target}");
        assert_eq!(world.client().get(target, &[]).status, 401);
    }
}
