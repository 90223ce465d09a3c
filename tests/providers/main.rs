//! One suite for every provider that is compiled in.
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]
#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails as the test would"
)]

mod keys;
#[path = "../common/provider.rs"]
mod provider;
mod signatures;
mod vectors;

use std::sync::LazyLock;

use bearerd::crypto::aws_lc_rs;
use bearerd::crypto::{Algorithm, KeyError, KeyFamily, KeyMaterial, KeyStrength, Provider};

use provider::providers;

const MESSAGE: &[u8] = b"eyJhbGciOiJub25lIn0.e30";

/// A key for every algorithm, made once by a provider that can make them all.
fn any_key(algorithm: Algorithm) -> KeyMaterial {
    static KEYS: LazyLock<Vec<KeyMaterial>> = LazyLock::new(make_keys);
    KEYS[algorithm as usize].clone()
}

fn other_key(algorithm: Algorithm) -> KeyMaterial {
    static KEYS: LazyLock<Vec<KeyMaterial>> = LazyLock::new(make_keys);
    KEYS[algorithm as usize].clone()
}

fn make_keys() -> Vec<KeyMaterial> {
    let rsa = aws_lc_rs()
        .generate(Algorithm::RS256)
        .expect("makes an RSA key");
    let make = |algorithm: Algorithm| match algorithm.family() {
        KeyFamily::Rsa => rsa.clone(),
        _ => aws_lc_rs().generate(algorithm).expect("makes every key"),
    };
    Algorithm::all().map(make).collect()
}

fn sign(provider: Provider, algorithm: Algorithm, key: &KeyMaterial) -> Vec<u8> {
    let signer = provider
        .sign_key(algorithm, key, KeyStrength::Standard)
        .expect("a good key");
    let mut signature = Vec::new();
    signer.sign(MESSAGE, &mut signature).expect("signs");
    signature
}

fn verifies(provider: Provider, algorithm: Algorithm, key: &KeyMaterial, signature: &[u8]) -> bool {
    let verifier = provider
        .verify_key(algorithm, key, KeyStrength::Standard)
        .expect("a good key");
    verifier.verify(MESSAGE, signature)
}

#[test]
fn what_one_provider_signs_every_other_verifies() {
    for algorithm in Algorithm::all() {
        let key = any_key(algorithm);
        for signer in providers()
            .iter()
            .filter(|provider| provider.signs(algorithm))
        {
            let signature = sign(*signer, algorithm, &key);
            for verifier in providers()
                .iter()
                .filter(|provider| provider.verifies(algorithm))
            {
                let pair = format!("{} to {}, {algorithm}", signer.name(), verifier.name());
                assert!(verifies(*verifier, algorithm, &key, &signature), "{pair}");
                let public = key
                    .public()
                    .cloned()
                    .map_or(key.clone(), KeyMaterial::Public);
                assert!(
                    verifies(*verifier, algorithm, &public, &signature),
                    "{pair}, public"
                );
                let other = other_key(algorithm);
                assert!(
                    !verifies(*verifier, algorithm, &other, &signature),
                    "{pair}, other key"
                );
            }
        }
    }
}

#[test]
fn a_signature_is_appended() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let key = provider.sign_key(algorithm, &any_key(algorithm), KeyStrength::Standard);
            let mut text = b"before".to_vec();
            key.unwrap().sign(MESSAGE, &mut text).unwrap();
            let length = algorithm.signature_length().unwrap_or(256);
            assert_eq!(&text[..6], b"before", "{} {algorithm}", provider.name());
            assert_eq!(text.len(), 6 + length, "{} {algorithm}", provider.name());
        }
    }
}

#[test]
fn what_is_not_offered_says_so() {
    for provider in providers() {
        for algorithm in Algorithm::all() {
            let key = any_key(algorithm);
            let expected = KeyError::NotOffered {
                provider: provider.name(),
                algorithm,
            };
            let verify = provider.verify_key(algorithm, &key, KeyStrength::Standard);
            assert_eq!(
                verify.is_ok(),
                provider.verifies(algorithm),
                "{}",
                provider.name()
            );
            assert!(
                verify.err().is_none_or(|error| error == expected),
                "{}",
                provider.name()
            );
            let sign = provider.sign_key(algorithm, &key, KeyStrength::Standard);
            assert_eq!(
                sign.is_ok(),
                provider.signs(algorithm),
                "{}",
                provider.name()
            );
            assert!(
                sign.err().is_none_or(|error| error == expected),
                "{}",
                provider.name()
            );
        }
    }
    for algorithm in Algorithm::all() {
        assert!(
            aws_lc_rs().verifies(algorithm) && aws_lc_rs().signs(algorithm),
            "{algorithm}"
        );
        let ring = bearerd::crypto::ring();
        assert_eq!(
            ring.verifies(algorithm),
            algorithm != Algorithm::ES512,
            "{algorithm}"
        );
    }
}

#[test]
fn generated_keys_are_good() {
    for provider in providers() {
        for algorithm in Algorithm::all() {
            let makes = provider.signs(algorithm)
                && (algorithm.family() != KeyFamily::Rsa || provider.name() != "ring");
            if makes
                && !matches!(algorithm, Algorithm::RS256)
                && algorithm.family() == KeyFamily::Rsa
            {
                continue; // made as for RS256, and slowly
            }
            let made = provider.generate(algorithm);
            assert_eq!(made.is_ok(), makes, "{} {algorithm}", provider.name());
            let Ok(key) = made else { continue };
            let other = other_key(algorithm);
            let signature = sign(*provider, algorithm, &key);
            assert!(
                verifies(*provider, algorithm, &key, &signature),
                "{}",
                provider.name()
            );
            assert!(
                !verifies(*provider, algorithm, &other, &signature),
                "{}",
                provider.name()
            );
        }
    }
}

#[test]
fn no_key_of_one_family_serves_another() {
    for provider in providers() {
        for algorithm in Algorithm::all() {
            for other in Algorithm::all().filter(|other| other.family() != algorithm.family()) {
                let key = any_key(other);
                let expected = Some(KeyError::WrongFamily(algorithm));
                let verify = provider.verify_key(algorithm, &key, KeyStrength::AllowWeak);
                assert_eq!(
                    verify.err(),
                    expected,
                    "{} {algorithm} {other}",
                    provider.name()
                );
                let sign = provider.sign_key(algorithm, &key, KeyStrength::AllowWeak);
                assert_eq!(
                    sign.err(),
                    expected,
                    "{} {algorithm} {other}",
                    provider.name()
                );
            }
        }
    }
}
