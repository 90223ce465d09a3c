use bearerd::base64url;
use bearerd::crypto::Algorithm;
use bearerd::error::Code;

use super::FAR;
use super::case::Case;
use super::mint::{Mint, Token, ada};

const PARTS: [&str; 3] = ["header", "payload", "signature"];

/// base64url has one spelling a value. Every twin is signed anew where a part that is signed was
/// changed, so that nothing but its spelling is wrong with it.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let mut cases = Vec::new();
    for (at, part) in PARTS.into_iter().enumerate() {
        let case = |name: &str, changes: &[&dyn Fn(&str) -> String]| {
            let twins = changes
                .iter()
                .map(|change| changed(mint, &good, at, change));
            Case::new(format!("encoding: {name} the {part}"), "hs256").beside(
                &good,
                twins,
                Code::Malformed,
            )
        };
        cases.push(case(
            "padding after",
            &[
                &|text| format!("{text}="),
                &|text| format!("{text}=="),
                &|text| format!("={text}"),
            ],
        ));
        cases.push(case(
            "white space in",
            &[
                &|text| format!("{text} "),
                &|text| format!(" {text}"),
                &|text| format!("{text}\n"),
                &|text| format!("{text}\r\n"),
                &|text| format!("{}\t{}", &text[..8], &text[8..]),
                &|text| format!("{}\n{}", &text[..8], &text[8..]),
                &|text| format!("{}\u{b}{}", &text[..8], &text[8..]),
            ],
        ));
        cases.push(case(
            "NUL in",
            &[
                &|text| format!("{text}\0"),
                &|text| format!("\0{text}"),
                &|text| format!("{}\0{}", &text[..8], &text[8..]),
                &|text| format!("{}\0{}", &text[..8], &text[9..]),
            ],
        ));
        cases.push(case(
            "no base64 in",
            &[
                &|text| format!("{}!{}", &text[..8], &text[9..]),
                &|text| format!("{}*{}", &text[..8], &text[9..]),
                &|text| format!("{}~{}", &text[..8], &text[9..]),
                &|text| format!("{}%{}", &text[..8], &text[9..]),
                &|text| format!("{}\\{}", &text[..8], &text[9..]),
                &|text| format!("{}\u{7f}{}", &text[..8], &text[9..]),
            ],
        ));
    }
    cases.extend([
        standard_alphabet(mint),
        left_over_bits(mint),
        lone_character(mint),
    ]);
    cases
}

fn changed(mint: &Mint, good: &Token, part: usize, change: &dyn Fn(&str) -> String) -> String {
    let token = good.with(part, change);
    match (part, token.rsplit_once('.')) {
        (2, _) | (_, None) => token,
        (_, Some((input, _))) => mint.seal(Algorithm::HS256, input),
    }
}

/// `+` and `/` in place of `-` and `_`.
fn standard_alphabet(mint: &Mint) -> Case {
    let header = r#"{"alg":"HS256","x":"~~~???>>>"}"#;
    let payload = format!(r#"{{"exp":{FAR},"x":"~~~???>>>~~~"}}"#);
    let good = mint.with_header(Algorithm::HS256, header, payload);
    let standard = |text: &str| text.replace('-', "+").replace('_', "/");
    // A signature that holds one of the two: the first of a row of tokens.
    let telling = (0..100)
        .map(|number| mint.hs256(format!(r#"{{"exp":{FAR},"n":{number}}}"#)))
        .find(|token| token.parts()[2].contains(['-', '_']))
        .expect("one has");
    let refused = [
        changed(mint, &good, 0, &standard),
        changed(mint, &good, 1, &standard),
        standard(&telling.text),
    ];
    assert!(refused.iter().all(|token| token.contains(['+', '/'])));
    Case::new("encoding: the standard alphabet", "hs256")
        .accepts(&telling)
        .beside(&good, refused, Code::Malformed)
}

/// The last character's unused bits, of which decoders like to take no notice: two texts for one
/// token.
fn left_over_bits(mint: &Mint) -> Case {
    let header = r#"{"alg":"HS256"} "#;
    let payload = |blanks: usize| format!("{}{}", ada(), " ".repeat(blanks));
    let blanks = (0..3)
        .find(|blanks| payload(*blanks).len() % 3 == 1)
        .expect("one does");
    let good = mint.with_header(Algorithm::HS256, header, payload(blanks));
    let twin = |text: &str| {
        let last = text.chars().last().expect("is not empty");
        let next = char::from_u32(u32::from(last) + 1).expect("is ASCII");
        let twin = format!("{}{next}", &text[..text.len() - 1]);
        assert!(base64url::decode(text.as_bytes()).is_ok());
        twin
    };
    Case::new("encoding: unused bits that are not zero", "hs256").beside(
        &good,
        [0, 1, 2].map(|part| changed(mint, &good, part, &twin)),
        Code::Malformed,
    )
}

/// A length that no number of bytes has.
fn lone_character(mint: &Mint) -> Case {
    let good = mint.hs256(ada());
    let lone = |text: &str| {
        let missing = (5 - text.len() % 4) % 4;
        format!("{text}{}", "A".repeat(missing))
    };
    Case::new(
        "encoding: a length of one beyond a multiple of four",
        "hs256",
    )
    .beside(
        &good,
        [0, 1, 2].map(|part| changed(mint, &good, part, &lone)),
        Code::Malformed,
    )
}
