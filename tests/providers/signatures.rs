//! Signatures of a wrong shape: one text a token.

use bearerd::base64url;
use bearerd::crypto::{Algorithm, Curve, KeyFamily, KeyStrength, Provider};

use crate::provider::providers;
use bearerd::jwk::parse_pem;

use super::{MESSAGE, any_key, sign, verifies};

/// Attack row T10. Made with bare modular arithmetic from the test keys beside them.
#[test]
fn rsa_signatures_have_one_text_and_one_padding() {
    let text = include_str!("../vectors/rsa-signatures.json");
    let list: Vec<serde_json::Value> = serde_json::from_str(text).expect("our own vectors");
    let pem = |key: &str| match key {
        "rsa" => include_bytes!("../vectors/pem/rsa.spki.pem").as_slice(),
        "rsa-e3" => include_bytes!("../vectors/pem/rsa-e3.spki.pem").as_slice(),
        other => panic!("no such key: {other}"),
    };
    for provider in providers() {
        let (mut good, mut bad) = (0, 0);
        for entry in &list {
            let field = |name: &str| entry[name].as_str().expect("text");
            let key = &parse_pem(pem(field("key")), *provider).expect("a key")[0];
            let algorithm = Algorithm::from_name(field("alg")).expect("known");
            let signature = base64url::decode(field("signature").as_bytes()).expect("base64url");
            let prepared = provider.verify_key(algorithm, key, KeyStrength::Standard);
            let verdict = prepared
                .expect("a good key")
                .verify(field("message").as_bytes(), &signature);
            let valid = entry["valid"].as_bool().expect("a verdict");
            assert_eq!(verdict, valid, "{}: {}", provider.name(), field("name"));
            if valid { good += 1 } else { bad += 1 }
        }
        assert_eq!((good, bad), (7, 25), "{}", provider.name());
    }
}

#[test]
fn any_other_length_is_refused() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.verifies(*algorithm)) {
            let place = format!("{} {algorithm}", provider.name());
            let key = any_key(algorithm);
            let good = sign(*provider, algorithm, &key);
            let refused = |signature: &[u8]| !verifies(*provider, algorithm, &key, signature);
            assert!(refused(b""), "{place}: empty");
            for length in [1, 16, 20, 32, 48, 64, 96, 128, 132, 256, 512, 20_000] {
                assert!(refused(&vec![0; length]), "{place}: {length} zeros");
                assert!(refused(&vec![0xff; length]), "{place}: {length} ones");
            }
            for cut in 1..good.len() {
                assert!(refused(&good[..cut]), "{place}: first {cut}");
                assert!(refused(&good[cut..]), "{place}: from {cut}");
            }
            assert!(refused(&[&good[..], &[0]].concat()), "{place}: zero behind");
            assert!(refused(&[&[0], &good[..]].concat()), "{place}: zero before");
            assert!(refused(&[&good[..], &good[..]].concat()), "{place}: twice");
        }
    }
}

/// Attack row T11.
#[test]
fn ecdsa_takes_two_numbers_between_zero_and_the_order() {
    for_each_curve(|provider, algorithm, order| {
        let place = format!("{} {algorithm}", provider.name());
        let key = any_key(algorithm);
        let good = sign(provider, algorithm, &key);
        let (r, s) = good.split_at(good.len() / 2);
        let zero = vec![0; r.len()];
        let one = with_last(&zero, 1);
        let above = with_last(order, order[order.len() - 1] + 1);
        let ones = vec![0xff; r.len()];
        let refused = |r: &[u8], s: &[u8], what: &str| {
            let signature = [r, s].concat();
            assert!(
                !verifies(provider, algorithm, &key, &signature),
                "{place}: {what}"
            );
        };
        refused(&zero, &zero, "both zero");
        refused(&zero, s, "r zero");
        refused(r, &zero, "s zero");
        refused(&one, &one, "both one");
        refused(order, s, "r the order");
        refused(r, order, "s the order");
        refused(&above, s, "r above the order");
        refused(r, &above, "s above the order");
        refused(&ones, &ones, "all ones");
        refused(s, r, "exchanged");
        refused(r, r, "r twice");
        assert!(
            !verifies(provider, algorithm, &key, &der(r, s)),
            "{place}: DER"
        );
        assert!(
            !verifies(provider, algorithm, &key, &fitted(&der(r, s), good.len())),
            "{place}: DER of that length"
        );
    });
}

/// ECDSA has two signatures for each: both providers take both, so a cache must never look a
/// token up by less than its whole text.
#[test]
fn the_high_s_twin_is_another_signature() {
    for_each_curve(|provider, algorithm, order| {
        let key = any_key(algorithm);
        let good = sign(provider, algorithm, &key);
        let (r, s) = good.split_at(good.len() / 2);
        let twin = [r, &minus(order, s)].concat();
        assert_ne!(twin, good);
        assert!(
            verifies(provider, algorithm, &key, &twin),
            "{} {algorithm}",
            provider.name()
        );
    });
}

/// Unlike ECDSA, RFC 8032 §5.1.7 refuses s beyond the order.
#[test]
fn an_ed25519_signature_has_no_twin() {
    // 2^252 + 27742317777372353535851937790883648493, little-endian
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    for provider in providers() {
        let key = any_key(Algorithm::EdDSA);
        let mut signature = sign(*provider, Algorithm::EdDSA, &key);
        let mut carry = 0_u16;
        for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            [*byte, _] = sum.to_le_bytes();
            carry = sum >> 8;
        }
        assert_eq!(carry, 0);
        assert!(
            !verifies(*provider, Algorithm::EdDSA, &key, &signature),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn any_message_has_a_signature() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let key = any_key(algorithm);
            let signer = provider
                .sign_key(algorithm, &key, KeyStrength::Standard)
                .unwrap();
            let verifier = provider
                .verify_key(algorithm, &key, KeyStrength::Standard)
                .unwrap();
            for length in [0, 1, 55, 56, 63, 64, 65, 127, 128, 1_000_000] {
                let message = vec![b'a'; length];
                let mut signature = Vec::new();
                signer.sign(&message, &mut signature).unwrap();
                let place = format!("{} {algorithm} {length}", provider.name());
                assert!(verifier.verify(&message, &signature), "{place}");
                assert!(!verifier.verify(MESSAGE, &signature), "{place}");
            }
        }
    }
}

fn for_each_curve(test: impl Fn(Provider, Algorithm, &[u8])) {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.verifies(*algorithm)) {
            if let KeyFamily::Ec(curve) = algorithm.family() {
                test(*provider, algorithm, &order(curve));
            }
        }
    }
}

/// SEC 2, §2.4.2, §2.5.1 and §2.6.1.
fn order(curve: Curve) -> Vec<u8> {
    let digits = match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::P384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf\
             581a0db248b0a77aecec196accc52973"
        }
        Curve::P521 => {
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
             51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
        }
        other => panic!("a new curve: {other:?}"),
    };
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).expect("our own numbers"), 16)
                .expect("our own numbers")
        })
        .collect()
}

fn minus(from: &[u8], take: &[u8]) -> Vec<u8> {
    let mut result = from.to_vec();
    let mut borrow = false;
    for (byte, take) in result.iter_mut().zip(take).rev() {
        let (once, first) = byte.overflowing_sub(*take);
        let (twice, second) = once.overflowing_sub(u8::from(borrow));
        *byte = twice;
        borrow = first || second;
    }
    assert!(!borrow);
    result
}

fn with_last(number: &[u8], last: u8) -> Vec<u8> {
    [&number[..number.len() - 1], &[last]].concat()
}

fn fitted(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(length, 0);
    bytes
}

/// `Ecdsa-Sig-Value`, the form that X.509 and TLS use and RFC 7518 §3.4 does not.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    use pkcs8::der::{Encode, asn1::UintRef};
    [
        UintRef::new(r).expect("our own numbers"),
        UintRef::new(s).expect("our own numbers"),
    ]
    .to_der()
    .expect("our own numbers")
}
