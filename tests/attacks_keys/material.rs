//! What a key is, and what it may be used for.

use super::*;

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
