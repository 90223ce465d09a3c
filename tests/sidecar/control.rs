//! The control plane: sign, rotate, revoke, explain, and what a revocation does at once.

use std::time::Duration;

use bearerd::config::Environment;
use serde_json::{Map, Value, json};

use crate::http::Answer;
use crate::world::{START, World, start, start_with, try_start};

fn claims(world: &World, token: &str) -> Map<String, Value> {
    let answer = world.verify_token(token);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["claims"].as_object().unwrap().clone()
}

fn invalid(answer: &Answer, about: &str) {
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    assert!(answer.message().contains(about), "{}", answer.message());
}

#[test]
fn each_kind_is_signed_with_the_profiles_own_claims() {
    let world = start();
    let sign = |body: Value| world.control("/v1/sign", &body);
    let answer = sign(json!({"kind": "access", "claims": {"sub": "u7", "role": "admin"}}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!(body["access_expires_at"], START + 900);
    assert_eq!(body.as_object().unwrap().len(), 2);
    let signed = claims(&world, body["access"].as_str().unwrap());
    assert_eq!(signed["sub"], "u7");
    assert_eq!(signed["role"], "admin");
    assert_eq!(signed["iss"], "https://main.example");
    assert_eq!(signed["aud"], "api");
    assert_eq!(signed["kind"], "access");
    assert_eq!(signed["iat"], START);
    assert!(signed["jti"].as_str().unwrap().len() >= 16);

    let body = sign(json!({"kind": "refresh", "claims": {"sub": "u7"}})).json();
    assert_eq!(body["refresh_expires_at"], START + 7 * 86_400);
    let refresh = body["refresh"].as_str().unwrap();
    assert_eq!(world.verify_token(refresh).code(), "WRONG_TOKEN_KIND");

    let (access, refresh) = world.pair(&json!({"sub": "u7"}));
    assert_eq!(claims(&world, &access)["sub"], "u7");
    assert_eq!(world.verify_token(&refresh).code(), "WRONG_TOKEN_KIND");

    let body = sign(json!({"kind": "access", "claims": {"sub": "u7"}, "ttl": "1h"})).json();
    assert_eq!(body["access_expires_at"], START + 3_600);
    let body = sign(json!({"kind": "access", "ttl": 60})).json();
    assert_eq!(body["access_expires_at"], START + 60);
    let body = sign(json!({"kind": "access", "profile": "es"})).json();
    assert_eq!(
        world.verify_token(body["access"].as_str().unwrap()).json()["profile"],
        "es"
    );
}

#[test]
fn what_cannot_be_signed_is_named() {
    let world = start();
    let sign = |body: Value| world.control("/v1/sign", &body);
    for owned in ["iss", "aud", "exp", "iat", "nbf", "jti", "kind", "family"] {
        let answer = sign(json!({"kind": "access", "claims": {owned: "x"}}));
        invalid(&answer, owned);
        assert!(answer.message().starts_with("claims: "));
    }
    invalid(&sign(json!({"claims": {}})), "kind: is missing");
    for kind in ["", "Access", "id", "session", "pat", "bearer"] {
        invalid(&sign(json!({"kind": kind})), "kind: must be");
    }
    invalid(
        &sign(json!({"kind": "access", "profile": "nobody"})),
        "profile: ",
    );
    invalid(
        &sign(json!({"kind": "access", "claim": {}})),
        "claim: is not a member",
    );
    invalid(
        &sign(json!({"kind": "access", "claims": []})),
        "claims: must be an object",
    );
    for ttl in [
        json!("0s"),
        json!("soon"),
        json!(0),
        json!(-1),
        json!(1.5),
        json!("1y"),
        json!("99999999999999999999d"),
        json!([60]),
        json!(true),
    ] {
        invalid(&sign(json!({"kind": "access", "ttl": ttl})), "ttl: ");
    }
    let verifier_only = start_with(|text| text.replacen("sign = {}", "", 1));
    let answer = verifier_only.control("/v1/sign", &json!({"kind": "access", "profile": "es"}));
    invalid(&answer, "[profiles.es.sign]");
}

#[test]
fn a_token_that_its_own_profile_would_refuse_is_not_signed() {
    // `ttl: none` where exp is required.
    let world = start();
    let answer = world.control("/v1/sign", &json!({"kind": "access", "ttl": "none"}));
    invalid(&answer, "ttl");
    // Claims of the wrong type, nested too deep, too large.
    let mut deep = json!(1);
    for _ in 0..20 {
        deep = json!([deep]);
    }
    for claims in [
        json!({"sub": 7}),
        json!({"x": deep}),
        json!({"x": "y".repeat(20_000)}),
    ] {
        for kind in ["access", "refresh", "pair"] {
            let answer = world.control("/v1/sign", &json!({"kind": kind, "claims": claims}));
            invalid(&answer, "claims");
        }
    }
    // A rotation that fails so has spent nothing.
    let (_, refresh) = world.pair(&json!({"sub": "u1"}));
    let answer = world.control(
        "/v1/rotate",
        &json!({"refresh": refresh, "set": {"x": "y".repeat(20_000)}}),
    );
    invalid(&answer, "claims");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(
        world
            .control("/v1/rotate", &json!({"refresh": refresh}))
            .status,
        200
    );
}

#[test]
fn a_placeholder_for_a_secret_is_refused_at_the_start() {
    for secret in [
        "changeme-changeme-changeme-changeme-changeme",
        "my-super-secret-key-that-is-long-enough-for-it",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{secret}\" }}]\nsign = {{}}\n"
        );
        let fault = try_start(&text, &Environment::empty()).unwrap_err();
        assert!(fault.chain().contains("placeholder"), "{fault:?}");
        assert!(!fault.chain().contains(secret));
    }
}

#[test]
fn a_rotation_inherits_and_changes_claims() {
    let world = start();
    let (_, refresh) = world.pair(&json!({"sub": "u1", "role": "user", "team": 3, "keep": true}));
    let answer = world.control(
        "/v1/rotate",
        &json!({"refresh": refresh, "set": {"role": "admin"}, "remove": ["team"], "ttl": "5m"}),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["access_expires_at"], START + 300);
    assert_eq!(body["refresh_expires_at"], START + 7 * 86_400);
    assert_eq!(
        body["payload"],
        json!({"sub": "u1", "role": "admin", "keep": true})
    );
    let access = claims(&world, body["access"].as_str().unwrap());
    assert_eq!(access["role"], "admin");
    assert!(!access.contains_key("team"));
    for (wrong, about) in [
        (json!({"set": {"sub": "u2"}}), "sub"),
        (json!({"remove": ["sub"]}), "sub"),
        (json!({"set": {"exp": 1}}), "exp"),
        (json!({"remove": ["family"]}), "family"),
        (json!({"set": {"a": 1}, "remove": ["a"]}), "remove"),
        (json!({"remove": "team"}), "remove: must be"),
        (json!({"set": ["team"]}), "set: must be"),
    ] {
        let mut body = wrong;
        body["refresh"] = answer.json()["refresh"].clone();
        invalid(&world.control("/v1/rotate", &body), about);
    }
    invalid(
        &world.control("/v1/rotate", &json!({})),
        "refresh: is missing",
    );
    let answer = world.control("/v1/rotate", &json!({"refresh": "x", "profile": "es"}));
    invalid(&answer, "[profiles.es.rotation]");
}

#[test]
fn a_refresh_token_presented_again_ends_its_family() {
    let world = start();
    let rotate = |token: &str| world.control("/v1/rotate", &json!({ "refresh": token }));
    let (access, refresh) = world.pair(&json!({"sub": "u1"}));
    let first = rotate(&refresh).json();
    let next = first["refresh"].as_str().unwrap();
    let next_access = first["access"].as_str().unwrap();
    assert_eq!(
        rotate(&refresh).json(),
        first,
        "within the grace the same answer"
    );
    for token in [&access, next_access] {
        assert_eq!(world.verify_token(token).status, 200);
    }
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(rotate(&refresh).said(), (401, "REUSED".to_owned()));
    for token in [&access, next_access] {
        assert_eq!(world.verify_token(token).code(), "REVOKED", "cached or not");
    }
    assert_eq!(rotate(next).said(), (401, "REVOKED".to_owned()));
    assert_eq!(
        rotate(&world.token(&json!({}))).said(),
        (403, "WRONG_TOKEN_KIND".to_owned())
    );
    assert_eq!(rotate("a.b.c").said(), (401, "MALFORMED".to_owned()));
}

#[test]
fn what_was_spent_stays_spent_after_a_reload_of_keys() {
    let world = start();
    let (_, refresh) = world.pair(&json!({"sub": "u1"}));
    let rotate = || world.control("/v1/rotate", &json!({ "refresh": refresh }));
    assert_eq!(rotate().status, 200);
    assert_eq!(world.control("/v1/keys/reload", &json!({})).status, 200);
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(rotate().code(), "REUSED");
}

/// Revoked by the token that ends first, a session stays revoked for those that end later.
#[test]
fn a_handle_that_tokens_share_outlives_the_token_it_was_revoked_by() {
    let world = start_with(|text| {
        let kind = "kind = { claim = \"kind\" }";
        text.replace(kind, &format!("{kind}, handle = \"sid\""))
    });
    let session = json!({"sid": "s1"});
    let (short, long) = (
        world.token_for("main", &session, "1m"),
        world.token_for("main", &session, "1h"),
    );
    assert_eq!(world.verify_token(&long).status, 200);
    let revoked = world.control("/v1/revoke", &json!({"token": short}));
    assert_eq!(revoked.json()["revoked"], "handle");
    assert_eq!(world.verify_token(&long).code(), "REVOKED");
    world.clock.advance(Duration::from_secs(90));
    // Each revocation drops some that have ended.
    for other in ["s2", "s3", "s4"] {
        let answer = world.control("/v1/revoke", &json!({"handle": other}));
        assert_eq!(answer.status, 200);
    }
    let answer = world.verify_token(&long);
    assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
}

#[test]
fn a_revocation_holds_on_the_very_next_call() {
    let world = start();
    let revoke = |body: Value| {
        let answer = world.control("/v1/revoke", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["revoked"].as_str().unwrap().to_owned()
    };
    let assert_revoked = |token: &str| {
        let answer = world.verify_token(token);
        assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
        let sent = [("X-Token", token)];
        assert_eq!(world.auth("/v1/auth", &sent).status, 401);
    };
    // By itself, cached before and not.
    for cached in [true, false] {
        let token = world.token(&json!({}));
        if cached {
            assert_eq!(world.verify_token(&token).status, 200);
        }
        assert_eq!(revoke(json!({"token": token})), "handle");
        assert_revoked(&token);
        assert_eq!(revoke(json!({"token": token})), "nothing");
    }
    // By its handle.
    let token = world.token(&json!({}));
    let handle = claims(&world, &token)["jti"].clone();
    assert_eq!(
        revoke(json!({"handle": handle, "profile": "main"})),
        "handle"
    );
    assert_revoked(&token);
    // A refresh token takes along what descends from it.
    let (access, refresh) = world.pair(&json!({"sub": "u9"}));
    assert_eq!(world.verify_token(&access).status, 200);
    assert_eq!(revoke(json!({"token": refresh})), "family");
    assert_revoked(&access);
    // By subject: all of this moment and before, none of those to come, nobody else's.
    let (mine, other) = (
        world.token(&json!({"sub": "u2"})),
        world.token(&json!({"sub": "u3"})),
    );
    assert_eq!(world.verify_token(&mine).status, 200);
    assert_eq!(revoke(json!({"subject": "u2"})), "subject");
    assert_revoked(&mine);
    assert_eq!(world.verify_token(&other).status, 200);
    world.clock.advance(Duration::from_secs(2));
    let later = world.token(&json!({"sub": "u2"}));
    assert_eq!(world.verify_token(&later).status, 200);
    // By subject up to a moment.
    assert_eq!(
        revoke(json!({"subject": "u3", "issued_before": START})),
        "subject"
    );
    assert_eq!(
        world.verify_token(&other).status,
        200,
        "issued at that moment, not before"
    );
    assert_eq!(
        revoke(json!({"subject": "u3", "issued_before": START + 1})),
        "subject"
    );
    assert_revoked(&other);
    // Profiles share nothing.
    let es = world.token_for("es", &json!({"sub": "u2"}), "15m");
    assert_eq!(world.verify_token(&es).status, 200);
    assert_eq!(revoke(json!({"subject": "u2", "profile": "es"})), "subject");
    assert_revoked(&es);
    assert_eq!(world.verify_token(&later).status, 200);
}

#[test]
fn a_revocation_says_what_it_means() {
    let world = start();
    let revoke = |body: Value| world.control("/v1/revoke", &body);
    let token = world.token(&json!({}));
    for wrong in [
        json!({}),
        json!({"token": token, "subject": "u1"}),
        json!({"token": token, "handle": "x"}),
        json!({"handle": "x", "subject": "u1"}),
    ] {
        invalid(&revoke(wrong), "exactly one");
    }
    for before in [json!(-1), json!(1.5), json!("2024"), json!(1e30)] {
        let answer = revoke(json!({"subject": "u1", "issued_before": before}));
        invalid(&answer, "issued_before");
    }
    invalid(
        &revoke(json!({"handle": "x", "issued_before": 1})),
        "issued_before",
    );
    invalid(
        &revoke(json!({"handle": "x", "profile": "nobody"})),
        "profile",
    );
    for empty in [json!({"handle": ""}), json!({"subject": ""})] {
        invalid(&revoke(empty), "must not be empty");
    }
    assert_eq!(
        revoke(json!({"token": "x"})).said(),
        (401, "MALFORMED".to_owned())
    );
    assert_eq!(
        revoke(json!({"token": format!("{token}AAAA")})).code(),
        "INVALID_SIGNATURE"
    );
    world.clock.advance(Duration::from_secs(1_000));
    assert_eq!(
        revoke(json!({"token": token})).json()["revoked"],
        "nothing",
        "it has ended"
    );
}

#[test]
fn an_explanation_quotes_claims_to_the_operator_alone() {
    let world = start();
    let token = world.token(&json!({"aud": "shop"}));
    let explain = |body: Value| {
        let answer = world.control("/v1/explain", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let said = explain(json!({"token": token}));
    assert_eq!(said["code"], "INVALID_CLAIM");
    assert_eq!(said["status"], 401);
    assert_eq!(said["profile"], "main");
    assert_eq!(said["claim"], "aud");
    assert!(said["expected"].as_str().unwrap().contains("api"));
    assert!(said["actual"].as_str().unwrap().contains("shop"));
    let good = world.token(&json!({"role": "user"}));
    assert_eq!(explain(json!({"token": good}))["code"], "OK");
    let said = explain(json!({"token": good, "guard": "admin"}));
    assert_eq!(said["code"], "FORBIDDEN");
    assert_eq!(said["claim"], "role");
    assert!(said["actual"].as_str().unwrap().contains("user"));
    let said = explain(json!({"token": good, "profile": "es"}));
    assert_eq!(said["code"], "UNSUPPORTED_ALG");
    assert_eq!(said["expected"], "one of ES256");
    assert_eq!(explain(json!({"token": "x"}))["code"], "MALFORMED");
    let on_data = world.verify_token(&token);
    assert_eq!(on_data.code(), "INVALID_CLAIM");
    assert!(!on_data.text().contains("shop") && !on_data.text().contains("aud"));
    let answer = world
        .client()
        .post("/v1/explain", &[], &json!({"token": token}));
    assert_eq!(answer.said(), (401, "UNAUTHORIZED".to_owned()));
}
