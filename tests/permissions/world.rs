//! A sidecar with a profile for each of the table's rules, and tokens for them.

use std::net::SocketAddr;
use std::sync::Arc;

use bearerd::base64url;
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, KeyMaterial};
use bearerd::sidecar::{Address, Sidecar};
use serde_json::{Value, json};

use crate::forge;
use crate::http::Client;
use crate::table::Table;

pub(crate) struct World {
    sidecar: Option<Sidecar>,
    address: SocketAddr,
}

/// The table's profiles, one without permissions, and `more` members of the first.
pub(crate) fn document(more: &Value) -> Value {
    let secret = match forge::key(Algorithm::HS256) {
        KeyMaterial::Symmetric(secret) => base64url::encode(secret.expose()),
        _ => unreachable!("HS256 has a secret"),
    };
    let profile = || {
        json!({
            "algorithms": ["HS256"], "keys": [{"secret_base64url": secret}],
            "expiration": "optional",
        })
    };
    let mut profiles = json!({"none": profile()});
    for (name, section) in Table::read().rules {
        profiles[&name] = profile();
        profiles[&name]["permissions"] = section;
    }
    for (name, value) in more.as_object().unwrap() {
        profiles["levels"][name] = value.clone();
    }
    json!({"default_profile": "levels", "profiles": profiles})
}

pub(crate) fn token(claims: impl AsRef<[u8]>) -> String {
    let algorithm = Algorithm::HS256;
    forge::token(
        algorithm,
        forge::key(algorithm),
        forge::header(algorithm),
        claims,
    )
}

fn parts() -> (Environment, Arc<dyn Clock>) {
    (Environment::empty(), Arc::new(SystemClock))
}

pub(crate) fn profiles(document: &Value) -> Profiles {
    let (environment, clock) = parts();
    Config::from_text(&document.to_string(), "test", &environment)
        .and_then(|config| config.build(&environment, &clock))
        .unwrap_or_else(|fault| panic!("{}", fault.chain()))
}

impl World {
    pub(crate) fn of(mut document: Value) -> Self {
        document["server"] = json!({"listen": ["127.0.0.1:0"], "max_batch": 4});
        let (environment, clock) = parts();
        let sidecar = Config::from_text(&document.to_string(), "test", &environment)
            .and_then(|config| Sidecar::start(&config, &environment, &clock))
            .unwrap_or_else(|fault| panic!("{}", fault.chain()));
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
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::tcp(self.address)
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
