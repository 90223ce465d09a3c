//! Known attacks on the token itself, one test a row of the chapter on known attacks.
//!
//! Every refusal is asked of a verifier that has accepted nothing and of one that has just
//! accepted a good token, twice each, with every provider; afterwards the good token is as good
//! as before.
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

mod claims;
mod form;
mod header;
mod json;
mod signature;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::hmac;
use bearerd::base64url;
use bearerd::claims::TokenKind;
use bearerd::clock::UnixMillis;
use bearerd::crypto::{Algorithm, KeyFamily, KeyMaterial, Provider, PublicKey};
use bearerd::error::{ClaimName, Code, Malformed, Reject};
use bearerd::jwk::{PublicJwk, public_key_pem};
use bearerd::verify::VerifyOptions;

use common::bench::{Bench, Pair};
use common::forge::{
    generate, header, join, key, key_section, kid, other_key, parts, seal, sign, token,
};
use common::meddler::Meddler;
use common::providers;
use common::{NOW, code, expired, invalid, malformed, too_early, wrong_kind};

const HS256: Algorithm = Algorithm::HS256;
const RS256: Algorithm = Algorithm::RS256;
const ES256: Algorithm = Algorithm::ES256;

/// Claims that are good for ten minutes, with these members besides.
fn claims(more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(r#"{{"sub":"ada","exp":{}{comma}{more}}}"#, NOW + 600)
}

fn good(algorithm: Algorithm) -> String {
    token(algorithm, key(algorithm), header(algorithm), claims(""))
}

/// A token with that header, signed by the known key.
fn headed(header: impl AsRef<[u8]>) -> String {
    token(HS256, key(HS256), header, claims(""))
}

/// A token with those claims, signed by the known key.
fn claiming(claims: impl AsRef<[u8]>) -> String {
    token(HS256, key(HS256), header(HS256), claims)
}

fn offered(provider: Provider) -> impl Iterator<Item = Algorithm> {
    Algorithm::all().filter(move |algorithm| provider.verifies(*algorithm))
}

fn bad_signature() -> Reject {
    code(Code::InvalidSignature)
}

/// The material that is made anew is not the one that the profiles know.
#[test]
fn strangers_are_strangers() {
    for algorithm in [HS256, ES256] {
        let fresh = generate(algorithm);
        let same = |one: &KeyMaterial, other: &KeyMaterial| match (one, other) {
            (KeyMaterial::Symmetric(one), KeyMaterial::Symmetric(other)) => {
                one.matches(other.expose())
            }
            (one, other) => one.public() == other.public(),
        };
        assert!(!same(&fresh, key(algorithm)));
        assert!(!same(key(algorithm), other_key(algorithm)));
    }
}
