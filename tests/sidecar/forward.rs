//! `/v1/auth`: three statuses, and identity headers that no client can forge.

use bearerd::config::Environment;
use serde_json::{Value, json};

use crate::http::{Answer, Headers};
use crate::world::{World, start, try_start};

const IDENTITY: [&str; 4] = ["x-user", "x-roles", "x-name", "x-email"];

fn with(world: &World, claims: &Value, target: &str, more: Headers<'_>) -> Answer {
    let token = world.token(claims);
    let mut headers = vec![("X-Token", token.as_str())];
    headers.extend_from_slice(more);
    world.auth(target, &headers)
}

/// Every identity header is there once and empty, whatever else was said.
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("x-bearerd-code"), Some(code));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.body.is_empty());
    for name in IDENTITY {
        assert_eq!(answer.header(name), Some(""), "{name}");
    }
}

#[test]
fn an_accepted_token_becomes_headers() {
    let world = start();
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PURGE",
    ] {
        let token = world.token(&json!({"role": "admin"}));
        let answer = world
            .client()
            .ask(method, "/v1/auth", &[("X-Token", token.as_str())], b"");
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!(answer.header("x-bearerd-code"), Some("OK"));
        assert_eq!(answer.header("x-user"), Some("u1"));
        assert_eq!(answer.header("x-roles"), Some("admin"));
        assert_eq!(answer.header("x-name"), Some(""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("content-type"), None);
    }
}

#[test]
fn the_answer_is_200_401_or_403_whatever_happens() {
    let world = start();
    let good = world.token(&json!({}));
    let sent = [("X-Token", good.as_str())];
    let ask = |target: &str, headers: Headers<'_>| world.auth(target, headers);
    assert_refused(&ask("/v1/auth", &[]), 401, "MISSING_TOKEN");
    assert_refused(&ask("/v1/auth", &[("X-Token", "x")]), 401, "MALFORMED");
    assert_refused(
        &with(&world, &json!({"aud": "other"}), "/v1/auth", &[]),
        401,
        "INVALID_CLAIM",
    );
    assert_refused(
        &with(&world, &json!({"kind": "refresh"}), "/v1/auth", &[]),
        403,
        "WRONG_TOKEN_KIND",
    );
    assert_refused(&ask("/v1/auth/admin", &sent), 403, "FORBIDDEN");
    assert_refused(&ask("/v1/auth/desk", &sent), 403, "DEVICE_MISMATCH");
    // What the gateway asks wrongly is refused, token or none.
    for headers in [&sent[..], &[]] {
        assert_refused(&ask("/v1/auth/nobody", headers), 403, "VALIDATION_ERROR");
        assert_refused(&ask("/v1/auth/", headers), 403, "VALIDATION_ERROR");
        assert_refused(
            &ask("/v1/auth?profile=nobody", headers),
            403,
            "VALIDATION_ERROR",
        );
    }
    let twice = "/v1/auth?profile=main&profile=es";
    assert_refused(&ask(twice, &sent), 403, "VALIDATION_ERROR");
    let twice = [("X-Device-Id", "d1"), ("X-Device-Id", "d2"), sent[0]];
    assert_refused(&ask("/v1/auth", &twice), 403, "VALIDATION_ERROR");
    assert_eq!(
        world.metric("bearerd_verdicts_total{profile=\"main\",route=\"auth\",code=\"FORBIDDEN\"}"),
        1.0
    );
}

#[test]
fn guards_profile_and_device_come_from_the_request() {
    let world = start();
    assert_eq!(
        with(&world, &json!({"role": "admin"}), "/v1/auth/admin", &[]).status,
        200
    );
    let desk = json!({"device_id": "d1"});
    assert_eq!(
        with(&world, &desk, "/v1/auth/desk", &[("X-Device-Id", "d1")]).status,
        200
    );
    assert_refused(
        &with(&world, &desk, "/v1/auth/desk", &[("X-Device-Id", "d2")]),
        403,
        "DEVICE_MISMATCH",
    );
    let es = format!(
        "Bearer {}",
        world.token_for("es", &json!({"email": "a@b.example"}), "15m")
    );
    for target in ["/v1/auth", "/v1/auth?profile=es", "/v1/auth?profile="] {
        let answer = world.auth(target, &[("Authorization", es.as_str())]);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-email"), Some("a@b.example"));
    }
}

/// A gateway passes its client's headers on: none of them may choose whose rules apply.
#[test]
fn s05_a_client_cannot_choose_the_profile() {
    let world = start();
    let es = format!(
        "Bearer {}",
        world.token_for("es", &json!({"email": "a@b.example"}), "15m")
    );
    let sent = [("Authorization", es.as_str()), ("X-Bearerd-Profile", "es")];
    let answer = world.auth("/v1/auth?profile=main", &sent);
    assert_ne!(answer.status, 200, "{answer:?}");
    let sent = [
        ("Authorization", es.as_str()),
        ("X-Bearerd-Profile", "nobody"),
    ];
    assert_eq!(world.auth("/v1/auth", &sent).status, 200);
}

#[test]
fn s05_identity_headers_are_always_ours() {
    let world = start();
    let forged: Headers<'_> = &[
        ("X-User", "root"),
        ("X-Roles", "admin"),
        ("X-Name", "Root"),
        ("X-Email", "root@example.com"),
        ("X-Bearerd-Code", "OK"),
    ];
    // Accepted: what the token has, and empty what it has not, the other profile's included.
    let answer = with(&world, &json!({"role": null}), "/v1/auth", forged);
    assert_eq!(answer.status, 200);
    for (name, value) in IDENTITY.iter().zip(["u1", "", "", ""]) {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let es = format!("Bearer {}", world.token_for("es", &json!({}), "15m"));
    let mut headers = vec![("Authorization", es.as_str())];
    headers.extend_from_slice(forged);
    let answer = world.auth("/v1/auth", &headers);
    assert_eq!(answer.status, 200);
    for name in IDENTITY {
        assert_eq!(answer.header(name), Some(""), "{name}");
    }
    assert_refused(&world.auth("/v1/auth", forged), 401, "MISSING_TOKEN");
    assert_refused(
        &with(&world, &json!({}), "/v1/auth/admin", forged),
        403,
        "FORBIDDEN",
    );
}

#[test]
fn s05_a_guard_is_found_byte_for_byte() {
    let world = start();
    let admin = json!({"role": "admin"});
    for target in [
        "/v1/auth/Admin",
        "/v1/auth/ADMIN",
        "/v1/auth/%61dmin",
        "/v1/auth/admin%2e",
        "/v1/auth/./admin",
        "/v1/auth/%2e/admin",
        "/v1/auth/x/../admin",
        "/v1/auth/x/%2e%2e/admin",
        "/v1/auth//admin",
        "/v1/auth/admin/",
        "/v1/auth/admin;x",
        "/v1/auth/admin%00",
        "/v1/auth/%2fadmin",
    ] {
        let answer = with(&world, &admin, target, &[]);
        assert_refused(&answer, 403, "VALIDATION_ERROR");
    }
    // A query is no part of the name. A fragment is never sent (RFC 9110 §7.1).
    assert_eq!(with(&world, &admin, "/v1/auth/admin?x=y", &[]).status, 200);
    for target in ["/V1/auth/admin", "/v1/Auth", "/v1//auth", "/v1/authx"] {
        assert_eq!(with(&world, &admin, target, &[]).status, 404, "{target}");
    }
}

#[test]
fn claims_of_every_type_stand_in_a_header_or_are_refused() {
    let world = start();
    for (claim, header) in [
        (json!("plain"), "plain"),
        (json!("two words, and a comma"), "two words, and a comma"),
        (json!("J\u{f8}rgen \u{1f980}"), "J\u{f8}rgen \u{1f980}"),
        (json!(["admin", "ops"]), r#"["admin","ops"]"#),
        (json!(["\u{e9}"]), "[\"\u{e9}\"]"),
        (json!({"id": 7}), r#"{"id":7}"#),
        (json!(7), "7"),
        (json!(-1.5), "-1.5"),
        (json!(true), "true"),
        (json!([]), "[]"),
        (json!(""), ""),
        // A line break within JSON is escaped and harmless.
        (json!(["a\r\nX-Evil: 1"]), r#"["a\r\nX-Evil: 1"]"#),
    ] {
        let answer = with(&world, &json!({"name": claim}), "/v1/auth", &[]);
        assert_eq!(answer.status, 200, "{claim}");
        assert_eq!(answer.header("x-name"), Some(header), "{claim}");
    }
    for claim in [
        "a\r\nX-Evil: 1",
        "a\nb",
        "a\0",
        "\u{7f}",
        "\u{85}",
        " u1",
        "u1 ",
        "u1\u{a0}",
        "\t",
    ] {
        let answer = with(&world, &json!({"name": claim}), "/v1/auth", &[]);
        assert_refused(&answer, 401, "INVALID_CLAIM");
        assert_eq!(answer.header("x-evil"), None);
    }
    let answer = with(&world, &json!({"name": ["\u{85}"]}), "/v1/auth", &[]);
    assert_refused(&answer, 401, "INVALID_CLAIM");
    // What was refused is not counted as accepted.
    let refused = "bearerd_verdicts_total{profile=\"main\",route=\"auth\",code=\"INVALID_CLAIM\"}";
    assert_eq!(world.metric(refused), 10.0);
}

#[test]
fn the_body_of_somebody_elses_request_is_not_read() {
    let world = start();
    let token = world.token(&json!({}));
    let answer = world.client().ask(
        "POST",
        "/v1/auth",
        &[("X-Token", token.as_str())],
        b"{not json",
    );
    assert_eq!(answer.status, 200);
}

#[test]
fn an_expired_token_signs_in_again() {
    let world = start();
    let token = world.token(&json!({}));
    let sent = [("X-Token", token.as_str())];
    assert_eq!(world.auth("/v1/auth", &sent).status, 200);
    world.clock.advance(std::time::Duration::from_secs(900));
    assert_refused(&world.auth("/v1/auth", &sent), 401, "EXPIRED");
}

#[test]
fn headers_that_no_claim_may_take_are_refused_at_the_start() {
    let start = |headers: &str| {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{}\" }}]\nidentity_headers = {{ {headers} }}\n",
            crate::world::SECRET
        );
        try_start(&text, &Environment::empty())
    };
    for name in [
        "Content-Length",
        "transfer-encoding",
        "CONNECTION",
        "Set-Cookie",
        "WWW-Authenticate",
        "X-Bearerd-Code",
        "X-Bearerd-Anything",
        "Access-Control-Allow-Origin",
        "X-Request-Id",
    ] {
        let fault = start(&format!("\"{name}\" = \"sub\"")).unwrap_err();
        assert!(fault.to_string().contains(name), "{fault}");
    }
    let fault = start("\"x user\" = \"sub\"").unwrap_err();
    assert!(fault.to_string().contains("header name"), "{fault}");
    let fault = start("X-User = \"sub\", x-user = \"email\"").unwrap_err();
    assert!(fault.to_string().contains("twice"), "{fault}");
    let sidecar = start("X-User = \"sub\"").unwrap();
    sidecar.drain().cut();
    let _ = sidecar.wait().unwrap();
}

#[test]
fn a_context_value_that_is_not_there_is_refused_at_start() {
    let text = |claim: &str, more: &str| {
        format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{}\" }}]\nidentity_headers = {{ X-Scope = \"{claim}\" }}\n{more}",
            crate::world::SECRET
        )
    };
    let scopes = "[profiles.p.permissions]\ndata_scope = { all = [1] }\n";
    for (claim, more, about) in [
        ("permission.data_scope", "", "permissions.data_scope"),
        (
            "permission.data_scope",
            "permissions = {}\n",
            "permissions.data_scope",
        ),
        ("permission.scope", scopes, "no value of the context"),
        ("permission.", scopes, "no value of the context"),
    ] {
        let refused = try_start(&text(claim, more), &Environment::empty());
        let Err(fault) = refused else {
            panic!("{claim} was taken");
        };
        assert!(fault.chain().contains(about), "{}", fault.chain());
    }
}
