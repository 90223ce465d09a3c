//! Sessions over HTTP: sign-in, what its tokens come with, sign-out, and the sidecar beside.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::Answer;
use crate::world::{START, World, start_with};

const LIMIT: Duration = Duration::from_secs(1);
/// A sid that nobody was given; only the store can say that it names nothing.
const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The sidecar of the tests, its profile `main` with sessions.
fn world() -> World {
    world_with("sessions = {}")
}

fn world_with(section: &str) -> World {
    start_with(|text| with_sessions(&text, section))
}

fn with_sessions(text: &str, section: &str) -> String {
    let headers = "identity_headers = { X-User = \"sub\", X-Roles";
    assert!(text.contains(headers));
    let more = "identity_headers = { X-User = \"sub\", X-Position = \"session.position\", X-Roles";
    text.replace(headers, &format!("{section}\n{more}"))
}

fn beside(file: &Path) -> World {
    start_with(|text| {
        let text = with_sessions(&text, "sessions = {}");
        format!("state = \"sqlite:{}\"\n{text}", file.display())
    })
}

fn done(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn sign_in(world: &World, body: &Value) -> Value {
    done(&world.control("/v1/sessions", body))
}

fn text<'b>(body: &'b Value, name: &str) -> &'b str {
    body[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {body}"))
}

fn ended() -> (u16, String) {
    (401, "SESSION_ENDED".to_owned())
}

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
    assert_eq!(world.verify_token(&unknown).said(), ended());
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
    assert_eq!(
        world.metric("bearerd_session_lookups_total{profile=\"main\",result=\"store\"}"),
        3.0
    );
}

#[test]
fn a_sign_in_gives_tokens_that_come_with_the_session() {
    let world = world();
    let attributes = json!({"position": "lead", "modules": ["hr"]});
    let signed = sign_in(
        &world,
        &json!({"subject": "ada", "attributes": attributes, "claims": {"role": "admin"}, "kind": "pair"}),
    );
    let sid = text(&signed, "sid");
    assert_eq!(signed["expires_at"], START + 7 * 86_400);
    assert_eq!(signed["access_expires_at"], START + 900);
    let body = done(&world.verify_token(text(&signed, "access")));
    assert_eq!(body["claims"]["sid"], sid);
    assert_eq!(body["claims"]["sub"], "ada");
    assert_eq!(body["claims"]["role"], "admin");
    let session = json!({"id": sid, "attributes": attributes, "expires_at": START + 7 * 86_400});
    assert_eq!(body["context"], json!({ "session": session }));
    let batch = json!({ "tokens": [text(&signed, "access"), "x"] });
    let answer = done(&world.client().post("/v1/verify/batch", &[], &batch));
    assert_eq!(answer["results"][0]["context"]["session"], session);
    assert_eq!(answer["results"][1]["context"], Value::Null);
    // Identity headers name attributes as well as claims.
    let answer = world.auth("/v1/auth", &[("X-Token", text(&signed, "access"))]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-position"), Some("lead"));
    assert_eq!(answer.header("x-user"), Some("ada"));
    // The refresh token is for rotation, and passes the session on.
    let rotated = world.control("/v1/rotate", &json!({"refresh": text(&signed, "refresh")}));
    let body = done(&world.verify_token(text(&done(&rotated), "access")));
    assert_eq!(body["context"]["session"]["id"], sid);
    let alone = sign_in(
        &world,
        &json!({"subject": "ada", "kind": "none", "lifetime": "1h"}),
    );
    assert_eq!(alone.as_object().unwrap().len(), 2);
    assert_eq!(alone["expires_at"], START + 3_600);
    let access = sign_in(
        &world,
        &json!({"subject": "ada", "kind": "access", "ttl": 60}),
    );
    assert_eq!(access["access_expires_at"], START + 60);
    assert_eq!(access["refresh"], Value::Null);
    assert_eq!(world.metric("bearerd_sessions{profile=\"main\"}"), 3.0);
}

#[test]
fn sessions_are_listed_changed_and_ended() {
    let world = world();
    let opened: Vec<Value> = (0..3)
        .map(|_| sign_in(&world, &json!({"subject": "ada", "kind": "access"})))
        .collect();
    let sids: Vec<&str> = opened.iter().map(|body| text(body, "sid")).collect();
    let ask = |path: &str, body: Value| done(&world.control(path, &body));
    let listed = ask("/v1/sessions/list", json!({"subject": "ada"}));
    let of = |listed: &Value| -> Vec<String> {
        let sessions = listed["sessions"].as_array().unwrap();
        sessions
            .iter()
            .map(|one| text(one, "sid").to_owned())
            .collect()
    };
    assert_eq!(of(&listed), sids);
    assert_eq!(
        listed["sessions"][0],
        json!({"sid": sids[0], "subject": "ada", "attributes": {}, "created_at": START,
            "renewed_at": START, "expires_at": START + 7 * 86_400})
    );
    let changed = ask(
        "/v1/sessions/attributes",
        json!({"sid": sids[0], "set": {"position": "lead"}}),
    );
    assert_eq!(of(&changed), [sids[0]]);
    let context = |at: usize| {
        let body = done(&world.verify_token(text(&opened[at], "access")));
        body["context"]["session"]["attributes"].clone()
    };
    assert_eq!(
        (context(0), context(1)),
        (json!({"position": "lead"}), json!({}))
    );
    let all = json!({"subject": "ada", "set": {"n": 1}, "remove": ["position"]});
    assert_eq!(of(&ask("/v1/sessions/attributes", all)), sids);
    assert_eq!(context(0), json!({"n": 1}));
    assert_eq!(
        ask("/v1/sessions/end", json!({"sid": sids[0]})),
        json!({"ended": 1})
    );
    assert_eq!(
        ask("/v1/sessions/end", json!({"sid": sids[0]})),
        json!({"ended": 0})
    );
    assert_eq!(
        world.verify_token(text(&opened[0], "access")).said(),
        ended()
    );
    assert_eq!(
        ask("/v1/sessions/get", json!({"sid": sids[0]})),
        json!({"session": null})
    );
    let got = ask("/v1/sessions/get", json!({"sid": sids[1]}));
    assert_eq!(got["session"]["attributes"], json!({"n": 1}));
    let others = json!({"subject": "ada", "except": sids[2]});
    assert_eq!(ask("/v1/sessions/end", others), json!({"ended": 1}));
    assert_eq!(
        world.verify_token(text(&opened[1], "access")).said(),
        ended()
    );
    assert_eq!(world.verify_token(text(&opened[2], "access")).status, 200);
    assert_eq!(
        ask("/v1/sessions/end", json!({"subject": "ada"})),
        json!({"ended": 1})
    );
    assert_eq!(
        of(&ask("/v1/sessions/list", json!({"subject": "ada"}))),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_asked_wrongly_is_named_and_does_nothing() {
    let world = world_with("sessions = { max_sessions = 1 }");
    let signed = sign_in(&world, &json!({"subject": "ada", "kind": "access"}));
    let sid = text(&signed, "sid");
    let long = "x".repeat(5_000);
    for (path, body, named) in [
        ("/v1/sessions", json!({"kind": "access"}), "subject"),
        ("/v1/sessions", json!({"subject": "ada"}), "kind"),
        (
            "/v1/sessions",
            json!({"subject": "", "kind": "none"}),
            "subject",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "refresh"}),
            "kind",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "none", "lifetime": "none"}),
            "lifetime",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "none", "attributes": []}),
            "attributes",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "none", "attributes": {"a": long}}),
            "attributes",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "access", "claims": {"sub": "bob"}}),
            "sub",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "pair", "claims": {"sid": UNKNOWN}}),
            "sid",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "access", "claims": {"exp": 1}}),
            "exp",
        ),
        (
            "/v1/sessions",
            json!({"subject": "ada", "kind": "none", "profile": "es"}),
            "sessions",
        ),
        ("/v1/sessions/get", json!({}), "sid"),
        ("/v1/sessions/get", json!({"sid": "*"}), "sid"),
        ("/v1/sessions/list", json!({"sid": sid}), "subject"),
        ("/v1/sessions/end", json!({}), "sid, subject"),
        (
            "/v1/sessions/end",
            json!({"sid": sid, "subject": "ada"}),
            "sid, subject",
        ),
        (
            "/v1/sessions/end",
            json!({"sid": sid, "except": sid}),
            "except",
        ),
        (
            "/v1/sessions/end",
            json!({"subject": "ada", "except": long}),
            "except",
        ),
        (
            "/v1/sessions/attributes",
            json!({"sid": sid, "set": {"a": long}}),
            "attributes",
        ),
        (
            "/v1/sessions/attributes",
            json!({"sid": sid, "set": {"a": 1}, "remove": ["a"]}),
            "remove",
        ),
    ] {
        let answer = world.control(path, &body);
        assert_eq!(
            answer.said(),
            (422, "VALIDATION_ERROR".to_owned()),
            "{path} {named}"
        );
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains(named) && !message.contains("xxx"),
            "{named}: {message}"
        );
    }
    // Nobody was signed out on the way, and nothing was opened.
    assert_eq!(world.verify_token(text(&signed, "access")).status, 200);
    let listed = done(&world.control("/v1/sessions/list", &json!({"subject": "ada"})));
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
    // A token that names no session is not signed at all.
    let sign =
        |claims: Value| world.control("/v1/sign", &json!({"kind": "access", "claims": claims}));
    assert_eq!(sign(json!({"sub": "ada"})).said().1, "VALIDATION_ERROR");
    let more = done(&sign(json!({"sub": "ada", "sid": sid})));
    assert_eq!(world.verify_token(text(&more, "access")).status, 200);
}

#[test]
fn single_session_signs_the_others_out() {
    let world = world_with("sessions = { max_sessions = 1 }");
    let first = sign_in(&world, &json!({"subject": "ada", "kind": "pair"}));
    let other = sign_in(&world, &json!({"subject": "bob", "kind": "pair"}));
    let second = sign_in(&world, &json!({"subject": "ada", "kind": "pair"}));
    assert_eq!(world.verify_token(text(&first, "access")).said(), ended());
    let rotate =
        |body: &Value| world.control("/v1/rotate", &json!({"refresh": text(body, "refresh")}));
    assert_eq!(rotate(&first).said(), ended());
    assert_eq!(rotate(&second).status, 200);
    assert_eq!(world.verify_token(text(&other, "access")).status, 200);
}

#[test]
fn a_rotation_neither_revives_nor_changes_a_session() {
    let world = world();
    let signed = sign_in(&world, &json!({"subject": "ada", "kind": "pair"}));
    let refresh = text(&signed, "refresh");
    for body in [
        json!({"refresh": refresh, "set": {"sid": UNKNOWN}}),
        json!({"refresh": refresh, "remove": ["sid"]}),
    ] {
        assert_eq!(
            world.control("/v1/rotate", &body).said().1,
            "VALIDATION_ERROR"
        );
    }
    done(&world.control("/v1/sessions/end", &json!({"sid": text(&signed, "sid")})));
    let answer = world.control("/v1/rotate", &json!({ "refresh": refresh }));
    assert_eq!(answer.said(), ended());
    assert_eq!(world.verify_token(text(&signed, "access")).said(), ended());
}

#[test]
fn a_spent_refresh_token_ends_its_session() {
    let world = world();
    let signed = sign_in(&world, &json!({"subject": "ada", "kind": "pair"}));
    let rotate = || world.control("/v1/rotate", &json!({"refresh": text(&signed, "refresh")}));
    done(&rotate());
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(rotate().said().1, "REUSED");
    let got = done(&world.control("/v1/sessions/get", &json!({"sid": text(&signed, "sid")})));
    assert_eq!(got["session"], Value::Null);
}

/// Whatever is revoked by the name of a session, or of its user, ends it.
#[test]
fn a_revocation_ends_what_it_concerns() {
    let world = world();
    let alive = |world: &World, signed: &Value| {
        let got = world.control("/v1/sessions/get", &json!({"sid": text(signed, "sid")}));
        done(&got)["session"].is_object()
    };
    let pair = || sign_in(&world, &json!({"subject": "ada", "kind": "pair"}));
    let revoke = |body: Value| done(&world.control("/v1/revoke", &body));
    // An access token is revoked by its own name, and the session goes on.
    let signed = pair();
    revoke(json!({"token": text(&signed, "access")}));
    assert!(alive(&world, &signed));
    // With the refresh token goes all of the sign-in.
    revoke(json!({"token": text(&signed, "refresh")}));
    assert!(!alive(&world, &signed));
    let (first, second) = (pair(), pair());
    revoke(json!({"subject": "ada"}));
    assert!(!alive(&world, &first) && !alive(&world, &second));
    let answer = world.verify_token(text(&first, "access"));
    assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
}

/// Where a profile revokes by session, its handle is the `sid`.
#[test]
fn a_handle_that_is_a_session_ends_it() {
    let world = start_with(|text| {
        let text = text.replacen("claims = { kind", "claims = { handle = \"sid\", kind", 1);
        with_sessions(&text, "sessions = {}")
    });
    for by_token in [false, true] {
        let signed = sign_in(&world, &json!({"subject": "ada", "kind": "access"}));
        let body = if by_token {
            json!({"token": text(&signed, "access")})
        } else {
            json!({"handle": text(&signed, "sid")})
        };
        done(&world.control("/v1/revoke", &body));
        let listed = done(&world.control("/v1/sessions/list", &json!({"subject": "ada"})));
        assert_eq!(listed, json!({"sessions": []}));
        let answer = world.verify_token(text(&signed, "access"));
        assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
    }
}

#[test]
fn a_use_of_its_tokens_renews_a_session() {
    let world = world();
    let signed = sign_in(
        &world,
        &json!({"subject": "ada", "kind": "access", "ttl": "30d"}),
    );
    let expires = || {
        let got = world.control("/v1/sessions/get", &json!({"sid": text(&signed, "sid")}));
        done(&got)["session"]["expires_at"].as_i64().unwrap()
    };
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(world.verify_token(text(&signed, "access")).status, 200);
    until("renewed", || expires() == START + 8 * 86_400);
    assert_eq!(
        world.metric("bearerd_session_renewals_total{profile=\"main\",result=\"done\"}"),
        1.0
    );
}

/// Asks until the answer is as wanted, for as long as the others may take to hear of it.
#[expect(
    clippy::disallowed_methods,
    reason = "what another sidecar takes is measured"
)]
fn until(what: &str, wanted: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !wanted() {
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
    }
    start.elapsed()
}

#[test]
fn the_sidecar_beside_hears_of_it_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let (here, there) = (beside(&file), beside(&file));
    for _ in 0..20 {
        let signed = sign_in(&here, &json!({"subject": "ada", "kind": "access"}));
        let access = text(&signed, "access");
        for world in [&here, &there] {
            assert_eq!(
                world.verify_token(access).status,
                200,
                "at once, everywhere"
            );
        }
        let set = json!({"sid": text(&signed, "sid"), "set": {"n": 1}});
        done(&here.control("/v1/sessions/attributes", &set));
        until("changed beside", || {
            done(&there.verify_token(access))["context"]["session"]["attributes"]["n"] == 1
        });
        done(&here.control("/v1/sessions/end", &json!({"sid": text(&signed, "sid")})));
        assert_eq!(here.verify_token(access).said(), ended());
        until("refused beside", || {
            there.verify_token(access).status != 200
        });
        assert_eq!(there.verify_token(access).said(), ended());
    }
}

#[test]
fn sessions_outlive_the_sidecar() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let before = beside(&file);
    let kept = sign_in(
        &before,
        &json!({"subject": "ada", "kind": "access", "attributes": {"n": 1}}),
    );
    let over = sign_in(&before, &json!({"subject": "ada", "kind": "access"}));
    done(&before.control("/v1/sessions/end", &json!({"sid": text(&over, "sid")})));
    drop(before);
    let after = beside(&file);
    let body = done(&after.verify_token(text(&kept, "access")));
    assert_eq!(body["context"]["session"]["attributes"], json!({"n": 1}));
    assert_eq!(after.verify_token(text(&over, "access")).said(), ended());
}
