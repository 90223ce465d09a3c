//! Calls of what is kept: sessions, personal access tokens, devices, signing keys.

use serde_json::{Value, json};

use crate::calls::Call;
use crate::world::World;

pub(crate) fn calls(world: &World) -> Vec<Call> {
    let mut calls = sessions(world);
    calls.extend(pats(world));
    calls.extend(devices());
    calls.extend(keys());
    calls
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap().to_owned()
}

fn sessions(world: &World) -> Vec<Call> {
    let sign_in = |kind: &str| json!({"profile": "staff", "subject": "ada", "kind": kind, "attributes": {"level": 4}});
    let opened = world.control("/v1/sessions", &sign_in("pair")).json();
    let (sid, access) = (text(&opened, "sid"), text(&opened, "access"));
    let verify = json!({"token": access, "profile": "staff"});
    let names = ["hr.a", "crm.deal.read"];
    let check = json!({"token": access, "profile": "staff", "permissions": names, "client": {"ip": "9.9.9.9"}});
    let of = |target: &str, mut body: Value| {
        body["profile"] = "staff".into();
        Call::control(&format!("/v1/sessions{target}"), &body)
    };
    vec![
        Call::data("POST", "/v1/verify", &verify),
        Call::data(
            "POST",
            "/v1/verify/batch",
            &json!({"tokens": [access, "x"], "profile": "staff"}),
        ),
        Call::data("POST", "/v1/permissions/check", &check),
        Call::data("POST", "/v1/permissions/check", &verify),
        Call::data(
            "POST",
            "/v1/permissions/check",
            &json!({"token": "x", "permissions": names, "profile": "staff"}),
        ),
        Call::data(
            "POST",
            "/v1/permissions/check",
            &json!({"token": access, "permissions": ["hr.*"], "profile": "staff"}),
        ),
        Call::control("/v1/sessions", &sign_in("none")),
        Call::control("/v1/sessions", &sign_in("access")),
        Call::control("/v1/sessions", &sign_in("pair")),
        Call::control("/v1/sessions", &sign_in("both")),
        // A profile that has none.
        Call::control(
            "/v1/sessions",
            &json!({"profile": "main", "subject": "ada", "kind": "none"}),
        ),
        of("/get", json!({"sid": sid})),
        of("/get", json!({"sid": sid.replace(|_| true, "A")})),
        of("/get", json!({"sid": "x"})),
        of("/list", json!({"subject": "ada"})),
        of("/list", json!({})),
        of(
            "/attributes",
            json!({"sid": sid, "set": {"team": 7}, "remove": ["level"]}),
        ),
        of("/attributes", json!({"subject": "ada", "set": {"team": 8}})),
        of("/attributes", json!({"subject": "ada", "sid": sid})),
        of("/end", json!({"subject": "ada", "except": sid})),
        of("/end", json!({"sid": sid})),
        of("/end", json!({})),
        Call::data("POST", "/v1/verify", &verify),
    ]
}

fn pats(world: &World) -> Vec<Call> {
    let create = |more: &Value| {
        let mut body = json!({"subject": "ada"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let full = json!({
        "description": "laptop", "scopes": ["write"], "claims": {"role": "admin"}, "ttl": "1d",
    });
    let first = world.control("/v1/pats", &create(&full)).json();
    let (token, id) = (text(&first, "token"), text(&first, "id"));
    let second = text(
        &world.control("/v1/pats", &create(&json!({}))).json(),
        "token",
    );
    let client = json!({"ip": "10.0.0.1", "forwarded_for": "203.0.113.9", "user_agent": "curl/8"});
    let post = |target: &str, body: Value| Call::control(target, &body);
    vec![
        Call::data(
            "POST",
            "/v1/verify",
            &json!({"token": token, "client": client, "guard": {"token": "pat"}}),
        ),
        Call::data(
            "POST",
            "/v1/verify",
            &json!({"token": token, "client": {"ip": 7}}),
        ),
        Call::data(
            "POST",
            "/v1/verify/batch",
            &json!({"tokens": [token], "client": client}),
        ),
        post("/v1/explain", json!({"token": token, "client": client})),
        post("/v1/pats", create(&full)),
        post("/v1/pats", create(&json!({"ttl": "none"}))),
        post("/v1/pats", create(&json!({"scopes": ["a b"]}))),
        post("/v1/pats", json!({"profile": "es", "subject": "ada"})),
        post("/v1/pats/list", json!({"subject": "ada"})),
        post("/v1/pats/list", json!({"subject": "nobody"})),
        post("/v1/pats/list", json!({})),
        post("/v1/pats/revoke", json!({"id": id})),
        post("/v1/pats/revoke", json!({"token": token})),
        post("/v1/revoke", json!({"token": second})),
        post("/v1/pats/revoke", json!({"subject": "ada"})),
        post("/v1/pats/revoke", json!({"token": "x"})),
        post(
            "/v1/pats/revoke",
            json!({"token": format!("main_pat_{}", "0".repeat(49))}),
        ),
        post("/v1/pats/revoke", json!({})),
        Call::data("POST", "/v1/verify", &json!({"token": token})),
    ]
}

fn devices() -> Vec<Call> {
    let device = json!({"subject": "ada", "ip": "192.0.2.7", "user_agent": "x/1"});
    let post = |target: &str, body: &Value| Call::control(&format!("/v1/devices/{target}"), body);
    let mut named = device.clone();
    named["description"] = "desk".into();
    vec![
        post("check", &device),
        post("trust", &named),
        post("trust", &json!({"subject": "ada"})),
        post("check", &device),
        post(
            "check",
            &json!({"subject": "ada", "ip": "x", "user_agent": "y"}),
        ),
        post("list", &json!({"subject": "ada"})),
        post("list", &json!({"subject": "ada", "after": "x"})),
        post("forget", &json!({"subject": "ada", "id": "x"})),
        post("forget", &json!({"subject": "ada"})),
        post("forget", &json!({"subject": "ada", "profile": "es"})),
    ]
}

fn keys() -> Vec<Call> {
    let get = || Call {
        method: "GET",
        ..Call::control("/v1/keys", &Value::Null)
    };
    let post = |target: &str, body: Value| Call::control(&format!("/v1/keys/{target}"), &body);
    vec![
        get(),
        Call {
            method: "HEAD",
            ..get()
        },
        post("activate", json!({"kid": "nobody"})),
        post("stage", json!({"profile": "web"})),
        post("activate", json!({})),
        post("activate", json!({"force": true})),
        post("stage", Value::Null),
        post("retire", json!({"force": true})),
        post("retire", json!({"kid": 7})),
        post("stage", json!({"profile": "main"})),
        post("revoke", json!({"kid": "nobody"})),
        post("revoke", json!({})),
        get(),
    ]
}

/// Revokes the key that signs, by a name that only an answer tells.
pub(crate) fn revocation_of_a_key(world: &World) -> Call {
    let staged = world.control("/v1/keys/stage", &json!({})).json();
    let kid = staged["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["state"] == "staged")
        .unwrap()["kid"]
        .clone();
    Call::control("/v1/keys/revoke", &json!({ "kid": kid }))
}
