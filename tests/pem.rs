//! PEM and DER as openssl and ssh-keygen write them; the files say their form by name.
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]
#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails as the test would"
)]

use std::path::Path;

use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, Provider};
use bearerd::crypto::{aws_lc_rs, providers, ring};
use bearerd::jwk::{PemProblem, parse_der, parse_pem, private_key_pem, public_key_pem};

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors/pem")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn key(name: &str, provider: Provider) -> KeyMaterial {
    let mut keys = parse_pem(&file(name), provider).expect(name);
    assert_eq!(keys.len(), 1, "{name}");
    keys.remove(0)
}

fn problem(text: &[u8]) -> PemProblem {
    parse_pem(text, aws_lc_rs()).expect_err("no key").problem
}

fn der(name: &str) -> Vec<u8> {
    let blocks = pem::parse_many(file(name)).expect(name);
    blocks.into_iter().next_back().expect(name).into_contents()
}

#[test]
fn every_form_of_a_key_is_the_same_key() {
    for provider in providers() {
        for (algorithm, private, public) in [
            (
                Algorithm::RS256,
                &["rsa.pkcs8.pem", "rsa.pkcs1.pem"][..],
                &["rsa.spki.pem", "rsa.pkcs1pub.pem", "rsa.cert.pem"][..],
            ),
            (
                Algorithm::PS256,
                &["rsapss.pkcs8.pem"],
                &["rsapss.spki.pem"],
            ),
            (
                Algorithm::ES256,
                &["p256.sec1.pem", "p256.pkcs8.pem"],
                &["p256.spki.pem", "p256.cert.pem"],
            ),
            (
                Algorithm::ES384,
                &["p384.sec1.pem", "p384.pkcs8.pem"],
                &["p384.spki.pem"],
            ),
            (
                Algorithm::ES512,
                &["p521.sec1.pem", "p521.pkcs8.pem"],
                &["p521.spki.pem"],
            ),
            (
                Algorithm::EdDSA,
                &["ed25519.pkcs8.pem"],
                &["ed25519.spki.pem"],
            ),
        ] {
            let first = key(private[0], *provider);
            for name in private {
                let place = format!("{}: {name}", provider.name());
                let private = key(name, *provider);
                assert!(matches!(private, KeyMaterial::Private(_)), "{place}");
                assert_eq!(private.public(), first.public(), "{place}");
                let from_der = parse_der(&der(name), *provider).expect(name);
                assert!(matches!(from_der, KeyMaterial::Private(_)), "{place}");
                assert_eq!(from_der.public(), first.public(), "{place}");
            }
            for name in public {
                let place = format!("{}: {name}", provider.name());
                let public = key(name, *provider);
                assert!(matches!(public, KeyMaterial::Public(_)), "{place}");
                assert_eq!(public.public(), first.public(), "{place}");
                let from_der = parse_der(&der(name), *provider).expect(name);
                assert_eq!(from_der.public(), first.public(), "{place}");
                round_trip(*provider, algorithm, &first, &public);
            }
        }
    }
}

fn round_trip(
    provider: Provider,
    algorithm: Algorithm,
    private: &KeyMaterial,
    public: &KeyMaterial,
) {
    if !provider.signs(algorithm) {
        return;
    }
    let signer = provider
        .sign_key(algorithm, private, KeyStrength::Standard)
        .expect("signs");
    let verifier = provider
        .verify_key(algorithm, public, KeyStrength::Standard)
        .expect("verifies");
    let mut signature = Vec::new();
    signer.sign(b"message", &mut signature).expect("signs");
    assert!(
        verifier.verify(b"message", &signature),
        "{} {algorithm}",
        provider.name()
    );
}

/// Our own text is what openssl writes, byte for byte.
#[test]
fn what_we_write_is_what_openssl_writes() {
    for (private, public) in [
        ("rsa.pkcs8.pem", "rsa.spki.pem"),
        ("p256.pkcs8.pem", "p256.spki.pem"),
        ("p384.pkcs8.pem", "p384.spki.pem"),
        ("p521.pkcs8.pem", "p521.spki.pem"),
        ("ed25519.pkcs8.pem", "ed25519.spki.pem"),
    ] {
        let KeyMaterial::Private(key) = key(private, aws_lc_rs()) else {
            panic!("{private}")
        };
        assert_eq!(
            private_key_pem(&key).unwrap().as_bytes(),
            file(private),
            "{private}"
        );
        assert_eq!(
            public_key_pem(key.public()).unwrap().as_bytes(),
            file(public),
            "{public}"
        );
    }
}

#[test]
fn made_keys_survive_their_text() {
    for algorithm in Algorithm::all() {
        let KeyMaterial::Private(made) = aws_lc_rs().generate(algorithm).unwrap() else {
            continue;
        };
        let text = private_key_pem(&made).unwrap();
        for provider in providers() {
            let read = parse_pem(text.as_bytes(), *provider).unwrap().remove(0);
            assert_eq!(
                read.public(),
                Some(made.public()),
                "{} {algorithm}",
                provider.name()
            );
            let public = KeyMaterial::Public(made.public().clone());
            round_trip(*provider, algorithm, &read, &public);
        }
    }
}

#[test]
fn a_scalar_without_its_point_is_completed_or_explained() {
    let text = file("p256.nopublic.pem");
    let completed = parse_pem(&text, aws_lc_rs()).unwrap();
    assert_eq!(
        completed[0].public(),
        key("p256.sec1.pem", aws_lc_rs()).public()
    );
    let error = parse_pem(&text, ring()).unwrap_err().to_string();
    assert!(
        error.contains("PEM block 1") && error.contains("openssl ec -in"),
        "{error}"
    );
}

#[test]
fn several_blocks_are_several_keys() {
    let text = [
        file("rsa.pkcs8.pem"),
        b"# and its certificate\n".to_vec(),
        file("rsa.cert.pem"),
    ]
    .concat();
    let keys = parse_pem(&text, aws_lc_rs()).unwrap();
    assert_eq!(keys.len(), 2);
    assert!(
        matches!(keys[0], KeyMaterial::Private(_)) && matches!(keys[1], KeyMaterial::Public(_))
    );
    // The issuer of an issuer's certificate must not sign tokens.
    let chain = [file("rsa.cert.pem"), file("p256.cert.pem")].concat();
    assert_eq!(problem(&chain), PemProblem::SeveralCertificates);
}

#[test]
fn what_is_no_key_says_what_to_do() {
    for (name, expected, advice) in [
        ("encrypted.pkcs8.pem", PemProblem::Encrypted, "openssl pkey"),
        ("encrypted.pkcs1.pem", PemProblem::Encrypted, "openssl pkey"),
        ("openssh.pem", PemProblem::OpenSsh, "ssh-keygen"),
        (
            "p256.compressed.pem",
            PemProblem::CompressedPoint,
            "-conv_form",
        ),
        ("k256.spki.pem", PemProblem::UnknownCurve, "P-256"),
        (
            "x25519.pkcs8.pem",
            PemProblem::UnknownKeyType("1.3.101.110".into()),
            "Ed25519",
        ),
        ("rsa3.pem", PemProblem::NotDer, "DER"),
    ] {
        for provider in providers() {
            let error = parse_pem(&file(name), *provider).expect_err(name);
            assert_eq!(
                (error.block, &error.problem),
                (Some(1), &expected),
                "{name}"
            );
            assert!(error.to_string().contains(advice), "{name}: {error}");
        }
    }
    let second = [file("rsa.pkcs8.pem"), file("openssh.pem")].concat();
    assert_eq!(parse_pem(&second, aws_lc_rs()).unwrap_err().block, Some(2));
}

#[test]
fn broken_texts_are_refused_whole() {
    let good = String::from_utf8(file("p256.spki.pem")).unwrap();
    for text in ["", "\n", "hello", "{\"kty\":\"oct\"}", "-----BEGIN"] {
        assert_eq!(problem(text.as_bytes()), PemProblem::NoBlock, "{text}");
    }
    let only_parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    assert_eq!(problem(only_parameters.as_bytes()), PemProblem::NoBlock);
    for broken in [
        good.replace("END PUBLIC", "END PRIVATE"),
        good.replace("-----END PUBLIC KEY-----", ""),
        good.replace("MFk", "M?k"),
        format!("{good}-----BEGIN PUBLIC KEY-----\nMFk"),
        format!("{good}{}", &good[..good.len() / 2]),
    ] {
        assert_eq!(problem(broken.as_bytes()), PemProblem::Broken, "{broken}");
    }
    for broken in [
        good.replace("PUBLIC KEY", "PRIVATE KEY"),
        good.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
        good.replace("PUBLIC KEY", "CERTIFICATE"),
        good.replace("PUBLIC KEY", "EC PRIVATE KEY"),
        good.replace("PUBLIC KEY", "RSA PRIVATE KEY"),
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n".to_owned(),
    ] {
        assert_eq!(problem(broken.as_bytes()), PemProblem::NotDer, "{broken}");
    }
    assert_eq!(
        problem(good.replace("PUBLIC KEY", "DH PARAMETERS").as_bytes()),
        PemProblem::UnknownLabel
    );
    // Windows line ends are no fault.
    assert!(parse_pem(good.replace('\n', "\r\n").as_bytes(), aws_lc_rs()).is_ok());
}

#[test]
fn no_prefix_or_changed_byte_of_der_panics() {
    for name in [
        "rsa.pkcs8.pem",
        "rsa.pkcs1.pem",
        "rsa.cert.pem",
        "p256.pkcs8.pem",
        "p521.sec1.pem",
        "ed25519.pkcs8.pem",
        "p384.spki.pem",
    ] {
        let whole = der(name);
        for cut in 0..whole.len() {
            assert!(
                parse_der(&whole[..cut], aws_lc_rs()).is_err(),
                "{name}, first {cut}"
            );
            let mut changed = whole.clone();
            changed[cut] ^= 0x81;
            // Many still are a key, another one; that it returns is the test.
            drop(parse_der(&changed, aws_lc_rs()));
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(parse_der(&longer, aws_lc_rs()).is_err(), "{name}, longer");
    }
    assert_eq!(
        parse_der(b"", ring()).unwrap_err().problem,
        PemProblem::NotDer
    );
}

#[test]
fn no_error_shows_a_key() {
    let secret = String::from_utf8(file("rsa.pkcs8.pem")).unwrap();
    let broken = secret.replace("PRIVATE KEY", "PUBLIC KEY");
    let error = parse_pem(broken.as_bytes(), aws_lc_rs()).unwrap_err();
    for line in secret.lines().filter(|line| !line.starts_with('-')) {
        assert!(!error.to_string().contains(line) && !format!("{error:?}").contains(line));
    }
    let key = key("rsa.pkcs8.pem", aws_lc_rs());
    let shown = format!("{key:?}");
    assert!(shown.contains("Secret("), "{shown}");
}
