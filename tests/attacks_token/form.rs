//! The form of a token: parts, encoding, JSON, sizes.

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

#[test]
fn t07_base64url_is_strict() {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Every length modulo 3, so that every kind of trailing bits occurs in every part.
    let heads = [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256" }"#,
        r#"{"alg":"HS256"  }"#,
    ];
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for (filler, head) in heads.iter().enumerate() {
            let text = token(
                HS256,
                key(HS256),
                head,
                claims(&format!(r#""x":"{}~~~???>>>""#, "a".repeat(filler))),
            );
            pair.accepts(&text, &text);
            for (at, place) in [
                Malformed::HeaderEncoding,
                Malformed::ClaimsEncoding,
                Malformed::SignatureEncoding,
            ]
            .into_iter()
            .enumerate()
            {
                let own = parts(&text)[at];
                let mut spellings = Vec::new();
                for stray in [
                    "=", "==", "===", " ", "\t", "\n", "\r\n", "\0", "+", "/", "%3D", "\u{a0}",
                    "é", "*",
                ] {
                    for place in [0, own.len() / 2, own.len()] {
                        let mut spelling = own.to_owned();
                        spelling.insert_str(place, stray);
                        spellings.push(spelling);
                    }
                }
                let classic = own.replace('-', "+").replace('_', "/");
                if classic != own {
                    spellings.push(classic);
                }
                let (rest, last) = own.split_at(own.len() - 1);
                let digit = DIGITS.find(last).expect("a digit");
                let spare = [0, 0, 4, 2][own.len() % 4];
                for bits in 1..1_usize << spare {
                    assert_eq!(digit % (1 << spare), 0, "the encoder leaves zeros");
                    spellings.push(format!("{rest}{}", &DIGITS[digit + bits..=digit + bits]));
                }
                // A length of one modulo four holds no whole byte at its end.
                let single = own.len().div_ceil(4) * 4 + 1;
                spellings.push(format!("{own}{}", "A".repeat(single - own.len())));
                for spelling in spellings {
                    let mut parts = parts(&text);
                    parts[at] = &spelling;
                    let unsigned = parts.join(".");
                    pair.refuses(&unsigned, &unsigned, malformed(place));
                    // Signed as it stands: the issuer itself may not spell it so.
                    if at < 2 {
                        let signed = seal(HS256, key(HS256), &parts[..2].join("."));
                        pair.refuses(&signed, &signed, malformed(place));
                    }
                }
            }
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t08_three_parts_and_nothing_else() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let good = pair.good().to_owned();
        let [head, payload, signature] = parts(&good);
        let shape = malformed(Malformed::Parts);
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
            "....".to_owned(),
            head.to_owned(),
            format!("{head}.{payload}"),
            format!("{head}."),
            format!(".{payload}"),
            format!("{head}.."),
            format!("{head}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("..{signature}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.{signature}"),
            format!("{head}.{payload}.{payload}.{signature}"),
            format!("{head}.{payload}.{payload}.{payload}.{signature}"),
            format!("{good}.{good}"),
            format!(r#"{{"protected":"{head}","payload":"{payload}","signature":"{signature}"}}"#),
            format!(
                r#"{{"payload":"{payload}","signatures":[{{"protected":"{head}","signature":"{signature}"}}]}}"#
            ),
            "null".to_owned(),
            "undefined".to_owned(),
        ] {
            pair.refuses(&text, &text, shape);
        }
        // An empty signature is no third part that any key has made.
        pair.refuses(
            "no signature",
            format!("{head}.{payload}."),
            bad_signature(),
        );
        for blank in [
            " ", "\t", "\n", "\r", "\0", "\u{feff}", "\u{a0}", "\u{200b}", "\"", "'", "é", "%20",
        ] {
            let before = format!("{blank}{good}");
            pair.refuses(&before, &before, malformed(Malformed::HeaderEncoding));
            let after = format!("{good}{blank}");
            pair.refuses(&after, &after, malformed(Malformed::SignatureEncoding));
            let inside = format!("{head}.{blank}{payload}.{signature}");
            pair.refuses(&inside, &inside, malformed(Malformed::ClaimsEncoding));
        }
        pair.refuses(
            "Bearer",
            format!("Bearer {good}"),
            malformed(Malformed::HeaderEncoding),
        );
        let mut bytes = good.clone().into_bytes();
        bytes.push(0xff);
        pair.refuses("not UTF-8", &bytes, malformed(Malformed::SignatureEncoding));
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
fn t17_size_limits_hold_before_any_cryptography() {
    for provider in providers() {
        let (meddler, trap) = Meddler::over(*provider);
        let verifier = |limits: bearerd::limits::Limits| {
            let strength = bearerd::crypto::KeyStrength::Standard;
            let ring = bearerd::keys::KeyRing::new(meddler, &[HS256], strength).unwrap();
            let spec = bearerd::keys::KeySpec::new("test", key(HS256).clone());
            ring.replace_fixed(vec![spec]).unwrap();
            let clock = bearerd::clock::ManualClock::at(UnixMillis::from_secs(NOW));
            let verifier = bearerd::verify::Verifier::builder("api", Arc::new(ring));
            verifier
                .limits(limits)
                .clock(Arc::new(clock))
                .build()
                .unwrap()
        };
        let asked = Arc::new(AtomicUsize::new(0));
        let verify = |verifier: &bearerd::verify::Verifier, text: &str| {
            let count = Arc::clone(&asked);
            trap.set(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
            let before = asked.load(Ordering::SeqCst);
            let verdict = verifier.verify(text, &VerifyOptions::default()).map(drop);
            (verdict, asked.load(Ordering::SeqCst) - before)
        };
        let too_long = (Err(malformed(Malformed::TooLong)), 0);
        let text = good(HS256);
        let mut limits = bearerd::limits::Limits::default();
        limits.token = text.len();
        assert_eq!(
            verify(&verifier(limits), &text),
            (Ok(()), 1),
            "{}",
            provider.name()
        );
        limits.token -= 1;
        assert_eq!(
            verify(&verifier(limits), &text),
            too_long,
            "{}",
            provider.name()
        );
        let mut limits = bearerd::limits::Limits::default();
        limits.header = parts(&text)[0].len();
        assert_eq!(
            verify(&verifier(limits), &text),
            (Ok(()), 1),
            "{}",
            provider.name()
        );
        limits.header -= 1;
        assert_eq!(
            verify(&verifier(limits), &text),
            too_long,
            "{}",
            provider.name()
        );

        let plain = verifier(bearerd::limits::Limits::default());
        for text in [
            headed(format!(
                r#"{{"alg":"HS256","x":"{}"}}"#,
                "x".repeat(64 << 10)
            )),
            claiming(claims(&format!(r#""x":"{}""#, "x".repeat(64 << 10)))),
            format!("{}.{}", parts(&text)[..2].join("."), "A".repeat(64 << 10)),
            ".".repeat(1 << 20),
            "A".repeat(10 << 20),
        ] {
            for _ in 0..2 {
                assert_eq!(verify(&plain, &text), too_long, "{}", provider.name());
            }
        }
        // A broken form never reaches the key either.
        for text in ["a.b.c", "a.b", "", &format!("{}.!.x", parts(&text)[0])] {
            assert_eq!(verify(&plain, text).1, 0, "{}: {text}", provider.name());
        }
        assert_eq!(verify(&plain, &text), (Ok(()), 1), "{}", provider.name());
    }
}

#[test]
fn t18_encrypted_nested_and_compressed() {
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        let part = |text: &str| base64url::encode(text.as_bytes());
        let jwe = [
            part(r#"{"alg":"dir","enc":"A128GCM"}"#),
            String::new(),
            part("0123456789ab"),
            part("ciphertext"),
            part("0123456789abcdef"),
        ];
        pair.refuses("JWE", jwe.join("."), malformed(Malformed::Parts));
        let wrapped = ["e30", "key", "iv", "text", "tag"].join(".");
        pair.refuses("JWE", wrapped, malformed(Malformed::Parts));
        let inner = pair.good().to_owned();
        for head in [r#"{"alg":"HS256","cty":"JWT"}"#, r#"{"alg":"HS256"}"#] {
            let nested = token(HS256, key(HS256), head, &inner);
            pair.refuses(head, nested, malformed(Malformed::ClaimsJson));
            let quoted = token(HS256, key(HS256), head, format!("\"{inner}\""));
            pair.refuses(head, quoted, malformed(Malformed::ClaimsJson));
        }
        for head in [
            r#"{"alg":"HS256","zip":"DEF"}"#,
            r#"{"alg":"HS256","zip":null}"#,
            r#"{"alg":"HS256","zip":""}"#,
            r#"{"alg":"HS256","z\u0069p":"DEF"}"#,
            r#"{"alg":"HS256","enc":"A256GCM"}"#,
            r#"{"alg":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#,
        ] {
            pair.refuses(head, headed(head), malformed(Malformed::HeaderMember));
        }
        for name in ["dir", "RSA-OAEP", "A128KW", "ECDH-ES", "PBES2-HS256+A128KW"] {
            let head = format!(r#"{{"alg":"{name}","p2c":2000000000,"p2s":"AAAA"}}"#);
            pair.refuses(name, headed(&head), code(Code::UnsupportedAlg));
        }
        pair.nothing_stuck();
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
