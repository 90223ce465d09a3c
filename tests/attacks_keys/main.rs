//! Known attacks on keys and on the choice among them, through profiles. What a provider does
//! with a bad key is in `tests/providers.rs`, fetched sets are in `tests/remote_jwks.rs`.
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]
#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails as the test would"
)]

#[expect(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]
#[path = "../common/mod.rs"]
mod common;

mod choice;
mod material;

use std::sync::Arc;

use bearerd::base64url;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment};
use bearerd::crypto::{Algorithm, KeyMaterial, PrivateKey, Provider, PublicKey};
use bearerd::error::{Code, Reject};
use bearerd::jwk::{PublicJwk, public_key_pem};
use bearerd::keys::remote::KeySink;
use bearerd::keys::{KeyRing, KeySpec};
use bearerd::sign::ClaimChange;
use serde_json::{Value, json};

use common::bench::Bench;
use common::forge::{generate, header, key, key_section, other_key, parts, token};
use common::providers;
use common::{NOW, code};

const HS256: Algorithm = Algorithm::HS256;
const RS256: Algorithm = Algorithm::RS256;
const PS256: Algorithm = Algorithm::PS256;
const ES256: Algorithm = Algorithm::ES256;

fn claims() -> String {
    format!(r#"{{"sub":"ada","exp":{}}}"#, NOW + 600)
}

fn named(algorithm: Algorithm, key: &KeyMaterial, kid: &str) -> String {
    let head = format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#);
    token(algorithm, key, head, claims())
}

fn nameless(algorithm: Algorithm, key: &KeyMaterial) -> String {
    token(algorithm, key, header(algorithm), claims())
}

/// The public JWK of a key, with members of the test's choice besides.
fn jwk(key: &KeyMaterial, more: Value) -> Value {
    let public = PublicJwk {
        kid: None,
        algorithm: None,
        key: key.public().expect("is asymmetric").clone(),
    };
    let mut jwk: Value = serde_json::from_str(&public.to_json()).expect("is JSON");
    let members = jwk.as_object_mut().expect("is an object");
    members.remove("use");
    if let Value::Object(more) = more {
        members.extend(more);
    }
    jwk
}

fn document(algorithms: &str, provider: Provider, keys: &str) -> String {
    format!(
        "[profiles.api]\nprovider = \"{}\"\nalgorithms = {algorithms}\ncache.max_entries = 64\n{keys}",
        provider.name()
    )
}

/// One key entry that holds a JWK set.
fn set_section(keys: &[Value]) -> String {
    format!(
        "\n[[profiles.api.keys]]\njwks = '{}'\n",
        json!({ "keys": keys })
    )
}

/// What the configuration says of a document that must not be built.
fn fault(text: &str) -> String {
    let environment = Environment::empty();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)));
    let fault = Config::from_text(text, "test", &environment)
        .and_then(|config| config.build(&environment, &clock))
        .map(drop)
        .expect_err("is refused");
    assert_eq!(fault.code(), Code::ConfigError);
    fault.chain()
}
