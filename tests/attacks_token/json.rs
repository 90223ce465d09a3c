//! JSON that two parsers could read in two ways, or not at all.

use super::*;

#[test]
fn t06_duplicate_members() {
    let many = |count: usize| -> String {
        let members: Vec<String> = (0..count).map(|n| format!(r#""m{n}":{n}"#)).collect();
        members.join(",")
    };
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for header in [
            r#"{"alg":"HS256","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"none","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"HS256","al\u0067":"none"}"#.to_owned(),
            r#"{"\u0061lg":"HS256","alg":"HS256"}"#.to_owned(),
            r#"{"alg":"HS256","kid":"HS256-key","kid":"HS256-key"}"#.to_owned(),
            r#"{"alg":"HS256","x":{"a":1,"a":1}}"#.to_owned(),
            r#"{"alg":"HS256","x":[{"y":{"\u0061":1,"a":2}}]}"#.to_owned(),
            format!(r#"{{"alg":"HS256",{},"alg":"none"}}"#, many(60)),
        ] {
            pair.refuses(&header, headed(&header), malformed(Malformed::HeaderJson));
        }
        for more in [
            r#""sub":"eve""#.to_owned(),
            r#""s\u0075b":"eve""#.to_owned(),
            r#""exp":9999999999"#.to_owned(),
            r#""e\u0078p":9999999999"#.to_owned(),
            r#""x":1,"x":1"#.to_owned(),
            r#""x":{"a":{"b":1,"b":2}}"#.to_owned(),
            r#""x":[[{"a":1,"\u0061":2}]]"#.to_owned(),
            r#""é":1,"\u00e9":2"#.to_owned(),
            r#""😀":1,"\ud83d\uDE00":2"#.to_owned(),
            r#""":1,"":2"#.to_owned(),
            format!(r#"{},"sub":"eve""#, many(15)),
            format!(r#"{},"m0":0"#, many(17)),
            format!(r#"{},"m59":0"#, many(60)),
            format!(r#"{},"x":{{{},"m3":0}}"#, many(50), many(70)),
            format!(r#""x":{{"a":{{{}}},"a":1}}"#, many(60)),
        ] {
            let payload = claims(&more);
            pair.refuses(
                &payload,
                claiming(&payload),
                malformed(Malformed::ClaimsJson),
            );
        }
        // One name on two levels, or in two objects, is no duplicate.
        pair.accepts(
            "levels",
            claiming(claims(&format!(
                r#"{},"x":{{"sub":1,"exp":1,{}}},"y":[{{"a":1}},{{"a":1}}]"#,
                many(60),
                many(60)
            ))),
        );
        pair.nothing_stuck();
    }
}

/// Texts that are not one strict JSON object.
fn not_objects() -> Vec<Vec<u8>> {
    let good = claims("");
    let inner = &good[1..good.len() - 1];
    let mut texts: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "{",
        "}",
        "{}{}",
        "{} x",
        "[{}]",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":1e400}",
        "{\"a\":-1e400}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":0x10}",
        "{\"a\":--1}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":undefined}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\ud800x\"}",
        "{\"\\ud800\":1}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u00\"}",
        "{\"a\":\"\\u{41}\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\u{1f}\"}",
        "{\"a\0\":1}",
    ]
    .into_iter()
    .map(Into::into)
    .collect();
    for text in [
        format!("\u{feff}{good}"),
        format!("{good}\u{feff}"),
        format!("{good}\0"),
        format!("\0{good}"),
        format!("{good},"),
        format!("{{/* x */{inner}}}"),
        format!("{{{inner}}} // x"),
        format!("{{{inner},}}"),
        format!("[{good}]"),
        format!("{good}{good}"),
        format!("{{{inner},\"x\":NaN}}"),
        format!("{{{inner},\"x\":1e999}}"),
        format!("{{{inner},\"x\":\"\\ud83d\"}}"),
        format!("{{{inner}\u{a0}}}"),
    ] {
        texts.push(text.into_bytes());
    }
    // UTF-16, with and without its mark.
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    texts.push([&[0xff, 0xfe], &wide[..]].concat());
    texts.push(wide);
    texts
}

#[test]
fn t12_what_is_not_strict_json() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for text in not_objects() {
            let shown = String::from_utf8_lossy(&text).into_owned();
            let expected = if text.is_empty() {
                Malformed::Parts
            } else {
                Malformed::ClaimsJson
            };
            pair.refuses(&shown, claiming(&text), malformed(expected));
            let expected = if text.is_empty() {
                Malformed::Parts
            } else {
                Malformed::HeaderJson
            };
            pair.refuses(&shown, headed(&text), malformed(expected));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t12_documents_without_measure() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    let elements = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!(r#""m{n}":0"#)).collect();
        members.join(",")
    };
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let wide = Pair::simple(
            *provider,
            "limits.token = 65536\nlimits.header = 65536\ncache.max_entry_bytes = 1000000",
        );
        let json = malformed(Malformed::ClaimsJson);
        for (what, payload, by_default, at_most) in [
            (
                "depth 16",
                claims(&format!(r#""x":{}"#, nested("[", "]", 15))),
                None,
                None,
            ),
            (
                "depth 17",
                claims(&format!(r#""x":{}"#, nested("[", "]", 16))),
                Some(json),
                Some(json),
            ),
            (
                "objects",
                claims(&format!(r#""x":{}"#, nested("{\"a\":", "}", 16))),
                Some(json),
                Some(json),
            ),
            (
                "depth 10,000",
                claims(&format!(r#""x":{}"#, nested("[", "]", 10_000))),
                Some(malformed(Malformed::TooLong)),
                Some(json),
            ),
            (
                "depth 10,000, left open",
                format!("{{\"x\":{}", "[".repeat(10_000)),
                Some(json),
                Some(json),
            ),
            (
                "1,000 elements",
                claims(&format!(r#""x":{}"#, elements(1_000))),
                None,
                None,
            ),
            (
                "1,024 elements",
                claims(&format!(r#""x":{}"#, elements(1_024))),
                Some(json),
                Some(json),
            ),
            (
                "20,000 elements",
                claims(&format!(r#""x":{}"#, elements(20_000))),
                Some(malformed(Malformed::TooLong)),
                Some(json),
            ),
            ("1,100 members", claims(&members(1_100)), None, None),
            (
                "a string of 30 kB",
                claims(&format!(r#""x":"{}""#, "x".repeat(30_000))),
                Some(malformed(Malformed::TooLong)),
                None,
            ),
            (
                "a string of 1 MB",
                claims(&format!(r#""x":"{}""#, "x".repeat(1 << 20))),
                Some(malformed(Malformed::TooLong)),
                Some(malformed(Malformed::TooLong)),
            ),
            (
                "100,000 members",
                claims(&members(100_000)),
                Some(malformed(Malformed::TooLong)),
                Some(malformed(Malformed::TooLong)),
            ),
        ] {
            // 1,100 members fit neither the default length nor the default count.
            let (by_default, at_most) = if what == "1,100 members" {
                let long = claiming(&payload).len() > 16_384;
                (
                    Some(if long {
                        malformed(Malformed::TooLong)
                    } else {
                        json
                    }),
                    Some(json),
                )
            } else {
                (by_default, at_most)
            };
            for (pair, expected) in [(&pair, by_default), (&wide, at_most)] {
                match expected {
                    Some(expected) => pair.refuses(what, claiming(&payload), expected),
                    None => pair.accepts(what, claiming(&payload)),
                }
            }
        }
        let deep = format!(r#"{{"alg":"HS256","x":{}}}"#, nested("[", "]", 500));
        pair.refuses(
            "a deep header",
            headed(&deep),
            malformed(Malformed::HeaderJson),
        );
        let deeper = format!(r#"{{"alg":"HS256","x":{}}}"#, nested("[", "]", 10_000));
        wide.refuses(
            "a deeper header",
            headed(&deeper),
            malformed(Malformed::HeaderJson),
        );
        pair.nothing_stuck();
        wide.nothing_stuck();
    }
}

#[test]
fn t19_invalid_utf8() {
    let broken: [&[u8]; 14] = [
        b"\xff",
        b"\xfe",
        b"\x80",
        b"\xc3",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xe2\x82",
        b"\xc3\x28",
    ];
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for bytes in broken {
            let shown = format!("{bytes:x?}");
            for (before, after) in [
                (
                    format!(r#"{{"exp":{},"x":"a"#, NOW + 600),
                    "b\"}".to_owned(),
                ),
                (format!(r#"{{"exp":{},"x"#, NOW + 600), r#"":1}"#.to_owned()),
                (
                    format!(r#"{{"exp":{},"x":["a",{{"y":""#, NOW + 600),
                    r#""}]}"#.to_owned(),
                ),
                (
                    r#"{"sub":"ada"#.to_owned(),
                    format!(r#"","exp":{}}}"#, NOW + 600),
                ),
            ] {
                let payload = [before.as_bytes(), bytes, after.as_bytes()].concat();
                pair.refuses(&shown, claiming(payload), malformed(Malformed::ClaimsJson));
            }
            for (before, after) in [
                (r#"{"alg":"HS256","kid":"HS256-key"#, r#""}"#),
                (r#"{"alg":"HS256"#, r#""}"#),
                (r#"{"alg":"HS256","x"#, r#"":1}"#),
            ] {
                let header = [before.as_bytes(), bytes, after.as_bytes()].concat();
                pair.refuses(&shown, headed(header), malformed(Malformed::HeaderJson));
            }
        }
        // What a lenient reader puts in their place is another text, and honest.
        pair.accepts("U+FFFD", claiming(claims("\"x\":\"\u{fffd}\"")));
        pair.nothing_stuck();
    }
}
