//! JWK, JWK sets and PEM as issuers and tools write them, and as attackers would.
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]

use bearerd::base64url;
use bearerd::crypto::{Algorithm, KeyError, KeyMaterial, KeyStrength, PublicKey};
use bearerd::crypto::{aws_lc_rs, providers};
use bearerd::jwk::{Jwk, JwkError, JwkSet, KeyProblem, KeyUsage, MAX_KEYS, PublicJwk, Trust};
use bearerd::jwk::{public_jwks, thumbprint};

/// RFC 7638 §3.1.
const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

fn rsa(more: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{N}","e":"AQAB"{more}}}"#)
}

fn ec(more: &str) -> String {
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#)
}

fn okp(more: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED_X}"{more}}}"#)
}

fn problem(jwk: &str) -> KeyProblem {
    match Jwk::parse(jwk.as_bytes()) {
        Err(JwkError::Key {
            position: None,
            problem,
            ..
        }) => problem,
        other => panic!("{jwk}: {other:?}"),
    }
}

/// A set with `jwk` between two good keys; what became of it.
fn in_a_set(jwk: &str, trust: Trust) -> Result<JwkSet, JwkError> {
    let text = format!(
        r#"{{"keys":[{},{jwk},{}]}}"#,
        rsa(r#","kid":"first""#),
        ec(r#","kid":"last""#)
    );
    JwkSet::parse(text.as_bytes(), trust)
}

fn ignored_in_a_set(jwk: &str) -> KeyProblem {
    let set = in_a_set(jwk, Trust::Public).unwrap_or_else(|error| panic!("{jwk}: {error}"));
    let kids: Vec<_> = set.keys.iter().map(|key| key.kid.as_deref()).collect();
    assert_eq!(kids, [Some("first"), Some("last")], "{jwk}");
    assert_eq!(set.ignored.len(), 1, "{jwk}");
    assert_eq!(set.ignored[0].position, 1, "{jwk}");
    set.ignored[0].reason.clone()
}

#[test]
fn a_key_says_what_it_is() {
    let key = Jwk::parse(rsa(r#","kid":"a","alg":"RS256","use":"sig""#).as_bytes()).unwrap();
    assert_eq!(key.kid.as_deref(), Some("a"));
    assert_eq!(key.algorithm, Some(Algorithm::RS256));
    assert_eq!(
        key.usage,
        KeyUsage {
            verify: true,
            sign: false
        }
    );
    let key = Jwk::parse(ec(r#","kid":"\u00e9\"""#).as_bytes()).unwrap();
    assert_eq!(key.kid.as_deref(), Some("é\""));
    assert_eq!(key.algorithm, None);
}

/// Attack row K2.
#[test]
fn a_set_keeps_what_it_can_use() {
    use KeyProblem as P;
    for (jwk, reason) in [
        (rsa(r#","use":"enc""#), P::NotForSignatures),
        (rsa(r#","use":"SIG""#), P::NotForSignatures),
        (rsa(r#","use":"""#), P::NotForSignatures),
        (rsa(r#","use":"enc","alg":"RSA-OAEP""#), P::NotForSignatures),
        (
            rsa(r#","key_ops":["encrypt","wrapKey"]"#),
            P::NotForSignatures,
        ),
        (rsa(r#","key_ops":["sign"]"#), P::NotForSignatures),
        (rsa(r#","key_ops":[]"#), P::NotForSignatures),
        (rsa(r#","key_ops":"verify""#), P::BadKeyOperations),
        (
            rsa(r#","key_ops":["verify","verify"]"#),
            P::BadKeyOperations,
        ),
        (rsa(r#","key_ops":["verify",7]"#), P::BadKeyOperations),
        (rsa(r#","alg":"RSA-OAEP""#), P::UnknownAlgorithm),
        (rsa(r#","alg":"none""#), P::UnknownAlgorithm),
        (rsa(r#","alg":"rs256""#), P::UnknownAlgorithm),
        (rsa(r#","alg":"HS256""#), P::AlgorithmMismatch),
        (rsa(r#","alg":"ES256""#), P::AlgorithmMismatch),
        (ec(r#","alg":"ES384""#), P::AlgorithmMismatch),
        (okp(r#","alg":"ES256""#), P::AlgorithmMismatch),
        (rsa(r#","alg":256"#), P::NotText("alg")),
        (rsa(r#","use":null"#), P::NotText("use")),
        (rsa(r#","kid":7"#), P::NotText("kid")),
        (rsa(r#","kid":["a"]"#), P::NotText("kid")),
        (
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AQAB"}"#.into(),
            P::UnknownAlgorithm,
        ),
        (r#"{"kty":"AKP","pub":"AQAB"}"#.into(), P::UnknownKeyType),
        (
            r#"{"kty":"rsa","n":"AQAB","e":"AQAB"}"#.into(),
            P::UnknownKeyType,
        ),
        (r#"{"kty":1}"#.into(), P::NotText("kty")),
        (r#"{"n":"AQAB","e":"AQAB"}"#.into(), P::Missing("kty")),
        (r#"{"kty":"RSA","e":"AQAB"}"#.into(), P::Missing("n")),
        (r#"{"kty":"RSA","n":"","e":"AQAB"}"#.into(), P::Missing("n")),
        (
            r#"{"kty":"RSA","n":"AQAB=","e":"AQAB"}"#.into(),
            P::NotBase64Url("n"),
        ),
        (
            r#"{"kty":"RSA","n":"A+/B","e":"AQAB"}"#.into(),
            P::NotBase64Url("n"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB","e":"AQ AB"}"#.into(),
            P::NotBase64Url("e"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB","e":65537}"#.into(),
            P::NotText("e"),
        ),
        (
            r#"{"kty":"RSA","n":"AQAB","e":"AQB"}"#.into(),
            P::NotBase64Url("e"),
        ),
        (
            r#"{"kty":"EC","crv":"secp256k1","x":"AQAB","y":"AQAB"}"#.into(),
            P::UnknownCurve,
        ),
        (
            r#"{"kty":"EC","x":"AQAB","y":"AQAB"}"#.into(),
            P::Missing("crv"),
        ),
        (
            r#"{"kty":"OKP","crv":"Ed448","x":"AQAB"}"#.into(),
            P::UnknownCurve,
        ),
        (
            r#"{"kty":"OKP","crv":"X25519","x":"AQAB"}"#.into(),
            P::UnknownCurve,
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#.into(),
            P::WrongLength {
                member: "x",
                expected: 32,
            },
        ),
        ("{}".into(), P::Missing("kty")),
        ("[]".into(), P::NotAnObject),
        ("null".into(), P::NotAnObject),
        (r#""key""#.into(), P::NotAnObject),
    ] {
        assert_eq!(ignored_in_a_set(&jwk), reason, "{jwk}");
        if jwk.starts_with('{') {
            assert_eq!(problem(&jwk), reason, "{jwk}");
        }
    }
}

/// RFC 7518 §6.2.1.2: a coordinate has all its octets, leading zeros too.
#[test]
fn coordinates_have_their_length() {
    let bytes = base64url::decode(X.as_bytes()).unwrap();
    for x in [&bytes[1..], &[&[0], &bytes[..]].concat()] {
        let jwk = ec("").replace(X, &base64url::encode(x));
        assert_eq!(
            ignored_in_a_set(&jwk),
            KeyProblem::WrongLength {
                member: "x",
                expected: 32
            }
        );
    }
    let jwk = format!(r#"{{"kty":"EC","crv":"P-384","x":"{X}","y":"{Y}"}}"#);
    assert_eq!(
        problem(&jwk),
        KeyProblem::WrongLength {
            member: "x",
            expected: 48
        }
    );
    assert_eq!(
        problem(&ec(r#","d":"AQAB""#)),
        KeyProblem::WrongLength {
            member: "d",
            expected: 32
        }
    );
}

#[test]
fn a_private_key_among_public_ones_is_an_error_that_names_it() {
    let d = format!(r#","d":"{D}""#);
    for jwk in [
        ec(&format!(r#"{d},"kid":"leak""#)),
        ec(&format!(r#"{d},"kid":"leak","use":"enc""#)),
        ec(&format!(r#"{d},"kid":"leak","alg":"XX""#)),
        okp(&format!(r#","d":"{ED_D}","kid":"leak""#)),
        rsa(r#","d":"AQAB","kid":"leak""#),
        rsa(r#","p":"AQAB","kid":"leak""#),
        rsa(r#","qi":null,"kid":"leak""#),
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ","kid":"leak"}"#.into(),
        r#"{"kid":"leak","kty":"later","d":"AQAB"}"#.into(),
    ] {
        let error = in_a_set(&jwk, Trust::Public).expect_err(&jwk);
        let expected = JwkError::Key {
            position: Some(1),
            kid: Some("leak".into()),
            problem: KeyProblem::PrivateInPublicSet,
        };
        assert_eq!(error, expected, "{jwk}");
        let text = error.to_string();
        assert!(text.contains("keys[1]") && text.contains("leak"), "{text}");
        assert!(!text.contains(D) && !text.contains("AQAB"), "{text}");
    }
    let named_badly = ec(&format!(r#"{d},"kid":7"#));
    assert!(in_a_set(&named_badly, Trust::Public).is_err());
}

#[test]
fn a_set_of_our_own_has_private_and_symmetric_keys() {
    let secret = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ","alg":"HS256"}"#;
    let set = in_a_set(secret, Trust::Private).unwrap();
    assert!(matches!(set.keys[1].material, KeyMaterial::Symmetric(_)));
    assert_eq!(
        set.keys[1].usage,
        KeyUsage {
            verify: true,
            sign: true
        }
    );
    for (operations, verify, sign) in [
        (r#""sign","verify""#, true, true),
        // The public half of a key that signs is there to verify.
        (r#""sign""#, true, true),
        (r#""verify""#, true, false),
    ] {
        let jwk = okp(&format!(r#","d":"{ED_D}","key_ops":[{operations}]"#));
        let set = in_a_set(&jwk, Trust::Private).unwrap();
        assert_eq!(set.keys[1].usage, KeyUsage { verify, sign }, "{operations}");
    }
    // A secret has no public half: what may only sign does not verify.
    let secret = r#"{"kty":"oct","k":"aHVudGVyMg","key_ops":["sign"]}"#;
    let set = in_a_set(secret, Trust::Private).unwrap();
    assert_eq!(
        set.keys[1].usage,
        KeyUsage {
            verify: false,
            sign: true
        }
    );
    assert!(
        !format!("{set:?}").contains("104, 117, 110"),
        "the secret is shown"
    );
}

/// An RSA JWK must never become an HMAC key, of zero length or any other.
#[test]
fn no_kind_of_key_is_read_as_another() {
    for (jwk, reason) in [
        (
            r#"{"kty":"oct","n":"AQAB","e":"AQAB"}"#,
            KeyProblem::Missing("k"),
        ),
        (r#"{"kty":"oct","k":""}"#, KeyProblem::Missing("k")),
        (r#"{"kty":"RSA","k":"AQAB"}"#, KeyProblem::Missing("n")),
        (
            r#"{"kty":"EC","crv":"Ed25519","x":"AQAB","y":"AQAB"}"#,
            KeyProblem::UnknownCurve,
        ),
        (
            r#"{"kty":"OKP","crv":"P-256","x":"AQAB","y":"AQAB"}"#,
            KeyProblem::UnknownCurve,
        ),
    ] {
        assert_eq!(problem(jwk), reason, "{jwk}");
    }
    let hmac = Algorithm::HS256;
    let key = Jwk::parse(rsa("").as_bytes()).unwrap().material;
    for provider in providers() {
        let result = provider
            .verify_key(hmac, &key, KeyStrength::AllowWeak)
            .err();
        assert_eq!(
            result,
            Some(KeyError::WrongFamily(hmac)),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn private_rsa_keys_have_all_their_numbers() {
    assert_eq!(problem(&rsa(r#","d":"AQAB""#)), KeyProblem::Missing("p"));
    let oth = r#","d":"AQAB","p":"Aw","q":"Aw","dp":"Aw","dq":"Aw","qi":"Aw","oth":[]"#;
    assert_eq!(problem(&rsa(oth)), KeyProblem::MultiPrime);
}

#[test]
fn rsa_numbers_are_canonical() {
    let padded = rsa("").replace(r#""AQAB""#, r#""AAABAAE""#);
    let (key, same) = (
        Jwk::parse(padded.as_bytes()).unwrap(),
        Jwk::parse(rsa("").as_bytes()).unwrap(),
    );
    assert_eq!(key.material.public(), same.material.public());
}

/// Attack row K4, the part that is in the document.
#[test]
fn documents_that_are_no_sets() {
    for text in [
        "",
        " ",
        "null",
        "[]",
        "<html><body>It works</body></html>",
        "{\"keys\":[}",
        "{\"keys\":[]}{}",
        "{\"keys\":[],}",
        "{'keys':[]}",
        "\u{feff}{\"keys\":[]}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"oct\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"k\\u0074y\":\"oct\"}]}",
        "{\"keys\":[],\"x\":\"\\ud800\"}",
    ] {
        let result = JwkSet::parse(text.as_bytes(), Trust::Public);
        assert!(
            matches!(result, Err(JwkError::Json(_))),
            "{text}: {result:?}"
        );
    }
    let bad_utf8 = b"{\"keys\":[],\"x\":\"\xff\"}";
    assert!(matches!(
        JwkSet::parse(bad_utf8, Trust::Public),
        Err(JwkError::Json(_))
    ));
    let deep = format!(
        "{{\"keys\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(matches!(
        JwkSet::parse(deep.as_bytes(), Trust::Public),
        Err(JwkError::Json(_))
    ));
    for text in [
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":\"\"}",
        "{\"keys\":null}",
        "{\"Keys\":[]}",
        &rsa(""),
    ] {
        let result = JwkSet::parse(text.as_bytes(), Trust::Public);
        assert!(
            matches!(result, Err(JwkError::NotASet)),
            "{text}: {result:?}"
        );
    }
    let empty = JwkSet::parse(b" {\"keys\" : [ ] } \n", Trust::Public).unwrap();
    assert!(empty.keys.is_empty() && empty.ignored.is_empty());
}

#[test]
fn a_set_is_bounded() {
    let of = |keys: usize| {
        let keys: Vec<String> = (0..keys)
            .map(|at| ec(&format!(r#","kid":"{at}""#)))
            .collect();
        JwkSet::parse(
            format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes(),
            Trust::Public,
        )
    };
    assert_eq!(of(MAX_KEYS).unwrap().keys.len(), MAX_KEYS);
    let expected = Some(JwkError::TooManyKeys { most: MAX_KEYS });
    assert_eq!(of(MAX_KEYS + 1).err(), expected);
    assert_eq!(of(10_000).err(), expected);
    let nulls = format!(r#"{{"keys":[{}null]}}"#, "null,".repeat(MAX_KEYS));
    assert_eq!(
        JwkSet::parse(nulls.as_bytes(), Trust::Public).err(),
        expected
    );
}

#[test]
fn sets_as_issuers_publish_them() {
    let chain = "MIIDBTCCAe2gAwIBAgIQH4FlYNA+UJlF0G3vy9ZrhTANBgkqhkiG9w0BAQsFADAtMSswKQYDVQQDEyI=";
    let google = format!(
        r#"{{"keys":[{},{}]}}"#,
        rsa(r#","alg":"RS256","use":"sig","kid":"c7e1141059a19b218209bc5af7a81a720e39b500""#),
        rsa(r#","use":"sig","kid":"b50fe2d5e1a7","alg":"RS256""#)
    );
    let auth0 = format!(
        r#"{{"keys":[{}]}}"#,
        rsa(&format!(
            r#","use":"sig","alg":"RS256","kid":"NjVBRjY5MDlCMUIwNzU4RTA2QzZF","x5t":"NjVBRjY5MDlCMUIwNzU4RTA2QzZF","x5c":["{chain}"]"#
        ))
    );
    // No alg, an issuer of its own, and whatever the cloud adds.
    let entra = format!(
        r#"{{"keys":[{}]}}"#,
        rsa(&format!(
            r#","use":"sig","kid":"nOo3ZDrODXEK1jKWhXslHR_KXEg","x5t":"nOo3ZDrODXEK1jKWhXslHR_KXEg","x5c":["{chain}"],"cloud_instance_name":"microsoftonline.com","issuer":"https://login.microsoftonline.com/{{tenantid}}/v2.0""#
        ))
    );
    let okta = format!(
        r#"{{"keys":[{}]}}"#,
        rsa(
            r#","alg":"RS256","kid":"U5R8cHbGw445Qbq8zVO1PcCpXL8yG6IcovVa3laCoxM","use":"sig","status":"ACTIVE","created":"2024-01-01T00:00:00.000Z","_links":{"self":{"href":"x","hints":{"allow":["GET"]}}}"#
        )
    );
    let keycloak = format!(
        r#"{{"keys":[{},{},{}]}}"#,
        rsa(&format!(
            r#","kid":"sig-1","alg":"RS256","use":"sig","x5c":["{chain}"],"x5t":"a","x5t#S256":"b""#
        )),
        rsa(&format!(
            r#","kid":"enc-1","alg":"RSA-OAEP","use":"enc","x5c":["{chain}"],"x5t":"a","x5t#S256":"b""#
        )),
        okp(r#","kid":"ed-1","alg":"EdDSA","use":"sig""#)
    );
    let cognito = format!(
        r#"{{ "keys" : [ {} , {} ] }}"#,
        rsa(r#","alg":"RS256","kid":"1234example=","use":"sig""#),
        rsa(r#","alg":"RS256","kid":"5678example=","use":"sig""#)
    );
    for (name, text, used, ignored) in [
        ("Google", google, 2, 0),
        ("Auth0", auth0, 1, 0),
        ("Entra ID", entra, 1, 0),
        ("Okta", okta, 1, 0),
        ("Keycloak", keycloak, 2, 1),
        ("Cognito", cognito, 2, 0),
    ] {
        let set = JwkSet::parse(text.as_bytes(), Trust::Public).expect(name);
        assert_eq!(
            (set.keys.len(), set.ignored.len()),
            (used, ignored),
            "{name}"
        );
        for key in &set.keys {
            assert!(
                key.kid.is_some() && key.usage.verify && !key.usage.sign,
                "{name}"
            );
            let algorithm = key.algorithm.unwrap_or(Algorithm::RS256);
            for provider in providers() {
                let loaded = provider.verify_key(algorithm, &key.material, KeyStrength::Standard);
                assert!(loaded.is_ok(), "{name}, {}", provider.name());
            }
        }
    }
}

#[test]
fn what_is_ignored_says_why() {
    let set = in_a_set(&rsa(r#","kid":"enc\n1","use":"enc""#), Trust::Public).unwrap();
    let text = set.ignored[0].to_string();
    assert!(
        text.starts_with(r#"keys[1] (kid "enc\n1") is not used: "#),
        "{text}"
    );
    let long = "k".repeat(10_000);
    let set = in_a_set(
        &rsa(&format!(r#","kid":"{long}","use":"enc""#)),
        Trust::Public,
    )
    .unwrap();
    assert!(set.ignored[0].to_string().len() < 300);
}

#[test]
fn two_keys_may_share_a_kid() {
    let set = in_a_set(&okp(r#","kid":"first""#), Trust::Public).unwrap();
    assert_eq!(
        set.keys
            .iter()
            .filter(|key| key.kid.as_deref() == Some("first"))
            .count(),
        2
    );
}

/// RFC 7638 §3.1 and RFC 8037 A.3.
#[test]
fn thumbprints_are_those_of_the_rfcs() {
    for provider in providers() {
        let of = |jwk: &str| {
            let key = Jwk::parse(jwk.as_bytes()).unwrap();
            thumbprint(key.material.public().unwrap(), *provider)
        };
        let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(
            of(&rsa(r#","alg":"RS256","kid":"2011-04-29""#)),
            expected,
            "{}",
            provider.name()
        );
        let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(of(&okp("")), expected, "{}", provider.name());
        // The private half makes no difference.
        assert_eq!(
            of(&okp(&format!(r#","d":"{ED_D}""#))),
            expected,
            "{}",
            provider.name()
        );
    }
}

#[test]
fn what_is_published_is_read_back_and_holds_no_secret() {
    let mut published = Vec::new();
    let mut originals = Vec::new();
    for algorithm in Algorithm::all() {
        let mut key = Jwk::bare(aws_lc_rs().generate(algorithm).unwrap());
        key.kid = Some(format!("k\"{algorithm}"));
        key.algorithm = Some(algorithm);
        match key.to_public() {
            Some(public) => {
                published.push(public);
                originals.push(key);
            }
            None => assert!(
                matches!(key.material, KeyMaterial::Symmetric(_)),
                "{algorithm}"
            ),
        }
    }
    assert_eq!(published.len(), 10);
    let text = public_jwks(&published);
    let set = JwkSet::parse(text.as_bytes(), Trust::Public).unwrap();
    assert!(set.ignored.is_empty());
    for (read, original) in set.keys.iter().zip(&originals) {
        assert_eq!(
            (&read.kid, read.algorithm),
            (&original.kid, original.algorithm)
        );
        let KeyMaterial::Public(key) = &read.material else {
            panic!("not public")
        };
        assert_eq!(Some(key), original.material.public());
    }
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for key in json["keys"].as_array().unwrap() {
        for (member, value) in key.as_object().unwrap() {
            let public = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
            assert!(
                public.contains(&member.as_str()) && value.is_string(),
                "{member}"
            );
        }
    }
    assert_eq!(public_jwks(&[]), r#"{"keys":[]}"#);
    let bare = PublicJwk {
        kid: None,
        algorithm: None,
        key: PublicKey::rsa(&[5], &[3]),
    };
    assert_eq!(
        bare.to_json(),
        r#"{"use":"sig","e":"Aw","kty":"RSA","n":"BQ"}"#
    );
}
