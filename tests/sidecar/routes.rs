//! Route rules in forward auth: as each gateway tells what is asked for.

use bearerd::config::Environment;
use serde_json::json;

use crate::http::{Answer, Headers};
use crate::world::{SECRET, World, start, start_with, try_start};

const IDENTITY: [&str; 5] = ["x-user", "x-roles", "x-name", "x-email", "x-client-ip"];

fn with_routes() -> World {
    start_with(|text| {
        text.replacen(
            "max_batch = 4",
            "max_batch = 4\ntrusted_proxies = [\"127.0.0.1\"]\n\
             client_headers = { X-Client-Ip = \"ip\", X-Client-Device = \"device\" }",
            1,
        ) + r#"
[[routes]]
path = "/*"
public = true
[[routes]]
path = "/api/*"
token = true
[[routes]]
path = "/api/orders/*"
methods = ["GET"]
guard = "writers"
[[routes]]
path = "/admin/*"
guard = "admin"
"#
    })
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("x-bearerd-code"), Some(code));
    for name in IDENTITY {
        assert_eq!(answer.header(name), Some(""), "{name}");
    }
}

/// A gateway's way to ask: the headers for a method and a target, or an address.
fn asks(
    world: &World,
    method: &str,
    target: &str,
    token: Option<&str>,
) -> Vec<(&'static str, Answer)> {
    let url = format!("https://shop.example{target}");
    let own: Vec<(&str, &str)> = token.map(|token| ("X-Token", token)).into_iter().collect();
    let ask = |more: Headers<'_>| {
        let mut headers = own.clone();
        headers.extend_from_slice(more);
        world.auth("/v1/auth", &headers)
    };
    vec![
        (
            "Traefik, Caddy",
            ask(&[("X-Forwarded-Uri", target), ("X-Forwarded-Method", method)]),
        ),
        (
            "nginx",
            ask(&[("X-Original-URI", target), ("X-Original-Method", method)]),
        ),
        (
            "ingress-nginx",
            ask(&[("X-Original-URL", &url), ("X-Original-Method", method)]),
        ),
        (
            "Envoy",
            world
                .client()
                .ask(method, &format!("/v1/route{target}"), &own, b""),
        ),
    ]
}

#[test]
fn a_route_is_found_however_the_gateway_asks() {
    let world = with_routes();
    let plain = world.token(&json!({}));
    let writer = world.token(&json!({"scope": "write"}));
    let admin = world.token(&json!({"role": "admin"}));
    for (method, target, token, status) in [
        ("GET", "/", None, 200),
        ("GET", "/index.html?x=/admin", None, 200),
        ("POST", "/login", Some("no token at all"), 200),
        ("GET", "/api/carts", None, 401),
        ("GET", "/api/carts", Some(&*plain), 200),
        ("GET", "/api/orders/7", Some(&plain), 403),
        ("GET", "/api/orders/7", Some(&writer), 200),
        ("DELETE", "/api/orders/7", Some(&writer), 403),
        ("GET", "/admin", Some(&plain), 403),
        ("GET", "/admin/x?y", Some(&admin), 200),
    ] {
        for (gateway, answer) in asks(&world, method, target, token) {
            assert_eq!(
                answer.status, status,
                "{gateway}: {method} {target}: {answer:?}"
            );
        }
    }
    // On a public path nobody is anybody, whatever token came along.
    for (_, answer) in asks(&world, "GET", "/", Some(&admin)) {
        assert_eq!(answer.header("x-user"), Some(""));
        assert_eq!(answer.header("x-bearerd-code"), Some("OK"));
    }
}

#[test]
fn s05_no_spelling_passes_for_a_public_path() {
    let world = with_routes();
    let admin = world.token(&json!({"role": "admin"}));
    for target in [
        "//admin",
        "/x/../admin",
        "/x/%2e%2e/admin",
        "/x/%2E%2E/admin",
        "/x/.%2e/admin",
        "/./admin",
        "/admin;x",
        "/x;/../admin",
        "/x%2fadmin",
        "/x%2Fadmin",
        "/x%5cadmin",
        "/x%5Cadmin",
        "/admin%00",
        "/admin%",
        "/admin%2",
        "/%c0%af/admin",
        "/%ff",
        "/%252e%252e/admin",
        "/ADMIN",
        "/Admin/x",
        "/%41dmin",
        "/x%23/../admin",
    ] {
        for (gateway, answer) in asks(&world, "GET", target, Some(&admin)) {
            // Some of these are no target of HTTP to begin with.
            assert!(
                gateway == "Envoy" && answer.status == 400 || answer.status == 403,
                "{gateway}: {target}: {answer:?}"
            );
        }
    }
    for target in [
        "/admin#x",
        "/x\\admin",
        "/x/..\\admin",
        "admin",
        "",
        "*",
        "/caf\u{e9}",
    ] {
        let sent = [
            ("X-Forwarded-Uri", target),
            ("X-Forwarded-Method", "GET"),
            ("X-Token", &*admin),
        ];
        assert_eq!(world.auth("/v1/auth", &sent).status, 403, "{target}");
    }
}

#[test]
fn s05_a_client_cannot_tell_the_path_in_the_gateways_stead() {
    let world = with_routes();
    let method = ("X-Original-Method", "GET");
    for headers in [
        &[][..],
        &[method],
        &[
            ("X-Original-URI", "/admin"),
            ("X-Forwarded-Uri", "/"),
            method,
        ],
        &[
            ("X-Original-URI", "/admin"),
            ("X-Original-URL", "https://x/"),
            method,
        ],
        &[("X-Original-URI", "/"), ("X-Original-URI", "/"), method],
        &[
            ("X-Original-URI", "/"),
            method,
            ("X-Forwarded-Method", "POST"),
        ],
        &[("X-Original-URL", "/"), method],
        &[("X-Original-URL", "https://x"), method],
    ] {
        refused(&world.auth("/v1/auth", headers), 403, "VALIDATION_ERROR");
    }
    // Where a rule names methods, one has to be told.
    let token = world.token(&json!({"scope": "write"}));
    let sent = [("X-Original-URI", "/api/orders/7"), ("X-Token", &*token)];
    refused(&world.auth("/v1/auth", &sent), 403, "FORBIDDEN");
    // The same told twice is told once.
    let sent = [("X-Original-URI", "/"), ("X-Forwarded-Uri", "/"), method];
    assert_eq!(world.auth("/v1/auth", &sent).status, 200);
    // A guard in the gateway's own address is asked for, whatever headers say.
    let sent = [("X-Original-URI", "/"), method];
    refused(&world.auth("/v1/auth/admin", &sent), 401, "MISSING_TOKEN");
}

#[test]
fn without_routes_nothing_is_asked_of_the_path() {
    let world = start();
    let token = world.token(&json!({}));
    let sent = [("X-Token", &*token), ("X-Forwarded-Uri", "//admin")];
    assert_eq!(world.auth("/v1/auth", &sent).status, 200);
    let answer = world.auth("/v1/route/x", &sent);
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("x-bearerd-code"), Some("VALIDATION_ERROR"));
}

#[test]
fn the_client_becomes_headers_on_every_route() {
    const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/143.0";
    let world = with_routes();
    let token = world.token(&json!({}));
    for target in ["/", "/api/carts"] {
        let sent = [
            ("X-Token", &*token),
            ("X-Original-URI", target),
            ("X-Forwarded-For", "1.1.1.1, 203.0.113.9"),
            ("User-Agent", AGENT),
            ("X-Client-Ip", "6.6.6.6"),
            ("X-Client-Device", "forged"),
        ];
        let answer = world.auth("/v1/auth", &sent);
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.header("x-client-ip"), Some("203.0.113.9"));
        assert_eq!(answer.header("x-client-device"), Some("desktop"));
    }
    let answer = world.auth("/v1/auth", &[("X-Original-URI", "/")]);
    assert_eq!(answer.header("x-client-ip"), Some("127.0.0.1"));
    assert_eq!(answer.header("x-client-device"), Some(""));
    let forged = [("X-Original-URI", "/admin"), ("X-Client-Ip", "6.6.6.6")];
    refused(&world.auth("/v1/auth", &forged), 401, "MISSING_TOKEN");
}

#[test]
fn routes_and_headers_that_cannot_be_are_refused_at_the_start() {
    for (server, more, about) in [
        ("", "[[routes]]\npath = \"/a\"", "exactly one"),
        (
            "",
            "[[routes]]\npath = \"/a\"\npublic = true\nguard = \"g\"",
            "exactly one",
        ),
        (
            "",
            "[[routes]]\npath = \"/a\"\nguard = \"nobody\"",
            "\"nobody\"",
        ),
        ("", "[[routes]]\npath = \"/a/\"\npublic = true", "\"/a/\""),
        (
            "",
            "[[routes]]\npath = \"/a\"\nmethods = [\"get\"]\npublic = true",
            "\"get\"",
        ),
        ("", "[[routes]]\npath = \"/a\"\npublik = true", "publik"),
        (
            "trusted_proxies = [\"10.1.2.3/8\"]",
            "",
            "server.trusted_proxies",
        ),
        ("client_headers = { X-A = \"name\" }", "", "\"name\""),
        ("client_headers = { Set-Cookie = \"ip\" }", "", "Set-Cookie"),
        ("client_headers = { X-User = \"ip\" }", "", "taken already"),
        (
            "client_headers = { X-A = \"ip\", x-a = \"device\" }",
            "",
            "taken already",
        ),
    ] {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n{server}\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{SECRET}\" }}]\nidentity_headers = {{ X-User = \"sub\" }}\n{more}\n"
        );
        let fault = try_start(&text, &Environment::empty()).unwrap_err();
        assert!(
            fault.chain().contains(about),
            "{server}{more}: {}",
            fault.chain()
        );
    }
}

/// What middleware asks that has no library at hand.
#[test]
fn a_verification_by_the_route_asks_for_what_forward_auth_asks() {
    let world = with_routes();
    let writer = world.token(&json!({"scope": "write"}));
    let ask = |body| world.client().post("/v1/verify", &[], &body);
    let asked = |method: &str, target: &str, token: Option<&str>| {
        ask(json!({"token": token, "route": {"method": method, "target": target}}))
    };
    for (target, token) in [
        ("/", None),
        ("/index.html", Some(&*writer)),
        ("/x", Some("x")),
    ] {
        let answer = asked("GET", target, token);
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({"public": true}))
        );
    }
    let answer = asked("GET", "/api/orders/7?x=1", Some(&writer));
    assert_eq!(
        (answer.status, &answer.json()["claims"]["scope"]),
        (200, &json!("write"))
    );
    for (method, target, token, said) in [
        ("GET", "/api/carts", None, (401, "MISSING_TOKEN")),
        ("GET", "/admin", Some(&*writer), (403, "FORBIDDEN")),
        ("DELETE", "/api/orders/7", Some(&writer), (403, "FORBIDDEN")),
        ("GET", "//admin", None, (403, "FORBIDDEN")),
        ("GET", "/x/%2e%2e/admin", None, (403, "FORBIDDEN")),
        ("GET", "/caf\u{e9}", None, (403, "FORBIDDEN")),
    ] {
        let answer = asked(method, target, token);
        assert_eq!(
            answer.said(),
            (said.0, said.1.to_owned()),
            "{method} {target}"
        );
    }
    // A rule that names methods refuses where none is told.
    let answer = ask(json!({"token": writer, "route": {"target": "/api/orders/7"}}));
    assert_eq!(answer.said(), (403, "FORBIDDEN".to_owned()));
    for route in [
        json!({}),
        json!({"target": 7}),
        json!({"target": "/", "verb": "GET"}),
        json!({"target": "/", "method": ["GET"]}),
        json!("/"),
    ] {
        let answer = ask(json!({"token": writer, "route": route}));
        assert_eq!(
            answer.said(),
            (422, "VALIDATION_ERROR".to_owned()),
            "{route}"
        );
    }
    let both = json!({"token": writer, "guard": "writers", "route": {"target": "/"}});
    assert_eq!(ask(both).said(), (422, "VALIDATION_ERROR".to_owned()));
    let many = json!({"tokens": [writer], "route": {"target": "/"}});
    let answer = world.client().post("/v1/verify/batch", &[], &many);
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    let answer = start()
        .client()
        .post("/v1/verify", &[], &json!({"route": {"target": "/"}}));
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
}
