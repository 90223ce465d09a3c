use bearerd::error::Code;
use serde_json::json;

use super::FAR;
use super::case::{Ask, Case};
use super::mint::{Mint, ada};

/// A hit is as strict as a miss, and so is a verifier that keeps nothing.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let forged = good.with(2, |signature| signature.chars().rev().collect());
    let large =
        mint.hs256(json!({"exp": FAR, "role": "user", "fill": "x".repeat(600)}).to_string());
    let all = |name: &str, configuration: &'static str| {
        Case::new(name, configuration)
            .accepts(&good)
            .accepts(&large)
            .refuses(
                good.with(1, |_| large.parts()[1].to_owned()),
                Code::InvalidSignature,
            )
            .refuses(mint.hs256("{\"exp\":1}"), Code::Expired)
            .refuses(good.text.replacen('e', "\u{165}", 1), Code::Malformed)
            .asks(
                Ask::token(&large).guard(json!({"roles": ["admin"]})),
                Code::Forbidden,
            )
            .asks(
                Ask::token(&large).guard(json!({"roles": ["user"]})),
                Code::Ok,
            )
            .asks(Ask::token(&good).audience("shop"), Code::InvalidClaim)
            .accepts(&large)
            .accepts(&good)
    };
    vec![
        all("cache: kept", "default cache"),
        all("cache: turned off", "no cache"),
        all("cache: too large to be kept", "small entries"),
        Case::new("cache: a refusal does not stick", "hs256")
            .refuses(&forged, code_of(&forged))
            .refuses(good.with(2, |_| "AAAA".to_owned()), Code::InvalidSignature)
            .accepts(&good)
            .refuses(good.with(2, |_| "AAAA".to_owned()), Code::InvalidSignature)
            .accepts(&good),
        many(mint),
    ]
}

/// A signature written backwards is another one, or none.
fn code_of(forged: &str) -> Code {
    let signature = forged.rsplit('.').next().expect("has parts");
    match bearerd::base64url::decode(signature.as_bytes()) {
        Ok(_) => Code::InvalidSignature,
        Err(_) => Code::Malformed,
    }
}

/// Tokens that differ in little, each with its own claims.
fn many(mint: &Mint) -> Case {
    let tokens: Vec<_> = (0..40)
        .map(|number| mint.hs256(format!(r#"{{"sub":"u{number}","exp":{FAR}}}"#)))
        .collect();
    let case = Case::new("cache: forty tokens, and each again", "default cache");
    tokens
        .iter()
        .chain(tokens.iter().rev())
        .fold(case, Case::accepts)
}
