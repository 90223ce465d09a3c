//! The documents that the cases name.

use bearerd::crypto::Algorithm;
use serde_json::{Value, json};

use super::mint::{Mint, entry, pem};

/// The largest cache has its own configuration: making and dropping one for each case would be most
/// of what the cases cost.
pub(super) fn all(mint: &Mint) -> Vec<(&'static str, Value)> {
    let mut all = by_algorithm(mint);
    all.extend(by_rule(mint));
    all.extend(by_key(mint));
    all.extend(
        super::permissions::configurations()
            .into_iter()
            .map(|(name, section)| (name, hs256(mint, section))),
    );
    all.extend(several(mint));
    all.extend(super::sessions::configurations(mint));
    all.extend(super::pats::configurations(mint));
    for (_, document) in &mut all {
        let profiles = document["profiles"].as_object_mut().expect("is an object");
        for profile in profiles.values_mut() {
            if profile.get("cache").is_none() {
                profile["cache"] = json!({"max_entries": 256});
            }
        }
    }
    all.push(("default cache", hs256(mint, json!({}))));
    all
}

/// One profile, `api`, of one algorithm, with `more` members.
pub(super) fn one(mint: &Mint, algorithm: Algorithm, more: Value) -> Value {
    let mut profile = json!({"algorithms": [algorithm.name()], "keys": [mint.entry(algorithm)]});
    extend(&mut profile, more);
    json!({"profiles": {"api": profile}})
}

pub(super) fn hs256(mint: &Mint, more: Value) -> Value {
    one(mint, Algorithm::HS256, more)
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(all), Value::Object(more)) = (value, more) {
        all.extend(more);
    }
}

pub(super) fn with(mut value: Value, more: Value) -> Value {
    extend(&mut value, more);
    value
}

fn by_algorithm(mint: &Mint) -> Vec<(&'static str, Value)> {
    let plain = |algorithm| one(mint, algorithm, json!({}));
    vec![
        ("hs256", plain(Algorithm::HS256)),
        ("hs384", plain(Algorithm::HS384)),
        ("hs512", plain(Algorithm::HS512)),
        ("rs256", plain(Algorithm::RS256)),
        ("rs384", plain(Algorithm::RS384)),
        ("rs512", plain(Algorithm::RS512)),
        ("ps256", plain(Algorithm::PS256)),
        ("ps384", plain(Algorithm::PS384)),
        ("ps512", plain(Algorithm::PS512)),
        ("es256", plain(Algorithm::ES256)),
        ("es384", plain(Algorithm::ES384)),
        ("es512", plain(Algorithm::ES512)),
        ("eddsa", plain(Algorithm::EdDSA)),
        (
            "one RSA key",
            one(
                mint,
                Algorithm::RS256,
                json!({"algorithms": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]}),
            ),
        ),
        (
            "every kind of key",
            json!({"profiles": {"api": {
                "algorithms": ["HS256", "RS256", "PS256", "ES256", "EdDSA"],
                "keys": [
                    with(mint.entry(Algorithm::HS256), json!({"kid": "hs"})),
                    with(mint.entry(Algorithm::RS256), json!({"kid": "rsa"})),
                    {"jwk": mint.jwk(Algorithm::ES256, Some("ec")).to_string()},
                    {"jwk": mint.jwk(Algorithm::EdDSA, Some("ed")).to_string()},
                ],
            }}}),
        ),
    ]
}

fn by_rule(mint: &Mint) -> Vec<(&'static str, Value)> {
    vec![
        ("no exp", hs256(mint, json!({"expiration": "optional"}))),
        ("max age", hs256(mint, json!({"max_age": "1h"}))),
        (
            "strict",
            hs256(
                mint,
                json!({
                    "issuer": ["https://issuer.example", "https://old.issuer.example"],
                    "audience": ["https://api.example", "api"],
                    "type": "at+jwt",
                    "require": ["tenant", "sub"],
                    "leeway": "5s",
                }),
            ),
        ),
        (
            "issuer",
            hs256(mint, json!({"issuer": "https://issuer.example"})),
        ),
        (
            "audience",
            hs256(mint, json!({"audience": "https://api.example"})),
        ),
        (
            "type",
            hs256(mint, json!({"type": ["at+jwt", "application/x+jwt"]})),
        ),
        (
            "require",
            hs256(mint, json!({"require": ["tenant", "plan"]})),
        ),
        (
            "limits",
            hs256(
                mint,
                json!({"limits": {"token": 400, "header": 60, "depth": 3, "members": 8}}),
            ),
        ),
        (
            "no cache",
            hs256(mint, json!({"cache": {"max_entries": 0}})),
        ),
        (
            "small entries",
            hs256(mint, json!({"cache": {"max_entry_bytes": 300}})),
        ),
        (
            "claim names",
            with(
                hs256(
                    mint,
                    json!({
                        "expiration": "optional",
                        "claims": {
                            "subject": "userId",
                            "kind": {"claim": "tokenType", "access": "access", "refresh": "refresh"},
                            "scope": "scope", "role": "roleId", "vip": "vip", "team": "teamId",
                            "device": "deviceId", "handle": "jti", "family": "familyId",
                        },
                    }),
                ),
                json!({"guards": {
                    "staff": {"roles": [4, 9], "token": "access"},
                    "desk": {"device": true, "scopes": ["read:orders"]},
                    "renewal": {"token": "refresh"},
                }}),
            ),
        ),
        (
            "guards",
            with(
                hs256(mint, json!({})),
                json!({"guards": {
                    "admins": {"roles": ["admin"]},
                    "readers": {"scopes": ["read"]},
                    "trusted": {"device": true},
                    "guests": {"not": {"roles": ["admin"]}},
                }}),
            ),
        ),
    ]
}

fn by_key(mint: &Mint) -> Vec<(&'static str, Value)> {
    let keyed = |kid: &str, key: Value| with(key, json!({ "kid": kid }));
    let stranger = entry(mint.stranger("HS256"));
    let two = json!([
        keyed("k1", mint.entry(Algorithm::HS256)),
        keyed("k2", stranger.clone()),
    ]);
    vec![
        ("kid", hs256(mint, json!({"keys": two}))),
        (
            "kid required",
            hs256(mint, json!({"keys": two, "kid": "required"})),
        ),
        (
            "kid ignored",
            hs256(mint, json!({"keys": two, "kid": "ignore"})),
        ),
        (
            "one kid for two keys",
            hs256(
                mint,
                json!({"keys": [keyed("k", stranger.clone()), keyed("k", mint.entry(Algorithm::HS256))]}),
            ),
        ),
        (
            "another RSA key",
            one(
                mint,
                Algorithm::RS256,
                json!({"keys": [entry(&pem("rsa-e3.spki.pem"))]}),
            ),
        ),
        (
            "JWK set",
            json!({"profiles": {"api": {
                "algorithms": ["RS256", "ES256"],
                "keys": [{"jwks": json!({"keys": [
                    mint.jwk(Algorithm::RS256, Some("r")),
                    mint.jwk(Algorithm::ES256, Some("e")),
                    with(mint.jwk(Algorithm::ES256, Some("enc")), json!({"use": "enc"})),
                    with(mint.jwk(Algorithm::RS256, Some("ps")), json!({"alg": "PS256"})),
                    {"kty": "AKP", "kid": "later", "alg": "ML-DSA-65", "pub": "AAAA"},
                ]}).to_string()}],
            }}}),
        ),
        (
            "two families",
            json!({"profiles": {"api": {
                "algorithms": ["HS256", "RS256"],
                "keys": [mint.entry(Algorithm::HS256), mint.entry(Algorithm::RS256)],
            }}}),
        ),
        (
            "unreachable keys",
            json!({"profiles": {"api": {
                "algorithms": ["RS256"],
                "jwks": {"url": "http://127.0.0.1:1/jwks.json", "timeout": "1s"},
            }}}),
        ),
    ]
}

/// Profiles that tell each other's tokens apart by `iss`.
fn several(mint: &Mint) -> Vec<(&'static str, Value)> {
    let profiles = json!({
        "main": {"algorithms": ["HS256"], "keys": [mint.entry(Algorithm::HS256)]},
        "partner": {
            "algorithms": ["HS384"], "keys": [mint.entry(Algorithm::HS384)],
            "issuer": "https://partner.example",
        },
        "twin": {
            "algorithms": ["HS256"], "keys": [mint.entry(Algorithm::HS256)],
            "issuer": "https://twin.example", "audience": "twin",
            "claims": {"role": "groups"},
        },
    });
    let issuers = json!({
        "https://partner.example": "partner",
        "https://twin.example": "twin",
    });
    let document = json!({"profiles": profiles, "issuers": issuers});
    vec![
        (
            "several",
            with(document.clone(), json!({"default_profile": "main"})),
        ),
        ("several without a default", document),
    ]
}
