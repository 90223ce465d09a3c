//! `/v1/verify` and `/v1/verify/batch`: where the token stands, whose rules apply, what is asked.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Answer, Headers};
use crate::world::{START, World, start, start_with};

fn ask(world: &World, headers: Headers<'_>, body: &Value) -> Answer {
    world.client().post("/v1/verify", headers, body)
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[test]
fn an_accepted_token_comes_back_as_its_claims() {
    let world = start();
    let token = world.token(&json!({"name": "J\u{f8}rgen", "n": 1.50}));
    for round in ["miss", "hit"] {
        let answer = world.verify_token(&token);
        assert_eq!(answer.status, 200, "{round}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let body = answer.json();
        assert_eq!(body["profile"], "main");
        assert_eq!(body["kind"], "access");
        assert_eq!(body["expires_at"], START + 900);
        assert_eq!(body["claims"]["sub"], "u1");
        assert_eq!(body["claims"]["name"], "J\u{f8}rgen");
        assert_eq!(body.as_object().unwrap().len(), 4);
    }
    assert_eq!(
        world.metric("bearerd_verdicts_total{profile=\"main\",route=\"verify\",code=\"OK\"}"),
        2.0
    );
}

#[test]
fn a_token_is_found_in_each_configured_place() {
    let world = start();
    let token = world.token(&json!({}));
    let cookie = format!("a=b; sid={token}");
    for sent in [
        ("X-Token", token.as_str()),
        ("Authorization", &bearer(&token)),
        ("Cookie", &cookie),
    ] {
        assert_eq!(ask(&world, &[sent], &json!({})).status, 200, "{}", sent.0);
    }
    assert_eq!(world.verify_token(&token).status, 200);
    // Without any body at all.
    let sent = [("X-Token", token.as_str())];
    assert_eq!(
        world.client().ask("POST", "/v1/verify", &sent, b"").status,
        200
    );
}

#[test]
fn s01_exactly_one_token_is_taken() {
    let world = start();
    let (one, other) = (world.token(&json!({})), world.token(&json!({"sub": "u2"})));
    let (one_bearer, other_bearer) = (bearer(&one), bearer(&other));
    let authorization = |value: &str, body: &Value| {
        let answer = ask(&world, &[("Authorization", value)], body);
        if answer.status == 200 {
            "OK".to_owned()
        } else {
            answer.code()
        }
    };
    // RFC 6750 §2.1 and RFC 9110 §11.1: the scheme's case does not matter.
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        assert_eq!(authorization(&format!("{scheme} {one}"), &json!({})), "OK");
    }
    for (value, code) in [
        (format!("Bearer  {one}"), "MALFORMED"),
        (format!("Bearer\t{one}"), "MALFORMED"),
        (format!("Bearer {one} {one}"), "MALFORMED"),
        (format!("Bearer {one}, Bearer {one}"), "MALFORMED"),
        ("Bearer".to_owned(), "MISSING_TOKEN"),
        (format!("Basic {one}"), "MISSING_TOKEN"),
        (one.clone(), "MISSING_TOKEN"),
        (String::new(), "MISSING_TOKEN"),
    ] {
        assert_eq!(authorization(&value, &json!({})), code, "{value}");
    }
    // Twice the same is one token, except in `Authorization`, of which there is one by law.
    assert_eq!(authorization(&one_bearer, &json!({"token": one})), "OK");
    let two = [
        ("Authorization", one_bearer.as_str()),
        ("Authorization", one_bearer.as_str()),
    ];
    assert_eq!(ask(&world, &two, &json!({})).code(), "MALFORMED");
    let agreeing = [
        ("Authorization", one_bearer.as_str()),
        ("X-Token", one.as_str()),
    ];
    assert_eq!(ask(&world, &agreeing, &json!({"token": one})).status, 200);
    // Two that differ, in any two places.
    let cookie = format!("sid={other}");
    for (headers, body) in [
        (
            vec![("Authorization", other_bearer.as_str())],
            json!({"token": one}),
        ),
        (vec![("X-Token", other.as_str())], json!({"token": one})),
        (vec![("Cookie", cookie.as_str())], json!({"token": one})),
        (
            vec![
                ("Authorization", other_bearer.as_str()),
                ("X-Token", one.as_str()),
            ],
            json!({}),
        ),
        (
            vec![
                ("Authorization", one_bearer.as_str()),
                ("Cookie", cookie.as_str()),
            ],
            json!({}),
        ),
        (vec![("Authorization", "Bearer  x")], json!({"token": one})),
    ] {
        let answer = ask(&world, &headers, &body);
        assert_eq!(answer.said(), (401, "MALFORMED".to_owned()), "{headers:?}");
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .contains("invalid_token")
        );
    }
    // Nowhere but where it is configured.
    let query = format!("/v1/verify?token={one}&access_token={one}");
    let answer = world.client().post(&query, &[], &json!({}));
    assert_eq!(answer.said(), (401, "MISSING_TOKEN".to_owned()));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let form = format!("token={one}");
    let sent = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = world
        .client()
        .ask("POST", "/v1/verify", &sent, form.as_bytes());
    assert_eq!(answer.code(), "VALIDATION_ERROR");
}

#[test]
fn the_profile_is_chosen_by_field_header_issuer_or_default() {
    let world = start();
    let (main, es) = (
        world.token(&json!({})),
        world.token_for("es", &json!({}), "15m"),
    );
    let named = |name: &str, token: &str| world.verify(&json!({"token": token, "profile": name}));
    let by_header = |name: &str, token: &str| {
        ask(
            &world,
            &[("X-Bearerd-Profile", name)],
            &json!({"token": token}),
        )
    };
    let profile = |answer: &Answer| answer.json()["profile"].as_str().unwrap().to_owned();
    assert_eq!(profile(&world.verify_token(&main)), "main");
    assert_eq!(profile(&world.verify_token(&es)), "es", "by its issuer");
    assert_eq!(profile(&named("es", &es)), "es");
    assert_eq!(profile(&by_header("es", &es)), "es");
    // The choice selects rules and nothing more: the other's token does not hold under them.
    assert_eq!(named("es", &main).code(), "UNSUPPORTED_ALG");
    assert_eq!(by_header("es", &main).code(), "UNSUPPORTED_ALG");
    assert_eq!(by_header("main", &es).code(), "UNSUPPORTED_ALG");
    // The same name twice is one name; two names are a mistake.
    let both = |field: &str, header: &str| {
        ask(
            &world,
            &[("X-Bearerd-Profile", header)],
            &json!({"token": es, "profile": field}),
        )
    };
    assert_eq!(profile(&both("es", "es")), "es");
    assert_eq!(both("es", "main").said(), (422, "VALIDATION_ERROR".into()));
    for answer in [named("nobody", &main), by_header("nobody", &main)] {
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(answer.message().starts_with("profile: "));
    }
    // A profile's own places go with it: `es` knows the bearer header alone.
    let sent = [("X-Token", es.as_str()), ("X-Bearerd-Profile", "es")];
    assert_eq!(ask(&world, &sent, &json!({})).code(), "MISSING_TOKEN");
}

#[test]
fn without_a_default_an_unmapped_token_is_named_in_the_request_or_refused() {
    let world = start_with(|text| text.replace("default_profile = \"main\"", ""));
    let stray = world.token(&json!({"iss": "https://nobody.example"}));
    let mapped = world.token(&json!({}));
    assert_eq!(world.verify_token(&mapped).status, 200);
    assert_eq!(
        ask(&world, &[("Authorization", &bearer(&mapped))], &json!({})).status,
        200
    );
    let answer = world.verify_token(&stray);
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    // A batch is not lost to one token that a stranger brought.
    let answer = world.client().post(
        "/v1/verify/batch",
        &[],
        &json!({"tokens": [mapped, stray, mapped]}),
    );
    assert_eq!(answer.status, 200);
    assert_eq!(codes(&answer), ["OK", "VALIDATION_ERROR", "OK"]);
    let answer = world.auth("/v1/auth", &[("Authorization", &bearer(&stray))]);
    assert_eq!(answer.status, 403);
}

#[test]
fn guards_hold_by_name_and_inline_on_hits_too() {
    let world = start();
    let admin = world.token(&json!({"role": "admin"}));
    let user = world.token(&json!({"role": "user", "scope": "read write"}));
    let ask = |token: &str, guard: Value| world.verify(&json!({"token": token, "guard": guard}));
    for _ in 0..2 {
        assert_eq!(ask(&admin, json!("admin")).status, 200);
        assert_eq!(ask(&user, json!("writers")).status, 200);
        assert_eq!(ask(&user, json!({"any_scope": ["x", "read"]})).status, 200);
        for refused in [
            ask(&user, json!("admin")),
            ask(&user, json!({"roles": ["admin"]})),
            ask(&admin, json!({"not": {"roles": ["admin"]}})),
            ask(&admin, json!("writers")),
        ] {
            assert_eq!(refused.said(), (403, "FORBIDDEN".to_owned()));
            let challenge = refused.header("www-authenticate").unwrap().to_owned();
            assert!(challenge.contains("insufficient_scope"), "{challenge}");
        }
    }
    for nonsense in [
        json!("no-such-guard"),
        json!("Admin"),
        json!(""),
        json!({}),
        json!({"roles": []}),
        json!({"role": ["admin"]}),
        json!(["admin"]),
        json!(7),
        json!(true),
    ] {
        let answer = ask(&admin, nonsense.clone());
        assert_eq!(
            answer.said(),
            (422, "VALIDATION_ERROR".into()),
            "{nonsense}"
        );
        assert!(
            answer.message().starts_with("guard"),
            "{}",
            answer.message()
        );
    }
}

#[test]
fn audience_and_device_are_asked_for_each_time() {
    let world = start();
    let token = world.token(&json!({"aud": ["api", "shop"], "device_id": "d1"}));
    let ask = |more: Value| {
        let mut body = more;
        body["token"] = token.as_str().into();
        let answer = world.verify(&body);
        (answer.status != 200)
            .then(|| answer.code())
            .unwrap_or_default()
    };
    assert_eq!(ask(json!({})), "");
    assert_eq!(ask(json!({"audience": "shop"})), "");
    assert_eq!(ask(json!({"audience": "bank"})), "INVALID_CLAIM");
    assert_eq!(ask(json!({"audience": "ap"})), "INVALID_CLAIM");
    assert_eq!(ask(json!({"guard": "desk", "device": "d1"})), "");
    assert_eq!(
        ask(json!({"guard": "desk", "device": "d2"})),
        "DEVICE_MISMATCH"
    );
    assert_eq!(ask(json!({"guard": "desk"})), "DEVICE_MISMATCH");
}

#[test]
fn refusals_have_their_codes_and_say_no_more() {
    let world = start();
    let cases = [
        (world.token(&json!({"aud": "other"})), "INVALID_CLAIM", 401),
        (
            world.token(&json!({"kind": "refresh"})),
            "WRONG_TOKEN_KIND",
            403,
        ),
        (
            format!("{}AAAA", world.token(&json!({}))),
            "INVALID_SIGNATURE",
            401,
        ),
        ("a.b".to_owned(), "MALFORMED", 401),
        (world.token(&json!({})).replace('.', ". "), "MALFORMED", 401),
        (String::new(), "MALFORMED", 401),
    ];
    for (token, code, status) in &cases {
        let answer = world.verify_token(token);
        assert_eq!(answer.said(), (*status, (*code).to_owned()), "{token:?}");
        assert_eq!(answer.json().as_object().unwrap().len(), 3);
        let name =
            format!("bearerd_verdicts_total{{profile=\"main\",route=\"verify\",code=\"{code}\"}}");
        assert!(world.metric(&name) >= 1.0, "{name}");
    }
    let token = world.token(&json!({}));
    assert_eq!(world.verify_token(&token).status, 200);
    world.clock.advance(Duration::from_secs(900));
    assert_eq!(world.verify_token(&token).code(), "EXPIRED");
}

fn codes(answer: &Answer) -> Vec<String> {
    answer.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_batch_keeps_its_order_and_its_limit() {
    let world = start();
    let ask = |body: &Value| world.client().post("/v1/verify/batch", &[], body);
    let (good, admin) = (
        world.token(&json!({})),
        world.token(&json!({"role": "admin"})),
    );
    let es = world.token_for("es", &json!({}), "15m");
    let answer = ask(&json!({"tokens": [good, "x", es, good]}));
    assert_eq!(codes(&answer), ["OK", "MALFORMED", "OK", "OK"]);
    let results = &answer.json()["results"];
    assert_eq!(results[0]["claims"]["sub"], "u1");
    assert_eq!(results[1], json!({"code": "MALFORMED", "status": 401}));
    assert_eq!(results[2]["profile"], "es");
    assert_eq!(results[0], results[3]);
    let answer = ask(&json!({"tokens": [good, admin], "guard": "admin"}));
    assert_eq!(codes(&answer), ["FORBIDDEN", "OK"]);
    let answer = ask(&json!({"tokens": [good, es], "profile": "main"}));
    assert_eq!(codes(&answer), ["OK", "UNSUPPORTED_ALG"]);
    for wrong in [
        json!({}),
        json!({"tokens": []}),
        json!({"tokens": good}),
        json!({"tokens": [good, 7]}),
        json!({"tokens": [good, null]}),
        json!({"tokens": [good, good, good, good, good]}),
        json!({"tokens": [good], "token": good}),
    ] {
        let answer = ask(&wrong);
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(
            answer.message().starts_with("token"),
            "{}",
            answer.message()
        );
    }
    let answer = ask(&json!({"tokens": [good], "profile": "nobody"}));
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    assert_eq!(
        world.metric("bearerd_verdicts_total{profile=\"main\",route=\"batch\",code=\"FORBIDDEN\"}"),
        1.0
    );
}

#[test]
fn methods_and_paths_are_taken_at_their_word() {
    let world = start();
    for (method, path, allow) in [
        ("GET", "/v1/verify", "POST"),
        ("PUT", "/v1/verify", "POST"),
        ("GET", "/v1/verify/batch", "POST"),
        ("POST", "/livez", "GET, HEAD"),
        ("DELETE", "/metrics", "GET, HEAD"),
        ("POST", "/.well-known/jwks.json", "GET, HEAD"),
        ("PATCH", "/readyz", "GET, HEAD"),
    ] {
        let answer = world.client().ask(method, path, &[], b"");
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow));
    }
    for path in [
        "/",
        "/v1",
        "/v1/verify/",
        "/v1//verify",
        "/V1/verify",
        "/v1/Verify",
        "/v1/%76erify",
        "/v1/verify/batch/x",
        "/v1/x/../verify",
    ] {
        assert_eq!(
            world.client().ask("POST", path, &[], b"").status,
            404,
            "{path}"
        );
    }
}
