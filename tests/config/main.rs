//! The configuration: strict, total, and clear about what is wrong and where.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod jwt_variables;
mod keys;
mod lint;
mod overrides;
mod permissions;
mod reload;
mod replace_keys;
mod revoke;
mod secrets_in_the_wrong_place;
mod sessions;
mod signing;
mod slots;
mod what_a_document_may_not_say;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, KeyMaterial, aws_lc_rs};
use bearerd::error::{Code, Fault, Reject};
use bearerd::jwk::{private_key_pem, public_key_pem};
use bearerd::sign::ClaimChange;
use bearerd::verify::VerifyOptions;
use tempfile::TempDir;

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
const OTHER: &str = "c1Pq0Zr7Yk3Jt9Wm5Xn2Vb8Lh4Gd6Fs0Aa1Ss3Dd5FE";
const NOW: i64 = 1_800_000_000;

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)))
}

fn parse(text: &str) -> Result<Config, Fault> {
    Config::from_text(text, "app.conf", &Environment::empty())
}

fn build_in(text: &str, environment: &Environment) -> Result<Profiles, Fault> {
    Config::from_text(text, "app.conf", environment)?.build(environment, &clock())
}

fn build(text: &str) -> Result<Profiles, Fault> {
    build_in(text, &Environment::empty())
}

/// The error of a document that must not hold, whole.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Fault>, parts: &[&str]) -> String {
    let fault = result.expect_err("this must be refused");
    assert_eq!(fault.code(), Code::ConfigError, "{}", fault.chain());
    let chain = fault.chain();
    for part in parts {
        assert!(chain.contains(part), "{part:?} is not in: {chain}");
    }
    assert!(!chain.contains('\n'), "more than one line: {chain}");
    assert!(!chain.contains(SECRET), "quotes the secret: {chain}");
    chain
}

fn profile(lines: &str) -> String {
    format!(
        "[profiles.api]\nalgorithms = [\"HS256\"]\n{lines}\n[[profiles.api.keys]]\nsecret_base64url = \"{SECRET}\"\n"
    )
}

#[test]
fn json_says_what_toml_says() {
    let toml = format!(
        r#"
        default_profile = "api"
        [profiles.api]
        algorithms = ["HS256", "HS512"]
        issuer = "https://issuer.example"
        audience = ["a", "b"]
        leeway = 30
        max_age = "1d"
        allow_weak_keys = true
        token_from = ["header:X-Token", "cookie:access"]
        claims = {{ role = "roleId", kind = {{ claim = "tokenType" }} }}
        [[profiles.api.keys]]
        kid = "k1"
        secret_base64url = "{SECRET}"
        [profiles.api.sign]
        access = "none"
        [issuers]
        "https://issuer.example" = "api"
        [guards.orders]
        scopes = ["read:orders"]
        [server]
        threads = 2
        "#
    );
    let json = format!(
        r#" {{
        "default_profile": "api",
        "profiles": {{"api": {{
            "algorithms": ["HS256", "HS512"],
            "issuer": "https://issuer.example",
            "audience": ["a", "b"],
            "leeway": 30,
            "max_age": "1d",
            "allow_weak_keys": true,
            "token_from": ["header:X-Token", "cookie:access"],
            "claims": {{"role": "roleId", "kind": {{"claim": "tokenType"}}}},
            "keys": [{{"kid": "k1", "secret_base64url": "{SECRET}"}}],
            "sign": {{"access": "none"}}
        }}}},
        "issuers": {{"https://issuer.example": "api"}},
        "guards": {{"orders": {{"scopes": ["read:orders"]}}}},
        "server": {{"threads": 2}}
        }}"#
    );
    let (toml, json) = (parse(&toml).unwrap(), parse(&json).unwrap());
    assert_eq!(format!("{toml:?}"), format!("{json:?}"));
    assert_eq!(
        toml.profiles["api"].audience.as_ref().unwrap().0,
        ["a", "b"]
    );
}

fn key_pair(folder: &Path, algorithm: Algorithm) -> (PathBuf, PathBuf) {
    let KeyMaterial::Private(key) = aws_lc_rs().generate(algorithm).unwrap() else {
        panic!("{algorithm} has key pairs");
    };
    let private = folder.join(format!("{algorithm}.pem"));
    let public = folder.join(format!("{algorithm}.pub.pem"));
    fs::write(&private, private_key_pem(&key).unwrap().as_bytes()).unwrap();
    fs::write(&public, public_key_pem(key.public()).unwrap()).unwrap();
    (private, public)
}

/// A signing key whose public half is another's would start, and refuse its own tokens.
#[test]
fn halves_of_two_keys_are_refused_at_start() {
    let (private, public) = other_halves();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let environment = Environment::from([
        ("JWT_ALGORITHM", "ES256"),
        ("JWT_PRIVATE_KEY_PATH", &file("private.pem", &private)),
        ("JWT_PUBLIC_KEY_PATH", &file("public.pem", &public)),
    ]);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::EPOCH));
    let config = Config::from_jwt_environment(&environment).unwrap().unwrap();
    let fault = config.build(&environment, &clock).unwrap_err();
    assert!(
        fault.chain().contains("the public key that belongs to it"),
        "{}",
        fault.chain()
    );
}

fn other_halves() -> (String, String) {
    let make = || match aws_lc_rs().generate(Algorithm::ES256) {
        Ok(KeyMaterial::Private(key)) => key,
        other => panic!("{other:?}"),
    };
    let private = private_key_pem(&make()).unwrap().to_string();
    (private, public_key_pem(make().public()).unwrap())
}

/// Variables come in the order of their names; what they say together counts.
#[test]
fn overrides_that_hold_only_together_are_taken() {
    let text = "[profiles.api]\nalgorithms = [\"RS256\"]\n";
    let environment = Environment::from([
        ("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP", "true"),
        (
            "BEARERD_PROFILES__API__JWKS__URL",
            "http://issuer.example/jwks",
        ),
    ]);
    let config = Config::from_text(text, "bearerd.toml", &environment).unwrap();
    let jwks = config.profiles["api"].jwks.as_ref().unwrap();
    assert!(jwks.allow_http && jwks.url == "http://issuer.example/jwks");
    let alone = Environment::from([("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP", "true")]);
    let fault = Config::from_text(text, "bearerd.toml", &alone).unwrap_err();
    assert!(
        fault
            .chain()
            .contains("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP"),
        "{}",
        fault.chain()
    );
}
