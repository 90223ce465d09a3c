//! Keys that must not be loaded: attack row K1.

use bearerd::crypto::{
    Algorithm, Curve, KeyError, KeyFamily, KeyMaterial, KeyStrength, PrivateKey, Provider,
    PublicKey, aws_lc_rs, check_strength, providers,
};
use bearerd::jwk::parse_pem;
use bearerd::secret::Secret;

use super::{any_key, other_key, sign, verifies};

fn load(
    provider: Provider,
    algorithm: Algorithm,
    key: &KeyMaterial,
    strength: KeyStrength,
) -> Result<(), KeyError> {
    provider.verify_key(algorithm, key, strength).map(drop)
}

/// A number of exactly so many bits, odd as a modulus is.
fn modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    bytes[0] = 1 << top;
    let last = bytes.len() - 1;
    bytes[last] |= 1;
    bytes
}

fn rsa(n: &[u8], e: &[u8]) -> KeyMaterial {
    KeyMaterial::Public(PublicKey::rsa(n, e))
}

fn rsa_algorithms() -> impl Iterator<Item = Algorithm> {
    Algorithm::all().filter(|algorithm| algorithm.family() == KeyFamily::Rsa)
}

#[test]
fn rsa_has_2048_to_8192_bits() {
    for provider in providers() {
        for algorithm in rsa_algorithms() {
            let place = format!("{} {algorithm}", provider.name());
            for bits in [8, 512, 1024, 2040, 2047, 8193, 16_384] {
                let key = rsa(&modulus(bits), &[1, 0, 1]);
                let result = load(*provider, algorithm, &key, KeyStrength::Standard);
                assert_eq!(result, Err(KeyError::RsaSize { bits }), "{place}");
            }
            for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
                let key = rsa(&modulus(bits), &[1, 0, 1]);
                let result = load(*provider, algorithm, &key, KeyStrength::Standard);
                assert_eq!(result, Ok(()), "{place}, {bits} bits");
            }
            let empty = rsa(&[0, 0], &[1, 0, 1]);
            let result = load(*provider, algorithm, &empty, KeyStrength::AllowWeak);
            assert_eq!(result, Err(KeyError::RsaSize { bits: 0 }), "{place}");
        }
    }
}

#[test]
fn weak_rsa_is_for_who_asks_and_where_the_library_has_it() {
    for provider in providers() {
        for algorithm in rsa_algorithms() {
            let place = format!("{} {algorithm}", provider.name());
            let offered = matches!(algorithm, Algorithm::RS256 | Algorithm::RS512);
            for bits in [1024, 1536, 2047] {
                let key = rsa(&modulus(bits), &[1, 0, 1]);
                let result = load(*provider, algorithm, &key, KeyStrength::AllowWeak);
                let expected = if offered {
                    Ok(())
                } else {
                    Err(KeyError::RsaSize { bits })
                };
                assert_eq!(result, expected, "{place}, {bits} bits");
            }
            for bits in [512, 1023] {
                let key = rsa(&modulus(bits), &[1, 0, 1]);
                let result = load(*provider, algorithm, &key, KeyStrength::AllowWeak);
                assert_eq!(result, Err(KeyError::RsaSize { bits }), "{place}");
            }
        }
        // It does verify, and never signs.
        let pem = include_bytes!("../vectors/pem/rsa1024.pem");
        let key = &parse_pem(pem, *provider).unwrap()[0];
        let signing = provider
            .sign_key(Algorithm::RS256, key, KeyStrength::AllowWeak)
            .err();
        assert!(
            matches!(signing, Some(KeyError::NotTaken { .. })),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn rsa_exponents_are_odd_and_between_three_and_33_bits() {
    for provider in providers() {
        for algorithm in rsa_algorithms() {
            let place = format!("{} {algorithm}", provider.name());
            let n = modulus(2048);
            for bad in [
                &[][..],
                &[0],
                &[1],
                &[2],
                &[1, 0, 0],
                &[2, 0, 0, 0, 1],
                &[0xff; 32],
            ] {
                for strength in [KeyStrength::Standard, KeyStrength::AllowWeak] {
                    let result = load(*provider, algorithm, &rsa(&n, bad), strength);
                    assert_eq!(result, Err(KeyError::RsaExponent), "{place} {bad:?}");
                }
            }
            for good in [
                &[3][..],
                &[17],
                &[1, 0, 1],
                &[0, 1, 0, 1],
                &[1, 0xff, 0xff, 0xff, 0xff],
            ] {
                let result = load(*provider, algorithm, &rsa(&n, good), KeyStrength::Standard);
                assert_eq!(result, Ok(()), "{place} {good:?}");
            }
        }
    }
}

#[test]
fn an_rsa_modulus_is_odd_and_canonical() {
    let mut even = modulus(2048);
    *even.last_mut().unwrap() &= 0xfe;
    let padded = [&[0], &modulus(2048)[..]].concat();
    let not_canonical = KeyMaterial::Public(PublicKey::Rsa {
        n: padded,
        e: vec![1, 0, 1],
    });
    for provider in providers() {
        for key in [&rsa(&even, &[1, 0, 1]), &not_canonical] {
            let result = load(*provider, Algorithm::RS256, key, KeyStrength::AllowWeak);
            assert_eq!(result, Err(KeyError::Invalid), "{}", provider.name());
        }
    }
}

#[test]
fn points_off_their_curve_are_refused_when_they_are_loaded() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.verifies(*algorithm)) {
            let key = any_key(algorithm);
            let Some(PublicKey::Ec { curve, point }) = key.public() else {
                continue;
            };
            let length = curve.coordinate_length();
            let off = |at: usize| {
                let mut point = point.clone();
                point[at] ^= 1;
                point
            };
            let bad: [(&str, Vec<u8>); 10] = [
                ("y off by one bit", off(2 * length)),
                ("x off by one bit", off(length)),
                ("infinity", vec![0]),
                ("infinity, in its length", vec![0; 1 + 2 * length]),
                ("the origin", [&[4][..], &vec![0; 2 * length]].concat()),
                (
                    "beyond the field",
                    [&[4][..], &vec![0xff; 2 * length]].concat(),
                ),
                ("compressed", [&[2][..], &point[1..=length]].concat()),
                ("hybrid", [&[6][..], &point[1..]].concat()),
                ("empty", Vec::new()),
                ("cut short", point[..point.len() - 1].to_vec()),
            ];
            for (what, point) in bad {
                let key = KeyMaterial::Public(PublicKey::Ec {
                    curve: *curve,
                    point,
                });
                let result = load(*provider, algorithm, &key, KeyStrength::AllowWeak);
                assert_eq!(
                    result,
                    Err(KeyError::Invalid),
                    "{} {algorithm}: {what}",
                    provider.name()
                );
            }
        }
    }
}

#[test]
fn ed25519_keys_of_small_order_are_refused() {
    let of = |first: u8, middle: u8, last: u8| {
        let mut key = [middle; 32];
        (key[0], key[31]) = (first, last);
        key
    };
    let orders = [
        of(0, 0, 0),
        of(1, 0, 0),
        of(0xec, 0xff, 0x7f),
        of(1, 0, 0x80),
        of(0xee, 0xff, 0xff),
    ];
    for provider in providers() {
        for key in orders {
            let key = KeyMaterial::Public(PublicKey::Ed25519(key));
            let result = load(*provider, Algorithm::EdDSA, &key, KeyStrength::AllowWeak);
            assert_eq!(result, Err(KeyError::Invalid), "{}", provider.name());
        }
    }
}

fn secret(bytes: &[u8]) -> KeyMaterial {
    KeyMaterial::Symmetric(Secret::new(bytes.to_vec()))
}

#[test]
fn secrets_are_as_long_as_the_hash() {
    for provider in providers() {
        for (algorithm, least) in [
            (Algorithm::HS256, 32),
            (Algorithm::HS384, 48),
            (Algorithm::HS512, 64),
        ] {
            let at = |length: usize, strength| {
                load(*provider, algorithm, &secret(&vec![b'k'; length]), strength)
            };
            for bytes in [0, 1, 16, least - 1] {
                let expected = Err(KeyError::SecretTooShort { bytes, least });
                assert_eq!(
                    at(bytes, KeyStrength::Standard),
                    expected,
                    "{}",
                    provider.name()
                );
            }
            for bytes in [least, least + 1, 10_000] {
                assert_eq!(
                    at(bytes, KeyStrength::Standard),
                    Ok(()),
                    "{}",
                    provider.name()
                );
            }
            assert_eq!(at(1, KeyStrength::AllowWeak), Ok(()), "{}", provider.name());
            let expected = Err(KeyError::SecretTooShort { bytes: 0, least: 1 });
            assert_eq!(
                at(0, KeyStrength::AllowWeak),
                expected,
                "{}",
                provider.name()
            );
        }
    }
}

/// Attack row T2, at the only place where it could be let in: the configuration.
#[test]
fn the_text_of_a_key_is_no_secret() {
    let pems: [&[u8]; 7] = [
        include_bytes!("../vectors/pem/rsa.spki.pem"),
        include_bytes!("../vectors/pem/rsa.pkcs1pub.pem"),
        include_bytes!("../vectors/pem/rsa.cert.pem"),
        include_bytes!("../vectors/pem/p256.spki.pem"),
        include_bytes!("../vectors/pem/p384.spki.pem"),
        include_bytes!("../vectors/pem/p521.spki.pem"),
        include_bytes!("../vectors/pem/ed25519.spki.pem"),
    ];
    let jwk = br#"  {"kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS256","use":"sig"}"#;
    let mut texts: Vec<Vec<u8>> = vec![jwk.to_vec()];
    for pem in pems {
        texts.push(pem.to_vec());
        texts.push([b"\n\n", pem].concat());
        texts.push(pem::parse(pem).unwrap().into_contents());
    }
    for provider in providers() {
        for text in &texts {
            for strength in [KeyStrength::Standard, KeyStrength::AllowWeak] {
                let result = load(*provider, Algorithm::HS256, &secret(text), strength);
                assert_eq!(
                    result,
                    Err(KeyError::SecretIsKeyText),
                    "{}",
                    provider.name()
                );
                let signing = provider.sign_key(Algorithm::HS256, &secret(text), strength);
                assert_eq!(signing.err(), Some(KeyError::SecretIsKeyText));
            }
        }
        // What merely starts like DER is a good secret.
        let random = [&[0x30, 0x82, 0x01, 0x22, 0x30][..], &[7; 200]].concat();
        assert_eq!(
            load(
                *provider,
                Algorithm::HS256,
                &secret(&random),
                KeyStrength::Standard
            ),
            Ok(())
        );
    }
}

#[test]
fn halves_that_do_not_belong_together_do_not_sign() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let (KeyMaterial::Private(key), KeyMaterial::Private(other)) =
                (any_key(algorithm), other_key(algorithm))
            else {
                continue;
            };
            let public = other.public().clone();
            let mixed = match key {
                PrivateKey::Rsa { pkcs1, .. } => PrivateKey::Rsa { pkcs1, public },
                PrivateKey::Ec { scalar, .. } => PrivateKey::Ec { scalar, public },
                PrivateKey::Ed25519 { seed, .. } => PrivateKey::Ed25519 { seed, public },
                other => panic!("a new kind of key: {other:?}"),
            };
            let mixed = KeyMaterial::Private(mixed);
            let result = provider
                .sign_key(algorithm, &mixed, KeyStrength::Standard)
                .err();
            assert_eq!(
                result,
                Some(KeyError::Invalid),
                "{} {algorithm}",
                provider.name()
            );
        }
    }
}

#[test]
fn a_public_key_does_not_sign() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let key = any_key(algorithm);
            let Some(public) = key.public() else { continue };
            let public = KeyMaterial::Public(public.clone());
            let result = provider
                .sign_key(algorithm, &public, KeyStrength::Standard)
                .err();
            assert_eq!(
                result,
                Some(KeyError::NoPrivateHalf),
                "{} {algorithm}",
                provider.name()
            );
        }
    }
}

#[test]
fn public_halves_are_computed_from_private_ones() {
    for provider in providers() {
        for algorithm in [
            Algorithm::ES256,
            Algorithm::ES384,
            Algorithm::ES512,
            Algorithm::EdDSA,
        ] {
            let KeyMaterial::Private(key) = any_key(algorithm) else {
                panic!("no private key")
            };
            let (PrivateKey::Ec {
                scalar: private, ..
            }
            | PrivateKey::Ed25519 { seed: private, .. }) = &key
            else {
                panic!("another kind of key")
            };
            let family = algorithm.family();
            match provider.complete(family, private) {
                Ok(whole) => {
                    assert_eq!(
                        whole.public(),
                        key.public(),
                        "{} {algorithm}",
                        provider.name()
                    );
                    let whole = KeyMaterial::Private(whole);
                    let signature = sign(*provider, algorithm, &whole);
                    assert!(verifies(*provider, algorithm, &whole, &signature));
                    let short = Secret::new(private.expose()[1..].to_vec());
                    assert_eq!(
                        provider.complete(family, &short).err(),
                        Some(KeyError::Invalid)
                    );
                }
                Err(error) => {
                    assert!(matches!(error, KeyError::NotTaken { .. }));
                    assert_eq!(provider.name(), "ring", "{algorithm}");
                    assert_ne!(algorithm, Algorithm::EdDSA);
                }
            }
        }
    }
    // Zero and the order are no scalars.
    for bad in [vec![0; 32], vec![0xff; 32]] {
        let result = aws_lc_rs().complete(KeyFamily::Ec(Curve::P256), &Secret::new(bad));
        assert_eq!(result.err(), Some(KeyError::Invalid));
    }
}

#[test]
fn no_error_shows_a_key() {
    let shown = format!("{:?}", secret(b"hunter2hunter2hunter2hunter2hunter2"));
    assert!(
        !shown.contains("hunter") && !shown.contains("104"),
        "{shown}"
    );
    let error = check_strength(Algorithm::HS256, &secret(b"hunter2"), KeyStrength::Standard);
    let text = error.unwrap_err().to_string();
    assert!(!text.contains("hunter") && text.contains("32"), "{text}");
}
