//! Personal access tokens over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Answer, Client};
use crate::world::{START, World, await_that, start_with};

/// The sidecar of the tests; `main` takes such tokens beside signed ones, `pats` nothing else.
fn world() -> World {
    start_with(|text| with_pats(&text))
}

fn with_pats(text: &str) -> String {
    text.replace(
        "identity_headers = { X-User",
        "pat = { prefix = \"main_pat_\" }\nidentity_headers = { X-User",
    ) + "[profiles.pats]\nalgorithms = []\npat = { prefix = \"only_\", max_lifetime = \"30d\" }\n"
}

fn create(world: &World, body: &Value) -> (String, String) {
    let answer = world.control("/v1/pats", body);
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

fn list(world: &World, body: &Value) -> Vec<Value> {
    let answer = world.control("/v1/pats/list", body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["pats"].as_array().unwrap().clone()
}

fn is_revoked(world: &World, token: &str) -> bool {
    let answer = world.verify_token(token);
    match answer.status {
        200 => false,
        _ => answer.said() == (401, "REVOKED".to_owned()),
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[test]
fn a_token_lives_from_its_creation_to_its_end() {
    let world = world();
    let (token, id) = create(
        &world,
        &json!({"subject": "u7", "description": "laptop", "scopes": ["write"], "claims": {"role": "admin"}, "ttl": "1d"}),
    );
    let answer = world.verify(&json!({"token": token, "client": {"ip": "::ffff:192.0.2.1"}}));
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["kind"], "pat");
    assert_eq!(body["profile"], "main");
    assert_eq!(body["expires_at"], START + 86_400);
    assert_eq!(
        body["claims"],
        json!({
            "role": "admin", "iss": "https://main.example", "aud": "api", "sub": "u7", "iat": START,
            "exp": START + 86_400, "jti": id, "kind": "pat", "scope": "write",
        })
    );
    // By forward auth, where the profile looks for any token, with its guards and headers.
    for (target, status) in [
        ("/v1/auth", 200),
        ("/v1/auth/writers", 200),
        ("/v1/auth/admin", 200),
        ("/v1/auth/desk", 403),
    ] {
        let answer = world.auth(target, &[("Authorization", &bearer(&token))]);
        assert_eq!(answer.status, status, "{target}");
        let user = if status == 200 { "u7" } else { "" };
        assert_eq!(answer.header("x-user"), Some(user));
    }
    let answer = world.verify(&json!({"token": token, "guard": {"token": "access"}}));
    assert_eq!(answer.said(), (403, "WRONG_TOKEN_KIND".to_owned()));
    // Listed with everything but the token; the last use is written down in a while.
    await_that("the last use", || {
        list(&world, &json!({"subject": "u7"}))[0]["last_used_at"] == START
    });
    let listed = list(&world, &json!({"subject": "u7"}));
    assert_eq!(
        listed,
        [json!({
            "id": id, "subject": "u7", "description": "laptop", "scopes": ["write"],
            "claims": {"role": "admin"}, "created_at": START, "expires_at": START + 86_400,
            "last_used_at": START, "last_used_from": "192.0.2.1",
        })]
    );
    let explained = world.control("/v1/explain", &json!({"token": token, "guard": "desk"}));
    assert_eq!(explained.json()["code"], "DEVICE_MISMATCH");
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(
        world.verify_token(&token).said(),
        (401, "EXPIRED".to_owned())
    );
}

#[test]
fn tokens_are_revoked_one_by_one_or_all() {
    let world = world();
    let body = json!({"subject": "u7"});
    let tokens: Vec<_> = (0..5).map(|_| create(&world, &body)).collect();
    for (token, _) in &tokens {
        assert_eq!(world.verify_token(token).status, 200);
    }
    let revoke = |body: &Value| {
        let answer = world.control("/v1/pats/revoke", body);
        (answer.status, answer.json()["revoked"].clone())
    };
    assert_eq!(revoke(&json!({"id": tokens[0].1})), (200, json!(1)));
    assert_eq!(revoke(&json!({"id": tokens[0].1})), (200, json!(0)));
    assert_eq!(revoke(&json!({"token": tokens[1].0})), (200, json!(1)));
    let answer = world.control("/v1/revoke", &json!({"token": tokens[2].0}));
    assert_eq!(answer.json(), json!({"revoked": "pat"}));
    let refused = |at: usize| is_revoked(&world, &tokens[at].0);
    assert!(refused(0) && refused(1) && refused(2) && !refused(3) && !refused(4));
    assert_eq!(list(&world, &body).len(), 2);
    assert_eq!(revoke(&body), (200, json!(2)));
    assert!((0..5).all(refused));
    assert!(list(&world, &body).is_empty());
}

/// A profile of these tokens alone, chosen by the prefix.
#[test]
fn a_prefix_chooses_the_profile() {
    let world = world();
    let (token, _) = create(&world, &json!({"profile": "pats", "subject": "u7"}));
    let answer = world.verify_token(&token);
    assert_eq!(
        (answer.status, answer.json()["profile"].as_str()),
        (200, Some("pats"))
    );
    let named = |profile: &str| world.verify(&json!({"token": token, "profile": profile}));
    assert_eq!(named("pats").status, 200);
    assert_eq!(named("main").said(), (401, "MALFORMED".to_owned()));
    let signed = world.verify(&json!({"token": world.token(&json!({})), "profile": "pats"}));
    assert_eq!(signed.said(), (401, "UNSUPPORTED_ALG".to_owned()));
    assert_eq!(world.verify_token(&world.token(&json!({}))).status, 200);
}

/// Rows S7 and S9: the member is named and nothing repeated.
#[test]
fn wrong_requests_are_refused_by_name() {
    let world = world();
    let (token, id) = create(&world, &json!({"subject": "u7"}));
    let says = |answer: Answer| {
        assert_eq!(answer.status, 422, "{answer:?}");
        let text = answer.text();
        assert!(!text.contains(&token[9..30]), "{text}");
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    for (path, body, member) in [
        ("/v1/pats", json!({}), "subject: "),
        ("/v1/pats", json!({"subject": ""}), "subject: "),
        ("/v1/pats", json!({"subject": 7}), "subject: "),
        (
            "/v1/pats",
            json!({"subject": "u", "scopes": "a b"}),
            "scopes: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "scopes": ["a b"]}),
            "scopes: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "claims": []}),
            "claims: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "claims": {"kind": "access"}}),
            "claims: ",
        ),
        ("/v1/pats", json!({"subject": "u", "ttl": "soon"}), "ttl: "),
        ("/v1/pats", json!({"subject": "u", "ttl": 0}), "ttl: "),
        (
            "/v1/pats",
            json!({"subject": "u", "ttl": "none", "profile": "pats"}),
            "ttl: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "ttl": "31d", "profile": "pats"}),
            "ttl: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "profile": "es"}),
            "profile: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "profile": "nobody"}),
            "profile: ",
        ),
        (
            "/v1/pats",
            json!({"subject": "u", "token": token}),
            "token: ",
        ),
        ("/v1/pats/list", json!({}), "subject: "),
        (
            "/v1/pats/list",
            json!({"subject": "u", "after": token}),
            "after: ",
        ),
        ("/v1/pats/revoke", json!({}), "id, token, subject: "),
        (
            "/v1/pats/revoke",
            json!({"id": id, "subject": "u7"}),
            "id, token, subject: ",
        ),
        ("/v1/pats/revoke", json!({"id": token}), "id: "),
        (
            "/v1/pats/revoke",
            json!({"subject": "u", "profile": "es"}),
            "profile: ",
        ),
    ] {
        let said = says(world.control(path, &body));
        assert!(said.starts_with(member), "{path} {body}: {said}");
    }
    let said = says(world.verify(&json!({"token": token, "client": {"ip": token}})));
    assert!(said.starts_with("client.ip: "), "{said}");
    let signing = world.control("/v1/sign", &json!({"kind": "pat", "claims": {"sub": "u"}}));
    assert!(says(signing).starts_with("kind: "));
    let rotated = world.control("/v1/rotate", &json!({"refresh": token}));
    assert_eq!(rotated.said(), (403, "WRONG_TOKEN_KIND".to_owned()));
    assert_eq!(world.verify_token(&token).status, 200, "nothing was done");
    assert_eq!(list(&world, &json!({"subject": "u"})).len(), 0);
}

/// None of it is on the data plane.
#[test]
fn the_data_plane_has_none_of_it() {
    let world = world();
    for path in ["/v1/pats", "/v1/pats/list", "/v1/pats/revoke"] {
        let body = json!({"subject": "u7"});
        assert_eq!(world.client().post(path, &[], &body).status, 401, "{path}");
        let answer = Client::unix(&world.data_socket).post(path, &[], &body);
        assert_eq!(answer.status, 404, "{path}");
    }
}

/// What the store was read for is answered and counted once, and what needs no read makes none.
#[test]
fn reads_of_the_store_are_counted() {
    let world = world();
    let (token, _) = create(&world, &json!({"subject": "u7"}));
    let (other, _) = create(&world, &json!({"profile": "pats", "subject": "u7"}));
    let reads = |result: &str| {
        world.metric(&format!(
            "bearerd_pat_lookups_total{{profile=\"main\",result=\"{result}\"}}"
        ))
    };
    let verdicts = |code: &str| {
        world.metric(&format!(
            "bearerd_verdicts_total{{profile=\"main\",route=\"batch\",code=\"{code}\"}}"
        ))
    };
    let mut wrong = token.clone();
    wrong.replace_range(20..21, if &token[20..21] == "x" { "y" } else { "x" });
    for _ in 0..3 {
        let body = json!({"tokens": [token, wrong, other]});
        let answer = world.client().post("/v1/verify/batch", &[], &body).json();
        assert_eq!(answer["results"][0]["kind"], "pat");
        assert_eq!(answer["results"][1]["code"], "MALFORMED");
        assert_eq!(answer["results"][2]["profile"], "pats");
    }
    assert_eq!(
        (reads("found"), reads("unknown"), reads("failed")),
        (1.0, 0.0, 0.0)
    );
    assert_eq!((verdicts("OK"), verdicts("MALFORMED")), (3.0, 3.0));
    await_that("two last uses", || {
        world.metric("bearerd_pat_last_uses_total{result=\"written\"}") == 2.0
    });
}

/// Created by one sidecar, verified and revoked by another, and gone in the first.
#[test]
fn r5_sidecars_share_tokens_and_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let state = |text: String| {
        format!(
            "state = \"sqlite:{}\"\n{}",
            file.display(),
            with_pats(&text)
        )
    };
    let (one, other) = (start_with(state), start_with(state));
    let (token, id) = create(&one, &json!({"subject": "u7"}));
    assert_eq!(one.verify_token(&token).status, 200);
    assert_eq!(other.verify_token(&token).status, 200);
    let answer = other.control("/v1/pats/revoke", &json!({"id": id}));
    assert_eq!(answer.json(), json!({"revoked": 1}));
    assert_eq!(
        other.verify_token(&token).said(),
        (401, "REVOKED".to_owned())
    );
    await_that("the first hears of it", || is_revoked(&one, &token));
    drop(one);
    let again = start_with(state);
    assert_eq!(
        again.verify_token(&token).said(),
        (401, "REVOKED".to_owned())
    );
}
