use aws_lc_rs::hmac;
use bearerd::base64url;
use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::json;

use super::case::Case;
use super::mint::{Mint, Token, ada, public_jwk};
use crate::forge;

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let mut cases = vec![
        hmac_signature(mint),
        rsa(mint),
        ecdsa(mint),
        ed25519(mint),
        by_a_stranger(mint),
        of_another_token(mint),
        before_the_claims(mint),
    ];
    cases.extend(public_keys_as_secrets(mint));
    cases.extend(keys_that_the_token_brings(mint));
    cases
}

/// The same token with that signature.
fn signed(token: &Token, signature: impl AsRef<[u8]>) -> String {
    token.with(2, |_| base64url::encode(signature.as_ref()))
}

fn signature(token: &Token) -> Vec<u8> {
    base64url::decode(token.parts()[2].as_bytes()).expect("is base64url")
}

/// Empty, shorter, longer, zero: none is the signature.
fn damaged(token: &Token) -> Vec<String> {
    let whole = signature(token);
    let (first, last) = (&whole[1..], &whole[..whole.len() - 1]);
    vec![
        signed(token, ""),
        signed(token, first),
        signed(token, last),
        signed(token, [&[0], whole.as_slice()].concat()),
        signed(token, [whole.as_slice(), &[0]].concat()),
        signed(token, [whole.as_slice(), whole.as_slice()].concat()),
        signed(token, vec![0; whole.len()]),
        signed(token, vec![0xff; whole.len()]),
    ]
}

fn hmac_signature(mint: &Mint) -> Case {
    let good = mint.hs256(ada());
    Case::new("signature: HMAC cut, extended, zero, absent", "hs256").beside(
        &good,
        damaged(&good),
        Code::InvalidSignature,
    )
}

fn rsa(mint: &Mint) -> Case {
    let good = mint.token(Algorithm::RS256, ada());
    let mut refused = damaged(&good);
    refused.push(signed(&good, vec![1; 2_000]));
    Case::new(
        "signature: RSA cut, extended, zero, absent, oversized",
        "rs256",
    )
    .beside(&good, refused, Code::InvalidSignature)
}

/// DER in place of the two numbers side by side, and numbers out of range.
fn ecdsa(mint: &Mint) -> Case {
    let good = mint.token(Algorithm::ES256, ada());
    let whole = signature(&good);
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let mut bytes = number[zeros..].to_vec();
        if bytes.first().is_none_or(|first| *first >= 0x80) {
            bytes.insert(0, 0);
        }
        let length = u8::try_from(bytes.len()).expect("is short");
        [&[2, length], bytes.as_slice()].concat()
    };
    let (r, s) = (integer(&whole[..32]), integer(&whole[32..]));
    let length = u8::try_from(r.len() + s.len()).expect("is short");
    let der = [&[0x30, length], r.as_slice(), s.as_slice()].concat();
    let swapped = [&whole[32..], &whole[..32]].concat();
    let r_zero = [&[0; 32], &whole[32..]].concat();
    let s_zero = [&whole[..32], &[0; 32]].concat();
    let mut refused = damaged(&good);
    refused.extend([der, swapped, r_zero, s_zero].map(|bytes| signed(&good, bytes)));
    Case::new(
        "signature: ECDSA as DER, swapped, zero, out of range",
        "es256",
    )
    .beside(&good, refused, Code::InvalidSignature)
}

fn ed25519(mint: &Mint) -> Case {
    let good = mint.token(Algorithm::EdDSA, ada());
    Case::new("signature: Ed25519 cut, extended, zero, absent", "eddsa").beside(
        &good,
        damaged(&good),
        Code::InvalidSignature,
    )
}

fn by_a_stranger(mint: &Mint) -> Case {
    let good = mint.hs256(ada());
    let stranger = mint.stranger("HS256");
    let token = forge::token(Algorithm::HS256, stranger, r#"{"alg":"HS256"}"#, ada());
    Case::new("signature: by another secret", "hs256").beside(
        &good,
        [token],
        Code::InvalidSignature,
    )
}

/// A cache that is looked up by the signature or by a part of the token would answer these.
fn of_another_token(mint: &Mint) -> Case {
    let (one, other) = (mint.hs256(ada()), mint.hs256(ada().replace("ada", "eve")));
    Case::new("signature: of another good token", "hs256")
        .accepts(&one)
        .accepts(&other)
        .refuses(
            one.with(2, |_| other.parts()[2].to_owned()),
            Code::InvalidSignature,
        )
        .refuses(
            other.with(2, |_| one.parts()[2].to_owned()),
            Code::InvalidSignature,
        )
        .refuses(
            one.with(1, |_| other.parts()[1].to_owned()),
            Code::InvalidSignature,
        )
        .accepts(&one)
        .accepts(&other)
}

/// What nobody signed is not read, and so cannot decide which code comes back.
fn before_the_claims(mint: &Mint) -> Case {
    let header = r#"{"alg":"HS256"}"#;
    let stranger = mint.stranger("HS256");
    let forged = |payload: &str| forge::token(Algorithm::HS256, stranger, header, payload);
    Case::new(
        "signature: a wrong one comes before whatever is wrong with the claims",
        "hs256",
    )
    .refuses(forged("not JSON"), Code::InvalidSignature)
    .refuses(forged(r#"{"exp":1}"#), Code::InvalidSignature)
    .refuses(forged(r#"{"exp":"x"}"#), Code::InvalidSignature)
    .refuses(forged(r#"{"a":1,"a":1}"#), Code::InvalidSignature)
}

/// HMAC with what everybody knows as the secret.
fn public_keys_as_secrets(mint: &Mint) -> Vec<Case> {
    let rows = [
        (Algorithm::RS256, "rs256"),
        (Algorithm::PS256, "ps256"),
        (Algorithm::ES256, "es256"),
        (Algorithm::EdDSA, "eddsa"),
    ];
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|(algorithm, configuration)| {
            let name = format!("confusion: HS256 with the public key of {algorithm} as secret");
            let good = mint.token(algorithm, ada());
            let forged = confused(mint, algorithm);
            Case::new(name, configuration).beside(&good, forged, Code::UnsupportedAlg)
        })
        .collect();
    // Where HS256 is allowed beside RS256, each key still serves its own family alone.
    cases.push(
        Case::new(
            "confusion: HS256 with the public key where both are allowed",
            "two families",
        )
        .beside(
            &mint.token(Algorithm::RS256, ada()),
            confused(mint, Algorithm::RS256),
            Code::InvalidSignature,
        ),
    );
    let shared = mint.key(Algorithm::HS256);
    let input = mint.hs256(ada());
    let rsa_header = input.with(0, |_| base64url::encode(br#"{"alg":"RS256"}"#));
    let said_rsa = rsa_header.rsplit_once('.').expect("has three parts").0;
    cases.push(
        Case::new("confusion: RS256 said of an HMAC", "two families").beside(
            &input,
            [forge::seal(Algorithm::HS256, shared, said_rsa)],
            Code::InvalidSignature,
        ),
    );
    cases
}

fn confused(mint: &Mint, algorithm: Algorithm) -> Vec<String> {
    let pem = mint.pem(algorithm);
    let der = pem::parse(&pem);
    let jwk = mint.jwk(algorithm, None).to_string();
    let secrets = [
        pem.clone().into_bytes(),
        pem.trim_end().as_bytes().to_vec(),
        der,
        jwk.into_bytes(),
    ];
    // By the library below: ours refuses such a secret.
    let forge = |secret: Vec<u8>| {
        let unsigned = mint.hs256(ada());
        let input = unsigned.parts()[..2].join(".");
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &secret),
            input.as_bytes(),
        );
        signed(&unsigned, tag)
    };
    secrets.into_iter().map(forge).collect()
}

/// A header that brings its own key, or says where to fetch one, is not listened to.
fn keys_that_the_token_brings(mint: &Mint) -> Vec<Case> {
    let stranger = mint.stranger("Ed25519");
    let jwk = public_jwk(stranger, None);
    let brought = |more: serde_json::Value| {
        let mut header = json!({"alg": "EdDSA"});
        for (name, value) in more.as_object().expect("is an object") {
            header[name] = value.clone();
        }
        header.to_string()
    };
    let offers = [
        ("jwk", json!({ "jwk": jwk })),
        ("jku", json!({"jku": "https://evil.example/jwks.json"})),
        ("x5u", json!({"x5u": "https://evil.example/chain.pem"})),
        ("x5c", json!({"x5c": ["MIIB"]})),
    ];
    offers
        .into_iter()
        .map(|(name, offer)| {
            let header = brought(offer);
            let forged = forge::token(Algorithm::EdDSA, stranger, &header, ada());
            let honest = mint.with_header(Algorithm::EdDSA, &header, ada());
            Case::new(format!("header: {name} is not listened to"), "eddsa").beside(
                &honest,
                [forged],
                Code::InvalidSignature,
            )
        })
        .collect()
}

mod pem {
    /// The DER inside a PEM text.
    pub(super) fn parse(text: &str) -> Vec<u8> {
        let inside: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let url = inside
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_");
        bearerd::base64url::decode(url.as_bytes()).expect("is base64")
    }
}
