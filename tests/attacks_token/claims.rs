//! What the claims say: dates, issuer, audience, kind.

use super::*;

#[test]
fn t13_dates_that_are_none() {
    let wrong = [
        "\"1800000600\"",
        "\"\"",
        "null",
        "true",
        "false",
        "[]",
        "[1800000600]",
        "{}",
        "-1",
        "-0",
        "-0.5",
        "-1800000600",
        "9007199254740993",
        "9007199254740994.0",
        "9223372036854775",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "18446744075509552216",
        "-9223372036854775808",
        "1e16",
        "1e18",
        "1e19",
        "1e30",
        "1e308",
        "1.7976931348623157e308",
        "-1e308",
        "99999999999999999999999999999999999999999999999999",
    ];
    let claim = |name: &str| match name {
        "exp" => ClaimName::Expiration,
        "nbf" => ClaimName::NotBefore,
        _ => ClaimName::IssuedAt,
    };
    for provider in providers() {
        for lines in [
            "",
            "expiration = \"optional\"\nleeway = \"1h\"",
            "max_age = \"1d\"\nexpiration = \"optional\"",
        ] {
            let at = format!(r#"{{"exp":{},"iat":{NOW}}}"#, NOW + 600);
            let pair = Pair::new(*provider, &[HS256], lines, &claiming(&at));
            for name in ["exp", "nbf", "iat"] {
                for value in wrong {
                    let others: String = [("exp", NOW + 600), ("nbf", NOW), ("iat", NOW)]
                        .iter()
                        .filter(|(other, _)| *other != name)
                        .map(|(other, value)| format!(r#","{other}":{value}"#))
                        .collect();
                    let payload = format!(r#"{{"{name}":{value}{others}}}"#);
                    pair.refuses(&payload, claiming(&payload), invalid(claim(name)));
                }
            }
            pair.nothing_stuck();
        }

        // Fractions and other spellings of a number are read, rounded against the token.
        let pair = Pair::simple(*provider, "");
        for value in [
            "1800000600.5",
            "18000006e2",
            "1.8000006E+9",
            "180000060000e-2",
            "9007199254740992",
        ] {
            pair.accepts(value, claiming(format!(r#"{{"exp":{value}}}"#)));
        }
        for (payload, expected) in [
            (r#"{"exp":1800000000.0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1800000000.0009}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1799999999.999}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":0.0}"#, expired(ClaimName::Expiration)),
            (r#"{"exp":1e-400}"#, expired(ClaimName::Expiration)),
            (
                r#"{"exp":1800000600,"nbf":1800000000.5}"#,
                too_early(ClaimName::NotBefore),
            ),
            (
                r#"{"exp":1800000600,"nbf":9007199254740992}"#,
                too_early(ClaimName::NotBefore),
            ),
            (
                r#"{"exp":1800000600,"iat":9007199254740992}"#,
                too_early(ClaimName::IssuedAt),
            ),
        ] {
            pair.refuses(payload, claiming(payload), expected);
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t14_the_edges_of_time() {
    let at = |exp: i64| claiming(format!(r#"{{"exp":{exp}}}"#));
    let over = expired(ClaimName::Expiration);
    for provider in providers() {
        let pair = Pair::simple(*provider, "");
        for exp in [NOW, NOW - 1, NOW - 600, 0, 1] {
            pair.refuses(exp, at(exp), over);
        }
        pair.accepts("a second left", at(NOW + 1));
        pair.refuses(
            "no exp",
            claiming(r#"{"sub":"ada"}"#),
            invalid(ClaimName::Expiration),
        );
        for (name, claim) in [("nbf", ClaimName::NotBefore), ("iat", ClaimName::IssuedAt)] {
            let with = |value: i64| claiming(claims(&format!(r#""{name}":{value}"#)));
            pair.accepts(name, with(NOW));
            pair.accepts(name, with(0));
            for ahead in [1, 60, 86_400 * 365 * 1_000] {
                pair.refuses((name, ahead), with(NOW + ahead), too_early(claim));
            }
        }
        pair.nothing_stuck();

        let pair = Pair::simple(*provider, "leeway = \"30s\"");
        for (exp, accepted) in [
            (NOW - 29, true),
            (NOW - 30, false),
            (NOW - 31, false),
            (NOW, true),
        ] {
            if accepted {
                pair.accepts(exp, at(exp));
            } else {
                pair.refuses(exp, at(exp), over);
            }
        }
        for (name, claim) in [("nbf", ClaimName::NotBefore), ("iat", ClaimName::IssuedAt)] {
            let with = |value: i64| claiming(claims(&format!(r#""{name}":{value}"#)));
            pair.accepts(name, with(NOW + 30));
            pair.refuses(name, with(NOW + 31), too_early(claim));
        }
        pair.nothing_stuck();

        // Without exp the profile's age is the end, and it needs iat.
        let issued = |iat: i64| claiming(format!(r#"{{"iat":{iat}}}"#));
        let lines = "expiration = \"optional\"\nmax_age = \"1h\"\nleeway = \"10s\"";
        let pair = Pair::new(*provider, &[HS256], lines, &issued(NOW));
        pair.accepts("young", issued(NOW - 3_609));
        pair.refuses("old", issued(NOW - 3_610), expired(ClaimName::IssuedAt));
        pair.refuses("no iat", claiming("{}"), invalid(ClaimName::IssuedAt));
        pair.refuses(
            "no iat, but exp",
            at(NOW + 600),
            invalid(ClaimName::IssuedAt),
        );
        pair.nothing_stuck();

        // The same edges, met while the token is in the cache.
        let bench = Bench::new(*provider, &[HS256], "");
        let token = at(NOW + 600);
        for (seconds, expected) in [(0, Ok(())), (599, Ok(())), (1, Err(over)), (1, Err(over))] {
            bench.clock.advance(Duration::from_secs(seconds));
            assert_eq!(bench.verify(&token), expected, "{}", provider.name());
        }
        bench
            .clock
            .set(UnixMillis::from_millis((NOW + 600) * 1000 - 1));
        assert_eq!(bench.verify(&token), Ok(()), "{}", provider.name());
    }
}

#[test]
fn t15_issuer_and_audience() {
    let audiences = [
        (None, "absent"),
        (Some("[]"), "empty"),
        (Some("\"\""), "no text"),
        (Some("\"ap\""), "prefix"),
        (Some("\"api \""), "blank"),
        (Some("\"api.example\""), "longer"),
        (Some("\"my-api\""), "substring"),
        (Some("\"API\""), "case"),
        (Some("\"api\\u0000\""), "NUL"),
        (Some("\"api,other\""), "joined"),
        (Some("\"api other\""), "joined"),
        (Some("[\"API\",\"ap\",\"api/\"]"), "none of them"),
        (Some("[\"\\\"api\\\"\"]"), "quoted"),
        (Some("\"аpi\""), "a Cyrillic letter"),
    ];
    let mistyped = [
        "1",
        "null",
        "true",
        "{}",
        "{\"api\":1}",
        "[1]",
        "[\"api\",1]",
        "[\"api\",null]",
        "[[\"api\"]]",
        "[{\"api\":1}]",
    ];
    for provider in providers() {
        let good = claiming(claims(r#""aud":"api","iss":"https://i""#));
        let pair = Pair::new(
            *provider,
            &[HS256],
            "audience = \"api\"\nissuer = \"https://i\"",
            &good,
        );
        for (value, what) in audiences {
            let aud = value.map_or(String::new(), |value| format!(r#","aud":{value}"#));
            let payload = claims(&format!(r#""iss":"https://i"{aud}"#));
            pair.refuses(
                (what, &payload),
                claiming(&payload),
                invalid(ClaimName::Audience),
            );
        }
        for value in mistyped {
            let payload = claims(&format!(r#""iss":"https://i","aud":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Audience));
        }
        for value in [
            "\"api\"",
            "[\"api\"]",
            "[\"other\",\"api\"]",
            "\"\\u0061pi\"",
            "[\"\\u0061p\\u0069\"]",
        ] {
            let payload = claims(&format!(r#""iss":"https://i","aud":{value}"#));
            pair.accepts(value, claiming(&payload));
        }
        for value in [
            "\"\"",
            "\"https://\"",
            "\"https://i/\"",
            "\"https://i.evil.example\"",
            "\"HTTPS://I\"",
            "\"http://i\"",
            "\" https://i\"",
            "\"https://i\\u0000\"",
            "[\"https://i\"]",
            "[]",
            "null",
            "1",
            "true",
            "{\"https://i\":1}",
        ] {
            let payload = claims(&format!(r#""aud":"api","iss":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Issuer));
        }
        pair.refuses(
            "no iss",
            claiming(claims(r#""aud":"api""#)),
            invalid(ClaimName::Issuer),
        );
        // The call's own audience takes the profile's place, and is as strict.
        for asked in ["ap", "API", "", "api ", "other"] {
            let options = VerifyOptions::default().audience(asked);
            pair.refuses_with(asked, &good, &options, invalid(ClaimName::Audience));
        }
        pair.nothing_stuck();

        // A mistyped claim is refused where nothing is expected of it, too.
        let pair = Pair::simple(*provider, "");
        for value in mistyped {
            let payload = claims(&format!(r#""aud":{value}"#));
            pair.refuses(&payload, claiming(&payload), invalid(ClaimName::Audience));
        }
        for (name, claim) in [
            ("iss", ClaimName::Issuer),
            ("sub", ClaimName::Subject),
            ("jti", ClaimName::TokenId),
        ] {
            for value in ["1", "null", "[\"x\"]", "{}", "true"] {
                let payload = format!(r#"{{"exp":{},"{name}":{value}}}"#, NOW + 600);
                pair.refuses(&payload, claiming(&payload), invalid(claim));
            }
        }
        for asked in ["api", ""] {
            let options = VerifyOptions::default().audience(asked);
            let bare = pair.good().to_owned();
            pair.refuses_with("no aud", bare, &options, invalid(ClaimName::Audience));
        }
        pair.nothing_stuck();
    }
}

#[test]
fn t16_a_token_of_another_kind() {
    for provider in providers() {
        let lines = "claims.kind = { claim = \"tokenType\" }";
        let good = claiming(claims(r#""tokenType":"access""#));
        let pair = Pair::new(*provider, &[HS256], lines, &good);
        for value in [
            "\"refresh\"",
            "\"id\"",
            "\"Access\"",
            "\"access \"",
            "\"\"",
            "\"acces\"",
        ] {
            let text = claiming(claims(&format!(r#""tokenType":{value}"#)));
            pair.refuses(value, text, wrong_kind());
        }
        for value in ["null", "1", "[\"access\"]", "{}", "true"] {
            let text = claiming(claims(&format!(r#""tokenType":{value}"#)));
            pair.refuses(value, text, invalid(ClaimName::Kind));
        }
        pair.refuses("no kind", claiming(claims("")), wrong_kind());
        pair.refuses(
            "TOKENTYPE",
            claiming(claims(r#""tokentype":"access""#)),
            wrong_kind(),
        );
        let refresh = VerifyOptions::default().kind(TokenKind::Refresh);
        pair.refuses_with("access for refresh", &good, &refresh, wrong_kind());
        pair.nothing_stuck();

        // A profile that maps no kind cannot tell, so it takes none for a kind that is asked for.
        let bare = Pair::simple(*provider, "");
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            let options = VerifyOptions::default().kind(kind);
            let good = bare.good().to_owned();
            bare.refuses_with(kind, good, &options, wrong_kind());
        }

        let typed = |typ: &str| headed(format!(r#"{{"typ":{typ},"alg":"HS256"}}"#));
        let good = typed("\"at+jwt\"");
        let pair = Pair::new(*provider, &[HS256], "type = \"at+jwt\"", &good);
        for typ in [
            "\"JWT\"",
            "\"\"",
            "\"at+jwt \"",
            "\"id+jwt\"",
            "\"rt+jwt\"",
            "\"at\"",
            "\"x/at+jwt\"",
            "\"logout+jwt\"",
            "\"at+jwt\\u0000\"",
        ] {
            pair.refuses(typ, typed(typ), invalid(ClaimName::Type));
        }
        pair.refuses("no typ", headed(header(HS256)), invalid(ClaimName::Type));
        for typ in ["null", "1", "[\"at+jwt\"]"] {
            pair.refuses(typ, typed(typ), malformed(Malformed::HeaderMember));
        }
        for typ in [
            "\"AT+JWT\"",
            "\"application/at+jwt\"",
            "\"Application/At+Jwt\"",
        ] {
            pair.accepts(typ, typed(typ));
        }
        pair.nothing_stuck();
    }
}
