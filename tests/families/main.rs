//! How long what descends from one sign-in may go on, and that of many processes which rotate one
//! token at once all give out the same successor.
#![cfg(all(feature = "redis", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod limits;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../common/part.rs"]
mod other;
mod part;
mod races;
#[path = "../common/redis.rs"]
#[expect(dead_code, reason = "the tests of that store use the rest")]
mod server;

use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment, Profile, Profiles};
use bearerd::error::{Code, Fault};
use bearerd::sign::{ClaimChange, ClaimValues, Rotated};
use serde_json::{Value, json};

const START: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

/// One profile, `api`, whose state is at `place`. `lines` are TOML of its table.
fn configuration(place: &str, lines: &str) -> String {
    format!(
        r#"
state = {{ store = "{place}", staleness = "60s" }}
[profiles.api]
algorithms = ["HS256"]
expiration = "optional"
when_stale = "accept"
claims.kind = {{ claim = "kind" }}
keys = [{{ secret = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA" }}]
sign.refresh = "7d"
{lines}
"#
    )
}

fn try_build(text: &str, clock: &Arc<dyn Clock>) -> Result<Profiles, Fault> {
    let environment = Environment::empty();
    Config::from_text(text, "test", &environment)?.build(&environment, clock)
}

struct World {
    clock: Arc<ManualClock>,
    profiles: Profiles,
    _on: Option<Box<dyn std::any::Any>>,
}

type Make = fn(&str) -> World;

/// State in memory, in a file, on a server.
const STORES: [Make; 3] = [in_memory, on_sqlite, on_redis];

fn world(place: &str, lines: &str, on: Option<Box<dyn std::any::Any>>) -> World {
    let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(START)));
    let shared: Arc<dyn Clock> = clock.clone();
    let profiles = try_build(&configuration(place, lines), &shared).unwrap();
    World {
        clock,
        profiles,
        _on: on,
    }
}

fn in_memory(lines: &str) -> World {
    world("memory", lines, None)
}

fn on_sqlite(lines: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("sqlite:{}", folder.path().join("state.db").display());
    world(&place, lines, Some(Box::new(folder)))
}

fn on_redis(lines: &str) -> World {
    let server = server::Server::start(&[]);
    let place = format!("unix://{}", server.socket());
    world(&place, lines, Some(Box::new(server)))
}

impl World {
    fn api(&self) -> &Profile {
        self.profiles.get(None).unwrap()
    }

    /// Seconds since the beginning.
    fn at(&self, seconds: i64) {
        self.clock.set(UnixMillis::from_secs(START + seconds));
    }

    fn sign_in(&self) -> String {
        let pair = self.api().sign_pair(&ada(), None).unwrap();
        pair.refresh.token
    }

    fn rotate(&self, refresh: &str) -> Result<Rotated, Code> {
        let rotated = self.api().rotate(refresh, &ClaimChange::default(), None);
        rotated.map_err(|failure| failure.code())
    }

    fn refused(&self, refresh: &str) -> Code {
        self.rotate(refresh).map_or_else(|code| code, |_| Code::Ok)
    }

    /// A claim of an authentic refresh token.
    fn claim(&self, refresh: &str, name: &str) -> Value {
        let held = self.api().verifier().authentic(refresh).unwrap();
        held.claims().get(name).unwrap_or_default()
    }

    /// A refresh token as another signer of the same key would make it.
    fn foreign(&self, claims: Value) -> String {
        let text = configuration("memory", "claims.family = \"other\"");
        let clock: Arc<dyn Clock> = self.clock.clone();
        let profiles = try_build(&text, &clock).unwrap();
        let api = profiles.get(None).unwrap();
        let signed = api.sign(TokenKind::Refresh, &values(claims), None).unwrap();
        signed.token
    }
}

fn values(value: Value) -> ClaimValues {
    match value {
        Value::Object(values) => values,
        _ => panic!("claims are an object"),
    }
}

fn ada() -> ClaimValues {
    values(json!({"sub": "ada"}))
}
