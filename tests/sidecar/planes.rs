//! Who may call the control plane, and from where.

use bearerd::config::Environment;
use serde_json::json;

use crate::http::{Client, Headers};
use crate::world::{CONTROL_TOKEN, World, start, start_with, try_start, write_private};

const CONTROL: [(&str, &str); 5] = [
    ("/v1/sign", r#"{"kind":"access"}"#),
    ("/v1/rotate", r#"{"refresh":"x"}"#),
    ("/v1/revoke", r#"{"handle":"nobody"}"#),
    ("/v1/explain", r#"{"token":"x"}"#),
    ("/v1/keys/reload", "{}"),
];
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn bearer() -> String {
    format!("Bearer {CONTROL_TOKEN}")
}

/// A control request over TCP with the control token, and more.
fn operator(world: &World, method: &str, path: &str, more: Headers<'_>, body: &str) -> u16 {
    let bearer = bearer();
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend_from_slice(more);
    let answer = world.client().ask(method, path, &headers, body.as_bytes());
    for (name, _) in &answer.headers {
        assert!(!name.starts_with("access-control-"), "{name}");
    }
    answer.status
}

#[test]
fn the_control_token_opens_the_control_plane_over_tcp() {
    let world = start();
    for (path, body) in CONTROL {
        let status = operator(&world, "POST", path, &[JSON], body);
        let expected = if path == "/v1/rotate" { 401 } else { 200 };
        assert_eq!(status, expected, "{path}");
    }
}

#[test]
fn s04_a_page_of_another_origin_reaches_nothing() {
    let world = start();
    for (path, body) in CONTROL {
        let ask = |method: &str, more: Headers<'_>| operator(&world, method, path, more, body);
        for foreign in [
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Origin", "http://localhost:9"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Host", "evil.example"),
            ("Host", "localhost.evil.example"),
        ] {
            assert_eq!(ask("POST", &[JSON, foreign]), 403, "{path} {foreign:?}");
        }
        let preflight = ("Access-Control-Request-Method", "POST");
        assert_eq!(
            ask("OPTIONS", &[preflight, ("Origin", "https://evil.example")]),
            403
        );
        assert_eq!(ask("OPTIONS", &[]), 403);
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ] {
            assert_eq!(ask("POST", &[("Content-Type", kind)]), 422, "{path} {kind}");
        }
        assert_eq!(ask("POST", &[]), 422, "{path}");
    }
    // The data plane gets other sites' headers from gateways, and still answers no preflight and
    // no foreign host.
    let token = world.token(&json!({}));
    let sent = ("X-Token", token.as_str());
    let foreign = ("Origin", "https://shop.example");
    assert_eq!(world.auth("/v1/auth", &[sent, foreign]).status, 200);
    assert_eq!(
        world
            .auth("/v1/auth", &[sent, ("Host", "evil.example")])
            .status,
        403
    );
    let preflight = [sent, ("Access-Control-Request-Method", "GET")];
    let answer = world.client().ask("OPTIONS", "/v1/auth", &preflight, b"");
    assert_eq!(answer.status, 403);
}

#[test]
fn s06_without_the_control_token_nothing_of_the_control_plane_answers() {
    let world = start();
    let almost = &CONTROL_TOKEN[..CONTROL_TOKEN.len() - 1];
    let data_token = world.token(&json!({"role": "admin"}));
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Bearer {almost}")),
        Some(format!("Bearer {CONTROL_TOKEN}0")),
        Some(format!("Bearer {}", CONTROL_TOKEN.to_uppercase())),
        Some(format!("Bearer  {CONTROL_TOKEN}")),
        Some(format!("Basic {CONTROL_TOKEN}")),
        Some(CONTROL_TOKEN.to_owned()),
        Some(format!("Bearer {data_token}")),
    ];
    for (path, body) in CONTROL {
        for value in &wrong {
            let mut headers = vec![JSON];
            if let Some(value) = value {
                headers.push(("Authorization", value));
            }
            let answer = world.client().ask("POST", path, &headers, body.as_bytes());
            assert_eq!(
                answer.said(),
                (401, "UNAUTHORIZED".to_owned()),
                "{path} {value:?}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        let twice = bearer();
        let headers = [
            JSON,
            ("Authorization", twice.as_str()),
            ("Authorization", twice.as_str()),
        ];
        let answer = world.client().ask("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 401, "{path}");
        // In no other place.
        let target = format!("{path}?access_token={CONTROL_TOKEN}&token={CONTROL_TOKEN}");
        let headers = [JSON, ("X-Token", CONTROL_TOKEN), ("Cookie", CONTROL_TOKEN)];
        let answer = world
            .client()
            .ask("POST", &target, &headers, body.as_bytes());
        assert_eq!(answer.status, 401, "{path}");
    }
    // Every other method asks for the token first, and says nothing before.
    assert_eq!(world.client().get("/v1/sign", &[]).status, 401);
    assert_eq!(operator(&world, "GET", "/v1/sign", &[], ""), 405);
}

#[test]
fn s06_without_a_configured_token_tcp_serves_data_alone() {
    let world = start_with(|text| {
        let token = text
            .lines()
            .find(|line| line.contains("control_token_file"))
            .unwrap();
        text.replace(token, "")
    });
    let bearer = bearer();
    for (path, body) in CONTROL {
        let headers = [JSON, ("Authorization", bearer.as_str())];
        let answer = world.client().ask("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(
        world.control("/v1/sign", &json!({"kind": "access"})).status,
        200
    );
}

#[test]
fn s06_each_socket_serves_its_own_plane() {
    let world = start();
    let bearer = bearer();
    for (path, body) in CONTROL {
        let headers = [JSON, ("Authorization", bearer.as_str())];
        let answer = Client::unix(&world.data_socket).ask("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 404, "{path}");
    }
    let token = world.token(&json!({}));
    let body = json!({ "token": token });
    assert_eq!(
        Client::unix(&world.data_socket)
            .post("/v1/verify", &[], &body)
            .status,
        200
    );
    assert_eq!(
        Client::unix(&world.control_socket)
            .post("/v1/verify", &[], &body)
            .status,
        404
    );
    assert_eq!(
        Client::unix(&world.control_socket)
            .get("/metrics", &[])
            .status,
        404
    );
}

#[test]
fn the_token_comes_from_a_file_of_the_owners_or_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.token");
    let text = |line: &str| {
        format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n{line}\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{}\" }}]\nsign = {{}}\n",
            crate::world::SECRET
        )
    };
    let from_file = text(&format!("control_token_file = \"{}\"", path.display()));
    let refused = || {
        let fault = try_start(&from_file, &Environment::empty()).unwrap_err();
        fault.chain()
    };
    assert!(refused().contains("control.token"), "it is not there");
    for (weak, why) in [
        ("", "shorter"),
        ("hunter2", "shorter"),
        ("pass word pass word", "ASCII"),
    ] {
        write_private(&path, weak);
        let why_not = refused();
        assert!(why_not.contains(why), "{why_not}");
        assert!(weak.is_empty() || !why_not.contains(weak));
    }
    write_private(&path, CONTROL_TOKEN);
    for mode in [0o640, 0o604, 0o644, 0o660] {
        let loose = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&path, loose).unwrap();
        assert!(refused().contains("chmod 600"), "{mode:o}");
    }
    let opens = |text: &str, environment: &Environment| {
        let sidecar = try_start(text, environment).unwrap();
        let bearer = bearer();
        let headers = [("Authorization", bearer.as_str())];
        let status = Client::tcp(crate::world::tcp(&sidecar))
            .post("/v1/sign", &headers, &json!({"kind": "access"}))
            .status;
        sidecar.drain().cut();
        let _ = sidecar.wait().unwrap();
        status
    };
    write_private(&path, &format!("{CONTROL_TOKEN}\r\n"));
    assert_eq!(
        opens(&from_file, &Environment::empty()),
        200,
        "a line end is no part of it"
    );
    let environment = Environment::from([("BEARERD_CONTROL_TOKEN", CONTROL_TOKEN)]);
    assert_eq!(opens(&text(""), &environment), 200);
    assert_eq!(opens(&text(""), &Environment::empty()), 404);
}
