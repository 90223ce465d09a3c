//! A whole life of keys over HTTP.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock};
use bearerd::config::Config;
use bearerd::sidecar::{Address, Sidecar};
use serde_json::{Value, json};

use crate::http::{Answer, Client};
use crate::profiles::{configuration, environment, within};
use crate::world::START;

const PATIENCE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) struct Served {
    sidecar: Option<Sidecar>,
    socket: PathBuf,
    address: std::net::SocketAddr,
}

impl Served {
    pub(crate) fn start(text: &str, folder: &Path, name: &str, clock: &Arc<dyn Clock>) -> Self {
        let socket = folder.join(format!("{name}.sock"));
        let text = format!(
            "{text}\n[server]\nlisten = [\"127.0.0.1:0\"]\ncontrol_socket = \"{}\"\n",
            socket.display()
        );
        let config = Config::from_text(&text, "test", &environment()).unwrap();
        let sidecar = Sidecar::start(&config, &environment(), clock).unwrap();
        let address = sidecar
            .addresses()
            .iter()
            .find_map(|address| match address {
                Address::Tcp(address) => Some(*address),
                Address::Unix { .. } => None,
            });
        Self {
            address: address.unwrap(),
            sidecar: Some(sidecar),
            socket,
        }
    }

    pub(crate) fn data(&self) -> Client {
        Client::tcp(self.address)
    }

    pub(crate) fn operator(&self) -> Client {
        Client::unix(&self.socket)
    }

    fn order(&self, what: &str, body: &Value) -> Answer {
        self.operator().post(&format!("/v1/keys/{what}"), &[], body)
    }

    fn keys(&self) -> Vec<Value> {
        let answer = self.operator().get("/v1/keys", &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["keys"].as_array().unwrap().clone()
    }

    fn states(&self) -> Vec<String> {
        let state = |key: &Value| key["state"].as_str().unwrap().to_owned();
        self.keys().iter().map(state).collect()
    }

    /// The kids that anybody may fetch, and for how long they may keep them.
    fn published(&self) -> (Vec<String>, String) {
        let answer = self.data().get("/.well-known/jwks.json", &[]);
        let keys = answer.json()["keys"].as_array().unwrap().clone();
        for key in &keys {
            assert!(key.get("d").is_none() && key.get("k").is_none(), "{key}");
        }
        let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
        let kept = answer.header("cache-control").unwrap().to_owned();
        (keys.iter().map(kid).collect(), kept)
    }

    fn sign(&self) -> (String, String) {
        let body = json!({"kind": "pair", "claims": {"sub": "ada"}});
        let signed = self.operator().post("/v1/sign", &[], &body);
        assert_eq!(signed.status, 200, "{signed:?}");
        let text = |name: &str| signed.json()[name].as_str().unwrap().to_owned();
        (text("access"), text("refresh"))
    }

    fn verify(&self, token: &str) -> Answer {
        let body = json!({"token": token});
        self.data().post("/v1/verify", &[], &body)
    }

    fn metric(&self, name: &str) -> f64 {
        let text = self.data().get("/metrics", &[]).text();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or(0.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(sidecar) = self.sidecar.take() {
            sidecar.drain().cut();
            let _ = sidecar.wait();
        }
    }
}

fn lives(algorithm: &str) {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("sqlite:{}", folder.path().join("state.db").display());
    let manual = Arc::new(ManualClock::at(START));
    let clock: Arc<dyn Clock> = manual.clone();
    let text = configuration(&place, algorithm, "");
    let served = Served::start(&text, folder.path(), "one", &clock);
    let is_published = algorithm != "HS256";
    let only = |kids: &[&str]| -> Vec<String> {
        let kids = kids.iter().filter(|_| is_published);
        kids.map(|kid| (*kid).to_owned()).collect()
    };
    let ready = || served.data().get("/readyz", &[]);

    assert_eq!(served.states(), ["staged"]);
    let missing = ready().json()["missing"].to_string();
    assert!(missing.contains("signing key of profile web"), "{missing}");
    let body = json!({"kind": "access"});
    let early = served.operator().post("/v1/sign", &[], &body);
    assert_eq!(early.said(), (503, "KEYS_UNAVAILABLE".to_owned()));
    manual.advance(Duration::from_secs(1));
    assert_eq!(ready().status, 200, "{:?}", ready());
    assert_eq!(served.states(), ["active"]);
    let first = served.keys()[0]["kid"].as_str().unwrap().to_owned();
    assert_eq!(served.keys()[0]["alg"], algorithm);
    let (kids, kept) = served.published();
    assert_eq!(kids, only(&[&first]));
    assert_eq!(kept, "public, max-age=300");
    let (access, refresh) = served.sign();
    assert_eq!(served.verify(&access).status, 200);

    // By itself, in its turn.
    manual.set(START.plus(Duration::from_secs(1) + HOUR * 24 - Duration::from_secs(600)));
    within(PATIENCE, "staged", || {
        served.states() == ["active", "staged"]
    });
    let second = served.keys()[1]["kid"].as_str().unwrap().to_owned();
    assert_eq!(served.published().0, only(&[&first, &second]));
    let again = served.order("stage", &json!({"profile": "web"}));
    assert_eq!(again.said(), (422, "VALIDATION_ERROR".to_owned()));
    assert!(again.message().contains(&second), "{}", again.message());
    let early = served.order("activate", &json!({"profile": "web", "kid": second}));
    assert_eq!(early.said(), (422, "VALIDATION_ERROR".to_owned()));
    assert!(early.message().contains("force"), "{}", early.message());
    let last = served.sign();
    manual.advance(Duration::from_secs(600));
    assert_eq!(served.states(), ["retiring", "active"]);
    assert_eq!(served.published().0, only(&[&first, &second]));
    assert_eq!(served.verify(&last.0).status, 200);
    let _ = refresh;
    let rotate = json!({"refresh": last.1});
    assert_eq!(
        served.operator().post("/v1/rotate", &[], &rotate).status,
        200
    );
    assert_eq!(
        served.metric("bearerd_signing_keys{profile=\"web\",state=\"retiring\"}"),
        1.0
    );

    // One hour, which is as long as the longest token lives.
    manual.advance(HOUR - Duration::from_secs(1));
    assert_eq!(served.states(), ["retiring", "active"]);
    manual.advance(Duration::from_secs(1));
    assert_eq!(
        served.published().0,
        only(&[&second]),
        "from this moment on"
    );
    within(PATIENCE, "gone", || served.states() == ["active"]);
    assert_eq!(
        served.metric("bearerd_signing_keys_staged_total{profile=\"web\"}"),
        2.0
    );
    assert_eq!(
        served.metric("bearerd_signing_keys_overdue{profile=\"web\"}"),
        0.0
    );

    // By hand.
    let token = served.sign().0;
    assert_eq!(served.verify(&token).status, 200);
    let staged = served.order("stage", &json!({}));
    assert_eq!(staged.status, 200, "{staged:?}");
    let third = staged.json()["kid"].as_str().unwrap().to_owned();
    let activated = served.order("activate", &json!({"force": true}));
    assert_eq!(activated.json()["kid"], third);
    assert_eq!(served.verify(&token).status, 200);
    let refused = served.order("retire", &json!({"kid": second}));
    assert_eq!(refused.status, 422, "{refused:?}");
    let revoked = served.order("revoke", &json!({"kid": second}));
    assert_eq!(revoked.status, 200);
    assert!(!revoked.text().contains("\"d\""));
    assert_eq!(
        served.verify(&token).said(),
        (401, "UNKNOWN_KEY".to_owned())
    );
    assert_eq!(served.published().0, only(&[&third]));
    let retired = served.order("retire", &json!({"force": true}));
    assert_eq!(retired.status, 200);
    assert_eq!(served.states()[..2], ["active", "staged"]);
    for (what, body) in [
        ("revoke", json!({})),
        ("revoke", json!({"kid": "no such"})),
        ("revoke", json!({"kid": third, "force": true})),
        ("activate", json!({"force": "yes"})),
        ("stage", json!({"kid": third})),
        ("stage", json!({"profile": "nobody"})),
    ] {
        assert_eq!(served.order(what, &body).status, 422, "{what} {body}");
    }
}

#[test]
fn keys_live_and_die_over_http_es256() {
    lives("ES256");
}

#[test]
fn keys_live_and_die_over_http_hs256() {
    lives("HS256");
}

#[test]
fn the_data_plane_has_no_keys_to_tell_of() {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(START));
    let text = configuration("memory", "ES256", "");
    let served = Served::start(&text, folder.path(), "one", &clock);
    let mut client = served.data();
    assert_ne!(client.get("/v1/keys", &[]).status, 200);
    for what in ["stage", "activate", "retire", "revoke"] {
        let path = format!("/v1/keys/{what}");
        let answer = served.data().post(&path, &[], &json!({}));
        assert_ne!(answer.status, 200, "{what}");
        assert_eq!(served.operator().get(&path, &[]).status, 405, "{what}");
    }
    assert_eq!(
        served.operator().post("/v1/keys/", &[], &json!({})).status,
        404
    );
    assert_eq!(
        served.states(),
        ["active"],
        "in memory nobody else has to hear of it"
    );
    // What may be kept is known before it signs.
    let short = text.replace("publish_ahead = \"10m\"", "publish_ahead = \"100s\"");
    let served = Served::start(&short, folder.path(), "two", &clock);
    assert_eq!(served.published().1, "public, max-age=100");
}
