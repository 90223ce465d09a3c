//! A whole sidecar of a configuration, and tokens for it.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::error::Fault;
use bearerd::sidecar::{Address, Sidecar};
use serde_json::{Value, json};

use crate::http::{Answer, Client, Headers, PATIENCE};

pub(crate) const START: i64 = 1_700_000_000;
pub(crate) const SECRET: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
pub(crate) const CONTROL_TOKEN: &str = "c0ntr0l-4f1d9a7be2604c55a1d3";

pub(crate) struct World {
    pub(crate) sidecar: Option<Sidecar>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) address: SocketAddr,
    pub(crate) data_socket: PathBuf,
    pub(crate) control_socket: PathBuf,
    pub(crate) es_file: PathBuf,
    pub(crate) directory: tempfile::TempDir,
    mint: Profiles,
}

/// Two issuers with mapped names and different identity headers, and every kind of guard.
pub(crate) fn configuration(directory: &Path) -> String {
    let at = |name: &str| directory.join(name).display().to_string();
    format!(
        r#"
default_profile = "main"

[server]
listen = ["127.0.0.1:0"]
data_socket = "{data}"
control_socket = "{control}"
control_token_file = "{token}"
max_batch = 4

[issuers]
"https://main.example" = "main"
"https://es.example" = "es"

[profiles.main]
algorithms = ["HS256"]
issuer = "https://main.example"
audience = "api"
token_from = ["header:X-Token", "bearer", "cookie:sid"]
claims = {{ kind = {{ claim = "kind" }} }}
keys = [{{ secret = "{SECRET}", kid = "h1" }}]
sign = {{ access = "15m", refresh = "7d" }}
rotation = {{ grace = "10s" }}
identity_headers = {{ X-User = "sub", X-Roles = "role", X-Name = "name" }}

[profiles.es]
algorithms = ["ES256"]
issuer = "https://es.example"
keys = [{{ pem_file = "{es}", kid = "e1" }}]
sign = {{}}
identity_headers = {{ X-Email = "email" }}

[guards.admin]
roles = ["admin"]
[guards.desk]
device = true
[guards.writers]
scopes = ["write"]
"#,
        data = at("data.sock"),
        control = at("control.sock"),
        token = at("control.token"),
        es = at("es.pem"),
    )
}

pub(crate) fn start() -> World {
    start_with(|text| text)
}

/// The sidecar of [`configuration`], as `change`d.
pub(crate) fn start_with(change: impl FnOnce(String) -> String) -> World {
    let directory = tempfile::tempdir().unwrap();
    write_private(&directory.path().join("control.token"), CONTROL_TOKEN);
    write_private(&directory.path().join("es.pem"), &new_pem());
    let text = change(configuration(directory.path()));
    let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(START)));
    World::of(&text, clock, directory)
}

/// Starts a sidecar of a text alone; most of these are refused.
pub(crate) fn try_start(text: &str, environment: &Environment) -> Result<Sidecar, Fault> {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::from_secs(START)));
    Sidecar::start(
        &Config::from_text(text, "test", environment)?,
        environment,
        &clock,
    )
}

pub(crate) fn new_pem() -> String {
    rcgen::KeyPair::generate().unwrap().serialize_pem()
}

pub(crate) fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl World {
    fn of(text: &str, clock: Arc<ManualClock>, directory: tempfile::TempDir) -> Self {
        let config = Config::from_text(text, "test", &Environment::empty()).unwrap();
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let sidecar = Sidecar::start(&config, &Environment::empty(), &shared).unwrap();
        let es_file = directory.path().join("es.pem");
        let mint = mint(&es_file, &shared);
        Self {
            address: tcp(&sidecar),
            sidecar: Some(sidecar),
            clock,
            data_socket: directory.path().join("data.sock"),
            control_socket: directory.path().join("control.sock"),
            es_file,
            directory,
            mint,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::tcp(self.address)
    }

    pub(crate) fn app(&self) -> &Arc<bearerd::sidecar::app::App> {
        self.sidecar.as_ref().unwrap().app()
    }

    /// An access token of `main` for `sub` u1, with `more` claims in place of the usual ones;
    /// null leaves one out.
    pub(crate) fn token(&self, more: &Value) -> String {
        self.token_for("main", more, "15m")
    }

    pub(crate) fn token_for(&self, profile: &str, more: &Value, lifetime: &str) -> String {
        let mut claims = json!({
            "iss": format!("https://{profile}.example"), "sub": "u1", "aud": "api", "kind": "access",
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut claims = claims.as_object().unwrap().clone();
        claims.retain(|_, value| !value.is_null());
        self.mint
            .get(Some(profile))
            .unwrap()
            .sign(
                TokenKind::Access,
                &claims.into_iter().collect(),
                Some(lifetime.parse().unwrap()),
            )
            .unwrap()
            .token
    }

    /// Asks the control plane through its socket.
    pub(crate) fn control(&self, target: &str, body: &Value) -> Answer {
        Client::unix(&self.control_socket).post(target, &[], body)
    }

    pub(crate) fn verify(&self, body: &Value) -> Answer {
        self.client().post("/v1/verify", &[], body)
    }

    pub(crate) fn verify_token(&self, token: &str) -> Answer {
        self.verify(&json!({ "token": token }))
    }

    pub(crate) fn auth(&self, target: &str, headers: Headers<'_>) -> Answer {
        self.client().get(target, headers)
    }

    /// A refresh and an access token of `main`, signed by the sidecar itself.
    pub(crate) fn pair(&self, claims: &Value) -> (String, String) {
        let signed = self.control("/v1/sign", &json!({ "kind": "pair", "claims": claims }));
        assert_eq!(signed.status, 200, "{signed:?}");
        let body = signed.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (text("access"), text("refresh"))
    }

    /// What `/readyz` says over a new connection; one that is refused is no yes.
    pub(crate) fn is_ready(&self) -> bool {
        Client::try_tcp(self.address)
            .and_then(|mut client| client.try_ask("GET", "/readyz", &[], b""))
            .is_some_and(|answer| answer.status == 200)
    }

    /// The value of a metric, by its whole name with labels; zero where there is none.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.client().get("/metrics", &[]).text();
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
            .unwrap_or(0.0)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(sidecar) = self.sidecar.take() {
            sidecar.drain().cut();
            let ended = sidecar.wait();
            if !std::thread::panicking() {
                let _ = ended.unwrap();
            }
        }
    }
}

pub(crate) fn tcp(sidecar: &Sidecar) -> SocketAddr {
    sidecar
        .addresses()
        .iter()
        .find_map(|address| match address {
            Address::Tcp(address) => Some(*address),
            Address::Unix { .. } => None,
        })
        .unwrap()
}

/// Returns once `condition` holds.
pub(crate) fn await_that(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = SystemClock.monotonic();
    while !condition() {
        assert!(SystemClock.monotonic() - begun < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

/// Signers with the sidecar's keys and none of its rules, so that any claim can be made.
fn mint(es_file: &Path, clock: &Arc<dyn Clock>) -> Profiles {
    let text = format!(
        r#"
[profiles.main]
algorithms = ["HS256"]
expiration = "optional"
keys = [{{ secret = "{SECRET}", kid = "h1" }}]
sign = {{}}
[profiles.es]
algorithms = ["ES256"]
keys = [{{ pem_file = "{es}", kid = "e1" }}]
sign = {{}}
"#,
        es = es_file.display()
    );
    Config::from_text(&text, "mint", &Environment::empty())
        .and_then(|config| config.build(&Environment::empty(), clock))
        .unwrap()
}
