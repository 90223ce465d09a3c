//! The description of the HTTP surface, held against the routes and against live answers.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]
#![expect(
    dead_code,
    reason = "the sidecar's suite uses the rest of what is shared"
)]

mod calls;
mod calls_of_edge;
mod calls_of_state;
mod description;
mod everything;
#[path = "../sidecar/http.rs"]
mod http;
#[path = "../sidecar/world.rs"]
mod world;

use std::collections::BTreeSet;

use serde_json::json;

use calls::{Call, calls};
use description::Description;
use everything::start;
use world::CONTROL_TOKEN;

/// Control operations that are not recorded, each with its reason.
const NOT_RECORDED: [(&str, &str); 12] = [
    ("/v1/explain", "asks"),
    ("/oauth2/introspect", "asks"),
    ("/v1/keys", "asks"),
    (
        "/v1/limits/{name}",
        "asks, and is the application's to record",
    ),
    ("/v1/sessions/get", "asks"),
    ("/v1/sessions/list", "asks"),
    ("/v1/pats/list", "asks"),
    ("/v1/devices/check", "asks"),
    ("/v1/devices/list", "asks"),
    ("/v1/audit", "is the record itself"),
    ("/v1/audit/query", "asks"),
    ("/v1/audit/options", "asks"),
];

/// The paths that the routes are found by: the texts in `route.rs` that begin with a slash. One
/// that ends with a slash goes on with a name.
fn routes() -> BTreeSet<String> {
    let source = include_str!("../../src/sidecar/app/route.rs");
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let texts = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    texts
        .filter(|text| text.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let world = start();
    let description = Description::of(&world);
    let described: BTreeSet<String> = description.paths().collect();
    let routes = routes();
    assert!(routes.len() >= 41, "{routes:?}");
    let begins = |path: &str| path.split('{').next().unwrap().to_owned();
    let open: BTreeSet<String> = described.iter().map(|path| begins(path)).collect();
    for route in &routes {
        assert!(
            open.contains(route),
            "{route} is a route and is not described: add it to a file in src/sidecar/openapi"
        );
    }
    for path in &open {
        assert!(
            routes.contains(path),
            "{path} is described in src/sidecar/openapi and is no route of route.rs"
        );
    }
}

#[test]
fn each_method_is_answered_where_it_is_described_and_nowhere_else() {
    let world = start();
    let description = Description::of(&world);
    for path in description.paths() {
        let described = description.methods(&path);
        let target = path
            .replace("{guard}", "admin")
            .replace("{name}", "login")
            .replace("{path}", "docs/a");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let bearer = format!("Bearer {CONTROL_TOKEN}");
            let kind = if path.starts_with("/oauth2/") {
                "application/x-www-form-urlencoded"
            } else {
                "application/json"
            };
            let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
            let answer = world.client().ask(method, &target, &headers, b"");
            let served = !matches!(answer.status, 404 | 405);
            let known = described.contains(&method.to_ascii_lowercase());
            if known {
                assert!(
                    served,
                    "{method} {path} is described and answers {}",
                    answer.status
                );
            } else {
                // A preflight is refused before it is anybody's.
                let refused = !served || (method == "OPTIONS" && answer.status == 403);
                assert!(
                    refused,
                    "{method} {path} is not described and answers {}",
                    answer.status
                );
            }
        }
    }
}

#[test]
fn live_answers_are_what_is_described() {
    let world = start();
    let description = Description::of(&world);
    let mut good = BTreeSet::new();
    let mut limited = BTreeSet::new();
    for call in calls(&world) {
        let answer = call.ask(&world);
        description.hold(&call, &answer);
        if answer.status == 429 {
            limited.insert(description.path_of(call.path()));
        }
        if answer.status == 200 {
            good.insert((
                description.path_of(call.path()),
                call.method.to_ascii_lowercase(),
            ));
        }
    }
    let limits = [
        "/oauth2/token",
        "/v1/limits/{name}",
        "/v1/rotate",
        "/v1/verify",
    ];
    assert_eq!(Vec::from_iter(&limited), limits);
    for path in description.paths() {
        // All methods of forward auth are one.
        for method in description.methods(&path) {
            let is_forward = path.starts_with("/v1/auth") || path.starts_with("/v1/route");
            if ["get", "post"].contains(&&*method) && !(is_forward && method == "post") {
                assert!(
                    good.contains(&(path.clone(), method.clone())),
                    "no call of tests/openapi/calls.rs has {method} {path} answer 200; add one"
                );
            }
        }
    }
}

#[test]
fn every_act_is_recorded_under_the_name_that_is_described() {
    let world = start();
    let description = Description::of(&world);
    for call in calls(&world) {
        call.ask(&world);
    }
    let recorded = world.control("/v1/audit/options", &json!({})).json();
    for path in description.paths() {
        for method in description.methods(&path) {
            let operation = description.operation(&path, &method);
            if operation["tags"][0] != "control" {
                continue;
            }
            match operation["x-bearerd-audit"].as_str() {
                Some(action) => assert!(
                    recorded["actions"]
                        .as_array()
                        .unwrap()
                        .contains(&json!(action)),
                    "{method} {path} is described as recorded under {action} and is not: call \
                     App::record after the act"
                ),
                None => assert!(
                    NOT_RECORDED.iter().any(|(known, _)| *known == path),
                    "{method} {path} is of the control plane and is not recorded: call App::record, \
                     and say \"audit\": ACTION in its description"
                ),
            }
        }
    }
}

/// What holds the others: a description that says something else is seen.
#[test]
fn an_answer_that_does_not_fit_is_seen() {
    let world = start();
    let call = Call::data(
        "POST",
        "/v1/verify",
        &json!({ "token": world.token(&json!({})) }),
    );
    let answer = call.ask(&world);
    for (pointer, value) in [
        (
            "/components/schemas/Verified/properties/expires_at/type",
            json!("string"),
        ),
        (
            "/components/schemas/Verified/required",
            json!(["claims", "role"]),
        ),
        ("/paths/~1v1~1verify/post/responses", json!({})),
    ] {
        let mut document = Description::of(&world).document;
        *document.pointer_mut(pointer).unwrap() = value;
        let wrong = Description { document };
        let held =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wrong.hold(&call, &answer)));
        assert!(held.is_err(), "{pointer}");
    }
}
