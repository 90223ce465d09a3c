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
mod common;

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

#[test]
fn c01_another_token_with_the_same_signature_part() {
    for provider in providers() {
        for algorithm in [HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            let make = |subject: &str| {
                let payload = claims(&format!(r#","sub":"{subject}""#));
                token(algorithm, key(algorithm), header(algorithm), payload)
            };
            let good = make("ada");
            let pair = Pair::new(*provider, &[algorithm], "", &good);
            let [head, payload, signature] = parts(&good);
            let refused = code(Code::InvalidSignature);
            // The same length and the same end, so that a hash of either says nothing.
            for subject in ["eve", "bob", "adb"] {
                let other = make(subject);
                let theirs = parts(&other)[1];
                assert_eq!(theirs.len(), payload.len());
                let forged = format!("{head}.{theirs}.{signature}");
                pair.refuses((algorithm, subject), forged, refused);
                let swapped = format!("{head}.{payload}.{}", parts(&other)[2]);
                pair.refuses((algorithm, subject), swapped, refused);
            }
            pair.nothing_stuck();
        }
    }
}

#[test]
fn c02_another_guard_or_audience_is_evaluated_anew() {
    let good = hs256(claims(
        r#","sub":"ada","aud":["a","b"],"scope":"read","role":7"#,
    ));
    let guard = |text: &str| Guard::from_json(text.as_bytes()).unwrap();
    let (read, write) = (
        guard(r#"{"scopes":["read"]}"#),
        guard(r#"{"scopes":["write"]}"#),
    );
    let role = guard(r#"{"roles":[8]}"#);
    for provider in providers() {
        let pair = Pair::new(*provider, &[HS256], "audience = \"a\"", &good);
        let bench = Bench::new(*provider, &[HS256], "audience = \"a\"");
        let options = VerifyOptions::default;
        for _ in 0..2 {
            let verdict = bench.verify_with(&good, &options().guard(&read).audience("b"));
            assert_eq!(verdict, Ok(()), "{}", provider.name());
            pair.refuses_with(
                "scope",
                &good,
                &options().guard(&write),
                forbidden(GuardMember::Scopes),
            );
            pair.refuses_with(
                "role",
                &good,
                &options().guard(&role),
                forbidden(GuardMember::Roles),
            );
            pair.refuses_with(
                "audience",
                &good,
                &options().audience("c"),
                invalid(ClaimName::Audience),
            );
            pair.refuses_with(
                "audience before guard",
                &good,
                &options().audience("c").guard(&write),
                invalid(ClaimName::Audience),
            );
        }
        pair.nothing_stuck();
    }
}

#[test]
fn c03_nothing_outlives_exp_key_revocation_or_profile() {
    let name = |provider: &Provider| provider.name();
    let good = token(HS256, key(HS256), K1, claims(r#","iss":"i","jti":"j""#));
    let warm = |provider: &Provider| {
        let bench = Bench::new(*provider, &[HS256], "leeway = \"5s\"");
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("k1", key(HS256))]).unwrap();
        for cached in [false, true] {
            assert_eq!(bench.cached(&good), Ok(cached), "{}", name(provider));
        }
        bench
    };
    for provider in providers() {
        let bench = warm(provider);
        bench.clock.set(UnixMillis::from_secs(NOW + 605));
        for _ in 0..2 {
            let over = Err(expired(ClaimName::Expiration));
            assert_eq!(bench.verify(&good), over, "{}: exp", name(provider));
        }

        let bench = warm(provider);
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        for _ in 0..2 {
            let gone = Err(code(Code::UnknownKey));
            assert_eq!(bench.verify(&good), gone, "{}: key", name(provider));
        }
        ring.replace_fixed(Vec::new()).unwrap();
        assert_eq!(bench.verify(&good), Err(code(Code::UnknownKey)));

        let bench = warm(provider);
        let index = bench.verifier().revocations();
        index
            .revoke_handle(b"j", UnixMillis::from_secs(NOW + 605))
            .unwrap();
        for _ in 0..2 {
            let revoked = Err(code(Code::Revoked));
            assert_eq!(
                bench.verify(&good),
                revoked,
                "{}: revocation",
                name(provider)
            );
        }

        let bench = warm(provider);
        let stale = UnixMillis::from_secs(NOW);
        bench.verifier().keys().set_trust_until(stale);
        for _ in 0..2 {
            let stale = Err(code(Code::KeysUnavailable));
            assert_eq!(bench.verify(&good), stale, "{}: staleness", name(provider));
        }

        // The same profile read anew, with another rule: the old one's memory is no part of it.
        let _bench = warm(provider);
        let anew = Bench::new(*provider, &[HS256], "issuer = \"another\"");
        anew.verifier()
            .keys()
            .replace_fixed(vec![spec("k1", key(HS256))])
            .unwrap();
        for _ in 0..2 {
            let verdict = anew.verify(&good);
            assert_eq!(
                verdict,
                Err(invalid(ClaimName::Issuer)),
                "{}: profile",
                name(provider)
            );
        }
    }
}

#[test]
fn c04_failures_are_not_kept() {
    for provider in providers() {
        let lines = "cache.max_entries = 8\nissuer = \"i\"";
        let good = hs256(claims(r#","iss":"i""#));
        let pair = Pair::new(*provider, &[HS256], lines, &good);
        let flooded = Bench::new(*provider, &[HS256], lines);
        for n in 0..1_000 {
            let more = format!(r#","iss":"i","n":{n}"#);
            let forged = token(HS256, other_key(HS256), header(HS256), claims(&more));
            let verdict = flooded.verify(&forged);
            assert_eq!(
                verdict,
                Err(code(Code::InvalidSignature)),
                "{}",
                provider.name()
            );
            if n % 100 == 0 {
                pair.refuses(n, &forged, code(Code::InvalidSignature));
            }
        }
        let stats = flooded.verifier().cache_stats();
        assert_eq!((stats.inserts, stats.bytes), (0, 0), "{}", provider.name());
        // What is verified and refused by the rules is kept as claims, and refused again by them.
        let foreign = hs256(claims(r#","iss":"x""#));
        pair.refuses("another issuer", foreign, invalid(ClaimName::Issuer));
        pair.nothing_stuck();
    }
}

/// A verifier of one HS256 key named `k1`, with a provider and a clock that can be made to meddle.
struct Stage {
    verifier: Verifier,
    ring: Arc<KeyRing>,
    index: Arc<Revocations>,
    in_signature: Trap,
    in_clock: Trap,
    name: &'static str,
}

impl Stage {
    fn new(provider: Provider) -> Self {
        let (meddler, in_signature) = Meddler::over(provider);
        let ring = KeyRing::new(meddler, &[HS256], KeyStrength::Standard).expect("a ring");
        let ring = Arc::new(ring);
        ring.replace_fixed(vec![spec("k1", key(HS256))])
            .expect("a good key");
        let in_clock = Trap::default();
        let clock: Arc<dyn Clock> = Arc::new(MeddlingClock {
            inner: ManualClock::at(UnixMillis::from_secs(NOW)),
            trap: in_clock.clone(),
        });
        let index = Arc::new(Revocations::new(&[1; 16], 1_000, Arc::clone(&clock)));
        let verifier = Verifier::builder("api", Arc::clone(&ring))
            .clock(clock)
            .revocations(Arc::clone(&index))
            .build()
            .expect("builds");
        Self {
            verifier,
            ring,
            index,
            in_signature,
            in_clock,
            name: provider.name(),
        }
    }

    fn verify(&self, token: &str) -> Result<bool, bearerd::error::Reject> {
        let verified = self.verifier.verify(token, &VerifyOptions::default())?;
        Ok(verified.was_cached())
    }
}

/// A token of its own number, so that none is in the cache.
fn numbered(number: usize) -> String {
    let more = format!(
        r#","sub":"s{number}","jti":"j{number}","family":"f{number}","iat":{}"#,
        NOW - 1
    );
    token(HS256, key(HS256), K1, claims(&more))
}

#[test]
fn c05_revoked_while_it_was_being_verified() {
    let moment = UnixMillis::from_secs(NOW);
    let revoke = move |index: &Revocations, by: usize, number: usize| {
        let (handle, family, subject) = (
            format!("j{number}"),
            format!("f{number}"),
            format!("s{number}"),
        );
        match by {
            0 => index.revoke_handle(handle.as_bytes(), UnixMillis::MAX),
            1 => index.revoke_family(family.as_bytes(), UnixMillis::MAX),
            _ => index.revoke_subject(subject.as_bytes(), moment, UnixMillis::MAX),
        }
        .expect("there is room");
    };
    for provider in providers() {
        let stage = Stage::new(*provider);
        let revoked = Err(code(Code::Revoked));
        for number in 0..12 {
            let (by, when) = (number % 3, number / 3);
            let token = numbered(number);
            let place = format!("{}: {number}", stage.name);
            let index = Arc::clone(&stage.index);
            match when {
                // In the middle of the signature, of a header that is new and one that is known.
                0 | 1 => stage.in_signature.set(move || revoke(&index, by, number)),
                // At the first look at the clock, of a token that is new and one that is cached.
                2 => stage.in_clock.set(move || revoke(&index, by, number)),
                _ => {
                    assert_eq!(stage.verify(&token), Ok(false), "{place}");
                    assert_eq!(stage.verify(&token), Ok(true), "{place}");
                    stage.in_clock.set(move || revoke(&index, by, number));
                }
            }
            assert_eq!(
                stage.verify(&token),
                revoked,
                "{place}: the call it raced with"
            );
            for _ in 0..2 {
                assert_eq!(stage.verify(&token), revoked, "{place}: the next call");
            }
            // What races with a neighbour's revocation is judged by its own.
            let (index, neighbour) = (Arc::clone(&stage.index), numbered(100 + number));
            stage
                .in_signature
                .set(move || revoke(&index, by, 200 + number));
            assert_eq!(stage.verify(&neighbour), Ok(false), "{place}: a neighbour");
            assert_eq!(stage.verify(&neighbour), Ok(true), "{place}: a neighbour");
        }
    }
}

#[test]
fn c06_the_key_was_swapped_while_it_verified() {
    for provider in providers() {
        let stage = Stage::new(*provider);
        let first = || vec![spec("k1", key(HS256))];
        for (number, replacement) in [
            vec![spec("k2", other_key(HS256))],
            vec![spec("k1", other_key(HS256))],
            Vec::new(),
        ]
        .into_iter()
        .enumerate()
        {
            // Of a header that is new to this set, and of one that is known.
            for known in [false, true] {
                let number = number * 10 + usize::from(known);
                stage.ring.replace_fixed(first()).unwrap();
                if known {
                    assert_eq!(stage.verify(&numbered(100 + number)), Ok(false));
                }
                let place = format!("{}: {number}, known header {known}", stage.name);
                let (ring, keys) = (Arc::clone(&stage.ring), replacement.clone());
                stage.in_signature.set(move || {
                    ring.replace_fixed(keys).expect("good keys");
                });
                let token = numbered(number);
                let raced = stage.verify(&token);
                assert_eq!(
                    raced,
                    Err(code(Code::UnknownKey)),
                    "{place}: the call it raced with"
                );
                for _ in 0..2 {
                    assert!(stage.verify(&token).is_err(), "{place}: the next call");
                }
            }
        }

        // A swap that keeps the key changes nothing.
        stage.ring.replace_fixed(first()).unwrap();
        let ring = Arc::clone(&stage.ring);
        let both = vec![spec("k2", other_key(HS256)), spec("k1", key(HS256))];
        stage.in_signature.set(move || {
            ring.replace_fixed(both).expect("good keys");
        });
        let token = numbered(1_000);
        assert_eq!(stage.verify(&token), Ok(false), "{}", stage.name);
        assert_eq!(stage.verify(&token), Ok(true), "{}", stage.name);

        // Away and back again within one verification: the next call settles it.
        let (ring, keys) = (Arc::clone(&stage.ring), first());
        stage.in_signature.set(move || {
            ring.replace_fixed(Vec::new()).expect("no keys");
            ring.replace_fixed(keys).expect("good keys");
        });
        let token = numbered(1_001);
        assert_eq!(
            stage.verify(&token),
            Err(code(Code::UnknownKey)),
            "{}",
            stage.name
        );
        assert_eq!(
            stage.verify(&token),
            Ok(false),
            "{}: anew, with the key anew",
            stage.name
        );
        assert_eq!(stage.verify(&token), Ok(true), "{}", stage.name);
    }
}

/// Profiles that rotate, all with one secret, told apart by their names alone.
fn tenants(provider: Provider, names: &[&str]) -> Bench {
    let mut text = String::new();
    for name in names {
        text.push_str(&format!(
            "[profiles.{name:?}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nclaims.kind = {{ claim = \"kind\" }}\n\
             sign.access = \"5m\"\nrotation.grace = \"0s\"\n",
            provider.name()
        ));
        text.push_str(&key_section(
            &format!("{name:?}"),
            None,
            None,
            key(HS256),
            true,
        ));
    }
    Bench::from_toml(provider, &text)
}

#[test]
fn c07_one_tenant_s_entry_never_answers_another() {
    // Names that meet where they are joined to handles by any delimiter.
    let names = ["a", "a:b", "a/b", "a|b", "a.b", "a\\b"];
    for provider in providers() {
        let bench = tenants(*provider, &names);
        let options = VerifyOptions::default();
        let change = ClaimChange::default();
        for handle in ["j", "b:j", "b/j", "b|j", "b.j"] {
            let refresh = hs256(claims(&format!(r#","kind":"refresh","jti":"{handle}""#)));
            let access = hs256(claims(&format!(r#","kind":"access","jti":"{handle}""#)));
            for name in names {
                let profile = bench.profile(name);
                let place = format!("{}: {name} {handle}", provider.name());
                let verified = profile.verifier().verify(&access, &options).unwrap();
                assert!(!verified.was_cached(), "{place}: seen by others alone");
                assert!(
                    profile.rotate(&refresh, &change, None).is_ok(),
                    "{place}: spent by others alone"
                );
            }
            for name in names {
                let profile = bench.profile(name);
                let place = format!("{}: {name} {handle}", provider.name());
                let index = profile.verifier().revocations();
                index
                    .revoke_handle(handle.as_bytes(), UnixMillis::MAX)
                    .unwrap();
                let own = profile.verifier().verify(&access, &options).map(drop);
                assert_eq!(own, Err(code(Code::Revoked)), "{place}");
                for other in names.iter().filter(|other| **other > name) {
                    let theirs = bench.profile(other).verifier().verify(&access, &options);
                    assert!(
                        theirs.unwrap().was_cached(),
                        "{place}: {other} revoked nothing"
                    );
                }
                assert!(index.lift(index.handle_key(handle.as_bytes())));
            }
        }
    }
}

#[test]
fn c08_every_map_is_bounded() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(
            *provider,
            &[HS256],
            "cache.max_entries = 64\ncache.max_bytes = 50000",
        );
        let verifier = bench.verifier();
        for n in 0..3_000 {
            let subject = claims(&format!(
                r#","sub":"{n}","jti":"{n}","family":"{n}","iss":"{n}""#
            ));
            assert_eq!(bench.verify(hs256(subject)), Ok(()), "{name}");
            let stats = verifier.cache_stats();
            assert!(
                stats.entries <= 64 && stats.bytes <= 50_000,
                "{name}: {stats:?}"
            );
        }
        // Made-up key ids and headers leave nothing behind at all.
        let before = verifier.cache_stats();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        verifier.keys().on_unknown_kid(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        for n in 0..3_000 {
            let head = format!(r#"{{"alg":"HS256","kid":"{n}"}}"#);
            let verdict = bench.verify(token(HS256, key(HS256), head, claims("")));
            assert_eq!(verdict, Err(code(Code::UnknownKey)), "{name}");
        }
        let after = verifier.cache_stats();
        assert_eq!(
            (before.entries, before.bytes),
            (after.entries, after.bytes),
            "{name}"
        );
        assert_eq!(asked.load(Ordering::Relaxed), 3_000, "{name}");

        // A cache of no size is no cache, and verification none the worse.
        for none in [
            "cache.max_entries = 0",
            "cache.max_entries = 8\ncache.max_bytes = 0",
        ] {
            let bench = Bench::new(*provider, &[HS256], none);
            for _ in 0..3 {
                assert_eq!(bench.cached(hs256(claims(""))), Ok(false), "{name}: {none}");
            }
            assert_eq!(bench.verifier().cache_stats().bytes, 0, "{name}: {none}");
        }

        // Revocations: what does not fit is a fault, and what is listed stays listed.
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)));
        let index = Revocations::new(&[1; 16], 100, clock);
        for n in 0..100_u32 {
            index
                .revoke_family(&n.to_be_bytes(), UnixMillis::MAX)
                .unwrap();
        }
        let full = index
            .revoke_family(b"one more", UnixMillis::MAX)
            .unwrap_err();
        assert_eq!(full.code(), Code::StoreUnavailable);
        assert_eq!(index.len(), 100);
        assert_eq!(CacheConfig::default().max_entries, 65_536);
    }
}

#[test]
fn c09_the_clock_is_set_by_hours() {
    let hours = |n: i64| UnixMillis::from_secs(NOW + n * 3_600);
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let good = hs256(claims(&format!(r#","nbf":{}"#, NOW - 60)));
        assert_eq!(bench.cached(&good), Ok(false), "{name}");
        assert_eq!(bench.cached(&good), Ok(true), "{name}");
        for (to, expected) in [
            (hours(5), Err(expired(ClaimName::Expiration))),
            (hours(-5), Err(too_early(ClaimName::NotBefore))),
            (hours(0), Ok(())),
            (
                UnixMillis::from_millis(i64::MAX - 1),
                Err(expired(ClaimName::Expiration)),
            ),
            (UnixMillis::EPOCH, Err(too_early(ClaimName::NotBefore))),
            (
                UnixMillis::from_millis(i64::MIN),
                Err(too_early(ClaimName::NotBefore)),
            ),
            (hours(0), Ok(())),
        ] {
            bench.clock.set(to);
            for _ in 0..2 {
                assert_eq!(bench.verify(&good), expected, "{name}: at {to:?}");
            }
        }

        // Set back, the cap of a token without exp starts anew from a new verification, and does
        // not run until the clock has caught up.
        let lines = "expiration = \"optional\"\ncache.cap = \"60s\"";
        let bench = Bench::new(*provider, &[HS256], lines);
        let endless = hs256("{}");
        assert_eq!(bench.cached(&endless), Ok(false), "{name}");
        bench.clock.set(hours(-5));
        assert_eq!(
            bench.cached(&endless),
            Ok(false),
            "{name}: older than its entry"
        );
        bench.clock.advance(Duration::from_secs(60));
        assert_eq!(
            bench.cached(&endless),
            Ok(false),
            "{name}: the cap has passed"
        );

        // A revocation does not end because the clock was ahead for a while.
        let bench = Bench::new(*provider, &[HS256], "");
        let good = hs256(claims(r#","jti":"j""#));
        let index = bench.verifier().revocations();
        index.revoke_handle(b"j", hours(1)).unwrap();
        bench.clock.set(hours(24));
        index.purge(100);
        index.revoke_handle(b"k", hours(1)).unwrap();
        bench.clock.set(hours(0));
        assert_eq!(bench.verify(&good), Err(code(Code::Revoked)), "{name}");
    }
}

#[test]
fn c10_key_sets_are_replaced_and_never_merged() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let ring = bench.verifier().keys();
        let of = |kid: &str, key: &KeyMaterial| {
            let head = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
            token(HS256, key, head, claims(""))
        };
        let (one, two) = (of("k1", key(HS256)), of("k2", other_key(HS256)));
        ring.replace_fixed(vec![spec("k1", key(HS256))]).unwrap();
        assert_eq!(bench.verify(&one), Ok(()), "{name}");
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&one),
            Err(code(Code::UnknownKey)),
            "{name}: removed"
        );
        assert_eq!(bench.verify(&two), Ok(()), "{name}");
        // Another key under the same kid, and back.
        ring.replace_fixed(vec![spec("k2", key(HS256))]).unwrap();
        assert_eq!(
            bench.verify(&two),
            Err(code(Code::InvalidSignature)),
            "{name}: replaced"
        );
        assert_eq!(bench.verify(of("k2", key(HS256))), Ok(()), "{name}");
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(of("k2", key(HS256))),
            Err(code(Code::InvalidSignature)),
            "{name}"
        );
        assert_eq!(bench.verify(&two), Ok(()), "{name}: back");
        // The same key under another kid is another key.
        ring.replace_fixed(vec![spec("k9", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&two),
            Err(code(Code::UnknownKey)),
            "{name}: renamed"
        );
        // A refused set changes nothing.
        let weak = KeyMaterial::Symmetric(bearerd::secret::Secret::new(vec![7; 8]));
        assert!(
            ring.replace_fixed(vec![spec("k1", key(HS256)), spec("k2", &weak)])
                .is_err()
        );
        assert_eq!(bench.verify(&one), Err(code(Code::UnknownKey)), "{name}");
        assert_eq!(ring.current().len(), 1, "{name}");
    }
}

#[test]
fn c11_no_refusal_sticks() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let later = hs256(claims(&format!(r#","nbf":{},"jti":"j""#, NOW + 60)));
        for _ in 0..2 {
            let early = Err(too_early(ClaimName::NotBefore));
            assert_eq!(bench.verify(&later), early, "{name}");
        }
        bench.clock.advance(Duration::from_secs(60));
        assert_eq!(bench.verify(&later), Ok(()), "{name}: nbf has passed");

        let newcomer = token(
            HS256,
            other_key(HS256),
            r#"{"alg":"HS256","kid":"new"}"#,
            claims(""),
        );
        for _ in 0..2 {
            assert_eq!(
                bench.verify(&newcomer),
                Err(code(Code::UnknownKey)),
                "{name}"
            );
        }
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("new", other_key(HS256)), spec("old", key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&newcomer),
            Ok(()),
            "{name}: the kid has arrived"
        );

        // The forged one comes first and shares all but its signature with the good one.
        let good = hs256(claims(r#","sub":"ada""#));
        let [head, payload, _] = parts(&good);
        let forged = format!("{head}.{payload}.{}", "A".repeat(43));
        for _ in 0..2 {
            assert_eq!(
                bench.verify(&forged),
                Err(code(Code::InvalidSignature)),
                "{name}"
            );
        }
        assert_eq!(bench.verify(&good), Ok(()), "{name}: after the forged one");
        assert_eq!(
            bench.verify(&forged),
            Err(code(Code::InvalidSignature)),
            "{name}"
        );

        let index = bench.verifier().revocations();
        index.revoke_handle(b"j", UnixMillis::MAX).unwrap();
        assert_eq!(bench.verify(&later), Err(code(Code::Revoked)), "{name}");
        assert!(index.lift(index.handle_key(b"j")));
        assert_eq!(bench.verify(&later), Ok(()), "{name}: lifted");

        ring.set_trust_until(UnixMillis::EPOCH);
        assert_eq!(
            bench.verify(&good),
            Err(code(Code::KeysUnavailable)),
            "{name}"
        );
        ring.set_trust_until(UnixMillis::MAX);
        assert_eq!(bench.verify(&good), Ok(()), "{name}: trusted again");
    }
}
