use bearerd::error::Code;

use super::FAR;
use super::case::Case;
use super::mint::{Mint, ada};

/// Payloads that are signed and no strict JSON object.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let exp = format!("\"exp\":{FAR}");
    let object = |inside: &str| format!("{{{exp},{inside}}}").into_bytes();
    let rows: [(&str, Vec<Vec<u8>>); 12] = [
        (
            "no object",
            [
                "[]", "null", "\"x\"", "1", "true", "x", " ", "{", "}", "{}}",
            ]
            .map(Into::into)
            .into(),
        ),
        ("empty", vec![Vec::new()]),
        (
            "text before or after",
            vec![
                format!("{}{}", ada(), ada()).into(),
                format!("{} x", ada()).into(),
                format!("{}\0", ada()).into(),
                format!("x{}", ada()).into(),
                format!("[{}]", ada()).into(),
                format!("\u{feff}{}", ada()).into(),
                format!("\u{a0}{}", ada()).into(),
            ],
        ),
        (
            "a member twice",
            vec![
                object("\"sub\":\"ada\",\"sub\":\"eve\""),
                object("\"sub\":\"ada\",\"sub\":\"ada\""),
                object(&exp),
                object("\"\\u0065xp\":1"),
                object("\"\":1,\"\":2"),
                object("\"__proto__\":1,\"__proto__\":2"),
            ],
        ),
        (
            "a member twice, further in",
            vec![
                object(r#""a":{"b":1,"b":2}"#),
                object(r#""a":{"b":1,"\u0062":1}"#),
                object(r#""a":[[{"b":{"c":1,"c":null}}]]"#),
                object(r#""\ud83d\ude00":1,"😀":2"#),
            ],
        ),
        (
            "a member twice, among many",
            vec![among_many(0, 79), among_many(5, 17), among_many(40, 41)],
        ),
        (
            "not UTF-8",
            [
                &b"\xff"[..],
                b"\x80",
                b"\xc0\xaf",
                b"\xed\xa0\x80",
                b"\xed\xa0\xbd\xed\xb8\x80",
                b"\xf4\x90\x80\x80",
                b"\xe2\x82",
                b"\xf8\x88\x80\x80\x80",
            ]
            .map(|bytes| {
                [
                    object("\"x\":\"").split_last().expect("is long").1,
                    bytes,
                    b"\"}",
                ]
                .concat()
            })
            .into(),
        ),
        (
            "surrogates that stand alone",
            [
                r#""x":"\ud800""#,
                r#""x":"\udc00""#,
                r#""x":"\ud800\u0041""#,
                r#""x":"\udc00\ud800""#,
                r#""\ud800":1"#,
                r#""x":["\uDBFF"]"#,
            ]
            .map(object)
            .into(),
        ),
        (
            "numbers that are none",
            [
                "01",
                "+1",
                ".5",
                "1.",
                "1e",
                "1e+",
                "-",
                "--1",
                "0x10",
                "NaN",
                "Infinity",
                "-Infinity",
                "1e400",
                "-1e400",
                "1_000",
                "1,5",
                "١",
            ]
            .map(|number| object(&format!("\"x\":{number}")))
            .into(),
        ),
        (
            "strings that are none",
            [
                "\"x\":\"\t\"",
                "\"x\":\"\n\"",
                "\"x\":\"\0\"",
                "\"x\":\"\u{1f}\"",
                r#""x":"\x41""#,
                r#""x":"\u12""#,
                r#""x":"\u12g4""#,
                r#""x":"\'""#,
                r#""x":'y'"#,
                "\"x\":\"y",
                "x:1",
            ]
            .map(object)
            .into(),
        ),
        (
            "commas, comments and words that JSON has not",
            [
                "\"x\":1,",
                ",\"x\":1",
                "\"x\":[1,]",
                "\"x\":[,1]",
                "\"x\":[1 2]",
                "\"x\" 1",
                "\"x\":",
                "\"x\"",
                "\"x\":/* */1",
                "\"x\":1//",
                "\"x\":True",
                "\"x\":nil",
                "\"x\":undefined",
                "\"x\":tru",
                "\"x\":nulll",
                "\"x\":[}",
                "\"x\":(1)",
            ]
            .map(object)
            .into(),
        ),
        (
            "nested beyond the limit",
            vec![
                object(&nested('[', 16)),
                object(&nested('[', 1_000)),
                object(&nested('{', 16)),
                object(&nested('{', 500)),
            ],
        ),
    ];
    let good = mint.hs256(ada());
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|(name, payloads)| {
            let refused = payloads.into_iter().map(|payload| mint.hs256(payload));
            Case::new(format!("payload: {name}"), "hs256").beside(&good, refused, Code::Malformed)
        })
        .collect();
    cases.extend([within_the_limits(mint), spacious(mint)]);
    cases
}

/// Eighty members, the name of `first` once more at `second`.
fn among_many(first: usize, second: usize) -> Vec<u8> {
    let name = |at: usize| if at == second { first } else { at };
    let all: Vec<String> = (0..80)
        .map(|at| format!("\"m{}\":{at}", name(at)))
        .collect();
    format!("{{\"exp\":{FAR},{}}}", all.join(",")).into_bytes()
}

/// A member that adds so many levels.
fn nested(open: char, levels: usize) -> String {
    match open {
        '[' => format!("\"x\":{}{}", "[".repeat(levels), "]".repeat(levels)),
        _ => format!(
            "{}1{}",
            "\"x\":{".repeat(levels) + "\"x\":",
            "}".repeat(levels)
        ),
    }
}

fn within_the_limits(mint: &Mint) -> Case {
    let members = |count: usize| {
        let all: Vec<String> = (0..count).map(|at| format!("\"m{at}\":{at}")).collect();
        mint.hs256(format!("{{\"exp\":{FAR},{}}}", all.join(",")))
    };
    let elements = |count: usize| {
        mint.hs256(format!(
            "{{\"exp\":{FAR},\"x\":[{}]}}",
            vec!["0"; count].join(",")
        ))
    };
    let levels =
        |open: char, count: usize| mint.hs256(format!("{{\"exp\":{FAR},{}}}", nested(open, count)));
    Case::new(
        "payload: just within the limits of depth and members, and just beyond",
        "hs256",
    )
    .accepts(&levels('[', 15))
    .accepts(&levels('{', 15))
    .refuses(levels('[', 16), Code::Malformed)
    .refuses(levels('{', 16), Code::Malformed)
    .accepts(&members(1_023))
    .refuses(members(1_024), Code::Malformed)
    .accepts(&elements(1_022))
    .refuses(elements(1_023), Code::Malformed)
}

fn spacious(mint: &Mint) -> Case {
    Case::new("payload: white space where JSON allows it", "hs256").accepts(&mint.hs256(format!(
        "\r\n\t {{ \"exp\" : {FAR} ,\n\"a\" : [ 1 , {{ }} , [ ] ] }} \n"
    )))
}
