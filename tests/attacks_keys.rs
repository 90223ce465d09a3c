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
mod common;

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

#[test]
fn k01_weak_and_broken_keys_are_refused_at_load() {
    let rsa = |n: &[u8], e: &[u8]| json!({"kty": "RSA", "kid": "the-key", "n": base64url::encode(n), "e": base64url::encode(e)});
    let modulus = |bits: usize| {
        let mut n = vec![0xa7; bits / 8];
        n[bits / 8 - 1] |= 1;
        n
    };
    let good = modulus(2048);
    let zeros = base64url::encode(&[0; 32]);
    let ones = base64url::encode(&[1; 32]);
    let ec =
        |x: &str, y: &str| json!({"kty": "EC", "crv": "P-256", "kid": "the-key", "x": x, "y": y});
    let jwks = [
        ("[\"RS256\"]", rsa(&modulus(1024), &[1, 0, 1]), "1024"),
        ("[\"RS256\"]", rsa(&modulus(2040), &[1, 0, 1]), "2040"),
        ("[\"RS256\"]", rsa(&modulus(8200), &[1, 0, 1]), "8200"),
        ("[\"RS256\"]", rsa(&good, &[1]), "exponent"),
        ("[\"RS256\"]", rsa(&good, &[2]), "exponent"),
        ("[\"RS256\"]", rsa(&good, &[1, 0, 0]), "exponent"),
        ("[\"RS256\"]", rsa(&good, &[2, 0, 0, 0, 1]), "exponent"),
        ("[\"RS256\"]", rsa(&good, &[0]), "exponent"),
        ("[\"PS256\"]", rsa(&modulus(1024), &[1, 0, 1]), "1024"),
        ("[\"ES256\"]", ec(&ones, &ones), "off its curve"),
        ("[\"ES256\"]", ec(&zeros, &zeros), "off its curve"),
        (
            "[\"EdDSA\"]",
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "the-key", "x": zeros}),
            "broken",
        ),
        (
            "[\"HS256\"]",
            json!({"kty": "oct", "kid": "the-key", "k": base64url::encode(b"0123456789ABCDEFGHIJKLMNOPQRSTU")}),
            "31",
        ),
    ];
    let secrets = [
        (
            "[\"HS256\"]",
            "x9-0123456789ABCDEFGHIJKLMNOPQ",
            "at least 32",
        ),
        (
            "[\"HS384\"]",
            "x9-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcde",
            "at least 48",
        ),
        (
            "[\"HS512\"]",
            "x9-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq",
            "at least 64",
        ),
    ];
    let pem = public_key_pem(key(RS256).public().unwrap()).unwrap();
    for provider in providers() {
        for (algorithms, jwk, why) in &jwks {
            let entry = format!("\n[[profiles.api.keys]]\njwk = '{jwk}'\n");
            let said = fault(&document(algorithms, *provider, &entry));
            let place = format!("{}: {jwk}: {said}", provider.name());
            assert!(
                said.contains("keys[0].jwk") && said.contains("the-key"),
                "{place}"
            );
            assert!(said.contains(why), "{place}");
            // In a set of one's own as well: it was written down to be used.
            let said = fault(&document(
                algorithms,
                *provider,
                &set_section(std::slice::from_ref(jwk)),
            ));
            assert!(said.contains("the-key") && said.contains(why), "{place}");
        }
        for (algorithms, secret, why) in &secrets {
            let entry = format!("\n[[profiles.api.keys]]\nsecret = '{secret}'\n");
            let said = fault(&document(algorithms, *provider, &entry));
            assert!(
                said.contains("keys[0].secret") && said.contains(why),
                "{}: {said}",
                provider.name()
            );
            assert!(!said.contains(secret), "{}: {said}", provider.name());
        }
        for (entry, why) in [
            (format!("secret = '''{pem}'''"), "asymmetric key"),
            (
                format!("secret = '{}'", jwk(key(RS256), json!({}))),
                "asymmetric key",
            ),
            ("secret = ''".to_owned(), "secret"),
            ("secret_hex = ''".to_owned(), "secret"),
            ("secret_base64url = ''".to_owned(), "secret"),
        ] {
            for weak in ["", "allow_weak_keys = true\n"] {
                let text = document(
                    "[\"HS256\"]",
                    *provider,
                    &format!("{weak}\n[[profiles.api.keys]]\n{entry}\n"),
                );
                let said = fault(&text);
                assert!(
                    said.contains("keys[0].secret") && said.contains(why),
                    "{}: {entry}: {said}",
                    provider.name()
                );
            }
        }
    }
}

#[test]
fn k01_asymmetric_material_never_becomes_a_secret() {
    for provider in providers() {
        for algorithm in [RS256, ES256, Algorithm::EdDSA] {
            for private in [true, false] {
                let entry = key_section("api", None, None, key(algorithm), private);
                let said = fault(&document("[\"HS256\"]", *provider, &entry));
                assert!(said.contains("fits none"), "{}: {said}", provider.name());
            }
        }
        let entry = key_section("api", None, None, key(HS256), true);
        let said = fault(&document("[\"RS256\", \"ES256\"]", *provider, &entry));
        assert!(said.contains("fits none"), "{}: {said}", provider.name());
    }
}

#[test]
fn k02_a_key_is_used_for_what_it_says_and_nothing_else() {
    let rsa = key(RS256);
    let ec = key(ES256);
    for provider in providers() {
        for (more, accepted, what) in [
            (json!({}), true, "no alg, no use"),
            (json!({"use": "sig"}), true, "use sig"),
            (json!({"alg": "RS256"}), true, "its own alg"),
            (json!({"key_ops": ["verify"]}), true, "verify"),
            (
                json!({"x5c": ["AAAA"], "x5t": "AAAA", "unknown": {"a": []}}),
                true,
                "other members",
            ),
            (json!({"use": "enc"}), false, "use enc"),
            (json!({"use": "SIG"}), false, "use in capitals"),
            (json!({"use": 1}), false, "use is no string"),
            (json!({"key_ops": ["encrypt"]}), false, "encrypt"),
            (
                json!({"key_ops": ["sign"]}),
                false,
                "sign alone, of a public key",
            ),
            (json!({"key_ops": []}), false, "no operation"),
            (json!({"key_ops": "verify"}), false, "no list"),
            (json!({"key_ops": ["verify", 1]}), false, "no list of names"),
            (json!({"key_ops": ["verify", "verify"]}), false, "twice"),
            (json!({"alg": "RS384"}), false, "another alg of the family"),
            (json!({"alg": "PS256"}), false, "another padding"),
            (json!({"alg": "HS256"}), false, "an alg of another family"),
            (json!({"alg": "RSA-OAEP"}), false, "an alg of encryption"),
            (json!({"alg": "none"}), false, "none"),
            (json!({"alg": 256}), false, "alg is no string"),
            (json!({"kid": 7}), false, "kid is no string"),
            (json!({"kty": "oct"}), false, "another kty"),
            (json!({"kty": "XYZ"}), false, "an unknown kty"),
            (json!({"kty": null}), false, "no kty"),
        ] {
            let place = format!("{}: {what}", provider.name());
            let set = [jwk(rsa, more), jwk(ec, json!({"kid": "ec"}))];
            let text = document(
                "[\"RS256\", \"ES256\", \"HS256\"]",
                *provider,
                &set_section(&set),
            );
            let bench = Bench::from_toml(*provider, &text);
            let expected = if accepted {
                Ok(())
            } else {
                Err(code(Code::UnknownKey))
            };
            for _ in 0..2 {
                assert_eq!(bench.verify(nameless(RS256, rsa)), expected, "{place}");
                // The rest of the set works.
                assert_eq!(bench.verify(named(ES256, ec, "ec")), Ok(()), "{place}");
                // And nothing in it became a secret, least of all an empty one.
                for secret in [Vec::new(), vec![0; 32], modulus_of(rsa)] {
                    let hash = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
                    let input = parts(&nameless(HS256, key(HS256)))[..2].join(".");
                    let tag = aws_lc_rs::hmac::sign(&hash, input.as_bytes());
                    let forged = format!("{input}.{}", base64url::encode(tag.as_ref()));
                    assert_eq!(bench.verify(forged), Err(code(Code::UnknownKey)), "{place}");
                }
            }
        }
    }
}

fn modulus_of(key: &KeyMaterial) -> Vec<u8> {
    match key.public() {
        Some(PublicKey::Rsa { n, .. }) => n.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn k02_keys_of_other_curves_and_types_are_passed_over() {
    let good = key(ES256);
    let strangers = [
        json!({"kty": "EC", "crv": "secp256k1", "x": base64url::encode(&[1; 32]), "y": base64url::encode(&[2; 32])}),
        json!({"kty": "OKP", "crv": "Ed448", "x": base64url::encode(&[1; 57])}),
        json!({"kty": "OKP", "crv": "X25519", "x": base64url::encode(&[1; 32])}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "P-256"}),
        json!({"kty": "RSA", "n": "AQAB"}),
        json!({"kty": "RSA", "n": "not base64url!", "e": "AQAB"}),
        json!("text"),
        json!(null),
        json!([]),
        json!({}),
        // Good keys, of algorithms that this profile does not list.
        jwk(key(RS256), json!({"kid": "rsa"})),
        jwk(key(RS256), json!({"kid": "rsa", "alg": "RS256"})),
        jwk(key(Algorithm::ES384), json!({"kid": "p384"})),
        jwk(key(Algorithm::EdDSA), json!({"kid": "ed"})),
    ];
    for provider in providers() {
        for at in 0..=strangers.len() {
            let mut set = strangers.to_vec();
            set.insert(at, jwk(good, json!({"kid": "good"})));
            let text = document("[\"ES256\"]", *provider, &set_section(&set));
            let bench = Bench::from_toml(*provider, &text);
            assert_eq!(
                bench.verify(named(ES256, good, "good")),
                Ok(()),
                "{}",
                provider.name()
            );
            assert_eq!(
                bench.verifier().keys().current().len(),
                1,
                "{}",
                provider.name()
            );
        }
        let text = document("[\"ES256\"]", *provider, &set_section(&strangers[12..]));
        assert!(fault(&text).contains("fits none"), "{}", provider.name());
        let text = document("[\"ES256\"]", *provider, &set_section(&strangers[..12]));
        assert!(
            fault(&text).contains("no key that can be used"),
            "{}",
            provider.name()
        );
        // One key that was named alone is a mistake, and not passed over.
        let entries = format!(
            "{}{}",
            key_section("api", None, None, good, false),
            key_section("api", None, None, key(RS256), false)
        );
        assert!(fault(&document("[\"ES256\"]", *provider, &entries)).contains("fits none"));
    }
}

#[test]
fn k02_a_private_key_in_a_published_set_is_an_error() {
    let good = key(ES256);
    let secret = match key(Algorithm::EdDSA) {
        KeyMaterial::Private(PrivateKey::Ed25519 { seed, .. }) => base64url::encode(seed.expose()),
        _ => panic!("another family"),
    };
    let private = jwk(key(Algorithm::EdDSA), json!({"kid": "leaked", "d": secret}));
    let symmetric = json!({"kty": "oct", "kid": "leaked", "k": base64url::encode(&[7; 32])});
    for provider in providers() {
        let text = document(
            "[\"ES256\", \"HS256\", \"EdDSA\"]",
            *provider,
            &key_section("api", Some("good"), None, good, false),
        );
        let bench = Bench::from_toml(*provider, &text);
        let ring: &KeyRing = bench.verifier().keys();
        for leak in [&private, &symmetric] {
            let published = json!({"keys": [jwk(other_key(ES256), json!({"kid": "new"})), leak]});
            let fault = ring.accept(published.to_string().as_bytes()).unwrap_err();
            assert_eq!(fault.code(), Code::KeysUnavailable, "{}", provider.name());
            let said = fault.chain();
            assert!(
                said.contains("leaked") && !said.contains(&secret),
                "{}: {said}",
                provider.name()
            );
            // Nothing of the document was taken, and the keys of before still count.
            let verdict = bench.verify(named(ES256, other_key(ES256), "new"));
            assert_eq!(verdict, Err(code(Code::UnknownKey)), "{}", provider.name());
            assert_eq!(
                bench.verify(named(ES256, good, "good")),
                Ok(()),
                "{}",
                provider.name()
            );
        }
        // The same document without the leak.
        let published = json!({"keys": [jwk(other_key(ES256), json!({"kid": "new"})), jwk(key(RS256), json!({}))]});
        assert_eq!(
            ring.accept(published.to_string().as_bytes())
                .unwrap()
                .keys
                .get(),
            1
        );
        assert_eq!(
            bench.verify(named(ES256, other_key(ES256), "new")),
            Ok(()),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn k02_one_key_one_algorithm_even_where_a_profile_allows_two() {
    let rsa = key(RS256);
    for provider in providers() {
        for (more, rs, ps) in [
            (json!({"alg": "RS256"}), true, false),
            (json!({"alg": "PS256"}), false, true),
            (json!({}), true, true),
        ] {
            let text = document(
                "[\"RS256\", \"PS256\"]",
                *provider,
                &set_section(&[jwk(rsa, more)]),
            );
            let bench = Bench::from_toml(*provider, &text);
            for (algorithm, accepted) in [(RS256, rs), (PS256, ps)] {
                let expected = if accepted {
                    Ok(())
                } else {
                    Err(code(Code::UnknownKey))
                };
                for _ in 0..2 {
                    assert_eq!(
                        bench.verify(nameless(algorithm, rsa)),
                        expected,
                        "{} {algorithm}",
                        provider.name()
                    );
                }
                // A signature of the one padding under the name of the other.
                let other = if algorithm == RS256 { PS256 } else { RS256 };
                let crossed = token(algorithm, rsa, header(other), claims());
                assert!(
                    bench.verify(crossed).is_err(),
                    "{} {algorithm}",
                    provider.name()
                );
            }
        }
    }
}

fn ring_of(provider: Provider, algorithms: &[Algorithm], lines: &str, keys: Vec<KeySpec>) -> Bench {
    let bench = Bench::new(provider, algorithms, lines);
    bench
        .verifier()
        .keys()
        .replace_fixed(keys)
        .expect("good keys");
    bench
}

fn spec(kid: Option<&str>, key: &KeyMaterial) -> KeySpec {
    let spec = KeySpec::new("test", key.clone());
    match kid {
        Some(kid) => spec.with_kid(kid),
        None => spec,
    }
}

#[test]
fn k03_two_keys_with_one_kid_and_one_without() {
    let (one, two) = (key(HS256), other_key(HS256));
    let (third, bad) = (generate(HS256), generate(HS256));
    let ec = key(ES256);
    for provider in providers() {
        for turned in [false, true] {
            let mut keys = vec![
                spec(Some("k"), one),
                spec(Some("k"), two),
                spec(None, &third),
                spec(Some("k"), ec),
            ];
            if turned {
                keys.reverse();
            }
            let bench = ring_of(*provider, &[HS256, ES256], "", keys);
            let place = format!("{}, turned {turned}", provider.name());
            let verdict = |token: String| {
                let first = bench.verify(&token);
                assert_eq!(bench.verify(&token), first, "{place}");
                first
            };
            // By alg and kid; where both are the same, in order.
            assert_eq!(verdict(named(HS256, one, "k")), Ok(()), "{place}");
            assert_eq!(verdict(named(HS256, two, "k")), Ok(()), "{place}");
            assert_eq!(verdict(named(ES256, ec, "k")), Ok(()), "{place}");
            // A kid that is a key's is that key's: the nameless one has no say.
            let signature = Err(code(Code::InvalidSignature));
            assert_eq!(verdict(named(HS256, &third, "k")), signature, "{place}");
            // One that is nobody's may be the nameless one's.
            assert_eq!(verdict(named(HS256, &third, "other")), Ok(()), "{place}");
            assert_eq!(verdict(named(HS256, one, "other")), signature, "{place}");
            // Without a kid every key of the algorithm is tried.
            for key in [one, two, &third] {
                assert_eq!(verdict(nameless(HS256, key)), Ok(()), "{place}");
            }
            assert_eq!(verdict(nameless(HS256, &bad)), signature, "{place}");
            assert_eq!(verdict(nameless(ES256, ec)), Ok(()), "{place}");
            let options = bearerd::verify::VerifyOptions::default();
            let token = named(HS256, two, "k");
            let verified = bench.verifier().verify(&token, &options).unwrap();
            assert_eq!(
                (verified.kid(), verified.algorithm()),
                (Some("k"), Some(HS256)),
                "{place}"
            );
        }
    }
}

#[test]
fn k03_policies_for_the_kid() {
    let (one, two) = (key(HS256), other_key(HS256));
    let unknown: Result<(), Reject> = Err(code(Code::UnknownKey));
    for provider in providers() {
        let keys = || vec![spec(Some("a"), one), spec(Some("b"), two)];
        for (policy, absent, right, wrong, strange) in [
            (
                "optional",
                Ok(()),
                Ok(()),
                Err(code(Code::InvalidSignature)),
                unknown,
            ),
            (
                "required",
                unknown,
                Ok(()),
                Err(code(Code::InvalidSignature)),
                unknown,
            ),
            ("ignore", Ok(()), Ok(()), Ok(()), Ok(())),
        ] {
            let bench = ring_of(*provider, &[HS256], &format!("kid = \"{policy}\""), keys());
            let place = format!("{}: {policy}", provider.name());
            for _ in 0..2 {
                assert_eq!(bench.verify(nameless(HS256, one)), absent, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "a")), right, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "b")), wrong, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "c")), strange, "{place}");
            }
        }
    }
}

#[test]
fn k03_ambiguity_is_bounded() {
    let known: Vec<KeyMaterial> = (0..20).map(|_| generate(HS256)).collect();
    for provider in providers() {
        let keys = known.iter().map(|key| spec(Some("same"), key)).collect();
        let bench = ring_of(*provider, &[HS256], "", keys);
        let verdicts: Vec<bool> = known
            .iter()
            .map(|key| bench.verify(named(HS256, key, "same")).is_ok())
            .collect();
        // In order, and no more than eight: the price of a made-up token has a bound.
        let expected: Vec<bool> = (0..20).map(|at| at < 8).collect();
        assert_eq!(verdicts, expected, "{}", provider.name());
    }
}

#[test]
fn k03_names_are_never_joined_by_a_delimiter() {
    // Issuer "a", kid "b:c" and issuer "a:b", kid "c" meet in every joined name.
    let joints = [":", "/", "|", "#", "-", ".", " "];
    for provider in providers() {
        for joint in joints {
            let (longer, kid) = (format!("a{joint}b"), format!("b{joint}c"));
            let mut text = format!("[issuers]\n\"a\" = \"one\"\n{longer:?} = \"two\"\n");
            for (profile, issuer, kid, secret) in [
                ("one", "a", kid.as_str(), key(HS256)),
                ("two", longer.as_str(), "c", other_key(HS256)),
            ] {
                text.push_str(&format!(
                    "\n[profiles.{profile}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nissuer = {issuer:?}\n\
                     claims.kind = {{ claim = \"kind\" }}\nsign.access = \"5m\"\nrotation.grace = \"0s\"\n{}",
                    provider.name(),
                    key_section(profile, Some(kid), None, secret, true)
                ));
            }
            let bench = Bench::from_toml(*provider, &text);
            let make = |issuer: &str, kid: &str, key: &KeyMaterial, kind: &str| {
                let head = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
                let payload = format!(
                    r#"{{"iss":"{issuer}","kind":"{kind}","jti":"j","exp":{}}}"#,
                    NOW + 600
                );
                token(HS256, key, head, payload)
            };
            let verify = |token: &str| {
                let profile = bench
                    .profiles
                    .choose(None, token.as_bytes())
                    .expect("is mapped");
                let options = bearerd::verify::VerifyOptions::default();
                (
                    profile.name().to_owned(),
                    profile.verifier().verify(token, &options).map(drop),
                )
            };
            let place = format!("{} {joint:?}", provider.name());
            for _ in 0..2 {
                let ones = make("a", &kid, key(HS256), "access");
                assert_eq!(verify(&ones), ("one".to_owned(), Ok(())), "{place}");
                let twos = make(&longer, "c", other_key(HS256), "access");
                assert_eq!(verify(&twos), ("two".to_owned(), Ok(())), "{place}");
                let crossed = make(&longer, "c", key(HS256), "access");
                let refused = Err(code(Code::InvalidSignature));
                assert_eq!(verify(&crossed), ("two".to_owned(), refused), "{place}");
                let crossed = make("a", "c", other_key(HS256), "access");
                let refused = Err(code(Code::UnknownKey));
                assert_eq!(verify(&crossed), ("one".to_owned(), refused), "{place}");
            }
            // One and the same jti is spent by each of them on its own.
            for (profile, issuer, kid, secret) in [
                ("one", "a", kid.as_str(), key(HS256)),
                ("two", longer.as_str(), "c", other_key(HS256)),
            ] {
                let refresh = make(issuer, kid, secret, "refresh");
                let rotated =
                    bench
                        .profile(profile)
                        .rotate(&refresh, &ClaimChange::default(), None);
                assert!(rotated.is_ok(), "{place}: {profile}");
            }
        }
    }
}

/// Which profile serves a token is the same whether it is remembered or not, and no other
/// profile's claim names or limits have a say in it.
#[test]
fn k03_the_choice_of_a_profile_is_that_of_the_token_s_issuer() {
    let long = "x".repeat(20_000);
    for provider in providers() {
        let mut text = "default_profile = \"strict\"\n[issuers]\n\"i\" = \"theirs\"\n".to_owned();
        for (profile, lines) in [
            (
                "strict",
                "claims.subject = \"userId\"\nlimits.members = 4\nlimits.depth = 2",
            ),
            (
                "theirs",
                "issuer = \"i\"\nlimits.token = 60000\ncache.max_entry_bytes = 100000",
            ),
        ] {
            text.push_str(&format!(
                "\n[profiles.{profile}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\n{lines}\n{}",
                provider.name(),
                key_section(profile, None, None, key(HS256), false)
            ));
        }
        for more in [
            r#""userId":7"#.to_owned(),
            r#""a":[[[1]]]"#.to_owned(),
            r#""a":1,"b":2,"c":3,"d":4"#.to_owned(),
            format!(r#""a":"{long}""#),
            r#""nbf":1,"iss2":"x""#.to_owned(),
        ] {
            let bench = Bench::from_toml(*provider, &text);
            let payload = format!(r#"{{"iss":"\u0069","exp":{},{more}}}"#, NOW + 600);
            let token = token(HS256, key(HS256), header(HS256), payload);
            let place = format!("{}: {}", provider.name(), &more[..more.len().min(40)]);
            let chosen = || {
                bench
                    .profiles
                    .choose(None, token.as_bytes())
                    .unwrap()
                    .name()
                    .to_owned()
            };
            assert_eq!(chosen(), "theirs", "{place}: not seen before");
            let options = bearerd::verify::VerifyOptions::default();
            let verdict = bench
                .profile("theirs")
                .verifier()
                .verify(&token, &options)
                .map(drop);
            assert_eq!(verdict, Ok(()), "{place}");
            assert_eq!(chosen(), "theirs", "{place}: remembered");
        }
        // What names no issuer, or one that is not mapped, or is no token, goes to the default.
        let bench = Bench::from_toml(*provider, &text);
        for other in [
            nameless(HS256, key(HS256)),
            token(HS256, key(HS256), header(HS256), r#"{"iss":["i"]}"#),
            token(HS256, key(HS256), header(HS256), r#"{"iss":"i","iss":"j"}"#),
            token(HS256, key(HS256), header(HS256), r#"{"iss":"I"}"#),
            "a.b".to_owned(),
            String::new(),
        ] {
            let chosen = bench.profiles.choose(None, other.as_bytes()).unwrap();
            assert_eq!(chosen.name(), "strict", "{}: {other}", provider.name());
        }
    }
}

/// The choice looks into the caches of the mapped profiles, and whoever chose goes on to verify:
/// that alone is a hit or a miss.
#[test]
fn a_token_that_chooses_its_profile_is_counted_once() {
    for provider in providers() {
        let names = ["one", "two", "three", "four"];
        let mut text: String = names
            .map(|name| {
                format!(
                    "[profiles.{name}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nissuer = \"{name}\"\n{}\n",
                    provider.name(),
                    key_section(name, None, None, key(HS256), false)
                )
            })
            .concat();
        text.push_str("[issuers]\n");
        text.extend(names.map(|name| format!("{name} = \"{name}\"\n")));
        let bench = Bench::from_toml(*provider, &text);
        let payload = format!(r#"{{"iss":"three","exp":{}}}"#, NOW + 600);
        let token = token(HS256, key(HS256), header(HS256), payload);
        let options = bearerd::verify::VerifyOptions::default();
        for _ in 0..3 {
            let verifier = bench.profiles.verifier(None, token.as_bytes()).unwrap();
            assert_eq!(verifier.name(), "three");
            assert!(verifier.verify(&token, &options).is_ok());
        }
        for name in names {
            let stats = bench.profile(name).verifier().cache_stats();
            let expected = if name == "three" { (2, 1) } else { (0, 0) };
            assert_eq!(
                (stats.hits, stats.misses),
                expected,
                "{}: {name}",
                provider.name()
            );
        }
    }
}
