//! Trusted devices over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::Client;
use crate::world::{START, World, start_with};

const DAY: i64 = 86_400;

fn world() -> World {
    start_with(|text| {
        text.replace(
            "identity_headers = { X-User",
            "devices = { trusted_for = \"30d\" }\nidentity_headers = { X-User",
        )
    })
}

fn ask(world: &World, path: &str, body: &Value) -> Value {
    let answer = world.control(&format!("/v1/devices/{path}"), body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_device_is_trusted_checked_listed_and_forgotten() {
    let world = world();
    let device = json!({"subject": "u1", "ip": "192.0.2.7", "user_agent": "x/1"});
    let mut named = device.clone();
    named["description"] = "desk".into();
    let unknown = json!({"trusted": false, "id": null, "expires_at": null});
    assert_eq!(ask(&world, "check", &device), unknown);
    let trusted = ask(&world, "trust", &named);
    let (id, until) = (&trusted["id"], START + 30 * DAY);
    assert_eq!(trusted, json!({"id": id, "expires_at": until}));
    let mapped = json!({"subject": "u1", "ip": "::ffff:192.0.2.7", "user_agent": "x/1"});
    for device in [&device, &mapped] {
        let answer = ask(&world, "check", device);
        assert_eq!(
            answer,
            json!({"trusted": true, "id": id, "expires_at": until})
        );
    }
    let listed = ask(&world, "list", &json!({"subject": "u1"}));
    let shown = json!({"id": id, "description": "desk", "trusted_at": START, "expires_at": until});
    assert_eq!(listed, json!({"devices": [shown], "next": null}));
    let one = json!({"subject": "u1", "id": id});
    assert_eq!(ask(&world, "forget", &one), json!({"forgotten": 1}));
    assert_eq!(ask(&world, "check", &device), unknown);
    let _ = ask(&world, "trust", &device);
    assert_eq!(
        ask(&world, "forget", &json!({"subject": "u1"})),
        json!({"forgotten": 1})
    );
    let _ = ask(&world, "trust", &device);
    world.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(ask(&world, "check", &device), unknown);
}

/// Row S7.
#[test]
fn wrong_requests_are_refused_by_name() {
    let world = world();
    let good = json!({"subject": "u1", "ip": "192.0.2.7", "user_agent": "x/1"});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (path, body, member) in [
        ("trust", with("subject", Value::Null), "subject: "),
        ("trust", with("subject", "".into()), "subject: "),
        ("trust", with("ip", Value::Null), "ip: "),
        ("trust", with("ip", "hidden.example".into()), "ip: "),
        ("trust", with("ip", "192.0.2.7:80".into()), "ip: "),
        ("trust", with("ip", "fe80::1%eth0".into()), "ip: "),
        ("trust", with("user_agent", Value::Null), "user_agent: "),
        (
            "trust",
            with("user_agent", "x".repeat(4_097).into()),
            "user_agent: ",
        ),
        (
            "trust",
            with("description", "d".repeat(513).into()),
            "description: ",
        ),
        ("trust", with("profile", "es".into()), "profile: "),
        ("check", with("description", "d".into()), "description: "),
        ("list", json!({}), "subject: "),
        (
            "list",
            json!({"subject": "u1", "after": "hidden"}),
            "after: ",
        ),
        ("forget", json!({"subject": "u1", "id": "hidden"}), "id: "),
        ("forget", json!({"id": "a".repeat(64)}), "subject: "),
    ] {
        let answer = world.control(&format!("/v1/devices/{path}"), &body);
        assert_eq!(answer.status, 422, "{path} {body}");
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            said.starts_with(member) && !said.contains("hidden"),
            "{body}: {said}"
        );
    }
    let listed = ask(&world, "list", &json!({"subject": "u1"}));
    assert_eq!(listed["devices"], json!([]), "nothing was done");
    for path in ["trust", "check", "list", "forget"] {
        let path = format!("/v1/devices/{path}");
        assert_eq!(world.client().post(&path, &[], &good).status, 401);
        let answer = Client::unix(&world.data_socket).post(&path, &[], &good);
        assert_eq!(answer.status, 404);
    }
}
