//! Calls of every route: one at least that is answered with 200, and what is likely to go wrong.

use serde_json::{Value, json};

use crate::http::{Answer, Client};
use crate::world::{CONTROL_TOKEN, World};
use crate::{calls_of_edge, calls_of_state};

pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) over_socket: bool,
}

impl Call {
    pub(crate) fn data(method: &'static str, target: &str, body: &Value) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: if body.is_null() {
                Vec::new()
            } else {
                body.to_string().into()
            },
            over_socket: false,
        }
    }

    pub(crate) fn control(target: &str, body: &Value) -> Self {
        Self {
            over_socket: true,
            ..Self::data("POST", target, body)
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn raw(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn ask(&self, world: &World) -> Answer {
        let mut client = if self.over_socket {
            Client::unix(&world.control_socket)
        } else {
            world.client()
        };
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        client.ask(self.method, &self.target, &headers, &self.body)
    }
}

pub(crate) fn calls(world: &World) -> Vec<Call> {
    let token = world.token(&json!({"role": "admin"}));
    let gone = world.token(&json!({"sub": "gone"}));
    let foreign = world.token(&json!({"device_id": "d1"}));
    world.control("/v1/revoke", &json!({"subject": "gone"}));
    let (access, refresh) = world.pair(&json!({"sub": "ada"}));
    let mut calls = on_data(&token, &gone, &foreign, &refresh);
    calls.extend(on_control(&token, &access, &refresh));
    calls.extend(calls_of_state::calls(world));
    calls.push(calls_of_state::revocation_of_a_key(world));
    let (_, refresh) = world.pair(&json!({"sub": "bob"}));
    calls.extend(calls_of_edge::calls(&token, &refresh));
    calls.extend(on_both());
    calls
}

fn on_data(token: &str, gone: &str, foreign: &str, refresh: &str) -> Vec<Call> {
    let post = |target: &str, body: Value| Call::data("POST", target, &body);
    let get = |target: &str| Call::data("GET", target, &Value::Null);
    let verify = |body: Value| post("/v1/verify", body);
    let bearer = format!("Bearer {token}");
    vec![
        verify(json!({ "token": token })),
        verify(json!({ "token": token, "guard": "admin" })),
        verify(json!({ "token": token, "guard": {"roles": ["nobody"]} })),
        verify(json!({ "token": token, "guard": "nowhere" })),
        verify(json!({ "token": token, "audience": "other" })),
        verify(json!({ "token": gone })),
        verify(json!({ "route": {"target": 1} })),
        verify(json!({ "token": foreign, "guard": "desk", "device": "d2" })),
        verify(json!({ "token": refresh })),
        verify(json!({ "token": "x" })),
        verify(json!({ "token": 1 })),
        verify(Value::Null),
        verify(Value::Null).with("X-Token", token),
        verify(Value::Null)
            .with("X-Token", token)
            .with("X-Bearerd-Profile", "nobody"),
        verify(Value::Null).raw(b"{"),
        verify(Value::Null).raw(&vec![b' '; 4 << 20]),
        post("/v1/verify/batch", json!({ "tokens": [token, gone, "x"] })),
        post("/v1/verify/batch", json!({ "tokens": [] })),
        post(
            "/v1/verify/batch",
            json!({ "tokens": ["x", "x", "x", "x", "x"] }),
        ),
        get("/v1/auth")
            .with("Authorization", &bearer)
            .with("X-Forwarded-Uri", "/api/a"),
        get("/v1/auth/admin").with("Authorization", &bearer),
        get("/v1/auth/writers").with("Authorization", &bearer),
        get("/v1/auth/nowhere").with("Authorization", &bearer),
        get("/v1/auth"),
        get("/v1/auth").with("X-Forwarded-Uri", "/api/a"),
        get("/v1/auth?profile=main&profile=es"),
        Call::data("DELETE", "/v1/auth", &Value::Null)
            .with("Authorization", &bearer)
            .with("X-Forwarded-Uri", "/api/a"),
        Call::data("HEAD", "/v1/auth", &Value::Null),
        get("/.well-known/jwks.json"),
        get("/livez"),
        get("/readyz"),
        get("/metrics"),
        get("/metrics").with("Accept", "application/openmetrics-text"),
        get("/openapi.json"),
        Call::data("HEAD", "/openapi.json", &Value::Null),
        get("/livez").with("Host", "evil.example"),
    ]
}

fn on_control(token: &str, access: &str, refresh: &str) -> Vec<Call> {
    let post = |target: &str, body: Value| Call::control(target, &body);
    vec![
        post(
            "/v1/sign",
            json!({"kind": "pair", "claims": {"sub": "ada"}}),
        ),
        post(
            "/v1/sign",
            json!({"kind": "access", "claims": {"sub": "ada"}, "ttl": "5m"}),
        ),
        post(
            "/v1/sign",
            json!({"kind": "refresh", "claims": {"sub": "ada"}, "profile": "main"}),
        ),
        post("/v1/sign", json!({"kind": "other"})),
        post("/v1/sign", json!({"kind": "access", "claims": {"exp": 1}})),
        post(
            "/v1/rotate",
            json!({"refresh": refresh, "https": true, "client": {"ip": "192.0.2.7"}}),
        ),
        post("/v1/rotate", json!({"refresh": refresh})),
        post("/v1/rotate", json!({"refresh": refresh})),
        post("/v1/rotate", json!({"refresh": access})),
        post("/v1/rotate", json!({"refresh": "x"})),
        post("/v1/rotate", json!({})),
        post("/v1/revoke", json!({"token": access})),
        post("/v1/revoke", json!({"token": refresh})),
        post("/v1/revoke", json!({"handle": "h"})),
        post("/v1/revoke", json!({"subject": "s", "issued_before": 5})),
        post("/v1/revoke", json!({"token": "x"})),
        post("/v1/revoke", json!({})),
        post("/v1/keys/reload", Value::Null),
        post("/v1/keys/reload", json!({"x": 1})),
        post("/v1/explain", json!({"token": token})),
        post(
            "/v1/explain",
            json!({"token": token, "guard": {"roles": [1]}}),
        ),
        post("/v1/explain", json!({"token": "x"})),
        post("/v1/explain", json!({})),
        post(
            "/v1/audit",
            json!({"action": "a", "entity": "e", "detail": {"n": 1}}),
        ),
        post("/v1/audit", json!({"action": "no name"})),
        post("/v1/audit/query", Value::Null),
        post("/v1/audit/query", json!({"limit": 2})),
        post("/v1/audit/query", json!({"cursor": "1.1"})),
        post("/v1/audit/query", json!({"limit": 0})),
        post("/v1/audit/options", Value::Null),
        post("/v1/audit/options", json!({"x": 1})),
    ]
}

/// What the edge says of calls of the control plane over TCP.
fn on_both() -> Vec<Call> {
    let targets = [
        "/v1/sign",
        "/v1/rotate",
        "/v1/revoke",
        "/v1/keys/reload",
        "/v1/keys/stage",
        "/v1/keys/activate",
        "/v1/keys/retire",
        "/v1/keys/revoke",
        "/v1/explain",
        "/v1/sessions",
        "/v1/sessions/get",
        "/v1/sessions/list",
        "/v1/sessions/end",
        "/v1/sessions/attributes",
        "/v1/pats",
        "/v1/pats/list",
        "/v1/pats/revoke",
        "/v1/devices/trust",
        "/v1/devices/check",
        "/v1/devices/list",
        "/v1/devices/forget",
        "/v1/limits/login",
        "/v1/audit",
        "/v1/audit/query",
        "/v1/audit/options",
    ];
    let bearer = format!("Bearer {CONTROL_TOKEN}");
    let of = |target: &&'static str| {
        let call = || Call::data("POST", target, &json!({}));
        let plain = Call {
            headers: vec![("Authorization", bearer.clone())],
            ..call()
        };
        [
            call(),
            call().with("Authorization", "Bearer wrong"),
            call()
                .with("Authorization", &bearer)
                .with("Origin", "https://evil.example"),
            call()
                .with("Authorization", &bearer)
                .with("Host", "evil.example"),
            call()
                .with("Authorization", &bearer)
                .raw(&vec![b' '; 4 << 20]),
            plain,
        ]
    };
    targets.iter().flat_map(of).collect()
}
