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
mod common;

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

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let place = format!("{} {algorithm}", provider.name());
            let bench = issuer_of(
                *provider,
                algorithm,
                "issuer = \"i\"\naudience = [\"a\", \"b\"]\nsign.access = \"15m\"",
            );
            let profile = bench.profile("api");
            assert_eq!(profile.issues(), (true, false), "{place}");
            let signed = profile.sign(TokenKind::Access, &ada(), None).unwrap();
            let options = VerifyOptions::default();
            let verified = profile.verifier().verify(&signed.token, &options).unwrap();
            assert_eq!(verified.algorithm(), Some(algorithm), "{place}");
            assert_eq!(verified.kid(), Some("k1"), "{place}");
            assert_eq!(verified.subject().as_deref(), Some("ada"), "{place}");
            assert_eq!(verified.issuer().as_deref(), Some("i"), "{place}");
            assert_eq!(verified.get("aud"), Some(json!(["a", "b"])), "{place}");
            assert_eq!(
                verified.token_id().as_deref(),
                Some(&*signed.token_id),
                "{place}"
            );
            assert_eq!(
                verified.issued_at(),
                Some(UnixMillis::from_secs(NOW)),
                "{place}"
            );
            assert_eq!(verified.expires_at(), signed.expires_at, "{place}");
            assert_eq!(
                verified.expires_at(),
                Some(UnixMillis::from_secs(NOW + 900)),
                "{place}"
            );
            assert_eq!(verified.get("scope"), Some(json!(["read"])), "{place}");
            assert!(!format!("{signed:?}").contains(&signed.token), "{place}");
            drop(verified);
            bench.clock.advance(Duration::from_secs(900));
            let over = Err(expired(ClaimName::Expiration));
            assert_eq!(bench.verify(&signed.token), over, "{place}");
        }
    }
}

#[test]
fn what_the_signer_sets_cannot_be_overridden() {
    for provider in providers() {
        let bench = rotating(*provider, "issuer = \"i\"\naudience = \"a\"\n");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        for name in [
            "iss",
            "aud",
            "iat",
            "nbf",
            "exp",
            "jti",
            "tokenType",
            "family",
        ] {
            for value in [json!(1), json!("x"), Value::Null] {
                let place = format!("{}: {name} {value}", provider.name());
                let mut claims = ada();
                claims.insert(name.to_owned(), value.clone());
                let faults = [
                    profile.sign(TokenKind::Access, &claims, None).map(drop),
                    profile.sign(TokenKind::Refresh, &claims, None).map(drop),
                    profile.sign_pair(&claims, None).map(drop),
                ];
                for fault in faults {
                    let fault = fault.unwrap_err();
                    assert_eq!(fault.code(), Code::ValidationError, "{place}");
                    assert!(fault.to_string().contains(name), "{place}: {fault}");
                }
                let mut set = ClaimChange::default();
                set.set.insert(name.to_owned(), value);
                let mut remove = ClaimChange::default();
                remove.remove.push(name.to_owned());
                for change in [set, remove] {
                    let failure = profile
                        .rotate(&pair.refresh.token, &change, None)
                        .unwrap_err();
                    assert_eq!(failure.code(), Code::ValidationError, "{place}");
                    assert!(failure.to_string().contains(name), "{place}: {failure}");
                }
            }
        }
        // None of these attempts has spent the token.
        assert!(
            rotate(profile, &pair.refresh.token).is_ok(),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn every_token_is_its_own() {
    for provider in providers() {
        let bench = rotating(*provider, "");
        let profile = bench.profile("api");
        let (mut ids, mut families, mut tokens) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for _ in 0..50 {
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let access = verify(profile, &pair.access.token, TokenKind::Access).unwrap();
            let refresh = verify(profile, &pair.refresh.token, TokenKind::Refresh).unwrap();
            assert_eq!(access.family(), refresh.family());
            families.insert(access.family().unwrap().into_owned());
            ids.extend([pair.access.token_id, pair.refresh.token_id]);
            tokens.extend([pair.access.token, pair.refresh.token]);
        }
        assert_eq!((ids.len(), families.len(), tokens.len()), (100, 50, 100));
        assert!(ids.iter().all(|id| id.len() >= 22), "128 bits");
    }
}

#[test]
fn lifetimes() {
    let ends = |seconds| Some(UnixMillis::from_secs(NOW + seconds));
    for provider in providers() {
        let name = provider.name();
        let lines = format!("{KIND}sign.access = \"90s\"\nsign.refresh = \"2h\"\n");
        let bench = issuer(*provider, &lines);
        let profile = bench.profile("api");
        let sign = |kind, lifetime| profile.sign(kind, &ada(), lifetime).unwrap().expires_at;
        assert_eq!(sign(TokenKind::Access, None), ends(90), "{name}");
        assert_eq!(sign(TokenKind::Refresh, None), ends(7_200), "{name}");
        let hour = Some(Lifetime::For(Duration::from_secs(3_600)));
        assert_eq!(sign(TokenKind::Access, hour), ends(3_600), "{name}");
        let pair = profile.sign_pair(&ada(), hour).unwrap();
        assert_eq!(pair.access.expires_at, ends(3_600), "{name}");
        assert_eq!(
            pair.refresh.expires_at,
            ends(7_200),
            "{name}: the access token's alone"
        );
        let forever = Some(Lifetime::For(Duration::MAX));
        let refused = profile
            .sign(TokenKind::Access, &ada(), forever)
            .unwrap_err();
        assert_eq!(
            refused.code(),
            Code::ValidationError,
            "{name}: past every date that a verifier reads, and no panic"
        );

        // In the middle of a second the end is rounded against the token.
        bench.clock.set(UnixMillis::from_millis(NOW * 1000 + 999));
        assert_eq!(sign(TokenKind::Access, None), ends(90), "{name}");

        let endless = "expiration = \"optional\"\nmax_age = \"1h\"\nsign.access = \"none\"\nsign.refresh = \"none\"\n";
        let bench = issuer(*provider, &format!("{KIND}{endless}"));
        let pair = bench.profile("api").sign_pair(&ada(), None).unwrap();
        assert_eq!(pair.access.expires_at, None, "{name}");
        let verified = verify(bench.profile("api"), &pair.access.token, TokenKind::Access).unwrap();
        assert_eq!(verified.get("exp"), None, "{name}");
        drop(verified);
        bench.clock.advance(Duration::from_secs(3_600));
        let old = Err(expired(ClaimName::IssuedAt));
        assert_eq!(
            bench.verify(&pair.access.token),
            old,
            "{name}: capped by its age"
        );
    }
    let endless = "[profiles.api]\nalgorithms = [\"HS256\"]\nsign.access = \"none\"\n";
    let text = format!(
        "{endless}{}",
        key_section("api", None, None, key(HS256), true)
    );
    let environment = Environment::empty();
    let config = Config::from_text(&text, "test", &environment).unwrap();
    let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
    let fault = config.build(&environment, &clock).unwrap_err();
    assert!(fault.chain().contains("expiration"), "{}", fault.chain());
}

#[test]
fn r1_spent_inside_its_grace() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"10s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let first = rotate(profile, &pair.refresh.token).unwrap();
        for second in [0, 5, 4] {
            bench.clock.advance(Duration::from_secs(second));
            let again = rotate(profile, &pair.refresh.token).unwrap();
            assert_eq!(
                (&again.access, &again.refresh),
                (&first.access, &first.refresh),
                "{name}"
            );
            assert_eq!(again.payload, first.payload, "{name}");
            assert_eq!(
                again.access_expires_at,
                Some(NOW + 900),
                "{name}: the first one's"
            );
        }
        assert!(
            verify(profile, &first.access, TokenKind::Access).is_ok(),
            "{name}"
        );
        assert!(
            rotate(profile, &first.refresh).is_ok(),
            "{name}: nothing is revoked"
        );
    }
}

#[test]
fn r1_spent_outside_its_grace() {
    for provider in providers() {
        let name = provider.name();
        for grace in ["0s", "10s"] {
            let bench = rotating(*provider, &format!("rotation.grace = \"{grace}\""));
            let profile = bench.profile("api");
            let stranger = profile.sign_pair(&ada(), None).unwrap();
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let second = rotate(profile, &pair.refresh.token).unwrap();
            let third = rotate(profile, &second.refresh).unwrap();
            bench.clock.advance(Duration::from_secs(10));
            assert_eq!(
                refused(rotate(profile, &pair.refresh.token)),
                Code::Reused,
                "{name} {grace}"
            );
            // The whole family has ended: what was given out before, and what would be now.
            let revoked = |verdict: Result<Verified, Reject>| {
                assert_eq!(
                    verdict.map(drop),
                    Err(code(Code::Revoked)),
                    "{name} {grace}"
                );
            };
            revoked(verify(profile, &pair.access.token, TokenKind::Access));
            revoked(verify(profile, &second.access, TokenKind::Access));
            revoked(verify(profile, &third.access, TokenKind::Access));
            for refresh in [&pair.refresh.token, &second.refresh, &third.refresh] {
                assert_eq!(
                    refused(rotate(profile, refresh)),
                    Code::Revoked,
                    "{name} {grace}"
                );
            }
            // Another sign-in of the same subject is another family.
            assert!(
                verify(profile, &stranger.access.token, TokenKind::Access).is_ok(),
                "{name}"
            );
            assert!(rotate(profile, &stranger.refresh.token).is_ok(), "{name}");
        }
    }
}

#[test]
fn r1_a_token_without_a_family_founds_one() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let payload = format!(
            r#"{{"sub":"ada","tokenType":"refresh","jti":"old","exp":{}}}"#,
            NOW + 600
        );
        let old = token(HS256, key(HS256), header(HS256), payload);
        let second = rotate(profile, &old).unwrap();
        let third = rotate(profile, &second.refresh).unwrap();
        assert_eq!(refused(rotate(profile, &old)), Code::Reused, "{name}");
        for refresh in [&second.refresh, &third.refresh] {
            assert_eq!(
                refused(rotate(profile, refresh)),
                Code::Revoked,
                "{name}: its successor"
            );
        }
        let access = verify(profile, &third.access, TokenKind::Access).map(drop);
        assert_eq!(access, Err(code(Code::Revoked)), "{name}");
        // Without a jti there is nothing to spend.
        let nameless = format!(
            r#"{{"sub":"ada","tokenType":"refresh","exp":{}}}"#,
            NOW + 600
        );
        let nameless = token(HS256, key(HS256), header(HS256), nameless);
        let failure = profile
            .rotate(&nameless, &ClaimChange::default(), None)
            .unwrap_err();
        assert!(
            matches!(failure, Failure::Reject(reject) if reject == invalid(ClaimName::TokenId))
        );
    }
}

#[test]
fn r2_tokens_of_the_wrong_kind() {
    for provider in providers() {
        for mode in ["detect", "stateless"] {
            let lines = format!("{KIND}sign.access = \"15m\"\nrotation.reuse = \"{mode}\"\n");
            let bench = issuer(*provider, &lines);
            let profile = bench.profile("api");
            let place = format!("{} {mode}", provider.name());
            let pair = profile.sign_pair(&ada(), None).unwrap();
            for _ in 0..2 {
                let failure = profile
                    .rotate(&pair.access.token, &ClaimChange::default(), None)
                    .unwrap_err();
                assert!(
                    matches!(failure, Failure::Reject(reject) if reject == wrong_kind()),
                    "{place}"
                );
                assert_eq!(
                    bench.verify(&pair.refresh.token),
                    Err(wrong_kind()),
                    "{place}"
                );
                assert_eq!(bench.verify(&pair.access.token), Ok(()), "{place}");
            }
            let unmarked = format!(r#"{{"sub":"ada","jti":"x","exp":{}}}"#, NOW + 600);
            let unmarked = token(HS256, key(HS256), header(HS256), unmarked);
            assert_eq!(
                refused(rotate(profile, &unmarked)),
                Code::WrongTokenKind,
                "{place}"
            );
            assert!(rotate(profile, &pair.refresh.token).is_ok(), "{place}");
        }
    }
}

#[test]
fn r2_what_no_profile_would_take_is_not_rotated() {
    for provider in providers() {
        let bench = rotating(*provider, "issuer = \"i\"\n");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let mut forged = pair.refresh.token.clone();
        forged.replace_range(forged.len() - 8.., "AAAAAAAA");
        assert_eq!(refused(rotate(profile, &forged)), Code::InvalidSignature);
        assert_eq!(refused(rotate(profile, "")), Code::Malformed);
        let foreign = format!(
            r#"{{"iss":"x","tokenType":"refresh","jti":"1","exp":{}}}"#,
            NOW + 600
        );
        let foreign = token(HS256, key(HS256), header(HS256), foreign);
        assert_eq!(refused(rotate(profile, &foreign)), Code::InvalidClaim);
        let index = profile.verifier().revocations();
        let id = pair.refresh.token_id.as_bytes();
        index.revoke_handle(id, UnixMillis::MAX).unwrap();
        assert_eq!(refused(rotate(profile, &pair.refresh.token)), Code::Revoked);
        assert!(index.lift(index.handle_key(id)));
        bench.clock.advance(Duration::from_secs(7 * 86_400));
        assert_eq!(
            refused(rotate(profile, &pair.refresh.token)),
            Code::Expired,
            "{}",
            provider.name()
        );
    }
}

#[test]
fn r3_one_successor_of_64_at_once() {
    for provider in providers() {
        let name = provider.name();
        for round in 0..4 {
            let bench = rotating(*provider, "rotation.grace = \"10s\"");
            let profile = bench.profile("api");
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let start = Arc::new(Barrier::new(64));
            let threads: Vec<_> = (0..64)
                .map(|_| {
                    let (start, profile) = (Arc::clone(&start), Arc::clone(profile));
                    let refresh = pair.refresh.token.clone();
                    thread::spawn(move || {
                        start.wait();
                        rotate(&profile, &refresh).map(|rotated| (rotated.access, rotated.refresh))
                    })
                })
                .collect();
            let answers: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect();
            let successors: BTreeSet<_> = answers.into_iter().map(Result::unwrap).collect();
            assert_eq!(successors.len(), 1, "{name}, round {round}");
            let (access, refresh) = successors.first().unwrap();
            assert!(verify(profile, access, TokenKind::Access).is_ok(), "{name}");
            assert!(rotate(profile, refresh).is_ok(), "{name}");
        }
    }
}

#[test]
fn r3_without_a_grace_one_of_64_is_the_first() {
    for provider in providers() {
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let start = Arc::new(Barrier::new(64));
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let (start, profile) = (Arc::clone(&start), Arc::clone(profile));
                let refresh = pair.refresh.token.clone();
                thread::spawn(move || {
                    start.wait();
                    rotate(&profile, &refresh)
                })
            })
            .collect();
        let answers: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        let given: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(given.len(), 1, "{}", provider.name());
        // The others are reuse, or found the family revoked by reuse; the one successor is void.
        for code in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert!(
                [Code::Reused, Code::Revoked].contains(code),
                "{}: {code}",
                provider.name()
            );
        }
        assert_eq!(refused(rotate(profile, &given[0].refresh)), Code::Revoked);
    }
}

#[test]
fn r4_a_family_that_was_revoked_stays_so() {
    for provider in providers() {
        let bench = rotating(*provider, "rotation.grace = \"10s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let second = rotate(profile, &pair.refresh.token).unwrap();
        let index = profile.verifier().revocations();
        let family = verify(profile, &second.access, TokenKind::Access)
            .unwrap()
            .family()
            .unwrap()
            .into_owned();
        index
            .revoke_family(family.as_bytes(), UnixMillis::MAX)
            .unwrap();
        // Inside the grace, too: the reply is not repeated to what has ended.
        for refresh in [&pair.refresh.token, &second.refresh] {
            assert_eq!(
                refused(rotate(profile, refresh)),
                Code::Revoked,
                "{}",
                provider.name()
            );
        }
    }
}

#[test]
fn a_rotation_may_change_claims() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let change = |set: Value, remove: &[&str]| ClaimChange {
            set: values(set),
            remove: remove.iter().map(|name| (*name).to_owned()).collect(),
            ..ClaimChange::default()
        };
        for (refused, named) in [
            (change(json!({"sub": "eve"}), &[]), "sub"),
            (change(json!({"sub": "ada"}), &[]), "sub"),
            (change(json!({}), &["sub"]), "sub"),
            (change(json!({"roleId": 5}), &["roleId"]), "roleId"),
        ] {
            let failure = profile
                .rotate(&pair.refresh.token, &refused, None)
                .unwrap_err();
            assert_eq!(failure.code(), Code::ValidationError, "{name}");
            assert!(failure.to_string().contains(named), "{name}: {failure}");
        }
        let change = change(
            json!({"roleId": 5, "new": {"a": [1]}}),
            &["scope", "never there"],
        );
        let hour = Some(Lifetime::For(Duration::from_secs(3_600)));
        let rotated = profile.rotate(&pair.refresh.token, &change, hour).unwrap();
        assert_eq!(rotated.access_expires_at, Some(NOW + 3_600), "{name}");
        assert_eq!(
            Value::Object(rotated.payload.clone()),
            json!({"sub": "ada", "roleId": 5, "new": {"a": [1]}})
        );
        for (token, kind) in [
            (&rotated.access, TokenKind::Access),
            (&rotated.refresh, TokenKind::Refresh),
        ] {
            let verified = verify(profile, token, kind).unwrap();
            assert_eq!(verified.get("roleId"), Some(json!(5)), "{name}");
            assert_eq!(verified.get("scope"), None, "{name}");
            assert_eq!(verified.get("new"), Some(json!({"a": [1]})), "{name}");
            assert_eq!(verified.subject().as_deref(), Some("ada"), "{name}");
        }
        // What was changed is inherited from then on.
        let third = rotate(profile, &rotated.refresh).unwrap();
        assert_eq!(third.payload, rotated.payload, "{name}");
        assert_eq!(
            third.access_expires_at,
            Some(NOW + 900),
            "{name}: the profile's again"
        );
        assert!(!format!("{third:?}").contains(&third.access), "{name}");
    }
}

#[test]
fn a_rotated_token_is_its_own() {
    for provider in providers() {
        let bench = rotating(*provider, "");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let mut ids: BTreeSet<String> = [pair.access.token_id, pair.refresh.token_id].into();
        let mut refresh = pair.refresh.token;
        let family = verify(profile, &pair.access.token, TokenKind::Access)
            .unwrap()
            .family()
            .unwrap()
            .into_owned();
        for round in 1..=10 {
            bench.clock.advance(Duration::from_secs(60));
            let rotated = rotate(profile, &refresh).unwrap();
            for (token, kind) in [
                (&rotated.access, TokenKind::Access),
                (&rotated.refresh, TokenKind::Refresh),
            ] {
                let verified = verify(profile, token, kind).unwrap();
                assert!(
                    ids.insert(verified.token_id().unwrap().into_owned()),
                    "{}",
                    provider.name()
                );
                assert_eq!(
                    verified.family().as_deref(),
                    Some(&*family),
                    "{}",
                    provider.name()
                );
                assert_eq!(
                    verified.issued_at(),
                    Some(UnixMillis::from_secs(NOW + round * 60))
                );
            }
            refresh = rotated.refresh;
        }
    }
}

#[test]
fn stateless_rotation_remembers_nothing() {
    for provider in providers() {
        let name = provider.name();
        let lines = format!("{KIND}sign.access = \"15m\"\nrotation.reuse = \"stateless\"\n");
        let bench = issuer(*provider, &lines);
        let profile = bench.profile("api");
        assert_eq!(profile.issues(), (true, true), "{name}");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let first = rotate(profile, &pair.refresh.token).unwrap();
        bench.clock.advance(Duration::from_secs(60));
        let second = rotate(profile, &pair.refresh.token).unwrap();
        assert_ne!(first.refresh, second.refresh, "{name}");
        for rotated in [&first, &second] {
            assert!(
                verify(profile, &rotated.access, TokenKind::Access).is_ok(),
                "{name}"
            );
            assert!(
                !rotated.payload.contains_key("family"),
                "{name}: no families here"
            );
        }
        // A claim that is only called so is the caller's, and a change to it is made.
        let claims = values(json!({"sub": "ada", "family": "Lovelace"}));
        let pair = profile.sign_pair(&claims, None).unwrap();
        let mut change = ClaimChange::default();
        change.set.insert("family".to_owned(), json!("King"));
        let rotated = profile.rotate(&pair.refresh.token, &change, None).unwrap();
        let verified = verify(profile, &rotated.access, TokenKind::Access).unwrap();
        assert_eq!(verified.get("family"), Some(json!("King")), "{name}");
    }
}

#[test]
fn a_profile_that_does_not_sign_says_so() {
    for provider in providers() {
        let bench = Bench::new(*provider, &[HS256], KIND);
        let profile = bench.profile("api");
        assert_eq!(profile.issues(), (false, false));
        let fault = profile.sign(TokenKind::Access, &ada(), None).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.to_string().contains("profiles.api.sign"), "{fault}");
        let signs = issuer(*provider, "sign.access = \"1m\"");
        let failure = signs
            .profile("api")
            .rotate("a.b.c", &ClaimChange::default(), None)
            .unwrap_err();
        assert_eq!(failure.code(), Code::ValidationError);
        assert!(
            failure.to_string().contains("profiles.api.rotation"),
            "{failure}"
        );
    }
}

#[test]
fn a_public_key_cannot_sign() {
    for provider in providers() {
        let algorithm = Algorithm::ES256;
        assert!(matches!(key(algorithm), KeyMaterial::Private(_)));
        let text = format!(
            "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"ES256\"]\nsign.access = \"1m\"\n{}",
            provider.name(),
            key_section("api", Some("k1"), None, key(algorithm), false)
        );
        let environment = Environment::empty();
        let config = Config::from_text(&text, "test", &environment).unwrap();
        let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
        let fault = config.build(&environment, &clock).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(
            fault.chain().contains("no key can sign"),
            "{}",
            fault.chain()
        );
    }
}

#[test]
fn a_claim_carries_one_thing_alone() {
    for provider in providers() {
        for (clash, is_one) in [
            ("family = \"tokenType\"", false),
            ("founded = \"tokenType\"", false),
            ("family = \"f\"\nclaims.founded = \"f\"", false),
            ("family = \"f\"\nclaims.founded = \"g\"", true),
        ] {
            let text = format!(
                "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\n{KIND}claims.{clash}\n\
                 sign.access = \"15m\"\nrotation.family_lifetime = \"30d\"\nrotation.reuse = \"detect\"\n{}",
                provider.name(),
                key_section("api", Some("k1"), None, key(HS256), true)
            );
            let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
            let none = Environment::empty();
            let config = Config::from_text(&text, "test", &none).unwrap();
            let built = config.build(&none, &clock);
            let why = built.err().map(|fault| fault.chain()).unwrap_or_default();
            assert_eq!(why.is_empty(), is_one, "{clash}: {why}");
            assert!(is_one || why.contains("cannot carry two"), "{clash}: {why}");
        }
    }
}
