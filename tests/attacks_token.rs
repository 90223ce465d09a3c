//! Known attacks on the token itself, one test a row of the chapter on known attacks.
//!
//! Every refusal is asked of a verifier that has accepted nothing and of one that has just
//! accepted a good token, twice each, with every provider; afterwards the good token is as good
//! as before.
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

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::hmac;
use bearerd::base64url;
use bearerd::claims::TokenKind;
use bearerd::clock::UnixMillis;
use bearerd::crypto::{Algorithm, KeyFamily, KeyMaterial, Provider, PublicKey, providers};
use bearerd::error::{ClaimName, Code, Malformed, Reject};
use bearerd::jwk::{PublicJwk, public_key_pem};
use bearerd::verify::VerifyOptions;

use common::bench::{Bench, Pair};
use common::forge::{
    generate, header, join, key, key_section, kid, other_key, parts, seal, sign, token,
};
use common::meddler::Meddler;
use common::{NOW, code, expired, invalid, malformed, too_early, wrong_kind};

const HS256: Algorithm = Algorithm::HS256;
const RS256: Algorithm = Algorithm::RS256;
const ES256: Algorithm = Algorithm::ES256;

/// Claims that are good for ten minutes, with these members besides.
fn claims(more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(r#"{{"sub":"ada","exp":{}{comma}{more}}}"#, NOW + 600)
}

fn good(algorithm: Algorithm) -> String {
    token(algorithm, key(algorithm), header(algorithm), claims(""))
}

/// A token with that header, signed by the known key.
fn headed(header: impl AsRef<[u8]>) -> String {
    token(HS256, key(HS256), header, claims(""))
}

/// A token with those claims, signed by the known key.
fn claiming(claims: impl AsRef<[u8]>) -> String {
    token(HS256, key(HS256), header(HS256), claims)
}

fn offered(provider: Provider) -> impl Iterator<Item = Algorithm> {
    Algorithm::all().filter(move |algorithm| provider.verifies(*algorithm))
}

fn bad_signature() -> Reject {
    code(Code::InvalidSignature)
}

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

#[test]
fn t06_duplicate_members() {
    let many = |count: usize| -> String {
        let members: Vec<String> = (0..count).map(|n| format!(r#""m{n}":{n}"#)).collect();
        members.join(",")
    };
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for header in [
            r#"{"alg":"HS256","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"none","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"HS256","al\u0067":"none"}"#.to_owned(),
            r#"{"\u0061lg":"HS256","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"HS256","kid":"HS256-key","kid":"HS256-key"}"#.to_owned(),
            r#"{"alg":"HS256","x":{"a":1,"a":1}}"#.to_owned(),
            r#"{"alg":"HS256","x":[{"y":{"\u0061":1,"a":2}}]}"#.to_owned(),
            format!(r#"{{"alg":"HS256",{},"alg":"none"}}"#, many(60)),
        ] {
            pair.refuses(&header, headed(&header), malformed(Malformed::HeaderJson));
        }
        for more in [
            r#""sub":"eve""#.to_owned(),
            r#""s\u0075b":"eve""#.to_owned(),
            r#""exp":9999999999"#.to_owned(),
            r#""e\u0078p":9999999999"#.to_owned(),
            r#""x":1,"x":1"#.to_owned(),
            r#""x":{"a":{"b":1,"b":2}}"#.to_owned(),
            r#""x":[[{"a":1,"\u0061":2}]]"#.to_owned(),
            r#""é":1,"\u00e9":2"#.to_owned(),
            r#""😀":1,"\ud83d\uDE00":2"#.to_owned(),
            r#""":1,"":2"#.to_owned(),
            format!(r#"{},"sub":"eve""#, many(15)),
            format!(r#"{},"m0":0"#, many(17)),
            format!(r#"{},"m59":0"#, many(60)),
            format!(r#"{},"x":{{{},"m3":0}}"#, many(50), many(70)),
            format!(r#""x":{{"a":{{{}}},"a":1}}"#, many(60)),
        ] {
            let payload = claims(&more);
            pair.refuses(
                &payload,
                claiming(&payload),
                malformed(Malformed::ClaimsJson),
            );
        }
        // One name on two levels, or in two objects, is no duplicate.
        pair.accepts(
            "levels",
            claiming(claims(&format!(
                r#"{},"x":{{"sub":1,"exp":1,{}}},"y":[{{"a":1}},{{"a":1}}]"#,
                many(60),
                many(60)
            ))),
        );
        pair.nothing_stuck();
    }
}

#[test]
fn t07_base64url_is_strict() {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Every length modulo 3, so that every kind of trailing bits occurs in every part.
    let heads = [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256" }"#,
        r#"{"alg":"HS256"  }"#,
    ];
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for (filler, head) in heads.iter().enumerate() {
            let text = token(
                HS256,
                key(HS256),
                head,
                claims(&format!(r#""x":"{}~~~???>>>""#, "a".repeat(filler))),
            );
            pair.accepts(&text, &text);
            for (at, place) in [
                Malformed::HeaderEncoding,
                Malformed::ClaimsEncoding,
                Malformed::SignatureEncoding,
            ]
            .into_iter()
            .enumerate()
            {
                let own = parts(&text)[at];
                let mut spellings = Vec::new();
                for stray in [
                    "=", "==", "===", " ", "\t", "\n", "\r\n", "\0", "+", "/", "%3D", "\u{a0}",
                    "é", "*",
                ] {
                    for place in [0, own.len() / 2, own.len()] {
                        let mut spelling = own.to_owned();
                        spelling.insert_str(place, stray);
                        spellings.push(spelling);
                    }
                }
                let classic = own.replace('-', "+").replace('_', "/");
                if classic != own {
                    spellings.push(classic);
                }
                let (rest, last) = own.split_at(own.len() - 1);
                let digit = DIGITS.find(last).expect("a digit");
                let spare = [0, 0, 4, 2][own.len() % 4];
                for bits in 1..1_usize << spare {
                    assert_eq!(digit % (1 << spare), 0, "the encoder leaves zeros");
                    spellings.push(format!("{rest}{}", &DIGITS[digit + bits..=digit + bits]));
                }
                // A length of one modulo four holds no whole byte at its end.
                let single = own.len().div_ceil(4) * 4 + 1;
                spellings.push(format!("{own}{}", "A".repeat(single - own.len())));
                for spelling in spellings {
                    let mut parts = parts(&text);
                    parts[at] = &spelling;
                    let unsigned = parts.join(".");
                    pair.refuses(&unsigned, &unsigned, malformed(place));
                    // Signed as it stands: the issuer itself may not spell it so.
                    if at < 2 {
                        let signed = seal(HS256, key(HS256), &parts[..2].join("."));
                        pair.refuses(&signed, &signed, malformed(place));
                    }
                }
            }
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t08_three_parts_and_nothing_else() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let good = pair.good().to_owned();
        let [head, payload, signature] = parts(&good);
        let shape = malformed(Malformed::Parts);
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
            "....".to_owned(),
            head.to_owned(),
            format!("{head}.{payload}"),
            format!("{head}."),
            format!(".{payload}"),
            format!("{head}.."),
            format!("{head}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("..{signature}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.{signature}"),
            format!("{head}.{payload}.{payload}.{signature}"),
            format!("{head}.{payload}.{payload}.{payload}.{signature}"),
            format!("{good}.{good}"),
            format!(r#"{{"protected":"{head}","payload":"{payload}","signature":"{signature}"}}"#),
            format!(
                r#"{{"payload":"{payload}","signatures":[{{"protected":"{head}","signature":"{signature}"}}]}}"#
            ),
            "null".to_owned(),
            "undefined".to_owned(),
        ] {
            pair.refuses(&text, &text, shape);
        }
        // An empty signature is no third part that any key has made.
        pair.refuses(
            "no signature",
            format!("{head}.{payload}."),
            bad_signature(),
        );
        for blank in [
            " ", "\t", "\n", "\r", "\0", "\u{feff}", "\u{a0}", "\u{200b}", "\"", "'", "é", "%20",
        ] {
            let before = format!("{blank}{good}");
            pair.refuses(&before, &before, malformed(Malformed::HeaderEncoding));
            let after = format!("{good}{blank}");
            pair.refuses(&after, &after, malformed(Malformed::SignatureEncoding));
            let inside = format!("{head}.{blank}{payload}.{signature}");
            pair.refuses(&inside, &inside, malformed(Malformed::ClaimsEncoding));
        }
        pair.refuses(
            "Bearer",
            format!("Bearer {good}"),
            malformed(Malformed::HeaderEncoding),
        );
        let mut bytes = good.clone().into_bytes();
        bytes.push(0xff);
        pair.refuses("not UTF-8", &bytes, malformed(Malformed::SignatureEncoding));
        pair.nothing_stuck();
    }
}

#[test]
fn t09_signatures_that_are_not() {
    for provider in providers() {
        for algorithm in offered(*provider) {
            let text = good(algorithm);
            let pair = Pair::new(*provider, &[algorithm], "", &text);
            let [head, payload, encoded] = parts(&text);
            let input = format!("{head}.{payload}");
            let signature = base64url::decode(encoded.as_bytes()).unwrap();
            let length = signature.len();
            let elsewhere = token(
                algorithm,
                key(algorithm),
                header(algorithm),
                claims(r#""x":1"#),
            );
            let elsewhere = base64url::decode(parts(&elsewhere)[2].as_bytes()).unwrap();
            let mut forged = vec![
                ("empty", Vec::new()),
                ("one byte", vec![signature[0]]),
                ("half", signature[..length / 2].to_vec()),
                ("without its last byte", signature[..length - 1].to_vec()),
                ("without its first byte", signature[1..].to_vec()),
                ("with a zero behind", [&signature[..], &[0]].concat()),
                ("with a zero before", [&[0], &signature[..]].concat()),
                ("twice", [&signature[..], &signature[..]].concat()),
                ("all zero", vec![0; length]),
                ("all ones", vec![0xff; length]),
                ("backwards", signature.iter().rev().copied().collect()),
                ("2 kB of zeros", vec![0; 2_000]),
                ("of another token", elsewhere),
                (
                    "of another key",
                    sign(algorithm, other_key(algorithm), input.as_bytes()),
                ),
                (
                    "over the payload alone",
                    sign(algorithm, key(algorithm), payload.as_bytes()),
                ),
                (
                    "over the text with a dot",
                    sign(algorithm, key(algorithm), format!("{input}.").as_bytes()),
                ),
            ];
            for bit in [0, 7, length * 4, length * 8 - 1] {
                let mut flipped = signature.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                forged.push(("with one bit changed", flipped));
            }
            for (what, signature) in forged {
                let text = format!("{input}.{}", base64url::encode(&signature));
                pair.refuses((algorithm, what), &text, bad_signature());
            }
            pair.nothing_stuck();
        }
    }
}

/// A profile that has that RSA key, as JWK, for that algorithm.
fn rsa_bench(provider: Provider, algorithm: &str, jwk: &serde_json::Value) -> Bench {
    let text = format!(
        "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"{algorithm}\"]\n\n[[profiles.api.keys]]\njwk = '{jwk}'\n",
        provider.name()
    );
    Bench::from_toml(provider, &text)
}

#[test]
fn t10_rsa_signatures_made_by_hand() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("vectors/rsa_forgeries.json")).unwrap();
    let tokens = document["tokens"].as_array().unwrap();
    assert!(tokens.len() > 60);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    for provider in providers() {
        for name in ["e65537", "e3"] {
            for algorithm in ["RS256", "PS256"] {
                let start = base64url::encode(format!(r#"{{"alg":"{algorithm}"}}"#).as_bytes());
                let of_algorithm = tokens.iter().filter(|entry| {
                    entry["key"] == name && text(&entry["token"]).starts_with(&start)
                });
                let (good, forged): (Vec<_>, Vec<_>) =
                    of_algorithm.partition(|entry| entry["good"] == true);
                assert_eq!(good.len(), 1);
                assert!(forged.len() >= 10);
                let jwk = &document["keys"][name];
                let good = text(&good[0]["token"]);
                let pair = Pair::of(|| rsa_bench(*provider, algorithm, jwk), &good);
                for entry in forged {
                    pair.refuses(
                        (name, &entry["name"]),
                        text(&entry["token"]),
                        bad_signature(),
                    );
                }
                pair.nothing_stuck();
            }
        }
    }
}

/// Big-endian `a + b`; `None` where the sum is longer.
fn add(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let (mut sum, mut carry) = (vec![0; a.len()], 0);
    for at in (0..a.len()).rev() {
        let digit = u16::from(a[at]) + u16::from(b[at]) + carry;
        sum[at] = u8::try_from(digit & 0xff).expect("is masked");
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

/// Big-endian `a - b`, where `a` is the larger.
fn subtract(a: &[u8], b: &[u8]) -> Vec<u8> {
    let (mut rest, mut borrow) = (vec![0; a.len()], 0);
    for at in (0..a.len()).rev() {
        let digit = i16::from(a[at]) - i16::from(b[at]) - borrow;
        rest[at] = u8::try_from(digit.rem_euclid(256)).expect("is reduced");
        borrow = i16::from(digit < 0);
    }
    rest
}

#[test]
fn t10_a_second_text_for_one_rsa_signature() {
    let algorithms = [
        RS256,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    for algorithm in algorithms {
        // One of some 256 signatures begins with a zero octet: look for one.
        let (short, wide) = find_signatures(algorithm);
        let Some(PublicKey::Rsa { n, .. }) = key(algorithm).public() else {
            panic!("another family")
        };
        for provider in providers() {
            let (input, signature) = &short;
            let with =
                |input: &str, signature: &[u8]| format!("{input}.{}", base64url::encode(signature));
            let pair = Pair::new(*provider, &[algorithm], "", &with(input, signature));
            pair.refuses(
                (algorithm, "without its zero"),
                with(input, &signature[1..]),
                bad_signature(),
            );
            pair.refuses(
                (algorithm, "with another zero"),
                with(input, &[&[0], &signature[..]].concat()),
                bad_signature(),
            );
            let zeros = [&[0; 256], &signature[..]].concat();
            pair.refuses(
                (algorithm, "twice as long"),
                with(input, &zeros),
                bad_signature(),
            );
            let larger = add(signature, n).expect("it begins with a zero");
            pair.refuses((algorithm, "s + n"), with(input, &larger), bad_signature());
            pair.refuses((algorithm, "n"), with(input, n), bad_signature());
            let (input, signature) = &wide;
            pair.refuses(
                (algorithm, "n - s"),
                with(input, &subtract(n, signature)),
                bad_signature(),
            );
            pair.nothing_stuck();
        }
    }
}

/// A signing input whose signature begins with a zero octet, and one whose does not.
fn find_signatures(algorithm: Algorithm) -> ((String, Vec<u8>), (String, Vec<u8>)) {
    let head = base64url::encode(header(algorithm).as_bytes());
    let (mut short, mut wide) = (None, None);
    for n in 0..20_000 {
        let payload = base64url::encode(claims(&format!(r#""n":{n}"#)).as_bytes());
        let input = format!("{head}.{payload}");
        let signature = sign(algorithm, key(algorithm), input.as_bytes());
        let found = if signature[0] == 0 {
            &mut short
        } else {
            &mut wide
        };
        found.get_or_insert((input, signature));
        if short.is_some() && wide.is_some() {
            break;
        }
    }
    (short.expect("one of 256"), wide.expect("the others"))
}

#[test]
fn t11_ecdsa_signatures() {
    let orders = [
        (
            Algorithm::ES256,
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        (
            Algorithm::ES384,
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ),
    ];
    for provider in providers() {
        for (algorithm, order) in orders {
            let order: Vec<u8> = (0..order.len() / 2)
                .map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            let size = order.len();
            let text = good(algorithm);
            let pair = Pair::new(*provider, &[algorithm], "", &text);
            let [head, payload, encoded] = parts(&text);
            let with = |r: &[u8], s: &[u8]| {
                format!("{head}.{payload}.{}", base64url::encode(&[r, s].concat()))
            };
            let signature = base64url::decode(encoded.as_bytes()).unwrap();
            let (r, s) = signature.split_at(size);
            let zero = vec![0; size];
            let mut one = zero.clone();
            one[size - 1] = 1;
            let full = vec![0xff; size];
            for (what, forged) in [
                ("r = 0", with(&zero, s)),
                ("s = 0", with(r, &zero)),
                ("both 0", with(&zero, &zero)),
                ("both 1", with(&one, &one)),
                ("r = n", with(&order, s)),
                ("s = n", with(r, &order)),
                ("r = s = n", with(&order, &order)),
                ("all ones", with(&full, &full)),
                ("swapped", with(s, r)),
                ("r alone", with(r, &[])),
                ("r short", with(&r[1..], s)),
                ("s short", with(r, &s[1..])),
                ("r long", with(&[&[0], r].concat(), s)),
                ("both long", with(&[&[0], r].concat(), &[&[0], s].concat())),
                ("DER", with(&der_of(r, s), &[])),
            ] {
                pair.refuses((algorithm, what), forged, bad_signature());
            }
            if let Some(larger) = add(r, &order) {
                pair.refuses((algorithm, "r + n"), with(&larger, s), bad_signature());
            }

            // The twin is another signature over the same text: whether it counts is the
            // provider's to say, but it is another token, with an entry of its own or none.
            let twin = with(r, &subtract(&order, s));
            assert_ne!(twin, text);
            let bench = Bench::new(*provider, &[algorithm], "");
            let options = VerifyOptions::default();
            let first = bench.verifier().verify(&text, &options).unwrap();
            let name = provider.name();
            match bench.verifier().verify(&twin, &options) {
                Ok(second) => {
                    assert!(!second.was_cached(), "{name} {algorithm}");
                    assert_ne!(first.slot(), second.slot(), "{name} {algorithm}");
                    assert_ne!(
                        first.generation(),
                        second.generation(),
                        "{name} {algorithm}"
                    );
                }
                Err(reject) => assert_eq!(reject, bad_signature(), "{name} {algorithm}"),
            }
            let fresh = Bench::new(*provider, &[algorithm], "");
            assert_eq!(
                fresh.verify(&twin),
                bench.verify(&twin),
                "{name} {algorithm}"
            );
            assert_eq!(bench.cached(&text), Ok(true), "{name} {algorithm}");
            pair.nothing_stuck();
        }
    }
}

/// `SEQUENCE { INTEGER r, INTEGER s }`.
fn der_of(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(number.len() - 1);
        let mut bytes = number[start..].to_vec();
        if bytes[0] >= 0x80 {
            bytes.insert(0, 0);
        }
        let length = u8::try_from(bytes.len()).expect("is short");
        [&[2, length], &bytes[..]].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [
        &[0x30, u8::try_from(body.len()).expect("is short")],
        &body[..],
    ]
    .concat()
}

/// Texts that are not one strict JSON object.
fn not_objects() -> Vec<Vec<u8>> {
    let good = claims("");
    let inner = &good[1..good.len() - 1];
    let mut texts: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "{",
        "}",
        "{}{}",
        "{} x",
        "[{}]",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":1e400}",
        "{\"a\":-1e400}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":0x10}",
        "{\"a\":--1}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":undefined}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\ud800x\"}",
        "{\"\\ud800\":1}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u00\"}",
        "{\"a\":\"\\u{41}\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\u{1f}\"}",
        "{\"a\0\":1}",
    ]
    .into_iter()
    .map(Into::into)
    .collect();
    for text in [
        format!("\u{feff}{good}"),
        format!("{good}\u{feff}"),
        format!("{good}\0"),
        format!("\0{good}"),
        format!("{good},"),
        format!("{{/* x */{inner}}}"),
        format!("{{{inner}}} // x"),
        format!("{{{inner},}}"),
        format!("[{good}]"),
        format!("{good}{good}"),
        format!("{{{inner},\"x\":NaN}}"),
        format!("{{{inner},\"x\":1e999}}"),
        format!("{{{inner},\"x\":\"\\ud83d\"}}"),
        format!("{{{inner}\u{a0}}}"),
    ] {
        texts.push(text.into_bytes());
    }
    // UTF-16, with and without its mark.
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    texts.push([&[0xff, 0xfe], &wide[..]].concat());
    texts.push(wide);
    texts
}

#[test]
fn t12_what_is_not_strict_json() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for text in not_objects() {
            let shown = String::from_utf8_lossy(&text).into_owned();
            let expected = if text.is_empty() {
                Malformed::Parts
            } else {
                Malformed::ClaimsJson
            };
            pair.refuses(&shown, claiming(&text), malformed(expected));
            let expected = if text.is_empty() {
                Malformed::Parts
            } else {
                Malformed::HeaderJson
            };
            pair.refuses(&shown, headed(&text), malformed(expected));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t12_documents_without_measure() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    let elements = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!(r#""m{n}":0"#)).collect();
        members.join(",")
    };
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let wide = Pair::simple(
            *provider,
            "limits.token = 65536\nlimits.header = 65536\ncache.max_entry_bytes = 1000000",
        );
        let json = malformed(Malformed::ClaimsJson);
        for (what, payload, by_default, at_most) in [
            (
                "depth 16",
                claims(&format!(r#""x":{}"#, nested("[", "]", 15))),
                None,
                None,
            ),
            (
                "depth 17",
                claims(&format!(r#""x":{}"#, nested("[", "]", 16))),
                Some(json),
                Some(json),
            ),
            (
                "objects",
                claims(&format!(r#""x":{}"#, nested("{\"a\":", "}", 16))),
                Some(json),
                Some(json),
            ),
            (
                "depth 10,000",
                claims(&format!(r#""x":{}"#, nested("[", "]", 10_000))),
                Some(malformed(Malformed::TooLong)),
                Some(json),
            ),
            (
                "depth 10,000, left open",
                format!("{{\"x\":{}", "[".repeat(10_000)),
                Some(json),
                Some(json),
            ),
            (
                "1,000 elements",
                claims(&format!(r#""x":{}"#, elements(1_000))),
                None,
                None,
            ),
            (
                "1,024 elements",
                claims(&format!(r#""x":{}"#, elements(1_024))),
                Some(json),
                Some(json),
            ),
            (
                "20,000 elements",
                claims(&format!(r#""x":{}"#, elements(20_000))),
                Some(malformed(Malformed::TooLong)),
                Some(json),
            ),
            ("1,100 members", claims(&members(1_100)), None, None),
            (
                "a string of 30 kB",
                claims(&format!(r#""x":"{}""#, "x".repeat(30_000))),
                Some(malformed(Malformed::TooLong)),
                None,
            ),
            (
                "a string of 1 MB",
                claims(&format!(r#""x":"{}""#, "x".repeat(1 << 20))),
                Some(malformed(Malformed::TooLong)),
                Some(malformed(Malformed::TooLong)),
            ),
            (
                "100,000 members",
                claims(&members(100_000)),
                Some(malformed(Malformed::TooLong)),
                Some(malformed(Malformed::TooLong)),
            ),
        ] {
            // 1,100 members fit neither the default length nor the default count.
            let (by_default, at_most) = if what == "1,100 members" {
                let long = claiming(&payload).len() > 16_384;
                (
                    Some(if long {
                        malformed(Malformed::TooLong)
                    } else {
                        json
                    }),
                    Some(json),
                )
            } else {
                (by_default, at_most)
            };
            for (pair, expected) in [(&pair, by_default), (&wide, at_most)] {
                match expected {
                    Some(expected) => pair.refuses(what, claiming(&payload), expected),
                    None => pair.accepts(what, claiming(&payload)),
                }
            }
        }
        let deep = format!(r#"{{"alg":"HS256","x":{}}}"#, nested("[", "]", 500));
        pair.refuses(
            "a deep header",
            headed(&deep),
            malformed(Malformed::HeaderJson),
        );
        let deeper = format!(r#"{{"alg":"HS256","x":{}}}"#, nested("[", "]", 10_000));
        wide.refuses(
            "a deeper header",
            headed(&deeper),
            malformed(Malformed::HeaderJson),
        );
        pair.nothing_stuck();
        wide.nothing_stuck();
    }
}

#[test]
fn t13_dates_that_are_none() {
    let wrong = [
        "\"1800000600\"",
        "\"\"",
        "null",
        "true",
        "false",
        "[]",
        "[1800000600]",
        "{}",
        "-1",
        "-0",
        "-0.5",
        "-1800000600",
        "9007199254740993",
        "9007199254740994.0",
        "9223372036854775",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "18446744075509552216",
        "-9223372036854775808",
        "1e16",
        "1e18",
        "1e19",
        "1e30",
        "1e308",
        "1.7976931348623157e308",
        "-1e308",
        "99999999999999999999999999999999999999999999999999",
    ];
    let claim = |name: &str| match name {
        "exp" => ClaimName::Expiration,
        "nbf" => ClaimName::NotBefore,
        _ => ClaimName::IssuedAt,
    };
    for provider in providers() {
        for lines in [
            "",
            "expiration = \"optional\"\nleeway = \"1h\"",
            "max_age = \"1d\"\nexpiration = \"optional\"",
        ] {
            let at = format!(r#"{{"exp":{},"iat":{NOW}}}"#, NOW + 600);
            let pair = Pair::new(*provider, &[HS256], lines, &claiming(&at));
            for name in ["exp", "nbf", "iat"] {
                for value in wrong {
                    let others: String = [("exp", NOW + 600), ("nbf", NOW), ("iat", NOW)]
                        .iter()
                        .filter(|(other, _)| *other != name)
                        .map(|(other, value)| format!(r#","{other}":{value}"#))
                        .collect();
                    let payload = format!(r#"{{"{name}":{value}{others}}}"#);
                    pair.refuses(&payload, claiming(&payload), invalid(claim(name)));
                }
            }
            pair.nothing_stuck();
        }

        // Fractions and other spellings of a number are read, rounded against the token.
        let pair = Pair::simple(*provider, "");
        for value in [
            "1800000600.5",
            "18000006e2",
            "1.8000006E+9",
            "180000060000e-2",
            "9007199254740992",
        ] {
            pair.accepts(value, claiming(format!(r#"{{"exp":{value}}}"#)));
        }
        for (payload, expected) in [
            (r#"{"exp":1800000000.0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1800000000.0009}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1799999999.999}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":0.0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1e-400}"#, expired(ClaimName::Expiration)),
            (
                r#"{"exp":1800000600,"nbf":1800000000.5}"#,
                too_early(ClaimName::NotBefore),
            ),
            (
                r#"{"exp":1800000600,"nbf":9007199254740992}"#,
                too_early(ClaimName::NotBefore),
            ),
            (
                r#"{"exp":1800000600,"iat":9007199254740992}"#,
                too_early(ClaimName::IssuedAt),
            ),
        ] {
            pair.refuses(payload, claiming(payload), expected);
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t14_the_edges_of_time() {
    let at = |exp: i64| claiming(format!(r#"{{"exp":{exp}}}"#));
    let over = expired(ClaimName::Expiration);
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for exp in [NOW, NOW - 1, NOW - 600, 0, 1] {
            pair.refuses(exp, at(exp), over);
        }
        pair.accepts("a second left", at(NOW + 1));
        pair.refuses(
            "no exp",
            claiming(r#"{"sub":"ada"}"#),
            invalid(ClaimName::Expiration),
        );
        for (name, claim) in [("nbf", ClaimName::NotBefore), ("iat", ClaimName::IssuedAt)] {
            let with = |value: i64| claiming(claims(&format!(r#""{name}":{value}"#)));
            pair.accepts(name, with(NOW));
            pair.accepts(name, with(0));
            for ahead in [1, 60, 86_400 * 365 * 1_000] {
                pair.refuses((name, ahead), with(NOW + ahead), too_early(claim));
            }
        }
        pair.nothing_stuck();

        let pair = Pair::simple(*provider, "leeway = \"30s\"");
        for (exp, accepted) in [
            (NOW - 29, true),
            (NOW - 30, false),
            (NOW - 31, false),
            (NOW, true),
        ] {
            if accepted {
                pair.accepts(exp, at(exp));
            } else {
                pair.refuses(exp, at(exp), over);
            }
        }
        for (name, claim) in [("nbf", ClaimName::NotBefore), ("iat", ClaimName::IssuedAt)] {
            let with = |value: i64| claiming(claims(&format!(r#""{name}":{value}"#)));
            pair.accepts(name, with(NOW + 30));
            pair.refuses(name, with(NOW + 31), too_early(claim));
        }
        pair.nothing_stuck();

        // Without exp the profile's age is the end, and it needs iat.
        let issued = |iat: i64| claiming(format!(r#"{{"iat":{iat}}}"#));
        let lines = "expiration = \"optional\"\nmax_age = \"1h\"\nleeway = \"10s\"";
        let pair = Pair::new(*provider, &[HS256], lines, &issued(NOW));
        pair.accepts("young", issued(NOW - 3_609));
        pair.refuses("old", issued(NOW - 3_610), expired(ClaimName::IssuedAt));
        pair.refuses("no iat", claiming("{}"), invalid(ClaimName::IssuedAt));
        pair.refuses(
            "no iat, but exp",
            at(NOW + 600),
            invalid(ClaimName::IssuedAt),
        );
        pair.nothing_stuck();

        // The same edges, met while the token is in the cache.
        let bench = Bench::new(*provider, &[HS256], "");
        let token = at(NOW + 600);
        for (seconds, expected) in [(0, Ok(())), (599, Ok(())), (1, Err(over)), (1, Err(over))] {
            bench.clock.advance(Duration::from_secs(seconds));
            assert_eq!(bench.verify(&token), expected, "{}", provider.name());
        }
        bench
            .clock
            .set(UnixMillis::from_millis((NOW + 600) * 1000 - 1));
        assert_eq!(bench.verify(&token), Ok(()), "{}", provider.name());
    }
}

#[test]
fn t15_issuer_and_audience() {
    let audiences = [
        (None, "absent"),
        (Some("[]"), "empty"),
        (Some("\"\""), "no text"),
        (Some("\"ap\""), "prefix"),
        (Some("\"api \""), "blank"),
        (Some("\"api.example\""), "longer"),
        (Some("\"my-api\""), "substring"),
        (Some("\"API\""), "case"),
        (Some("\"api\\u0000\""), "NUL"),
        (Some("\"api,other\""), "joined"),
        (Some("\"api other\""), "joined"),
        (Some("[\"API\",\"ap\",\"api/\"]"), "none of them"),
        (Some("[\"\\\"api\\\"\"]"), "quoted"),
        (Some("\"аpi\""), "a Cyrillic letter"),
    ];
    let mistyped = [
        "1",
        "null",
        "true",
        "{}",
        "{\"api\":1}",
        "[1]",
        "[\"api\",1]",
        "[\"api\",null]",
        "[[\"api\"]]",
        "[{\"api\":1}]",
    ];
    for provider in providers() {
        let good = claiming(claims(r#""aud":"api","iss":"https://i""#));
        let pair = Pair::new(
            *provider,
            &[HS256],
            "audience = \"api\"\nissuer = \"https://i\"",
            &good,
        );
        for (value, what) in audiences {
            let aud = value.map_or(String::new(), |value| format!(r#","aud":{value}"#));
            let payload = claims(&format!(r#""iss":"https://i"{aud}"#));
            pair.refuses(
                (what, &payload),
                claiming(&payload),
                invalid(ClaimName::Audience),
            );
        }
        for value in mistyped {
            let payload = claims(&format!(r#""iss":"https://i","aud":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Audience));
        }
        for value in [
            "\"api\"",
            "[\"api\"]",
            "[\"other\",\"api\"]",
            "\"\\u0061pi\"",
            "[\"\\u0061p\\u0069\"]",
        ] {
            let payload = claims(&format!(r#""iss":"https://i","aud":{value}"#));
            pair.accepts(value, claiming(&payload));
        }
        for value in [
            "\"\"",
            "\"https://\"",
            "\"https://i/\"",
            "\"https://i.evil.example\"",
            "\"HTTPS://I\"",
            "\"http://i\"",
            "\" https://i\"",
            "\"https://i\\u0000\"",
            "[\"https://i\"]",
            "[]",
            "null",
            "1",
            "true",
            "{\"https://i\":1}",
        ] {
            let payload = claims(&format!(r#""aud":"api","iss":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Issuer));
        }
        pair.refuses(
            "no iss",
            claiming(claims(r#""aud":"api""#)),
            invalid(ClaimName::Issuer),
        );
        // The call's own audience takes the profile's place, and is as strict.
        for asked in ["ap", "API", "", "api ", "other"] {
            let options = VerifyOptions::default().audience(asked);
            pair.refuses_with(asked, &good, &options, invalid(ClaimName::Audience));
        }
        pair.nothing_stuck();

        // A mistyped claim is refused where nothing is expected of it, too.
        let pair = Pair::simple(*provider, "");
        for value in mistyped {
            let payload = claims(&format!(r#""aud":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Audience));
        }
        for (name, claim) in [
            ("iss", ClaimName::Issuer),
            ("sub", ClaimName::Subject),
            ("jti", ClaimName::TokenId),
        ] {
            for value in ["1", "null", "[\"x\"]", "{}", "true"] {
                let payload = format!(r#"{{"exp":{},"{name}":{value}}}"#, NOW + 600);
                pair.refuses(&payload, claiming(&payload), invalid(claim));
            }
        }
        for asked in ["api", ""] {
            let options = VerifyOptions::default().audience(asked);
            let bare = pair.good().to_owned();
            pair.refuses_with("no aud", bare, &options, invalid(ClaimName::Audience));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t16_a_token_of_another_kind() {
    for provider in providers() {
        let lines = "claims.kind = { claim = \"tokenType\" }";
        let good = claiming(claims(r#""tokenType":"access""#));
        let pair = Pair::new(*provider, &[HS256], lines, &good);
        for value in [
            "\"refresh\"",
            "\"id\"",
            "\"Access\"",
            "\"access \"",
            "\"\"",
            "\"acces\"",
        ] {
            let text = claiming(claims(&format!(r#""tokenType":{value}"#)));
            pair.refuses(value, text, wrong_kind());
        }
        for value in ["null", "1", "[\"access\"]", "{}", "true"] {
            let text = claiming(claims(&format!(r#""tokenType":{value}"#)));
            pair.refuses(value, text, invalid(ClaimName::Kind));
        }
        pair.refuses("no kind", claiming(claims("")), wrong_kind());
        pair.refuses(
            "TOKENTYPE",
            claiming(claims(r#""tokentype":"access""#)),
            wrong_kind(),
        );
        let refresh = VerifyOptions::default().kind(TokenKind::Refresh);
        pair.refuses_with("access for refresh", &good, &refresh, wrong_kind());
        pair.nothing_stuck();

        // A profile that maps no kind cannot tell, so it takes none for a kind that is asked for.
        let bare = Pair::simple(*provider, "");
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            let options = VerifyOptions::default().kind(kind);
            let good = bare.good().to_owned();
            bare.refuses_with(kind, good, &options, wrong_kind());
        }

        let typed = |typ: &str| headed(format!(r#"{{"typ":{typ},"alg":"HS256"}}"#));
        let good = typed("\"at+jwt\"");
        let pair = Pair::new(*provider, &[HS256], "type = \"at+jwt\"", &good);
        for typ in [
            "\"JWT\"",
            "\"\"",
            "\"at+jwt \"",
            "\"id+jwt\"",
            "\"rt+jwt\"",
            "\"at\"",
            "\"x/at+jwt\"",
            "\"logout+jwt\"",
            "\"at+jwt\\u0000\"",
        ] {
            pair.refuses(typ, typed(typ), invalid(ClaimName::Type));
        }
        pair.refuses("no typ", headed(header(HS256)), invalid(ClaimName::Type));
        for typ in ["null", "1", "[\"at+jwt\"]"] {
            pair.refuses(typ, typed(typ), malformed(Malformed::HeaderMember));
        }
        for typ in [
            "\"AT+JWT\"",
            "\"application/at+jwt\"",
            "\"Application/At+Jwt\"",
        ] {
            pair.accepts(typ, typed(typ));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t17_size_limits_hold_before_any_cryptography() {
    for provider in providers() {
        let (meddler, trap) = Meddler::over(*provider);
        let verifier = |limits: bearerd::limits::Limits| {
            let strength = bearerd::crypto::KeyStrength::Standard;
            let ring = bearerd::keys::KeyRing::new(meddler, &[HS256], strength).unwrap();
            let spec = bearerd::keys::KeySpec::new("test", key(HS256).clone());
            ring.replace_fixed(vec![spec]).unwrap();
            let clock = bearerd::clock::ManualClock::at(UnixMillis::from_secs(NOW));
            let verifier = bearerd::verify::Verifier::builder("api", Arc::new(ring));
            verifier
                .limits(limits)
                .clock(Arc::new(clock))
                .build()
                .unwrap()
        };
        let asked = Arc::new(AtomicUsize::new(0));
        let verify = |verifier: &bearerd::verify::Verifier, text: &str| {
            let count = Arc::clone(&asked);
            trap.set(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
            let before = asked.load(Ordering::SeqCst);
            let verdict = verifier.verify(text, &VerifyOptions::default()).map(drop);
            (verdict, asked.load(Ordering::SeqCst) - before)
        };
        let too_long = (Err(malformed(Malformed::TooLong)), 0);
        let text = good(HS256);
        let mut limits = bearerd::limits::Limits::default();
        limits.token = text.len();
        assert_eq!(
            verify(&verifier(limits), &text),
            (Ok(()), 1),
            "{}",
            provider.name()
        );
        limits.token -= 1;
        assert_eq!(
            verify(&verifier(limits), &text),
            too_long,
            "{}",
            provider.name()
        );
        let mut limits = bearerd::limits::Limits::default();
        limits.header = parts(&text)[0].len();
        assert_eq!(
            verify(&verifier(limits), &text),
            (Ok(()), 1),
            "{}",
            provider.name()
        );
        limits.header -= 1;
        assert_eq!(
            verify(&verifier(limits), &text),
            too_long,
            "{}",
            provider.name()
        );

        let plain = verifier(bearerd::limits::Limits::default());
        for text in [
            headed(format!(
                r#"{{"alg":"HS256","x":"{}"}}"#,
                "x".repeat(64 << 10)
            )),
            claiming(claims(&format!(r#""x":"{}""#, "x".repeat(64 << 10)))),
            format!("{}.{}", parts(&text)[..2].join("."), "A".repeat(64 << 10)),
            ".".repeat(1 << 20),
            "A".repeat(10 << 20),
        ] {
            for _ in 0..2 {
                assert_eq!(verify(&plain, &text), too_long, "{}", provider.name());
            }
        }
        // A broken form never reaches the key either.
        for text in ["a.b.c", "a.b", "", &format!("{}.!.x", parts(&text)[0])] {
            assert_eq!(verify(&plain, text).1, 0, "{}: {text}", provider.name());
        }
        assert_eq!(verify(&plain, &text), (Ok(()), 1), "{}", provider.name());
    }
}

#[test]
fn t18_encrypted_nested_and_compressed() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let part = |text: &str| base64url::encode(text.as_bytes());
        let jwe = [
            part(r#"{"alg":"dir","enc":"A128GCM"}"#),
            String::new(),
            part("0123456789ab"),
            part("ciphertext"),
            part("0123456789abcdef"),
        ];
        pair.refuses("JWE", jwe.join("."), malformed(Malformed::Parts));
        let wrapped = ["e30", "key", "iv", "text", "tag"].join(".");
        pair.refuses("JWE", wrapped, malformed(Malformed::Parts));
        let inner = pair.good().to_owned();
        for head in [r#"{"alg":"HS256","cty":"JWT"}"#, r#"{"alg":"HS256"}"#] {
            let nested = token(HS256, key(HS256), head, &inner);
            pair.refuses(head, nested, malformed(Malformed::ClaimsJson));
            let quoted = token(HS256, key(HS256), head, format!("\"{inner}\""));
            pair.refuses(head, quoted, malformed(Malformed::ClaimsJson));
        }
        for head in [
            r#"{"alg":"HS256","zip":"DEF"}"#,
            r#"{"alg":"HS256","zip":null}"#,
            r#"{"alg":"HS256","zip":""}"#,
            r#"{"alg":"HS256","z\u0069p":"DEF"}"#,
            r#"{"alg":"HS256","enc":"A256GCM"}"#,
            r#"{"alg":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#,
        ] {
            pair.refuses(head, headed(head), malformed(Malformed::HeaderMember));
        }
        for name in ["dir", "RSA-OAEP", "A128KW", "ECDH-ES", "PBES2-HS256+A128KW"] {
            let head = format!(r#"{{"alg":"{name}","p2c":2000000000,"p2s":"AAAA"}}"#);
            pair.refuses(name, headed(&head), code(Code::UnsupportedAlg));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t19_invalid_utf8() {
    let broken: [&[u8]; 14] = [
        b"\xff",
        b"\xfe",
        b"\x80",
        b"\xc3",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xe2\x82",
        b"\xc3\x28",
    ];
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for bytes in broken {
            let shown = format!("{bytes:x?}");
            for (before, after) in [
                (
                    format!(r#"{{"exp":{},"x":"a"#, NOW + 600),
                    "b\"}".to_owned(),
                ),
                (format!(r#"{{"exp":{},"x"#, NOW + 600), r#"":1}"#.to_owned()),
                (
                    format!(r#"{{"exp":{},"x":["a",{{"y":""#, NOW + 600),
                    r#""}]}"#.to_owned(),
                ),
                (
                    r#"{"sub":"ada"#.to_owned(),
                    format!(r#"","exp":{}}}"#, NOW + 600),
                ),
            ] {
                let payload = [before.as_bytes(), bytes, after.as_bytes()].concat();
                pair.refuses(&shown, claiming(payload), malformed(Malformed::ClaimsJson));
            }
            for (before, after) in [
                (r#"{"alg":"HS256","kid":"HS256-key"#, r#""}"#),
                (r#"{"alg":"HS256"#, r#""}"#),
                (r#"{"alg":"HS256","x"#, r#"":1}"#),
            ] {
                let header = [before.as_bytes(), bytes, after.as_bytes()].concat();
                pair.refuses(&shown, headed(header), malformed(Malformed::HeaderJson));
            }
        }
        // What a lenient reader puts in their place is another text, and honest.
        pair.accepts("U+FFFD", claiming(claims("\"x\":\"\u{fffd}\"")));
        pair.nothing_stuck();
    }
}

/// The material that is made anew is not the one that the profiles know.
#[test]
fn strangers_are_strangers() {
    for algorithm in [HS256, ES256] {
        let fresh = generate(algorithm);
        let same = |one: &KeyMaterial, other: &KeyMaterial| match (one, other) {
            (KeyMaterial::Symmetric(one), KeyMaterial::Symmetric(other)) => {
                one.matches(other.expose())
            }
            (one, other) => one.public() == other.public(),
        };
        assert!(!same(&fresh, key(algorithm)));
        assert!(!same(key(algorithm), other_key(algorithm)));
    }
}
