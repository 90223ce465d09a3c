//! Sessions over HTTP.

use serde_json::json;

use crate::world::{World, start_with};

/// The sidecar of the tests, its profile `main` with sessions.
fn world() -> World {
    start_with(|text| {
        text.replace(
            "identity_headers = { X-User",
            "sessions = {}\nidentity_headers = { X-User",
        )
    })
}

/// A sid that nobody was given; only the store can say that it names nothing.
const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn a_verdict_that_took_the_store_is_counted_once() {
    let world = world();
    let unknown = world.token(&json!({"sid": UNKNOWN}));
    let bare = world.token(&json!({}));
    let counted = |route: &str, code: &str| {
        world.metric(&format!(
            "bearerd_verdicts_total{{profile=\"main\",route=\"{route}\",code=\"{code}\"}}"
        ))
    };
    let answer = world.verify_token(&unknown);
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (401, Some("SESSION_ENDED"))
    );
    assert_eq!(counted("verify", "SESSION_ENDED"), 1.0);
    // The first of the two is judged twice, since the second is put off.
    let body = json!({ "tokens": [bare, unknown] });
    let answer = world.client().post("/v1/verify/batch", &[], &body).json();
    assert_eq!(answer["results"][0]["code"], "INVALID_CLAIM");
    assert_eq!(answer["results"][1]["code"], "SESSION_ENDED");
    assert_eq!(counted("batch", "INVALID_CLAIM"), 1.0);
    assert_eq!(counted("batch", "SESSION_ENDED"), 1.0);
    let answer = world.auth("/v1/auth", &[("X-Token", unknown.as_str())]);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("x-bearerd-code"), Some("SESSION_ENDED"));
    assert_eq!(counted("auth", "SESSION_ENDED"), 1.0);
}
