//! What a header says: algorithms, keys, extensions.

use super::*;

#[test]
fn t01_alg_none_absent_or_not_listed() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let unsupported = code(Code::UnsupportedAlg);
        let names = [
            "none",
            "None",
            "NONE",
            "nOnE",
            "",
            "hs256",
            "HS256 ",
            " HS256",
            "HS25",
            "HS2566",
            "HS512",
            "RS256",
            "ES256",
            "EdDSA",
            "dir",
            "RS1",
            "HS256\\u0000",
            "\\u0000",
        ];
        for name in names {
            let header = format!(r#"{{"alg":"{name}","kid":"{}"}}"#, kid(HS256));
            pair.refuses(name, join(&header, claims(""), ""), unsupported);
            pair.refuses(name, join(&header, claims(""), [0; 32]), unsupported);
            pair.refuses(name, headed(&header), unsupported);
        }
        for header in [
            r#"{}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"ALG":"HS256"}"#,
            r#"{"Alg":"HS256"}"#,
        ] {
            pair.refuses(header, headed(header), unsupported);
        }
        for value in [
            "null",
            "256",
            "0",
            "[\"HS256\"]",
            "[]",
            "{}",
            "true",
            "{\"alg\":\"HS256\"}",
        ] {
            let header = format!(r#"{{"alg":{value}}}"#);
            let expected = malformed(Malformed::HeaderMember);
            pair.refuses(value, headed(&header), expected);
            pair.refuses(value, join(&header, claims(""), ""), expected);
        }
        // A good signature of an algorithm that the provider has and the profile does not list.
        let signed = good(Algorithm::HS384);
        pair.refuses("HS384", signed, unsupported);
        pair.nothing_stuck();
    }
}

/// What has been offered as an HMAC secret instead of the secret.
fn texts_of(public: &PublicKey, algorithm: Algorithm) -> Vec<(&'static str, Vec<u8>)> {
    let pem = public_key_pem(public).expect("writes");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let to_url = body.replace('+', "-").replace('/', "_").replace('=', "");
    let jwk = |kid: Option<String>, algorithm| PublicJwk {
        kid,
        algorithm,
        key: public.clone(),
    };
    let mut texts = vec![
        ("PEM", pem.clone().into_bytes()),
        ("PEM without its last line break", pem.trim_end().into()),
        ("PEM with CRLF", pem.replace('\n', "\r\n").into_bytes()),
        ("DER", base64url::decode(to_url.as_bytes()).expect("base64")),
        ("base64 of DER", body.into_bytes()),
        ("JWK", jwk(None, None).to_json().into_bytes()),
        (
            "JWK with kid",
            jwk(Some(kid(algorithm)), Some(algorithm))
                .to_json()
                .into_bytes(),
        ),
        ("nothing", Vec::new()),
        ("a zero", vec![0]),
    ];
    match public {
        PublicKey::Rsa { n, .. } => {
            texts.push(("modulus", n.clone()));
            texts.push(("PKCS#1", public.to_pkcs1().expect("writes")));
        }
        PublicKey::Ec { point, .. } => texts.push(("point", point.clone())),
        PublicKey::Ed25519(point) => texts.push(("point", point.to_vec())),
        _ => {}
    }
    texts
}

#[test]
fn t02_a_public_key_as_hmac_secret() {
    let asymmetric = |algorithm: &Algorithm| algorithm.family() != KeyFamily::Hmac;
    let macs = [
        (Algorithm::HS256, hmac::HMAC_SHA256),
        (Algorithm::HS384, hmac::HMAC_SHA384),
        (Algorithm::HS512, hmac::HMAC_SHA512),
    ];
    for provider in providers() {
        for algorithm in offered(*provider).filter(asymmetric) {
            let only = Pair::new(*provider, &[algorithm], "", &good(algorithm));
            // The confusion is impossible even where the profile lists both families.
            let both = Pair::new(*provider, &[algorithm, HS256], "", &good(algorithm));
            let public = key(algorithm).public().expect("is asymmetric");
            for (what, text) in texts_of(public, algorithm) {
                for (mac, hash) in &macs {
                    for kid in [None, Some(kid(algorithm)), Some(kid(HS256))] {
                        let named = kid
                            .clone()
                            .map_or(String::new(), |kid| format!(r#","kid":"{kid}""#));
                        let head = format!(r#"{{"alg":"{mac}"{named}}}"#);
                        let input = format!(
                            "{}.{}",
                            base64url::encode(head.as_bytes()),
                            base64url::encode(claims("").as_bytes())
                        );
                        let tag = hmac::sign(&hmac::Key::new(*hash, &text), input.as_bytes());
                        let forged = format!("{input}.{}", base64url::encode(tag.as_ref()));
                        let what = format!("{algorithm} as {mac}: {what}, {kid:?}");
                        only.refuses(&what, &forged, code(Code::UnsupportedAlg));
                        if *mac == HS256 {
                            let foreign = kid == Some(common::forge::kid(algorithm));
                            let expected = if foreign {
                                Code::UnknownKey
                            } else {
                                Code::InvalidSignature
                            };
                            both.refuses(&what, &forged, code(expected));
                        }
                    }
                }
            }
            only.nothing_stuck();
            both.nothing_stuck();
        }
    }
}

#[test]
fn t03_a_key_that_the_token_brings_along() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys", server.local_addr().unwrap());
    for provider in providers() {
        for algorithm in [RS256, ES256, Algorithm::EdDSA, Algorithm::PS256] {
            let pair = Pair::new(*provider, &[algorithm], "", &good(algorithm));
            let stranger = other_key(algorithm);
            let jwk = PublicJwk {
                kid: None,
                algorithm: Some(algorithm),
                key: stranger.public().unwrap().clone(),
            };
            let pem = public_key_pem(&jwk.key).unwrap();
            let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            for member in [
                format!(r#""jwk":{}"#, jwk.to_json()),
                format!(r#""jku":"{url}""#),
                format!(r#""x5u":"{url}""#),
                format!(r#""x5c":["{body}"]"#),
                r#""x5t":"AAAA","x5t#S256":"AAAA""#.to_owned(),
                format!(
                    r#""jwk":{},"jku":"{url}","x5u":"{url}","x5c":["{body}"]"#,
                    jwk.to_json()
                ),
            ] {
                for named in ["", &format!(r#","kid":"{}""#, kid(algorithm))] {
                    let head = format!(r#"{{"alg":"{algorithm}",{member}{named}}}"#);
                    let forged = token(algorithm, stranger, &head, claims(""));
                    pair.refuses(&head, forged, bad_signature());
                    // Ignored, not forbidden: behind a good signature it does no harm.
                    pair.accepts(&head, token(algorithm, key(algorithm), &head, claims("")));
                }
            }
            pair.nothing_stuck();
        }
    }
    let asked = server.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(
        asked,
        Err(std::io::ErrorKind::WouldBlock),
        "nothing is fetched"
    );
}

#[test]
fn t04_hostile_key_ids() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let unknown = code(Code::UnknownKey);
        for kid in [
            "../../../../dev/null",
            "/dev/null",
            "file:///etc/passwd",
            "https://evil.example/keys",
            "' OR '1'='1",
            "x'; DROP TABLE keys; --",
            "$(reboot)",
            "`id`|id;id&&id",
            "\\u0000",
            "HS256-key\\u0000",
            "\\u0000HS256-key",
            "",
            " ",
            "HS256-KEY",
            "HS256-key ",
            "HS256-ke",
            "__proto__",
            "%2e%2e%2f",
            "\\ud83d\\ude00",
        ] {
            let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
            pair.refuses(kid, headed(header), unknown);
        }
        for value in ["1", "null", "true", "[\"HS256-key\"]", "{}", "1e3"] {
            let header = format!(r#"{{"alg":"HS256","kid":{value}}}"#);
            pair.refuses(value, headed(header), malformed(Malformed::HeaderMember));
        }
        for length in [3_100, 12_000, 100_000] {
            let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(length));
            pair.refuses(length, headed(header), malformed(Malformed::TooLong));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t04_another_profile_s_key_and_no_input_or_output() {
    for provider in providers() {
        let mut text = String::new();
        for (profile, secret) in [("api", key(HS256)), ("other", other_key(HS256))] {
            text.push_str(&format!(
                "[profiles.{profile}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\n",
                provider.name()
            ));
            text.push_str(&key_section(
                profile,
                Some(&format!("{profile}-key")),
                None,
                secret,
                false,
            ));
        }
        let named = r#"{"alg":"HS256","kid":"other-key"}"#;
        let theirs = token(HS256, other_key(HS256), named, claims(""));
        let pair = Pair::of(|| Bench::from_toml(*provider, &text), &good(HS256));
        pair.refuses("another profile's", &theirs, code(Code::UnknownKey));

        // What a kid causes is one call of the hook that asks for a budgeted fetch.
        let bench = Bench::from_toml(*provider, &text);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        bench.verifier().keys().on_unknown_kid(move |kid| {
            assert_eq!(kid, "other-key");
            count.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(bench.verify(&theirs), Err(code(Code::UnknownKey)));
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{}", provider.name());
        for quiet in [
            headed(r#"{"alg":"HS512","kid":"other-key"}"#),
            headed(r#"{"alg":"HS256","kid":7}"#),
            headed(r#"{"alg":"HS256"}"#),
        ] {
            let _ = bench.verify(quiet);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{}", provider.name());
    }
}

#[test]
fn t05_critical_extensions() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for member in [
            r#""crit":["exp"],"exp":1"#,
            r#""crit":["b64"],"b64":true"#,
            r#""crit":["b64"],"b64":false"#,
            r#""crit":["http://example.com/UNDEFINED"],"http://example.com/UNDEFINED":true"#,
            r#""crit":["alg"]"#,
            r#""crit":["missing"]"#,
            r#""crit":[]"#,
            r#""crit":"exp""#,
            r#""crit":null"#,
            r#""crit":true"#,
            r#""crit":{}"#,
            r#""crit":[1]"#,
            r#""crit":["exp","exp"]"#,
            r#""cr\u0069t":["exp"]"#,
            r#""b64":false"#,
            r#""b64":"false""#,
            r#""b64":0"#,
            r#""b64":null"#,
            r#""b\u00364":false"#,
        ] {
            let header = format!(r#"{{"alg":"HS256",{member}}}"#);
            pair.refuses(member, headed(header), malformed(Malformed::Critical));
        }
        // Unencoded, as RFC 7797 would have it.
        let head = base64url::encode(br#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
        let bare = seal(HS256, key(HS256), &format!("{head}.{}", claims("")));
        pair.refuses("unencoded", bare, malformed(Malformed::Critical));
        pair.nothing_stuck();
    }
}
