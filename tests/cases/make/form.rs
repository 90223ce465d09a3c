use bearerd::base64url;
use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::json;

use super::FAR;
use super::case::Case;
use super::mint::{Mint, ada};

/// The shape of a compact JWS: three parts, within limits.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let [header, payload, signature] = good.parts();
    let malformed = |name: &str, refused: Vec<String>| {
        Case::new(format!("form: {name}"), "hs256").beside(&good, refused, Code::Malformed)
    };
    let flattened = json!({"protected": header, "payload": payload, "signature": signature});
    let general =
        json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]});
    vec![
        malformed("empty", vec![String::new()]),
        malformed(
            "no dot",
            vec!["a".into(), header.into(), good.text.replace('.', "")],
        ),
        malformed(
            "dots alone",
            [".", "..", "...", "....", ".a.", ".."]
                .map(str::to_owned)
                .into(),
        ),
        malformed(
            "two parts",
            vec![
                format!("{header}.{payload}"),
                format!("{payload}.{signature}"),
            ],
        ),
        malformed(
            "four parts",
            vec![
                format!("{}.{signature}", good.text),
                format!("{}.", good.text),
                format!(".{}", good.text),
                format!("{header}..{payload}.{signature}"),
            ],
        ),
        malformed(
            "five parts, as an encrypted token has",
            vec![
                format!("{}.{payload}.{signature}", good.text),
                format!("{header}.{payload}.{header}.{payload}.{signature}"),
                "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.BBBB.CCCC".to_owned(),
            ],
        ),
        malformed("no header", vec![format!(".{payload}.{signature}")]),
        malformed("no payload", vec![format!("{header}..{signature}")]),
        malformed(
            "JSON serialisations",
            vec![
                flattened.to_string(),
                general.to_string(),
                format!("[{flattened}]"),
            ],
        ),
        malformed(
            "the claims themselves",
            vec![
                ada(),
                format!("{{\"alg\":\"HS256\"}}.{}.{signature}", ada()),
            ],
        ),
        malformed(
            "parts in another order",
            vec![
                format!("{signature}.{payload}.{header}"),
                format!("{signature}.{header}.{payload}"),
            ],
        ),
        malformed(
            "twice in a row",
            vec![
                format!("{0}{0}", good.text),
                format!("{0},{0}", good.text),
                format!("{0} {0}", good.text),
            ],
        ),
        malformed(
            "dressed up",
            vec![
                format!("Bearer {}", good.text),
                format!("\"{}\"", good.text),
                format!("'{}'", good.text),
                format!("<{}>", good.text),
                format!("token={}", good.text),
                good.text.replace('.', "%2E"),
            ],
        ),
        unsigned(&good.text, mint),
        cut_and_extended(mint),
        malformed("70,000 characters", vec!["a".repeat(70_000)]),
        malformed(
            "70,000 characters in three parts",
            vec![format!("{header}.{payload}.{}", "a".repeat(70_000))],
        ),
        malformed("20,000 dots", vec![".".repeat(20_000)]),
        default_limits(mint),
        small_limits(mint),
    ]
}

fn unsigned(good: &str, mint: &Mint) -> Case {
    let (input, _) = good.rsplit_once('.').expect("has parts");
    Case::new("form: an empty signature verifies by no key", "hs256").beside(
        &mint.hs256(ada()),
        [format!("{input}.")],
        Code::InvalidSignature,
    )
}

/// By one character at the end, by one at the start, in lower and in upper case.
fn cut_and_extended(mint: &Mint) -> Case {
    let good = mint.hs256(ada());
    let whole = &good.text;
    let mut case = Case::new("form: cut, extended, in another case", "hs256").accepts(&good);
    for (token, code) in [
        // 42 characters leave bits over that are not zero, 44 are one byte more.
        (whole[..whole.len() - 1].to_owned(), end_of_42(whole)),
        (format!("{whole}A"), Code::InvalidSignature),
        (format!("{whole}AA"), Code::Malformed),
        (whole[1..].to_owned(), Code::Malformed),
        (format!("e{whole}"), Code::Malformed),
        (whole.to_ascii_lowercase(), Code::Malformed),
        (whole.to_ascii_uppercase(), Code::Malformed),
        (whole.chars().rev().collect(), Code::Malformed),
    ] {
        case = case.refuses(token, code);
    }
    case.accepts(&good)
}

/// What becomes of a signature of 43 characters without its last.
fn end_of_42(token: &str) -> Code {
    let signature = token.rsplit('.').next().expect("has parts");
    match base64url::decode(&signature.as_bytes()[..42]) {
        Ok(_) => Code::InvalidSignature,
        Err(_) => Code::Malformed,
    }
}

/// 16,384 bytes of token, 4,096 of header, 16 levels, 1,024 members.
fn default_limits(mint: &Mint) -> Case {
    let wide = |length: usize| {
        mint.hs256(format!(
            r#"{{"exp":{FAR},"fill":"{}"}}"#,
            "x".repeat(length)
        ))
    };
    let fits = |length: usize| wide(length).text.len() <= 16_384;
    let widest = (12_000..12_400)
        .rev()
        .find(|length| fits(*length))
        .expect("one fits");
    let headed =
        |length: usize| mint.headed(format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(length)));
    let header_fits = |length: usize| headed(length).parts()[0].len() <= 4_096;
    let longest = (3_000..3_100)
        .rev()
        .find(|length| header_fits(*length))
        .expect("one fits");
    Case::new(
        "form: just within the default limits, and just beyond",
        "hs256",
    )
    .accepts(&wide(widest))
    .refuses(wide(widest + 3), Code::Malformed)
    .accepts(&headed(longest))
    .refuses(headed(longest + 3), Code::Malformed)
}

fn small_limits(mint: &Mint) -> Case {
    let filled = |length: usize| {
        let payload = format!(r#"{{"exp":{FAR},"fill":"{}"}}"#, "x".repeat(length));
        mint.hs256(payload)
    };
    let kid = |length: usize| {
        let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(length));
        mint.with_header(Algorithm::HS256, header, ada())
    };
    let members = |count: usize| {
        let all: Vec<String> = (0..count).map(|at| format!("\"m{at}\":0")).collect();
        mint.hs256(format!(r#"{{"exp":{FAR},{}}}"#, all.join(",")))
    };
    let within =
        |fits: &dyn Fn(usize) -> bool| (0..400).rev().find(|at| fits(*at)).expect("one fits");
    let token = within(&|length| filled(length).text.len() <= 400);
    let header = within(&|length| kid(length).parts()[0].len() <= 60);
    Case::new(
        "form: just within limits of the profile's own, and just beyond",
        "limits",
    )
    .accepts(&filled(token))
    .refuses(filled(token + 3), Code::Malformed)
    .accepts(&kid(header))
    .refuses(kid(header + 3), Code::Malformed)
    .accepts(&members(7))
    .refuses(members(8), Code::Malformed)
    .accepts(&mint.hs256(format!(r#"{{"exp":{FAR},"a":{{"b":[1]}}}}"#)))
    .refuses(
        mint.hs256(format!(r#"{{"exp":{FAR},"a":{{"b":[[]]}}}}"#)),
        Code::Malformed,
    )
}
