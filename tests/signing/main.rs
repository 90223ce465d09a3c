//! Signing and refresh rotation, as a profile offers them.
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

mod rotation;
mod tokens;

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bearerd::claims::TokenKind;
use bearerd::clock::UnixMillis;
use bearerd::config::{Config, Environment, Profile};
use bearerd::crypto::{Algorithm, KeyMaterial, Provider};
use bearerd::error::{ClaimName, Code, Reject};
use bearerd::sign::{ClaimChange, ClaimValues, Failure, Lifetime, Rotated};
use bearerd::verify::{Verified, VerifyOptions};
use serde_json::{Value, json};

use common::bench::Bench;
use common::forge::{header, key, key_section, token};
use common::providers;
use common::{NOW, code, expired, invalid, wrong_kind};

const HS256: Algorithm = Algorithm::HS256;
const KIND: &str = "claims.kind = { claim = \"tokenType\" }\n";

/// One profile, `api`, that signs with the whole key.
fn issuer_of(provider: Provider, algorithm: Algorithm, lines: &str) -> Bench {
    let text = format!(
        "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"{algorithm}\"]\ncache.max_entries = 256\n{lines}\n{}",
        provider.name(),
        key_section("api", Some("k1"), None, key(algorithm), true)
    );
    Bench::from_toml(provider, &text)
}

fn issuer(provider: Provider, lines: &str) -> Bench {
    issuer_of(provider, HS256, lines)
}

/// The profile of most tests: kinds, families, reuse detected.
fn rotating(provider: Provider, lines: &str) -> Bench {
    issuer(
        provider,
        &format!("{KIND}sign.access = \"15m\"\nrotation.reuse = \"detect\"\n{lines}"),
    )
}

fn values(value: Value) -> ClaimValues {
    match value {
        Value::Object(values) => values,
        _ => ClaimValues::new(),
    }
}

fn ada() -> ClaimValues {
    values(json!({"sub": "ada", "scope": ["read"], "roleId": 4}))
}

fn kind(kind: TokenKind) -> VerifyOptions<'static> {
    VerifyOptions::default().kind(kind)
}

fn verify(profile: &Profile, token: &str, of: TokenKind) -> Result<Verified, Reject> {
    profile.verifier().verify(token, &kind(of))
}

/// The code of a rotation, `OK` where it gave something out.
fn rotate(profile: &Profile, refresh: &str) -> Result<Rotated, Code> {
    profile
        .rotate(refresh, &ClaimChange::default(), None)
        .map_err(|failure| failure.code())
}

fn refused(verdict: Result<Rotated, Code>) -> Code {
    verdict.map_or_else(|code| code, |_| Code::Ok)
}
