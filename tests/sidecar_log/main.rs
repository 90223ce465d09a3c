//! A whole session at the most talkative log level: what is logged, answered with an error,
//! counted or shown by `Debug` holds no token, no secret and no claim.
//!
//! In a process of its own, since the log is the process's.
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

#[path = "../sidecar/http.rs"]
mod http;
#[path = "../sidecar/world.rs"]
mod world;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use bearerd::config::{Config, Environment};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use http::Answer;
use world::{CONTROL_TOKEN, SECRET, World, configuration, start_with, write_private};

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

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What must not be seen, and where it has been looked for so far.
#[derive(Default)]
struct Secrets {
    hidden: Vec<String>,
    places: usize,
}

impl Secrets {
    fn hide(&mut self, text: &str) {
        self.hidden.push(text.to_owned());
    }

    /// A token must not be seen in part either: its claims, its signature.
    fn hide_token(&mut self, token: &str) {
        for part in token.split('.').skip(1).filter(|part| part.len() > 20) {
            self.hide(&part[..20]);
            self.hide(&part[part.len() - 20..]);
        }
    }

    fn look_in(&mut self, place: &str, text: &str) {
        self.places += 1;
        for hidden in &self.hidden {
            if let Some(line) = text.lines().find(|line| line.contains(hidden)) {
                panic!("{place} shows {hidden}: {line}");
            }
        }
    }

    fn look_at(&mut self, answer: &Answer) {
        assert!(answer.status >= 400, "{answer:?}");
        let headers: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(value)))
            .collect();
        self.look_in("an error", &format!("{headers:?}\n{}", answer.text()));
    }
}

/// Sets every claim that has a meaning, each to something that can be searched for.
fn claims() -> Value {
    json!({
        "sub": "hidden-subject", "role": "hidden-role", "scope": "hidden-scope",
        "team": "hidden-team", "device_id": "hidden-device", "name": "hidden-name",
        "email": "hidden-email",
    })
}

fn over_http2(world: &World, path: &str, token: &str) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
        // The client logs what it sends: this side is not under test.
        let quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
        let handshake =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let request = hyper::Request::post(format!("http://{}{path}", world.address))
            .header("authorization", format!("Bearer {token}"))
            .header("cookie", format!("sid={token}"))
            .body(Full::new(Bytes::from(
                json!({ "token": token }).to_string(),
            )))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        answer.into_body().collect().await.unwrap();
        drop(quiet);
        status
    })
}

fn bad_tokens(world: &World, secrets: &mut Secrets) -> Vec<String> {
    let good = world.token(&claims());
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        world.token(&claims)
    };
    let (head, rest) = good.split_once('.').unwrap();
    let unknown = bearerd::base64url::encode(br#"{"alg":"HS256","kid":"hidden-kid"}"#);
    let tokens = vec![
        with("iss", json!("hidden-issuer")),
        with("aud", json!("hidden-audience")),
        with("kind", json!("hidden-kind")),
        with("kind", json!("refresh")),
        with("sub", json!(["hidden-subject"])),
        format!("{unknown}.{rest}"),
        format!("{head}.{rest}AAAA"),
        format!("{head}.{}", rest.replace('.', "")),
        format!("{good}."),
        good[..good.len() - 4].to_owned(),
        format!("hidden-pat-{}", "x".repeat(40)),
    ];
    for token in tokens.iter().chain([&good]) {
        secrets.hide_token(token);
    }
    tokens
}

#[test]
fn s09_nothing_secret_is_logged_answered_counted_or_shown() {
    let log = Buffer::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let world = start_with(|text| {
        text.replace(
            "identity_headers = { X-User",
            "pat = { prefix = \"main_pat_\" }\ndevices = {}\nidentity_headers = { X-User",
        )
    });
    let mut secrets = Secrets::default();
    let pem = std::fs::read_to_string(&world.es_file).unwrap();
    secrets.hide(SECRET);
    secrets.hide(CONTROL_TOKEN);
    secrets.hide(pem.lines().nth(1).unwrap());
    secrets.hide("hidden-");

    // Every refusal of a token, from every place, on every route.
    for token in bad_tokens(&world, &mut secrets) {
        let bearer = format!("Bearer {token}");
        let cookie = format!("sid={token}");
        secrets.look_at(&world.verify_token(&token));
        for header in [
            ("X-Token", token.as_str()),
            ("Authorization", &bearer),
            ("Cookie", &cookie),
        ] {
            for target in ["/v1/auth", "/v1/auth/admin", "/v1/auth/hidden-guard"] {
                let mut answer = world.auth(target, &[header]);
                answer.headers.retain(|(name, _)| name != "x-request-id");
                secrets.look_at(&answer);
            }
        }
        for (path, member) in [
            ("/v1/rotate", "refresh"),
            ("/v1/revoke", "token"),
            ("/v1/sign", "kind"),
            ("/v1/sign", "profile"),
        ] {
            let answer = world.control(path, &json!({ member: token }));
            // One of them is a refresh token, which rotates not at all and is revoked well.
            if answer.status != 200 {
                secrets.look_at(&answer);
            }
        }
        assert_eq!(
            world
                .control("/v1/explain", &json!({"token": token}))
                .status,
            200
        );
        let answer = world
            .client()
            .post("/v1/verify/batch", &[], &json!({"tokens": [token]}));
        secrets.look_in("a batch", &answer.text());
        assert!(over_http2(&world, "/v1/verify", &token) >= 400);
        assert!(over_http2(&world, &format!("/v1/auth?token={token}"), &token) >= 400);
        let target = format!("/{token}?{token}");
        secrets.look_at(&world.client().get(&target, &[]));
        // In the wrong place of a body, and in one that is no JSON.
        for body in [
            json!({ token.clone(): token }).to_string(),
            json!({"guard": {"scopes": token}, "token": token}).to_string(),
            format!("token={token}"),
            format!("{{\"token\":\"{token}\",\"token\":\"{token}\"}}"),
        ] {
            let answer = world
                .client()
                .ask("POST", "/v1/verify", &[], body.as_bytes());
            secrets.look_at(&answer);
        }
        // As the control token.
        let answer = world.client().post(
            "/v1/sign",
            &[("Authorization", &bearer)],
            &json!({"kind": "access"}),
        );
        assert_eq!(answer.status, 401);
        secrets.look_at(&answer);
    }

    // A life of good tokens: signed, accepted, rotated, reused, revoked.
    let (access, refresh) = world.pair(&claims());
    secrets.hide_token(&access);
    secrets.hide_token(&refresh);
    assert_eq!(world.verify_token(&access).status, 200);
    assert_eq!(world.auth("/v1/auth", &[("X-Token", &access)]).status, 200);
    assert_eq!(over_http2(&world, "/v1/verify", &access), 200);
    let rotated = world
        .control("/v1/rotate", &json!({ "refresh": refresh }))
        .json();
    for name in ["access", "refresh"] {
        secrets.hide_token(rotated[name].as_str().unwrap());
    }
    world.clock.advance(std::time::Duration::from_secs(60));
    let reused = world.control("/v1/rotate", &json!({ "refresh": refresh }));
    assert_eq!(reused.code(), "REUSED");
    secrets.look_at(&reused);
    secrets.look_at(&world.verify_token(&access));
    for body in [
        json!({"handle": "hidden-handle"}),
        json!({"subject": "hidden-subject"}),
        json!({"token": access}),
    ] {
        assert_eq!(world.control("/v1/revoke", &body).status, 200);
    }
    let unfit = json!({"name": "hidden-name\r\nX-Evil: 1"});
    let token = world.token(&unfit);
    secrets.hide_token(&token);
    secrets.look_at(&world.auth("/v1/auth", &[("X-Token", &token)]));

    // A life of a personal access token, and of a trusted device.
    let body = json!({
        "subject": "hidden-owner", "description": "hidden-laptop", "scopes": ["hidden-scope"],
        "claims": {"role": "hidden-role"},
    });
    let created = world.control("/v1/pats", &body).json();
    let pat = created["token"].as_str().unwrap();
    secrets.hide(&pat["main_pat_".len()..][..20]);
    secrets.hide(&pat[pat.len() - 20..]);
    assert_eq!(world.verify_token(pat).status, 200);
    assert_eq!(over_http2(&world, "/v1/verify", pat), 200);
    let spoilt = format!(
        "{}{}",
        &pat[..pat.len() - 1],
        if pat.ends_with('x') { 'y' } else { 'x' }
    );
    secrets.look_at(&world.verify_token(&spoilt));
    secrets.look_at(&world.verify(&json!({"token": pat, "guard": {"roles": ["other"]}})));
    for body in [
        json!({"subject": pat, "ttl": "hidden-ttl"}),
        json!({"subject": "u", "claims": {"sub": pat}}),
        json!({"subject": "u", "scopes": [format!("{pat} x")]}),
        json!({ pat: pat }),
    ] {
        secrets.look_at(&world.control("/v1/pats", &body));
    }
    secrets.look_at(&world.control("/v1/pats/revoke", &json!({"id": pat})));
    secrets.look_at(&world.control("/v1/pats/list", &json!({"subject": "u", "after": pat})));
    assert_eq!(
        world
            .control("/v1/pats/revoke", &json!({"token": pat}))
            .status,
        200
    );
    secrets.look_at(&world.verify_token(pat));
    let device =
        json!({"subject": "hidden-owner", "ip": "192.0.2.99", "user_agent": "hidden-agent"});
    secrets.hide("192.0.2.99");
    for path in ["/v1/devices/trust", "/v1/devices/check"] {
        assert_eq!(world.control(path, &device).status, 200);
    }
    let body = json!({"subject": "hidden-owner", "id": "hidden-id"});
    secrets.look_at(&world.control("/v1/devices/forget", &body));

    // Key files: good, loose, broken in several ways.
    assert_eq!(world.control("/v1/keys/reload", &json!({})).status, 200);
    let loose = PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&world.es_file, loose).unwrap();
    assert_eq!(world.control("/v1/keys/reload", &json!({})).status, 200);
    let broken = pem.replacen('\n', "\nhidden-", 1);
    for text in [broken.as_str(), &pem[..60], "hidden-secret"] {
        write_private(&world.es_file, text);
        let answer = world.control("/v1/keys/reload", &json!({}));
        assert_eq!(answer.status, 422);
        secrets.look_at(&answer);
    }

    // Configurations that are refused.
    let text = configuration(world.directory.path());
    for (from, to) in [
        ("kid = \"h1\"", "kid = 7"),
        ("secret = ", "secert = "),
        ("secret = ", "secret_hex = "),
        ("secret = ", "secret_base64url = "),
        ("secret = ", "pem = "),
        ("secret = ", "jwk = "),
        ("algorithms = [\"HS256\"]", "algorithms = [\"HS512\", 1]"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let environment = Environment::from([("BEARERD_CONTROL_TOKEN", CONTROL_TOKEN)]);
        secrets.look_in("an environment", &format!("{environment:?}"));
        if let Err(fault) = world::try_start(&changed, &environment) {
            secrets.look_in("a fault", &format!("{fault:?} {fault} {}", fault.chain()));
        } else {
            // Base64url is what the secret happens to be.
            assert_eq!(to, "secret_base64url = ");
        }
    }

    // Counters and Debug.
    for accept in ["text/plain", "application/openmetrics-text"] {
        let metrics = world.client().get("/metrics", &[("Accept", accept)]).text();
        secrets.look_in("the metrics", &metrics);
        for kid in ["h1", "e1"] {
            assert!(!metrics.contains(&format!("\"{kid}\"")));
        }
    }
    let config = Config::from_text(&text, "test", &Environment::empty()).unwrap();
    secrets.look_in("a configuration", &format!("{config:#?}"));
    secrets.look_in("a sidecar", &format!("{:#?}", world.sidecar));
    secrets.look_in("an app", &format!("{:#?}", world.app()));

    let log = log.text();
    for line in [
        "rejected",
        "revoked",
        "chmod 600",
        "could not be read again",
        "presented again",
    ] {
        assert!(log.contains(line), "the session is not in the log: {line}");
    }
    assert!(log.lines().any(|line| line.contains("TRACE")));
    secrets.look_in("the log", &log);
    assert!(secrets.places > 200, "{}", secrets.places);
}
