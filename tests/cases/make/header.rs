use bearerd::crypto::Algorithm;
use bearerd::error::Code;

use super::case::Case;
use super::mint::{Mint, ada};

/// Headers that are signed and must be refused all the same.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let mut cases = vec![none(mint), other_algorithms(mint)];
    let malformed: [(&str, &[&str]); 9] = [
        (
            "alg of another type",
            &[
                r#"{"alg":256}"#,
                r#"{"alg":null}"#,
                r#"{"alg":["HS256"]}"#,
                r#"{"alg":true}"#,
                r#"{"alg":{"name":"HS256"}}"#,
            ],
        ),
        (
            "kid of another type",
            &[
                r#"{"alg":"HS256","kid":7}"#,
                r#"{"alg":"HS256","kid":null}"#,
                r#"{"alg":"HS256","kid":["k"]}"#,
                r#"{"alg":"HS256","kid":{}}"#,
            ],
        ),
        (
            "typ of another type",
            &[
                r#"{"alg":"HS256","typ":1}"#,
                r#"{"alg":"HS256","typ":null}"#,
                r#"{"alg":"HS256","typ":["JWT"]}"#,
            ],
        ),
        (
            "crit, which nobody here understands",
            &[
                r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
                r#"{"alg":"HS256","crit":["b64"],"b64":true}"#,
                r#"{"alg":"HS256","crit":[]}"#,
                r#"{"alg":"HS256","crit":"exp"}"#,
                r#"{"alg":"HS256","crit":null}"#,
                r#"{"alg":"HS256","crit":["x","x"]}"#,
            ],
        ),
        (
            "a payload that is not encoded",
            &[
                r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
                r#"{"alg":"HS256","b64":false}"#,
                r#"{"alg":"HS256","b64":"true"}"#,
                r#"{"alg":"HS256","b64":1}"#,
            ],
        ),
        (
            "compressed or encrypted",
            &[
                r#"{"alg":"HS256","zip":"DEF"}"#,
                r#"{"alg":"HS256","enc":"A128GCM"}"#,
                r#"{"alg":"dir","enc":"A128GCM"}"#,
            ],
        ),
        (
            "a member twice",
            &[
                r#"{"alg":"HS256","alg":"HS256"}"#,
                r#"{"alg":"HS256","alg":"none"}"#,
                r#"{"alg":"none","alg":"HS256"}"#,
                r#"{"alg":"HS256","al\u0067":"HS256"}"#,
                r#"{"alg":"HS256","kid":"a","kid":"a"}"#,
                r#"{"alg":"HS256","x":{"y":1,"y":2}}"#,
                r#"{"alg":"HS256","x":[{"y":1,"\u0079":2}]}"#,
            ],
        ),
        (
            "no object",
            &[
                "[]",
                "null",
                "\"HS256\"",
                "1",
                r#"[{"alg":"HS256"}]"#,
                "{",
                "",
                " ",
                r#"{"alg":"HS256"}{}"#,
                r#"{"alg":"HS256"} x"#,
            ],
        ),
        (
            "no strict JSON",
            &[
                r#"{"alg":"HS256",}"#,
                r#"{'alg':'HS256'}"#,
                r#"{alg:"HS256"}"#,
                r#"{"alg":"HS256"/* */}"#,
                "{\"alg\":\"HS256\"}// x",
                "{\"alg\":\"HS256\",\"x\":\"\t\"}",
                "{\"alg\":\"HS256\",\"x\":\"\0\"}",
                "{\"alg\":\"HS256\"}\0",
                r#"{"alg":"HS256","x":NaN}"#,
                r#"{"alg":"HS256","x":01}"#,
                r#"{"alg":"HS256","x":"\x41"}"#,
                r#"{"alg":"HS256","x":"\ud800"}"#,
                "\u{feff}{\"alg\":\"HS256\"}",
                "\u{a0}{\"alg\":\"HS256\"}",
            ],
        ),
    ];
    let good = mint.hs256(ada());
    for (name, headers) in malformed {
        cases.push(Case::new(format!("header: {name}"), "hs256").beside(
            &good,
            headers.iter().map(|header| mint.headed(header)),
            Code::Malformed,
        ));
    }
    cases.extend([not_utf8(mint), deep(mint), accepted(mint)]);
    cases.extend(kids(mint));
    cases
}

fn none(mint: &Mint) -> Case {
    let mut case =
        Case::new("header: alg none in any spelling", "hs256").accepts(&mint.hs256(ada()));
    for name in ["none", "None", "NONE", "nOnE", "", " none", "none\\u0000"] {
        let token = mint.headed(format!(r#"{{"alg":"{name}"}}"#));
        let (unsigned, _) = token.text.rsplit_once('.').expect("has parts");
        case = case
            .refuses(&token.text, Code::UnsupportedAlg)
            .refuses(format!("{unsigned}."), Code::UnsupportedAlg);
    }
    case.refuses(mint.headed("{}"), Code::UnsupportedAlg)
        .refuses(mint.headed(r#"{"typ":"JWT"}"#), Code::UnsupportedAlg)
        .refuses(mint.headed(r#"{"Alg":"HS256"}"#), Code::UnsupportedAlg)
}

/// What the profile does not list, though its key could well verify it.
fn other_algorithms(mint: &Mint) -> Case {
    let names = [
        "HS384",
        "HS512",
        "hs256",
        "Hs256",
        "HS256 ",
        " HS256",
        "HS2560",
        "HS25",
        "HS256,HS384",
        "RS256",
        "ES256K",
        "A128KW",
        "dir",
        "HMAC",
    ];
    Case::new("header: alg that the profile does not list", "hs256")
        .beside(
            &mint.hs256(ada()),
            names.map(|name| mint.headed(format!(r#"{{"alg":"{name}"}}"#))),
            Code::UnsupportedAlg,
        )
        .refuses(mint.token(Algorithm::HS384, ada()), Code::UnsupportedAlg)
        .refuses(mint.token(Algorithm::RS256, ada()), Code::UnsupportedAlg)
}

fn not_utf8(mint: &Mint) -> Case {
    let bytes: [&[u8]; 5] = [
        b"{\"alg\":\"HS256\",\"x\":\"\xff\"}",
        b"{\"alg\":\"HS256\",\"x\":\"\xc0\xaf\"}",
        b"{\"alg\":\"HS256\",\"x\":\"\xed\xa0\x80\"}",
        b"{\"alg\":\"HS256\",\"x\":\"\xf4\x90\x80\x80\"}",
        b"{\"alg\":\"HS256\",\"x\":\"\xe2\x82\"}",
    ];
    Case::new("header: not UTF-8", "hs256").beside(
        &mint.hs256(ada()),
        bytes.map(|header| mint.headed(header)),
        Code::Malformed,
    )
}

fn deep(mint: &Mint) -> Case {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        mint.headed(format!(r#"{{"alg":"HS256","x":{open}{close}}}"#))
    };
    Case::new("header: nested beyond the limit", "hs256")
        .accepts(&nested(15))
        .refuses(nested(16), Code::Malformed)
        .refuses(nested(1_000), Code::Malformed)
}

fn accepted(mint: &Mint) -> Case {
    let mut case = Case::new("header: unusual and good", "hs256");
    for header in [
        r#"{"typ":"JWT","alg":"HS256"}"#,
        r#"{"alg":"HS\u0032\u0035\u0036"}"#,
        r#"{"\u0061lg":"HS256"}"#,
        " {\n\t\"alg\" : \"HS256\" \r\n} ",
        r#"{"alg":"HS256","b64":true}"#,
        r#"{"alg":"HS256","cty":"JWT","nonce":"x","x":[1,{"alg":"none"}]}"#,
        r#"{"alg":"HS256","ALG":"none"}"#,
        r#"{"alg":"HS256","typ":"anything"}"#,
        r#"{"alg":"HS256","kid":""}"#,
        r#"{"alg":"HS256","kid":"of a key without a name"}"#,
        r#"{"alg":"HS256","__proto__":{"alg":"none"}}"#,
    ] {
        case = case.accepts(&mint.headed(header));
    }
    case
}

fn kids(mint: &Mint) -> Vec<Case> {
    let kid = |kid: &str| mint.headed(format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#));
    let plain = mint.hs256(ada());
    let unknown = [
        "k3",
        "",
        "K1",
        "k1 ",
        "k1\\u0000",
        "../../../etc/passwd",
        "k1' OR '1'='1",
        "$(id)",
        "k1,k2",
        "https://evil.example/k1",
    ];
    vec![
        Case::new("kid: names no key", "kid").beside(
            &kid("k1"),
            unknown.map(kid),
            Code::UnknownKey,
        ),
        Case::new("kid: names the other key", "kid").beside(
            &kid("k1"),
            [kid("k2")],
            Code::InvalidSignature,
        ),
        Case::new("kid: absent, so every key is tried", "kid")
            .accepts(&plain)
            .accepts(&kid("k1")),
        Case::new("kid: escaped", "kid").accepts(&kid("\\u006b1")),
        Case::new("kid: required", "kid required").beside(
            &kid("k1"),
            [plain.text.clone(), kid("k3").text, kid("").text],
            Code::UnknownKey,
        ),
        Case::new("kid: ignored", "kid ignored")
            .accepts(&kid("k1"))
            .accepts(&kid("k2"))
            .accepts(&kid("anything"))
            .accepts(&plain),
        Case::new(
            "kid: of two keys, the second of which signed",
            "one kid for two keys",
        )
        .accepts(&kid("k"))
        .refuses(kid("j"), Code::UnknownKey),
    ]
}
