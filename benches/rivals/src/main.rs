//! Whole verifications, cold, of bearerd and its peers in Rust: the same token, the same key, the
//! same claims checked. Answers are asserted before anything is timed.
//!
//! jsonwebtoken takes one cryptographic backend a process, so this program runs itself once for
//! each and prints both tables.

#[allow(dead_code)]
#[path = "../../support/record.rs"]
mod record;
#[path = "../../support/rounds.rs"]
mod rounds;
#[path = "../../support/tokens.rs"]
mod tokens;

use std::process::Command;

use bearerd::crypto::{Algorithm, KeyMaterial, aws_lc_rs};
use bearerd::jwk::{private_key_pem, public_key_pem};
use bearerd::verify::VerifyOptions;
use jsonwebtoken::crypto::CryptoProvider;
use jsonwebtoken::{DecodingKey, Validation, decode};
use jwt_simple::prelude::{HS256Key, MACLike, NoCustomClaims, RS256PublicKey, RSAPublicKeyLike};
use serde::Deserialize;

use rounds::{compare, contender};
use tokens::{SECRET, Turn, many, profiles};

/// What an application reads of its tokens.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Claims {
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(rename = "tokenType")]
    token_type: String,
    #[serde(rename = "roleId")]
    role: i64,
    scope: Vec<String>,
}

const BACKEND: &str = "BEARERD_RIVALS_BACKEND";

fn main() {
    match std::env::var(BACKEND).as_deref() {
        Ok("rust_crypto") => run(
            "rust_crypto",
            &jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER,
        ),
        Ok("aws_lc") => run("aws_lc", &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER),
        _ => {
            for backend in ["rust_crypto", "aws_lc"] {
                let this = std::env::current_exe().expect("the path of this program");
                let status = Command::new(this)
                    .env(BACKEND, backend)
                    .status()
                    .expect("to run again");
                assert!(status.success());
            }
        }
    }
}

fn run(backend: &str, provider: &'static CryptoProvider) {
    provider
        .install_default()
        .expect("no backend was chosen before");
    let KeyMaterial::Private(rsa) = aws_lc_rs().generate(Algorithm::RS256).expect("a key") else {
        unreachable!("RS256 keys are private keys")
    };
    let (private, public) = (
        private_key_pem(&rsa).expect("PEM"),
        public_key_pem(rsa.public()).expect("PEM"),
    );
    let ours = profiles("aws-lc-rs", &private, 0);
    let secret = bearerd::base64url::decode(SECRET.as_bytes()).expect("base64url");
    for (name, algorithm) in [
        ("hs", jsonwebtoken::Algorithm::HS256),
        ("rs", jsonwebtoken::Algorithm::RS256),
    ] {
        let profile = ours.get(Some(name)).expect("the profile");
        let list = many(profile, 64);
        let key = match name {
            "hs" => DecodingKey::from_secret(&secret),
            _ => DecodingKey::from_rsa_pem(public.as_bytes()).expect("a key"),
        };
        let mut validation = Validation::new(algorithm);
        validation.leeway = 0;
        validation.validate_aud = false;
        let hs = HS256Key::from_bytes(&secret);
        let rs = RS256PublicKey::from_pem(&public).expect("a key");
        let theirs = |token: &str| match name {
            "hs" => hs.verify_token::<NoCustomClaims>(token, None).is_ok(),
            _ => rs.verify_token::<NoCustomClaims>(token, None).is_ok(),
        };
        let options = VerifyOptions::default();
        let broken = {
            let (message, _) = list[0].rsplit_once('.').expect("a token");
            let (_, signature) = list[1].rsplit_once('.').expect("a token");
            format!("{message}.{signature}")
        };
        for token in &list {
            assert!(profile.verifier().verify(token, &options).is_ok());
            assert!(decode::<Claims>(token, &key, &validation).is_ok());
            assert!(theirs(token));
        }
        assert!(profile.verifier().verify(&broken, &options).is_err());
        assert!(decode::<Claims>(&broken, &key, &validation).is_err() && !theirs(&broken));
        let (mut one, mut two, mut three) = (Turn::new(), Turn::new(), Turn::new());
        compare(
            &format!(
                "rivals, {backend}: cold {algorithm:?}, tokens of {} characters",
                list[0].len()
            ),
            vec![
                contender("bearerd (aws-lc-rs)", || {
                    profile.verifier().verify(one.next(&list), &options).is_ok()
                }),
                contender(&format!("jsonwebtoken ({backend})"), || {
                    decode::<Claims>(two.next(&list), &key, &validation).is_ok()
                }),
                contender("jwt-simple", || theirs(three.next::<String>(&list))),
            ],
        );
    }
}
