//! Calls of the OAuth endpoints, the limits and forward auth by routes.

use serde_json::{Value, json};

use crate::calls::Call;
use crate::everything::SHOP;

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn calls(token: &str, refresh: &str) -> Vec<Call> {
    let mut calls = oauth(token, refresh);
    calls.extend(limits());
    calls.extend(routes(token));
    calls
}

fn form(target: &str, body: &str) -> Call {
    Call {
        headers: vec![
            ("Content-Type", FORM.to_owned()),
            ("Authorization", SHOP.to_owned()),
        ],
        ..Call::data("POST", target, &Value::Null).raw(body.as_bytes())
    }
}

fn oauth(token: &str, refresh: &str) -> Vec<Call> {
    let token_of = |refresh: &str, more: &str| {
        form(
            "/oauth2/token",
            &format!("grant_type=refresh_token&refresh_token={refresh}{more}"),
        )
    };
    let mut calls = vec![
        Call::data(
            "GET",
            "/.well-known/oauth-authorization-server",
            &Value::Null,
        ),
        form(
            "/oauth2/introspect",
            &format!("token={token}&token_type_hint=x"),
        ),
        form("/oauth2/introspect", "token=x"),
        form("/oauth2/introspect", "token=x&token=x"),
        form("/oauth2/introspect", "token=x").with("X-Bearerd-Profile", "nobody"),
        token_of(refresh, "&scope=more"),
        token_of(refresh, ""),
        token_of(refresh, ""),
        token_of("x", ""),
        form("/oauth2/token", "grant_type=password"),
        form("/oauth2/token", ""),
        form("/oauth2/revoke", "token=x"),
        form("/oauth2/revoke", &format!("token={refresh}")),
        form("/oauth2/revoke", ""),
    ];
    for target in ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/token"] {
        let bare = || Call {
            headers: vec![("Content-Type", FORM.to_owned())],
            ..form(target, "token=x")
        };
        calls.extend([
            bare(),
            bare().with("Authorization", "Basic c2hvcDp4"),
            form(target, "token=x").with("Origin", "https://evil.example"),
            form(target, "token=x").with("Host", "evil.example"),
            form(target, "").raw(&vec![b'a'; 4 << 20]),
            Call::data("POST", target, &json!({})).with("Authorization", SHOP),
            Call {
                over_socket: true,
                ..bare()
            },
        ]);
    }
    calls
}

fn limits() -> Vec<Call> {
    let ask = |body: &Value| Call::control("/v1/limits/login", body);
    let ada = json!({"subject": "ada", "ip": "192.0.2.7"});
    let guess = || {
        let body = json!({"token": "main_pat_x", "client": {"ip": "192.0.2.7"}});
        Call::data("POST", "/v1/verify", &body)
    };
    vec![
        guess(),
        guess(),
        guess(),
        ask(&ada),
        ask(&ada),
        ask(&ada),
        ask(&json!({"subject": "ada"})),
        ask(&json!({"subject": "ada", "ip": "x"})),
        Call::control("/v1/limits/nowhere", &ada),
        Call::control("/v1/limits/", &ada),
    ]
}

fn routes(token: &str) -> Vec<Call> {
    let bearer = format!("Bearer {token}");
    let get = |target: &str| Call::data("GET", target, &Value::Null);
    let ask = |body: Value| Call::data("POST", "/v1/verify", &body);
    vec![
        get("/v1/route/docs/a"),
        get("/v1/route/api/a"),
        get("/v1/route/api/a").with("Authorization", &bearer),
        get("/v1/route/docs/../api/a"),
        get("/v1/route/nowhere"),
        get("/v1/route/"),
        Call::data("DELETE", "/v1/route/api/a", &Value::Null).with("Authorization", &bearer),
        get("/v1/auth").with("X-Forwarded-Uri", "/docs/a"),
        get("/v1/auth")
            .with("X-Forwarded-Uri", "/docs/a")
            .with("X-Original-URI", "/api/a"),
        ask(json!({ "route": {"method": "GET", "target": "/docs/a"} })),
        ask(json!({ "route": {"method": "GET", "target": "/api/a"} })),
        ask(json!({ "token": token, "route": {"target": "/api/a?x"} })),
        ask(json!({ "token": token, "route": {"target": "//api/a"} })),
    ]
}
