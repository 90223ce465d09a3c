use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case};
use super::mint::{Mint, Token};
use super::{FAR, ISSUED};

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    vec![
        issuer(mint),
        one_issuer_of_two(mint),
        audience(mint),
        audience_of_the_call(mint),
        no_audience_asked(mint),
        required(mint),
        registered_types(mint),
        everything_at_once(mint),
        types(mint),
        type_absent(mint),
    ]
}

/// Claims with one of them replaced by text, or left out.
fn claims(mint: &Mint, name: &str, value: &str) -> Token {
    let value = if value.is_empty() {
        String::new()
    } else {
        format!(",\"{name}\":{value}")
    };
    mint.hs256(format!("{{\"sub\":\"ada\",\"exp\":{FAR}{value}}}"))
}

fn issuer(mint: &Mint) -> Case {
    let token = |value: &str| claims(mint, "iss", value);
    let good = token("\"https://issuer.example\"");
    let refused = [
        "",
        "null",
        "7",
        "true",
        "\"\"",
        "\"https://issuer.example/\"",
        "\"https://issuer.exampl\"",
        "\"https://issuer.example.evil.example\"",
        "\"https://ISSUER.example\"",
        "\"http://issuer.example\"",
        "\" https://issuer.example\"",
        "\"https://issuer.example\\u0000\"",
        "[\"https://issuer.example\"]",
        "{\"0\":\"https://issuer.example\"}",
        "\"https://old.issuer.example\"",
        "\"https://\u{456}ssuer.example\"",
    ];
    Case::new("iss: must be the expected text", "issuer")
        .beside(&good, refused.map(token), Code::InvalidClaim)
        .accepts(&token("\"https:\\/\\/issuer.e\\u0078ample\""))
}

fn one_issuer_of_two(mint: &Mint) -> Case {
    let token = |issuer: &str| {
        let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
        let payload = json!({"iss": issuer, "aud": "api", "sub": "ada", "tenant": "t", "exp": FAR});
        mint.with_header(
            bearerd::crypto::Algorithm::HS256,
            header,
            payload.to_string(),
        )
    };
    Case::new("iss: one of two", "strict")
        .accepts(&token("https://issuer.example"))
        .accepts(&token("https://old.issuer.example"))
        .refuses(token("https://new.issuer.example"), Code::InvalidClaim)
}

fn audience(mint: &Mint) -> Case {
    let token = |value: &str| claims(mint, "aud", value);
    let refused = [
        "",
        "null",
        "7",
        "true",
        "{}",
        "\"\"",
        "[]",
        "[\"\"]",
        "\"https://api.exampl\"",
        "\"https://api.example/\"",
        "\"https://api.example \"",
        "\"HTTPS://API.EXAMPLE\"",
        "\"https://api.example\\u0000\"",
        "\"x https://api.example\"",
        "[\"x\"]",
        "[[\"https://api.example\"]]",
        "[\"https://api.example\",7]",
        "[\"https://api.example\",null]",
        "{\"https://api.example\":true}",
    ];
    Case::new("aud: must be, or list, the expected text", "audience")
        .beside(
            &token("\"https://api.example\""),
            refused.map(token),
            Code::InvalidClaim,
        )
        .accepts(&token("[\"x\",\"https://api.example\"]"))
        .accepts(&token("[\"https:\\u002f\\/api.example\"]"))
}

/// The cache holds claims and no verdicts: each call's own audience counts.
fn audience_of_the_call(mint: &Mint) -> Case {
    let token = claims(mint, "aud", "[\"https://api.example\",\"shop\"]");
    let ask = |audience: &str| Ask::token(&token).audience(audience);
    Case::new(
        "aud: of the call takes the place of the profile's",
        "audience",
    )
    .accepts(&token)
    .asks(ask("shop"), Code::Ok)
    .asks(ask("bank"), Code::InvalidClaim)
    .asks(ask("sho"), Code::InvalidClaim)
    .asks(ask("Shop"), Code::InvalidClaim)
    .asks(ask("shop "), Code::InvalidClaim)
    .asks(ask("https://api.example"), Code::Ok)
    .accepts(&token)
    .asks(
        Ask::token(&claims(mint, "aud", "\"shop\"")),
        Code::InvalidClaim,
    )
    .asks(
        Ask::token(&claims(mint, "aud", "\"shop\"")).audience("shop"),
        Code::Ok,
    )
}

fn no_audience_asked(mint: &Mint) -> Case {
    let (with, without) = (claims(mint, "aud", "\"shop\""), claims(mint, "aud", ""));
    Case::new("aud: asked for by the call alone", "hs256")
        .accepts(&with)
        .accepts(&without)
        .asks(Ask::token(&with).audience("shop"), Code::Ok)
        .asks(Ask::token(&with).audience("bank"), Code::InvalidClaim)
        .asks(Ask::token(&without).audience("shop"), Code::InvalidClaim)
        .accepts(&with)
        .accepts(&without)
}

fn types(mint: &Mint) -> Case {
    let token = |typ: &str| mint.headed(format!(r#"{{"typ":"{typ}","alg":"HS256"}}"#));
    let mut case = Case::new("typ: must be an expected media type", "type");
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
        "x+jwt",
        "application/x+jwt",
    ] {
        case = case.accepts(&token(typ));
    }
    for typ in [
        "JWT",
        "at",
        "at+jwt ",
        " at+jwt",
        "at+jwt;x=1",
        "text/at+jwt",
        "application/application/at+jwt",
        "",
        "application/",
        "at+jwt\\u0000",
    ] {
        case = case.refuses(token(typ), Code::InvalidClaim);
    }
    case
}

fn type_absent(mint: &Mint) -> Case {
    Case::new("typ: absent where one is expected", "type")
        .refuses(mint.hs256(super::mint::ada()), Code::InvalidClaim)
}

fn required(mint: &Mint) -> Case {
    let token = |inside: &str| mint.hs256(format!("{{\"exp\":{FAR}{inside}}}"));
    let mut case = Case::new("require: present, whatever it holds", "require");
    for inside in [
        r#","tenant":"t","plan":"p""#,
        r#","tenant":"","plan":0"#,
        r#","tenant":false,"plan":[]"#,
        r#","tenant":{},"plan":-1.5"#,
        r#","t\u0065nant":1,"plan":1"#,
    ] {
        case = case.accepts(&token(inside));
    }
    for inside in [
        "",
        r#","tenant":"t""#,
        r#","plan":"p""#,
        r#","tenant":null,"plan":"p""#,
        r#","tenant":"t","plan":null"#,
        r#","Tenant":"t","plan":"p""#,
        r#","x":{"tenant":"t","plan":"p"}"#,
    ] {
        case = case.refuses(token(inside), Code::InvalidClaim);
    }
    case
}

/// RFC 7519 §4.1: a registered claim of another type is no such claim.
fn registered_types(mint: &Mint) -> Case {
    let mut case = Case::new("claims: registered ones of another type", "hs256");
    for (name, values) in [
        ("iss", &["7", "null", "[\"x\"]", "{}", "true"][..]),
        ("sub", &["7", "null", "[\"ada\"]", "{}", "false"]),
        ("aud", &["7", "null", "{}", "[7]", "[null]", "true"]),
        ("jti", &["7", "null", "[\"j\"]", "{}"]),
        ("family", &["null", "[\"f\"]", "{}", "true"]),
    ] {
        for value in values {
            case = case.refuses(
                mint.hs256(format!("{{\"exp\":{FAR},\"{name}\":{value}}}")),
                Code::InvalidClaim,
            );
        }
    }
    case
}

fn everything_at_once(mint: &Mint) -> Case {
    let whole = json!({
        "iss": "https://issuer.example", "aud": ["x", "api"], "sub": "ada", "tenant": "t1", "exp": FAR, "iat": ISSUED, "nbf": ISSUED,
    });
    let token = |typ: &str, change: &dyn Fn(&mut Value)| {
        let mut claims = whole.clone();
        change(&mut claims);
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        mint.with_header(
            bearerd::crypto::Algorithm::HS256,
            header,
            claims.to_string(),
        )
    };
    let good = token("at+jwt", &|_| {});
    let refused = [
        token("JWT", &|_| {}),
        token("at+jwt", &|claims| {
            claims["iss"] = "https://evil.example".into();
        }),
        token("at+jwt", &|claims| {
            claims["aud"] = "other".into();
        }),
        token("at+jwt", &|claims| {
            claims["tenant"] = Value::Null;
        }),
        token("at+jwt", &|claims| {
            claims.as_object_mut().expect("is an object").remove("sub");
        }),
    ];
    Case::new("claims: every rule at once", "strict")
        .beside(&good, refused, Code::InvalidClaim)
        .refuses(
            token("at+jwt", &|claims| {
                claims["exp"] = 1.into();
            }),
            Code::Expired,
        )
        .refuses(
            token("at+jwt", &|claims| {
                claims["nbf"] = (FAR - 1).into();
            }),
            Code::NotYetValid,
        )
        .accepts(&good)
}
