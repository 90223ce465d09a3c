//! The headers that tell a browser to do nothing with an answer but read it.

use serde_json::json;

use crate::http::{Answer, Client};
use crate::world::start;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn is_protected(answer: &Answer) -> bool {
    answer.header("x-content-type-options") == Some("nosniff")
        && answer.header("referrer-policy") == Some("no-referrer")
        && answer.header("content-security-policy")
            == Some("default-src 'none'; frame-ancestors 'none'")
}

#[test]
fn every_answer_with_a_body_is_protected_and_kept_by_nobody() {
    let world = start();
    let token = world.token(&json!({}));
    let mut answers = Vec::new();
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/nowhere",
        "/v1/verify",
        "/v1/sign",
    ] {
        answers.push((path, world.client().get(path, &[])));
    }
    for path in [
        "/v1/verify",
        "/v1/verify/batch",
        "/v1/sign",
        "/v1/rotate",
        "/v1/revoke",
        "/v1/explain",
        "/v1/keys/reload",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/oauth2/token",
    ] {
        for body in ["{}", "no json"] {
            let over_tcp = world.client().ask("POST", path, &[JSON], body.as_bytes());
            let over_socket =
                Client::unix(&world.control_socket).ask("POST", path, &[JSON], body.as_bytes());
            answers.extend([(path, over_tcp), (path, over_socket)]);
        }
    }
    answers.push(("accepted", world.verify_token(&token)));
    let foreign = world.client().get("/livez", &[("Host", "evil.example")]);
    answers.push(("a foreign host", foreign));
    let large = vec![b' '; 2 << 20];
    let large = world.client().ask("POST", "/v1/verify", &[JSON], &large);
    assert_eq!(large.status, 413);
    answers.push(("too large", large));
    for (what, answer) in &answers {
        assert!(!answer.body.is_empty(), "{what}");
        assert!(is_protected(answer), "{what}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    // Public keys are for everybody to keep.
    let keys = world.client().get("/.well-known/jwks.json", &[]);
    assert!(is_protected(&keys));
    assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
}

/// The hottest answers have no body that could be misread, and do not pay for these headers.
#[test]
fn forward_auth_has_no_body_and_needs_no_protection() {
    let world = start();
    let token = world.token(&json!({}));
    for sent in [&[("X-Token", &*token)][..], &[]] {
        let answer = world.auth("/v1/auth", sent);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), None);
        assert_eq!(answer.header("content-security-policy"), None);
    }
}
