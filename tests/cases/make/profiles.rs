use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::{Value, json};

use super::FAR;
use super::case::{Ask, Case};
use super::mint::{Mint, Token};

/// By the call, by the token's `iss`, by default; and then strictly under the chosen rules.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let main = token(mint, Algorithm::HS256, json!({"sub": "ada"}));
    let strange = token(
        mint,
        Algorithm::HS256,
        json!({"iss": "https://nobody.example"}),
    );
    let partner = token(
        mint,
        Algorithm::HS384,
        json!({"iss": "https://partner.example"}),
    );
    let twin = token(
        mint,
        Algorithm::HS256,
        json!({"iss": "https://twin.example", "aud": "twin", "groups": ["g1"], "role": "r1"}),
    );
    let lost = token(
        mint,
        Algorithm::HS256,
        json!({"iss": "https://twin.example", "aud": "main"}),
    );
    let posing = token(
        mint,
        Algorithm::HS256,
        json!({"iss": "https://partner.example"}),
    );
    let many = token(
        mint,
        Algorithm::HS256,
        json!({"iss": "https://x.example", "aud": ["twin"]}),
    );
    vec![
        Case::new("profiles: by default", "several")
            .accepts(&main)
            .accepts(&strange),
        Case::new("profiles: by iss", "several")
            .accepts(&partner)
            .accepts(&twin)
            .refuses(&lost, Code::InvalidClaim)
            .accepts(&escaped_issuer(mint)),
        Case::new("profiles: by name", "several")
            .asks(Ask::token(&main).profile("main"), Code::Ok)
            .asks(Ask::token(&partner).profile("partner"), Code::Ok)
            .asks(Ask::token(&twin).profile("twin"), Code::Ok)
            .asks(Ask::token(&main).profile("partner"), Code::UnsupportedAlg)
            .asks(Ask::token(&main).profile("twin"), Code::InvalidClaim)
            .asks(Ask::token(&partner).profile("main"), Code::UnsupportedAlg)
            .asks(Ask::token(&many).profile("twin"), Code::InvalidClaim),
        // `main` has no issuer of its own, so the name alone decides.
        Case::new("profiles: the name comes before iss", "several")
            .asks(Ask::token(&lost).profile("main"), Code::Ok)
            .refuses(&lost, Code::InvalidClaim)
            .asks(Ask::token(&lost).profile("main"), Code::Ok)
            .refuses(&lost, Code::InvalidClaim),
        Case::new(
            "profiles: an iss that is mapped is not proof of anything",
            "several",
        )
        .refuses(&posing, Code::UnsupportedAlg)
        .refuses(posing.with(2, |_| "AAAA".to_owned()), Code::UnsupportedAlg)
        .refuses(
            twin.with(2, |_| main.parts()[2].to_owned()),
            Code::InvalidSignature,
        ),
        Case::new(
            "profiles: what one cached, another does not answer",
            "several",
        )
        .asks(Ask::token(&twin).profile("twin"), Code::Ok)
        .asks(Ask::token(&twin).profile("partner"), Code::UnsupportedAlg)
        .asks(Ask::token(&twin).profile("main"), Code::Ok)
        .asks(Ask::token(&strange).profile("main"), Code::Ok)
        .asks(Ask::token(&strange).profile("twin"), Code::InvalidClaim),
        Case::new("profiles: each has its own spellings", "several")
            .asks(Ask::token(&twin).guard(json!({"roles": ["g1"]})), Code::Ok)
            .asks(
                Ask::token(&twin).guard(json!({"roles": ["r1"]})),
                Code::Forbidden,
            )
            .asks(
                Ask::token(&twin)
                    .profile("main")
                    .guard(json!({"roles": ["r1"]})),
                Code::Ok,
            )
            .asks(
                Ask::token(&twin)
                    .profile("main")
                    .guard(json!({"roles": ["g1"]})),
                Code::Forbidden,
            ),
        Case::new("profiles: audience of the call, profile by iss", "several")
            .asks(Ask::token(&twin).audience("twin"), Code::Ok)
            .asks(Ask::token(&twin).audience("main"), Code::InvalidClaim)
            .asks(Ask::token(&lost).audience("main"), Code::Ok)
            .refuses(&lost, Code::InvalidClaim),
        Case::new("profiles: none by default", "several without a default")
            .accepts(&twin)
            .accepts(&partner)
            .refuses(&strange, Code::ValidationError)
            .refuses(&main, Code::ValidationError)
            .refuses("x", Code::ValidationError)
            .asks(Ask::token(&main).profile("main"), Code::Ok)
            .refuses(&main, Code::ValidationError),
    ]
}

fn token(mint: &Mint, algorithm: Algorithm, claims: Value) -> Token {
    let mut claims = claims;
    claims["exp"] = FAR.into();
    mint.token(algorithm, claims.to_string())
}

fn escaped_issuer(mint: &Mint) -> Token {
    let payload = format!(r#"{{"\u0069ss":"https:\/\/partner.e\u0078ample","exp":{FAR}}}"#);
    mint.token(Algorithm::HS384, payload)
}
