use serde_json::json;

use super::case::Case;
use super::mint::Mint;
use super::{FAR, ISSUED};

/// What is signed is what comes back.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let rows: [(&str, &[&str]); 11] = [
        (
            "escapes",
            &[
                r#""a\u0041\u00e9":"\u0041\u00e9\ud83d\ude00\u0000\u001f""#,
                r#""x":"\"\\\/\b\f\n\r\t""#,
                r#""sub":"\u0061da","x":"\u2028\u2029\ufeff\uffff""#,
                r#""x":"\\u0041 \\n""#,
            ],
        ),
        (
            "every script",
            &[
                "\"имя\":\"Ада\",\"名前\":\"愛\",\"😀\":\"👩‍👩‍👧\"",
                "\"x\":\"עִבְרִית العربية\"",
                "\"x\":\"\u{2028}\u{a0}\u{200b}\u{7f}\"",
            ],
        ),
        (
            "names that differ by their code points alone",
            &[
                "\"\u{e9}\":1,\"e\u{301}\":2",
                "\"A\":1,\"a\":2,\"\u{ff21}\":3,\"\u{391}\":4",
            ],
        ),
        (
            "names that JavaScript knows",
            &[
                r#""__proto__":{"admin":true},"admin":false"#,
                r#""constructor":"x","prototype":{"a":1},"toString":"y","hasOwnProperty":1"#,
                r#""a":{"__proto__":{"b":1},"constructor":null},"valueOf":0,"then":"x","toJSON":"z","length":3"#,
            ],
        ),
        (
            "names that look like numbers, and none at all",
            &[r#""10":"a","9":"b","-1":"c","01":"d","1.5":"e","":"f"," ":"g""#],
        ),
        (
            "names that other languages know",
            &[
                r#""__class__":"x","self":1,"__dict__":{},"None":2,"class":"y","type":"z","func":3,"nil":4,"$ref":"r","@type":"t""#,
            ],
        ),
        (
            "whole numbers",
            &[
                r#""a":0,"b":1,"c":-1,"d":2147483647,"e":2147483648,"f":-2147483649,"g":4294967296"#,
                r#""a":9007199254740991,"b":-9007199254740991,"c":9007199254740992"#,
            ],
        ),
        (
            "fractions",
            &[r#""a":1.5,"b":-0.25,"c":0.1,"d":123456.789,"e":-1.75"#],
        ),
        (
            "words and emptiness",
            &[r#""a":null,"b":true,"c":false,"d":"","e":[],"f":{},"g":[[],{},"",null,false,0]"#],
        ),
        (
            "lists and objects",
            &[
                r#""a":[1,"2",[3,[4,{"b":[5]}]]],"c":{"d":{"e":{"f":[{"g":null}]}}}"#,
                r#""address":{"lines":["1 Example Street",""],"geo":{"lat":51.5,"lon":-0.125}},"groups":[{"id":1},{"id":2}]"#,
            ],
        ),
        ("a long text", &[]),
    ];
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|(name, rows)| {
            let case = Case::new(format!("claims: {name}"), "hs256");
            let long = format!("\"x\":\"{}\"", "0123456789é".repeat(300));
            let rows = if rows.is_empty() {
                vec![long.as_str()]
            } else {
                rows.to_vec()
            };
            rows.into_iter().fold(case, |case, inside| {
                case.accepts(&mint.hs256(format!("{{\"exp\":{FAR},{inside}}}")))
            })
        })
        .collect();
    let whole = json!({
        "sub": "7f0c", "iat": ISSUED, "exp": FAR, "nbf": ISSUED, "jti": "j-1", "iss": "https://any.example",
        "aud": ["a", "b"], "scope": "read write", "role": ["admin", 4], "vip": true, "team": "t1",
        "device_id": "d1", "family": "f1",
    });
    cases.push(
        Case::new("claims: all the registered ones", "hs256")
            .accepts(&mint.hs256(whole.to_string())),
    );
    cases
}
