//! The form of a token: parts, encoding, sizes.

use super::*;

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
