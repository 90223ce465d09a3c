use bearerd::error::Code;

use super::case::Case;
use super::mint::Mint;
use super::{FAR, ISSUED, LONG_AGO};

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let mut cases = vec![
        all_refused(
            mint,
            "exp is over",
            "hs256",
            Code::Expired,
            &[
                &format!("\"exp\":{LONG_AGO}"),
                "\"exp\":0",
                "\"exp\":0.5",
                "\"exp\":1e9",
                "\"exp\":1.0e9",
                &format!("\"exp\":{LONG_AGO}.999"),
                &format!("\"\\u0065xp\":{LONG_AGO}"),
            ],
        ),
        all_refused(
            mint,
            "exp is absent",
            "hs256",
            Code::InvalidClaim,
            &[
                "\"sub\":\"ada\"",
                "\"EXP\":1",
                "\"exp \":1",
                "\"claims\":{\"exp\":1}",
            ],
        ),
        optional_exp(mint),
    ];
    for (claim, name) in [("exp", "exp"), ("nbf", "nbf"), ("iat", "iat")] {
        cases.push(wrong_type(mint, claim, name));
    }
    cases.extend([
        later(mint, "nbf"),
        later(mint, "iat"),
        all_refused(
            mint,
            "over and not begun is over",
            "hs256",
            Code::Expired,
            &[
                &format!("\"exp\":{LONG_AGO},\"nbf\":{FAR}"),
                &format!("\"exp\":{LONG_AGO},\"iat\":{FAR}"),
            ],
        ),
        accepted(mint),
        max_age(mint),
    ]);
    cases
}

fn all_refused(
    mint: &Mint,
    name: &str,
    configuration: &'static str,
    code: Code,
    payloads: &[&str],
) -> Case {
    let case = Case::new(format!("times: {name}"), configuration);
    payloads.iter().fold(case, |case, inside| {
        case.refuses(mint.hs256(format!("{{{inside}}}")), code)
    })
}

/// A date that cannot be read is no missing date.
fn wrong_type(mint: &Mint, claim: &str, name: &str) -> Case {
    let values = [
        "null",
        "true",
        "\"4102444800\"",
        "\"\"",
        "[4102444800]",
        "{}",
        "{\"$numberLong\":\"4102444800\"}",
        "-1",
        "-0",
        "-0.5",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e30",
        "1e308",
    ];
    let mut case = Case::new(format!("times: {name} is no date"), "no exp");
    for value in values {
        case = case.refuses(
            mint.hs256(format!("{{\"sub\":\"ada\",\"{claim}\":{value}}}")),
            Code::InvalidClaim,
        );
    }
    case.accepts(&mint.hs256("{\"sub\":\"ada\"}"))
}

fn optional_exp(mint: &Mint) -> Case {
    let token = |inside: &str| mint.hs256(format!("{{{inside}}}"));
    Case::new(
        "times: exp need not be there, and counts where it is",
        "no exp",
    )
    .accepts(&token("\"sub\":\"ada\""))
    .accepts(&token(""))
    .accepts(&token(&format!("\"exp\":{FAR}")))
    .refuses(token(&format!("\"exp\":{LONG_AGO}")), Code::Expired)
    .refuses(token("\"exp\":null"), Code::InvalidClaim)
}

fn later(mint: &Mint, claim: &str) -> Case {
    let token = |value: &str| mint.hs256(format!("{{\"exp\":{FAR},\"{claim}\":{value}}}"));
    Case::new(format!("times: {claim} is still to come"), "hs256")
        .accepts(&token(&ISSUED.to_string()))
        .refuses(token("4102444799"), Code::NotYetValid)
        .refuses(token("9007199254740992"), Code::NotYetValid)
        .refuses(token("4.1e9"), Code::NotYetValid)
        .refuses(token("4102444799.25"), Code::NotYetValid)
        .accepts(&token("0"))
}

fn accepted(mint: &Mint) -> Case {
    let mut case = Case::new("times: dates in every form that is one", "hs256");
    for exp in ["4102444800", "4102444800.5", "9007199254740992"] {
        case = case.accepts(&mint.hs256(format!(
            "{{\"exp\":{exp},\"nbf\":{ISSUED},\"iat\":{ISSUED}}}"
        )));
    }
    // How a language writes such a number again is its own affair, so no claims are compared.
    for exp in [
        "4102444800.0",
        "4.1024448e9",
        "41024448E+2",
        "4102444800000e-3",
    ] {
        let token = mint.hs256(format!("{{\"exp\":{exp}}}"));
        case = case.asks(super::case::Ask::text(&token.text), Code::Ok);
    }
    case
}

fn max_age(mint: &Mint) -> Case {
    let token = |inside: &str| mint.hs256(format!("{{\"exp\":{FAR}{inside}}}"));
    Case::new("times: the oldest iat accepted", "max age")
        .refuses(token(&format!(",\"iat\":{ISSUED}")), Code::Expired)
        .refuses(token(",\"iat\":0"), Code::Expired)
        .refuses(token(""), Code::InvalidClaim)
        .refuses(token(",\"iat\":\"now\""), Code::InvalidClaim)
        .refuses(token(&format!(",\"iat\":{}", FAR - 1)), Code::NotYetValid)
}
