//! `/v1/permissions/check`, the context of an answer, and the data scope as an identity header.

use serde_json::{Value, json};

use crate::table::Table;
use crate::world::{World, document, token};

const CHECK: &str = "/v1/permissions/check";

fn world() -> World {
    World::of(document(&json!({})))
}

#[test]
fn the_table_over_http() {
    let world = world();
    let mut client = world.client();
    for row in Table::read().permissions {
        let body = json!({
            "token": token(row.claims()), "profile": row.rules, "permissions": [row.permission],
        });
        for _ in 0..2 {
            let answer = client.post(CHECK, &[], &body);
            if row.allowed == "invalid" {
                assert_eq!(
                    answer.said(),
                    (422, "VALIDATION_ERROR".to_owned()),
                    "{}",
                    row.case
                );
                let message = answer.message();
                assert!(message.contains("permissions"), "{}: {message}", row.case);
                assert!(row.permission.len() < 3 || !message.contains(&row.permission));
                continue;
            }
            let (scope, bypass) = match &row.context {
                None => (Value::Null, false),
                Some(context) => (context.data_scope.as_str().into(), context.bypass),
            };
            let context = json!({"permission": {"data_scope": scope, "bypass": bypass}});
            let expected = json!({
                "permissions": [{"permission": row.permission, "allowed": row.allowed == "yes"}],
                "profile": row.rules, "context": context,
            });
            assert_eq!(
                (answer.status, answer.json()),
                (200, expected),
                "{}",
                row.case
            );
            // A verification says the same of its context.
            let asked = json!({"token": body["token"], "profile": row.rules});
            let verified = client.post("/v1/verify", &[], &asked).json();
            assert_eq!(verified["context"], context, "{}", row.case);
        }
    }
}

#[test]
fn several_are_answered_in_their_order() {
    let world = world();
    let token = token(r#"{"permissions":["hr.*"],"modules":["hr"],"level":2}"#);
    let names = json!(["hr.b", "crm.a", "hr.a", "hr.b"]);
    let bearer = format!("Bearer {token}");
    let body = json!({"permissions": names});
    let answer = world
        .client()
        .post(CHECK, &[("Authorization", &bearer)], &body);
    let all: Vec<(String, bool)> = answer.json()["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let name = row["permission"].as_str().unwrap().to_owned();
            (name, row["allowed"].as_bool().unwrap())
        })
        .collect();
    let expected = [
        ("hr.b", true),
        ("crm.a", false),
        ("hr.a", true),
        ("hr.b", true),
    ];
    assert_eq!(
        all,
        expected.map(|(name, allowed)| (name.to_owned(), allowed))
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let metrics = world.client().get("/metrics", &[]).text();
    let counted = "bearerd_verdicts_total{profile=\"levels\",route=\"permissions\",code=\"OK\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn a_token_that_is_refused_is_answered_as_everywhere() {
    let world = world();
    let good = token(r#"{"permissions":["hr.*"],"modules":["hr"],"level":2,"exp":4102444800}"#);
    let over = token(r#"{"permissions":["*"],"modules":["*"],"level":0,"exp":1000000000}"#);
    let ask = |body: Value| world.client().post(CHECK, &[], &body);
    let names = json!(["hr.a"]);
    for (body, expected) in [
        (json!({"permissions": names}), (401, "MISSING_TOKEN")),
        (
            json!({"token": "x", "permissions": names}),
            (401, "MALFORMED"),
        ),
        (
            json!({"token": over, "permissions": names}),
            (401, "EXPIRED"),
        ),
        (
            json!({"token": good, "permissions": names, "audience": "other"}),
            (401, "INVALID_CLAIM"),
        ),
        (
            json!({"token": good, "permissions": names, "guard": {"permission": "crm.a"}}),
            (403, "FORBIDDEN"),
        ),
        (json!({"token": good}), (422, "VALIDATION_ERROR")),
        (
            json!({"token": good, "permissions": []}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": "hr.a"}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": [7]}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": ["a", "b", "c", "d", "e"]}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": names, "permission": "a"}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": names, "profile": "none"}),
            (422, "VALIDATION_ERROR"),
        ),
        (
            json!({"token": good, "permissions": names, "profile": "nobody"}),
            (422, "VALIDATION_ERROR"),
        ),
    ] {
        let answer = ask(body.clone());
        assert_eq!(answer.said(), (expected.0, expected.1.to_owned()), "{body}");
    }
    assert_eq!(world.client().get(CHECK, &[]).status, 405);
    let good = ask(json!({"token": good, "permissions": names, "guard": {"permission": "hr.b"}}));
    assert_eq!(good.status, 200);
}

#[test]
fn a_profile_without_permissions_has_no_such_context() {
    let world = world();
    let token = token(r#"{"permissions":["*"]}"#);
    let mut client = world.client();
    let one = client.post(
        "/v1/verify",
        &[],
        &json!({"token": token, "profile": "none"}),
    );
    assert_eq!((one.status, &one.json()["context"]), (200, &Value::Null));
    let batch = json!({"tokens": [token, token], "profile": "levels"});
    let batch = client.post("/v1/verify/batch", &[], &batch).json();
    for result in batch["results"].as_array().unwrap() {
        assert_eq!(
            result["context"]["permission"]["data_scope"], "self",
            "{batch}"
        );
    }
}

/// The data scope is the profile's word: neither a claim of that name nor a client's header is
/// taken for it.
#[test]
fn g3_the_data_scope_is_never_the_client_s() {
    let headers = json!({"X-Scope": "permission.data_scope", "X-User": "sub"});
    let mut document = document(&json!({"identity_headers": headers}));
    document["guards"] = json!({"staff": {"permission": "hr.read"}});
    let world = World::of(document);
    let ask = |claims: &str, target: &str| {
        let bearer = format!("Bearer {}", token(claims));
        let sent = [("Authorization", bearer.as_str()), ("X-Scope", "all")];
        world.client().get(target, &sent)
    };
    for (claims, scope) in [
        (r#"{"level":2}"#, "project"),
        (r#"{"level":1}"#, "all"),
        (r#"{"level":0}"#, "all"),
        ("{}", "self"),
        (r#"{"level":"all","data_scope":"all"}"#, "self"),
        (r#"{"level":null,"permission.data_scope":"all"}"#, "self"),
        (r#"{"context":{"permission":{"data_scope":"all"}}}"#, "self"),
    ] {
        let answer = ask(claims, "/v1/auth");
        assert_eq!(
            (answer.status, answer.header("x-scope")),
            (200, Some(scope)),
            "{claims}"
        );
    }
    let refused = ask(r#"{"level":1}"#, "/v1/auth/staff");
    assert_eq!((refused.status, refused.header("x-scope")), (403, Some("")));
    let allowed = ask(
        r#"{"level":3,"permissions":["hr.*"],"modules":["hr"]}"#,
        "/v1/auth/staff",
    );
    assert_eq!(
        (allowed.status, allowed.header("x-scope")),
        (200, Some("group"))
    );
}
