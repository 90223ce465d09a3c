//! Known attacks on caches of verified tokens, one test a row of the chapter on known attacks.
//!
//! Races are not waited for: a provider and a clock of the test's own run the other side of the
//! race at the one moment that matters.
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

mod races;
mod staleness;
mod tenants;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, Provider};
use bearerd::error::{ClaimName, Code, GuardMember};
use bearerd::guard::Guard;
use bearerd::keys::{KeyRing, KeySpec};
use bearerd::sign::ClaimChange;
use bearerd::state::Revocations;
use bearerd::verify::CacheConfig;
use bearerd::verify::{Verifier, VerifyOptions};

use common::bench::{Bench, Pair};
use common::forge::{header, key, key_section, other_key, parts, token};
use common::meddler::{Meddler, MeddlingClock, Trap};
use common::providers;
use common::{NOW, code, expired, forbidden, invalid, too_early};

const HS256: Algorithm = Algorithm::HS256;
const K1: &str = r#"{"alg":"HS256","kid":"k1"}"#;

fn hs256(payload: impl AsRef<[u8]>) -> String {
    token(HS256, key(HS256), header(HS256), payload)
}

fn claims(more: &str) -> String {
    format!(r#"{{"exp":{}{more}}}"#, NOW + 600)
}

fn spec(kid: &str, key: &KeyMaterial) -> KeySpec {
    KeySpec::new("test", key.clone()).with_kid(kid)
}
