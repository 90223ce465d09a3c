//! An issuer's published keys behind a whole sidecar.

use std::net::SocketAddr;
use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::sidecar::Sidecar;
use serde_json::json;

use crate::http::{Answer, Client};
use crate::issuer;
use crate::world::{await_that, new_pem, tcp};

/// Signs and publishes with one key.
struct Issuer(Profiles);

impl Issuer {
    fn new(kid: &str) -> Self {
        let text = json!({"profiles": {"issuer": {
            "algorithms": ["ES256"],
            "keys": [{"pem": new_pem(), "kid": kid}],
            "sign": {},
        }}});
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let environment = Environment::empty();
        let config = Config::from_text(&text.to_string(), "issuer", &environment).unwrap();
        Self(config.build(&environment, &clock).unwrap())
    }

    fn jwks(&self) -> issuer::Answer {
        issuer::Answer::ok(&self.0.jwks())
    }

    fn token(&self) -> String {
        let profile = self.0.default_profile().unwrap();
        let claims = serde_json::Map::new();
        profile
            .sign(TokenKind::Access, &claims, None)
            .unwrap()
            .token
    }
}

struct Relying {
    sidecar: Option<Sidecar>,
    address: SocketAddr,
}

impl Relying {
    fn on(server: &issuer::Server) -> Self {
        let text = json!({
            "server": {"listen": ["127.0.0.1:0"]},
            "profiles": {"remote": {
                "algorithms": ["ES256"],
                "jwks": {"url": server.url(), "allow_private": true, "unknown_kid_cooldown": "1s"},
            }},
        });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let environment = Environment::empty();
        let config = Config::from_text(&text.to_string(), "relying", &environment).unwrap();
        let sidecar = Sidecar::start(&config, &environment, &clock).unwrap();
        Self {
            address: tcp(&sidecar),
            sidecar: Some(sidecar),
        }
    }

    fn get(&self, target: &str, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        Client::tcp(self.address).get(target, &[("Authorization", &bearer)])
    }

    fn verify(&self, token: &str) -> Answer {
        Client::tcp(self.address).post("/v1/verify", &[], &json!({ "token": token }))
    }
}

impl Drop for Relying {
    fn drop(&mut self) {
        let sidecar = self.sidecar.take().unwrap();
        sidecar.drain().cut();
        let _ = sidecar.wait();
    }
}

#[test]
fn a_rotation_at_the_issuer_is_followed() {
    let (first, second) = (Issuer::new("a"), Issuer::new("b"));
    let server = issuer::Server::start(None);
    server.answer(first.jwks());
    let relying = Relying::on(&server);
    await_that("the keys are fetched", || {
        relying.get("/readyz", "").status == 200
    });
    let (old, new) = (first.token(), second.token());
    for _ in 0..2 {
        assert_eq!(relying.verify(&old).status, 200);
    }
    // Not ours to publish.
    assert_eq!(
        relying.get("/.well-known/jwks.json", "").json(),
        json!({"keys": []})
    );
    server.answer(second.jwks());
    // The unknown `kid` asks for the fetch; nobody waits for it.
    assert_eq!(relying.verify(&new).said(), (401, "UNKNOWN_KEY".to_owned()));
    await_that("the new key is fetched", || {
        relying.verify(&new).status == 200
    });
    assert_eq!(
        relying.verify(&old).said(),
        (401, "UNKNOWN_KEY".to_owned()),
        "cached or not, it dies with its key"
    );
    assert_eq!(relying.get("/v1/auth", &old).status, 401);
    assert_eq!(relying.get("/v1/auth", &new).status, 200);
}

#[test]
fn an_issuer_that_is_down_at_the_start_is_waited_for() {
    let issuer = Issuer::new("a");
    let server = issuer::Server::start(None);
    server.answer(issuer::Answer::new(503, &[], "down"));
    let relying = Relying::on(&server);
    let token = issuer.token();
    for _ in 0..2 {
        assert_eq!(
            relying.verify(&token).said(),
            (503, "KEYS_UNAVAILABLE".to_owned())
        );
        let auth = relying.get("/v1/auth", &token);
        assert_eq!(auth.status, 403, "a 401 would sign everybody out");
        assert_eq!(auth.header("x-bearerd-code"), Some("KEYS_UNAVAILABLE"));
        assert_eq!(auth.header("www-authenticate"), None);
        let ready = relying.get("/readyz", "");
        assert_eq!(ready.status, 503);
        assert_eq!(
            ready.json(),
            json!({"ready": false, "missing": ["keys of profile remote"]})
        );
        assert_eq!(relying.get("/livez", "").status, 200);
    }
    server.answer(issuer.jwks());
    await_that("it recovers by itself", || {
        relying.verify(&token).status == 200
    });
    assert_eq!(relying.get("/readyz", "").status, 200);
    assert_eq!(relying.get("/v1/auth", &token).status, 200);
}
