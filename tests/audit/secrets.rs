use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex};

use bearerd::audit::{AuditConfig, AuditLog, Event};
use bearerd::clock::SystemClock;
use serde_json::{Value, json};

use crate::world::{CONTROL_TOKEN, World};
use crate::{audited, kept};

/// The three parts of a token, in a form that a grep finds.
fn parts(token: &str) -> Vec<String> {
    token.split('.').map(str::to_owned).collect()
}

/// Sends secrets wherever there is a place for one, and returns them.
fn hostile_session(world: &World) -> Vec<String> {
    let mut hidden = vec![CONTROL_TOKEN.to_owned()];
    let (access, refresh) = world.pair(&json!({"sub": "ada"}));
    let rotated = world
        .control("/v1/rotate", &json!({"refresh": refresh}))
        .json();
    world.clock.advance(std::time::Duration::from_secs(60));
    world.control("/v1/rotate", &json!({"refresh": refresh}));
    let pat = "bp_pat_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".to_owned();
    let tokens = [
        access.clone(),
        refresh,
        rotated["access"].as_str().unwrap().to_owned(),
    ];
    let bearer = format!("Bearer {access}");
    for token in &tokens {
        world.control("/v1/revoke", &json!({"token": token}));
        world.verify_token(token);
        world.control("/v1/revoke", &json!({"handle": token}));
        world.control("/v1/revoke", &json!({"subject": token}));
    }
    for secret in tokens
        .iter()
        .chain([&pat, &bearer, &CONTROL_TOKEN.to_owned()])
    {
        let told = world.tell(&json!({
            "action": "said", "detail": {"note": format!("x {secret} y"), "list": [secret], (secret): 1},
        }));
        assert_eq!(told.json()["masked"], true, "{told:?}");
        for member in ["entity_id", "actor", "profile"] {
            let told = world.tell(&json!({"action": "said", (member): format!("by {secret}")}));
            // Masked, or over the limit.
            let masked = told.status == 200 && told.json()["masked"] == true;
            assert!(masked || told.code() == "VALIDATION_ERROR", "{told:?}");
        }
        let mut client = world.client();
        let headers = [
            ("X-Request-Id", secret.as_str()),
            ("X-Bearerd-Actor", secret.as_str()),
            ("Authorization", secret.as_str()),
            ("Cookie", secret.as_str()),
        ];
        client.post("/v1/revoke", &headers, &json!({"handle": "h"}));
        client.post(
            &format!("/v1/audit?token={secret}").replace(' ', "+"),
            &headers,
            &json!({}),
        );
        crate::http::Client::unix(&world.control_socket).post(
            "/v1/revoke",
            &headers[..2],
            &json!({"handle": "h"}),
        );
    }
    world.tell(&json!({"action": "said", "detail": {"password": "short-and-hidden"}}));
    hidden.push("short-and-hidden".to_owned());
    hidden.push(pat[7..].to_owned());
    hidden.extend(tokens.iter().flat_map(|token| parts(token)));
    hidden
}

/// A grep of the file, and of what lies beside it, after a hostile session.
#[test]
fn nothing_secret_is_in_the_file() {
    let world = audited("required = true");
    let hidden = hostile_session(&world);
    assert!(world.query(&json!({}))["total"].as_u64().unwrap() > 20);
    assert!(
        world.query(&json!({"text": "[masked]"}))["total"]
            .as_u64()
            .unwrap()
            > 15
    );
    not_in_the_file(&world, &hidden);
}

fn not_in_the_file(world: &World, hidden: &[String]) {
    for ending in ["", "-wal"] {
        let path = world.directory.path().join(format!("audit.db{ending}"));
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.len() > 1_000);
        for secret in hidden {
            let found = memchr::memmem::find(&bytes, secret.as_bytes());
            assert_eq!(found, None, "{secret} is in {}", path.display());
        }
    }
}

/// The tokens that acts give out or take, each in its own place and in every other that takes text.
#[test]
fn no_token_of_an_act_is_in_the_file() {
    let world = kept::world();
    let answer = |path: &str, body: &Value| world.control(path, body).json();
    let text = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
    let pat = text(&answer("/v1/pats", &json!({"subject": "ada"})), "token");
    let signed_in = json!({"profile": "staff", "subject": "ada", "kind": "access"});
    let session = text(&answer("/v1/sessions", &signed_in), "access");
    let (access, refresh) = world.pair(&json!({"sub": "ada"}));
    let grant = format!("grant_type=refresh_token&refresh_token={refresh}");
    let rotated = kept::oauth(&world, "/oauth2/token", &grant, kept::SHOP).json();
    let tokens = [
        pat,
        session,
        access,
        refresh,
        text(&rotated, "access_token"),
        text(&rotated, "refresh_token"),
    ];
    for token in &tokens {
        for (path, body) in [
            ("/v1/pats", json!({"subject": token, "description": token})),
            ("/v1/pats", json!({"subject": "u", "scopes": [token]})),
            ("/v1/pats/revoke", json!({"id": token})),
            ("/v1/pats/revoke", json!({"subject": token})),
            (
                "/v1/sessions",
                json!({"profile": "staff", "subject": token, "kind": "none", "attributes": {token: token}}),
            ),
            (
                "/v1/sessions/attributes",
                json!({"profile": "staff", "subject": token, "set": {token: token}}),
            ),
            (
                "/v1/sessions/attributes",
                json!({"profile": "staff", "subject": "ada", "remove": [token]}),
            ),
            (
                "/v1/sessions/end",
                json!({"profile": "staff", "subject": token}),
            ),
            (
                "/v1/devices/trust",
                json!({"subject": token, "ip": "192.0.2.7", "user_agent": token, "description": token}),
            ),
            ("/v1/devices/forget", json!({"subject": token})),
            ("/v1/keys/revoke", json!({"kid": token})),
            ("/v1/revoke", json!({"handle": token})),
            ("/v1/revoke", json!({"subject": token})),
            ("/v1/pats/revoke", json!({"token": token})),
        ] {
            world.control(path, &body);
        }
        let form = format!("token={token}");
        kept::oauth(&world, "/oauth2/revoke", &form, kept::SHOP);
    }
    assert!(world.query(&json!({}))["total"].as_u64().unwrap() > 40);
    let mut hidden: Vec<String> = tokens.iter().flat_map(|token| parts(token)).collect();
    hidden.extend([CONTROL_TOKEN.to_owned(), kept::SHOP[6..].to_owned()]);
    hidden.push("7b52009b64fd0a2a49e6d8a939753077".to_owned());
    not_in_the_file(&world, &hidden);
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines are what the file has, and no more.
#[test]
fn the_lines_say_each_event_once_and_masked() {
    let said = Buffer::default();
    let mut config = AuditConfig::default();
    config.lines = Some(Box::new(said.clone()));
    let log = AuditLog::open(config, Arc::new(SystemClock)).unwrap();
    for number in 0..300 {
        let event = Event::application("said")
            .on("thing", &number.to_string())
            .detail(
                "note",
                "line\nbreak, \"quotes\" and eyJhbGciOiJIUzI1NiJ9.e30.x",
            );
        log.record(event).unwrap();
    }
    assert!(log.query(&bearerd::audit::Query::default()).is_err());
    drop(log);
    let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 300);
    for (number, line) in text.lines().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["entity_id"], number.to_string());
        assert_eq!(
            event["detail"]["note"],
            "line\nbreak, \"quotes\" and [masked]"
        );
        assert!(event["time_ms"].as_i64().unwrap() > 0);
    }
}

/// Whoever does not read the lines costs lines, and neither the file nor the end.
#[test]
fn a_reader_that_does_not_read_stops_nothing() {
    struct Deaf;
    impl Write for Deaf {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            std::thread::park();
            Ok(0)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = AuditConfig::default();
    config.file = Some(folder.path().join("audit.db"));
    config.lines = Some(Box::new(Deaf));
    config.required = true;
    let log = AuditLog::open(config, Arc::new(SystemClock)).unwrap();
    for _ in 0..100 {
        let event = Event::application("said");
        assert!(log.record(event).unwrap().durable);
    }
    log.close();
    assert_eq!(log.stats().written, 100);
}
