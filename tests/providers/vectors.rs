//! Signatures that others made: the examples of the RFCs, bit by bit.

use bearerd::crypto::{Algorithm, KeyFamily, KeyMaterial, KeyStrength};

use crate::provider::providers;
use bearerd::{base64url, jwk::Jwk};

struct Example {
    source: String,
    algorithm: Algorithm,
    key: KeyMaterial,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// RFC 7515 A.1 to A.4, RFC 7520 §4.1 to §4.4, RFC 8037 A.4.
fn examples() -> Vec<Example> {
    let text = include_str!("../vectors/jws.json");
    let list: Vec<serde_json::Value> = serde_json::from_str(text).expect("our own vectors");
    assert_eq!(list.len(), 9);
    let read = |entry: &serde_json::Value| {
        let compact = entry["compact"].as_str().expect("a token");
        let (message, signature) = compact.rsplit_once('.').expect("three parts");
        Example {
            source: entry["source"].to_string(),
            algorithm: Algorithm::from_name(entry["alg"].as_str().expect("a name")).expect("known"),
            key: Jwk::parse(entry["jwk"].to_string().as_bytes())
                .expect("a key")
                .material,
            message: message.as_bytes().to_vec(),
            signature: base64url::decode(signature.as_bytes()).expect("base64url"),
        }
    };
    list.iter().map(read).collect()
}

#[test]
fn examples_of_the_rfcs_verify() {
    for provider in providers() {
        let mut verified = 0;
        for example in examples()
            .iter()
            .filter(|example| provider.verifies(example.algorithm))
        {
            let place = format!("{}, {}", provider.name(), example.source);
            let key = provider
                .verify_key(example.algorithm, &example.key, KeyStrength::Standard)
                .expect("a good key");
            assert!(key.verify(&example.message, &example.signature), "{place}");
            assert!(
                !key.verify(&example.message[1..], &example.signature),
                "{place}"
            );
            assert!(!key.verify(b"", &example.signature), "{place}");
            verified += 1;
        }
        assert_eq!(verified, if provider.name() == "ring" { 7 } else { 9 });
    }
}

#[test]
fn no_bit_of_a_signature_may_differ() {
    for provider in providers() {
        for example in examples()
            .iter()
            .filter(|example| provider.verifies(example.algorithm))
        {
            let key = provider
                .verify_key(example.algorithm, &example.key, KeyStrength::Standard)
                .expect("a good key");
            let mut signature = example.signature.clone();
            for bit in 0..signature.len() * 8 {
                signature[bit / 8] ^= 1 << (bit % 8);
                let verified = key.verify(&example.message, &signature);
                assert!(
                    !verified,
                    "{}, {}, bit {bit}",
                    provider.name(),
                    example.source
                );
                signature[bit / 8] ^= 1 << (bit % 8);
            }
            assert!(
                key.verify(&example.message, &signature),
                "{}",
                provider.name()
            );
        }
    }
}

#[test]
fn what_has_one_signature_is_signed_as_the_rfcs_did() {
    let deterministic = |algorithm: Algorithm| {
        matches!(algorithm.family(), KeyFamily::Hmac | KeyFamily::Ed25519)
            || algorithm == Algorithm::RS256
    };
    for provider in providers() {
        let mut signed = 0;
        for example in examples()
            .iter()
            .filter(|example| deterministic(example.algorithm))
        {
            if matches!(example.key, KeyMaterial::Public(_)) {
                continue;
            }
            let key = provider
                .sign_key(example.algorithm, &example.key, KeyStrength::Standard)
                .expect("a good key");
            let mut signature = Vec::new();
            key.sign(&example.message, &mut signature).expect("signs");
            assert_eq!(
                signature,
                example.signature,
                "{}, {}",
                provider.name(),
                example.source
            );
            signed += 1;
        }
        assert_eq!(signed, 4, "{}", provider.name());
    }
}
