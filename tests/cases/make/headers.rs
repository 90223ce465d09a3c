use bearerd::error::Code;
use serde_json::json;

use super::FAR;
use super::case::{Ask, Case};
use super::mint::{Mint, ada};

/// Values of `Authorization`.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let token = &good.text;
    let all = |name: &str, values: &[String], code: Code| {
        let case = Case::new(format!("authorization: {name}"), "hs256").accepts(&good);
        values.iter().fold(case, |case, value| {
            case.asks(Ask::header(value, Some(&good)), code)
        })
    };
    let around = |values: &[(&str, &str)]| -> Vec<String> {
        values
            .iter()
            .map(|(before, after)| format!("{before}{token}{after}"))
            .collect()
    };
    let scoped = mint.hs256(format!(
        r#"{{"scope":"read","aud":"shop","device_id":"d1","exp":{FAR}}}"#
    ));
    let header = |value: &str| Ask::header(value, Some(&scoped));
    let value = format!("Bearer {}", scoped.text);
    vec![
        all(
            "Bearer in any case",
            &around(&[
                ("Bearer ", ""),
                ("bearer ", ""),
                ("BEARER ", ""),
                ("bEaReR ", ""),
            ]),
            Code::Ok,
        ),
        all(
            "none",
            &[
                String::new(),
                "Bearer".into(),
                "Bearer ".into(),
                "bearer".into(),
                "B".into(),
            ],
            Code::MissingToken,
        ),
        all(
            "another scheme",
            &[
                around(&[
                    ("Basic ", ""),
                    ("Token ", ""),
                    ("DPoP ", ""),
                    ("Bearers ", ""),
                    ("Bearer=", ""),
                    ("Bearer:", ""),
                    ("Bearer,", ""),
                    ("Beare ", ""),
                    ("\"Bearer\" ", ""),
                ]),
                vec![
                    "Basic YWRhOnBhc3N3b3Jk".into(),
                    "Negotiate".into(),
                    "Digest username=\"ada\"".into(),
                ],
            ]
            .concat(),
            Code::MissingToken,
        ),
        all("the token alone", &around(&[("", "")]), Code::MissingToken),
        all(
            "a scheme in other letters",
            &around(&[
                ("\u{ff22}earer ", ""),
                ("B\u{435}arer ", ""),
                ("\u{ff22}\u{ff25}\u{ff21}\u{ff32}\u{ff25}\u{ff32} ", ""),
                ("\u{142}earer ", ""),
            ]),
            Code::MissingToken,
        ),
        all(
            "blanks beyond the one",
            &around(&[
                ("Bearer  ", ""),
                ("Bearer   ", ""),
                ("Bearer\t", ""),
                ("Bearer \t", ""),
                ("bearer \u{a0}", ""),
                ("Bearer \u{3000}", ""),
            ]),
            Code::Malformed,
        ),
        all(
            "more than one token",
            &[
                around(&[
                    ("Bearer ", ", Bearer x"),
                    ("Bearer ", ",Bearer x"),
                    ("Bearer ", ", Basic x"),
                    ("Bearer x, Bearer ", ""),
                    ("Bearer x ", ""),
                    ("Bearer Bearer ", ""),
                ]),
                vec![
                    format!("Bearer {token}, Bearer {token}"),
                    format!("Bearer {token} {token}"),
                    format!("Bearer {token},{token}"),
                ],
            ]
            .concat(),
            Code::Malformed,
        ),
        all(
            "a token with what is no part of it",
            &around(&[
                ("Bearer ", ","),
                ("Bearer ", ";"),
                ("Bearer \"", "\""),
                ("Bearer <", ">"),
                ("Bearer token=", ""),
                ("Bearer ", "="),
                ("Bearer ", "\u{e9}"),
                ("Bearer ", "\u{ad}"),
                ("Bearer \u{feff}", ""),
                ("Bearer ", " x"),
                ("Bearer ", "\tx"),
            ]),
            Code::Malformed,
        ),
        all(
            "a token whose characters have the right low byte",
            &[
                format!("Bearer {}", good.text.replacen('e', "\u{165}", 1)),
                format!("Bearer {}", good.text.replace('.', "\u{12e}")),
            ],
            Code::Malformed,
        ),
        Case::new("authorization: no token where one stands", "hs256")
            .asks(Ask::header("Bearer x", None), Code::Malformed)
            .asks(Ask::header("Bearer null", None), Code::Malformed)
            .asks(Ask::header("Bearer undefined", None), Code::Malformed)
            .asks(Ask::header("Bearer ..", None), Code::Malformed)
            .asks(
                Ask::header(&format!("Bearer {}", "a".repeat(20_000)), None),
                Code::Malformed,
            )
            .asks(
                Ask::header(&format!("Bearer {}", mint.hs256("{\"exp\":1}").text), None),
                Code::Expired,
            ),
        Case::new("authorization: blanks around it, which HTTP drops", "hs256")
            .not_over_http("HTTP drops blanks around a header's value")
            .accepts(&good)
            .asks(
                Ask::header(&format!(" Bearer {token}"), None),
                Code::MissingToken,
            )
            .asks(
                Ask::header(&format!("\tBearer {token}"), None),
                Code::MissingToken,
            )
            .asks(
                Ask::header(&format!("Bearer {token} "), None),
                Code::Malformed,
            )
            .asks(
                Ask::header(&format!("Bearer {token}\t"), None),
                Code::Malformed,
            )
            .asks(Ask::header("Bearer  ", None), Code::Malformed),
        Case::new(
            "authorization: control characters, which HTTP has not",
            "hs256",
        )
        .not_over_http("no header's value holds control characters")
        .accepts(&good)
        .asks(
            Ask::header(&format!("Bearer {token}\0"), None),
            Code::Malformed,
        )
        .asks(
            Ask::header(&format!("Bearer {token}\n"), None),
            Code::Malformed,
        )
        .asks(
            Ask::header(&format!("Bearer {token}\r\n"), None),
            Code::Malformed,
        )
        .asks(
            Ask::header(&format!("Bearer \0{token}"), None),
            Code::Malformed,
        )
        .asks(
            Ask::header(&format!("Bearer\0{token}"), None),
            Code::MissingToken,
        )
        .asks(
            Ask::header(&format!("Bearer\n{token}"), None),
            Code::MissingToken,
        )
        .asks(
            Ask::header(&format!("\0Bearer {token}"), None),
            Code::MissingToken,
        )
        .asks(
            Ask::header(&format!("Bearer {token}\nBearer x"), None),
            Code::Malformed,
        ),
        Case::new("authorization: with the options of a call", "guards")
            .asks(header(&value).guard(json!({"scopes": ["read"]})), Code::Ok)
            .asks(
                header(&value).guard(json!({"scopes": ["write"]})),
                Code::Forbidden,
            )
            .asks(header(&value).guard("readers"), Code::Ok)
            .asks(header(&value).guard("admins"), Code::Forbidden)
            .asks(header(&value).audience("shop"), Code::Ok)
            .asks(header(&value).audience("bank"), Code::InvalidClaim)
            .asks(header(&value).guard("trusted").device("d1"), Code::Ok)
            .asks(
                header(&value).guard("trusted").device("d2"),
                Code::DeviceMismatch,
            )
            .asks(header(&value).profile("api"), Code::Ok),
        by_profile(mint),
    ]
}

fn by_profile(mint: &Mint) -> Case {
    let (main, partner) = (
        mint.hs256(ada()),
        mint.token(
            bearerd::crypto::Algorithm::HS384,
            json!({"iss": "https://partner.example", "exp": FAR}).to_string(),
        ),
    );
    let ask =
        |token: &super::mint::Token| Ask::header(&format!("Bearer {}", token.text), Some(token));
    Case::new(
        "authorization: profile by name, by iss, by default",
        "several",
    )
    .asks(ask(&main), Code::Ok)
    .asks(ask(&partner), Code::Ok)
    .asks(ask(&partner).profile("partner"), Code::Ok)
    .asks(ask(&main).profile("partner"), Code::UnsupportedAlg)
    .asks(
        Ask::header("Basic x", None).profile("partner"),
        Code::MissingToken,
    )
}
