//! Bodies that are not what they should be: the field is named, nothing is repeated, nothing done.

use serde_json::json;

use crate::http::{Answer, Client};
use crate::world::{World, start};

/// Every route that reads a body, with a member that it needs and one of the wrong type.
const ROUTES: [(&str, &str, &str); 7] = [
    ("/v1/verify", "token", "string"),
    ("/v1/verify/batch", "tokens", "list"),
    ("/v1/sign", "kind", "string"),
    ("/v1/rotate", "refresh", "string"),
    ("/v1/revoke", "token", "string"),
    ("/v1/explain", "token", "string"),
    ("/v1/keys/reload", "", ""),
];

fn post(world: &World, path: &str, body: &[u8]) -> Answer {
    let is_data = path.starts_with("/v1/verify");
    let mut client = if is_data {
        world.client()
    } else {
        Client::unix(&world.control_socket)
    };
    client.ask("POST", path, &[("Content-Type", "application/json")], body)
}

fn assert_invalid(answer: &Answer, about: &str, case: &str) {
    assert_eq!(
        answer.said(),
        (422, "VALIDATION_ERROR".to_owned()),
        "{case}"
    );
    assert!(
        answer.message().starts_with(about),
        "{case}: {}",
        answer.message()
    );
}

#[test]
fn s07_a_body_that_is_not_strict_json_is_refused() {
    let world = start();
    for (path, ..) in ROUTES {
        for body in [
            &b"{"[..],
            b"}",
            b"null",
            b"[]",
            b"7",
            b"\"text\"",
            b"nonsense",
            b"token=x",
            b"{} {}",
            b"{},",
            b"{\"a\":1,}",
            b"{'a':1}",
            b"{\"a\":NaN}",
            b"{\"a\":1e400}",
            b"{\"a\":01}",
            b"{/**/}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\\ud800\"}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":1,\"a\":1}",
            b"{\"a\":{\"b\":1,\"\\u0062\":1}}",
            b"{\"a\":\"\0\"}",
        ] {
            let answer = post(&world, path, body);
            assert_invalid(
                &answer,
                "body",
                &format!("{path} {}", String::from_utf8_lossy(body)),
            );
        }
        for depth in [40, 10_000, 200_000] {
            let open = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
            let lists = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            for body in [open, lists] {
                let answer = post(&world, path, body.as_bytes());
                if body.len() > 1 << 20 {
                    assert_eq!(answer.said(), (413, "TOO_LARGE".to_owned()));
                } else {
                    assert_invalid(&answer, "body", path);
                }
            }
        }
    }
}

#[test]
fn s07_members_are_named_and_never_repeated() {
    let world = start();
    let token = world.token(&json!({"sub": "marked-subject"}));
    let mark = &token[token.len() - 20..];
    let silent = |answer: &Answer, case: &str| {
        for text in [mark, &token[..20], "marked"] {
            assert!(!answer.text().contains(text), "{case}: {}", answer.text());
        }
    };
    for (path, member, kind) in ROUTES {
        let with = |unknown: &str| {
            let mut body = json!({ unknown: token });
            if !member.is_empty() {
                body[member] = match kind {
                    "list" => json!(["x"]),
                    _ => json!("access"),
                };
            }
            post(&world, path, body.to_string().as_bytes())
        };
        let answer = with("Token");
        assert_invalid(&answer, "Token: is not a member", path);
        silent(&answer, path);
        // A token where a name belongs.
        let answer = with(&token);
        assert_invalid(&answer, "an unknown member", path);
        silent(&answer, path);
        if member.is_empty() {
            continue;
        }
        for wrong in [json!(7), json!({"x": token}), json!(true), json!([[token]])] {
            let answer = post(&world, path, json!({member: wrong}).to_string().as_bytes());
            assert_invalid(&answer, &format!("{member}: must be a {kind}"), path);
            silent(&answer, path);
        }
    }
    // A token in every other place.
    for (path, about, body) in [
        (
            "/v1/verify",
            "profile: ",
            json!({"token": token, "profile": token}),
        ),
        (
            "/v1/verify",
            "audience: ",
            json!({"token": token, "audience": [token]}),
        ),
        (
            "/v1/verify",
            "device: ",
            json!({"token": token, "device": {"id": token}}),
        ),
        (
            "/v1/verify",
            "guard: ",
            json!({"token": token, "guard": token}),
        ),
        (
            "/v1/verify",
            "guard: ",
            json!({"token": token, "guard": [token]}),
        ),
        (
            "/v1/verify",
            "guard: ",
            json!({"token": token, "guard": {token.clone(): 1}}),
        ),
        (
            "/v1/verify",
            "guard.scopes: ",
            json!({"token": token, "guard": {"scopes": token}}),
        ),
        (
            "/v1/verify",
            "guard.scopes: ",
            json!({"token": token, "guard": {"scopes": [format!("{token} x")]}}),
        ),
        (
            "/v1/verify",
            "guard.roles: ",
            json!({"token": token, "guard": {"roles": [[token]]}}),
        ),
        (
            "/v1/verify",
            "guard.token: ",
            json!({"token": token, "guard": {"token": token}}),
        ),
        (
            "/v1/verify",
            "guard.vip: ",
            json!({"token": token, "guard": {"vip": token}}),
        ),
        (
            "/v1/verify",
            "guard.all.not: ",
            json!({"token": token, "guard": {"all": [{"not": {token.clone(): 1}}]}}),
        ),
        (
            "/v1/verify",
            "guard: ",
            json!({"token": token, "guard": {"scopes": ["x".repeat(20_000)]}}),
        ),
        (
            "/v1/verify/batch",
            "tokens: ",
            json!({"tokens": [{"token": token}]}),
        ),
        ("/v1/sign", "kind: ", json!({"kind": token})),
        (
            "/v1/sign",
            "profile: ",
            json!({"kind": "access", "profile": token}),
        ),
        ("/v1/sign", "ttl: ", json!({"kind": "access", "ttl": token})),
        (
            "/v1/sign",
            "claims: ",
            json!({"kind": "access", "claims": token}),
        ),
        (
            "/v1/rotate",
            "set: ",
            json!({"refresh": "x", "set": [token]}),
        ),
        (
            "/v1/rotate",
            "remove: ",
            json!({"refresh": "x", "remove": token}),
        ),
        ("/v1/rotate", "ttl: ", json!({"refresh": "x", "ttl": token})),
        (
            "/v1/revoke",
            "issued_before: ",
            json!({"subject": token, "issued_before": token}),
        ),
        (
            "/v1/explain",
            "profile: ",
            json!({"token": token, "profile": token}),
        ),
    ] {
        let answer = post(&world, path, body.to_string().as_bytes());
        assert_invalid(&answer, about, path);
        silent(&answer, path);
    }
    let (_, refresh) = world.pair(&json!({"sub": "u1"}));
    let both = json!({"refresh": refresh, "set": {token.clone(): 1}, "remove": [token]});
    let answer = post(&world, "/v1/rotate", both.to_string().as_bytes());
    assert_invalid(&answer, "remove: ", "both");
    silent(&answer, "both");
}

#[test]
fn s07_ten_megabytes_are_too_many() {
    let world = start();
    let body = format!("{{\"token\":\"{}\"}}", "x".repeat(10 << 20));
    for (path, ..) in ROUTES {
        let answer = post(&world, path, body.as_bytes());
        assert_eq!(answer.said(), (413, "TOO_LARGE".to_owned()), "{path}");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    // Up to the limit, the token is what is too long.
    let body = format!("{{\"token\":\"{}\"}}", "x".repeat(1 << 19));
    assert_eq!(
        post(&world, "/v1/verify", body.as_bytes()).code(),
        "MALFORMED"
    );
}

#[test]
fn s07_what_is_refused_has_done_nothing() {
    let world = start();
    let token = world.token(&json!({}));
    for body in [
        json!({"token": token, "extra": 1}),
        json!({"token": token, "subject": "u1"}),
        json!({"subject": "u1", "issued_before": -1}),
    ] {
        assert_eq!(
            post(&world, "/v1/revoke", body.to_string().as_bytes()).status,
            422
        );
    }
    let twice = format!("{{\"token\":\"{token}\",\"token\":\"{token}\"}}");
    assert_eq!(post(&world, "/v1/revoke", twice.as_bytes()).status, 422);
    assert_eq!(world.verify_token(&token).status, 200);
    let (_, refresh) = world.pair(&json!({"sub": "u1"}));
    for wrong in [
        json!({"set": {"exp": 1}}),
        json!({"ttl": "soon"}),
        json!({"more": 1}),
    ] {
        let mut body = wrong;
        body["refresh"] = refresh.as_str().into();
        assert_eq!(
            post(&world, "/v1/rotate", body.to_string().as_bytes()).status,
            422
        );
    }
    world.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(
        world
            .control("/v1/rotate", &json!({"refresh": refresh}))
            .status,
        200
    );
}
