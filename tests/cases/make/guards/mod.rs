mod combined;
mod members;

use bearerd::error::Code;
use serde_json::{Value, json};

use super::FAR;
use super::case::{Ask, Case};
use super::mint::{Mint, Token};

/// A rule, the claims beside `exp` that it is asked about, and what it says.
type Row = (Value, Value, Code);

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let mut cases = vec![
        case(mint, "roles", members::roles()),
        case(mint, "scopes", members::scopes()),
        case(mint, "any_scope", members::any_scope()),
        case(mint, "vip", members::vip()),
        case(mint, "team", members::team()),
        case(mint, "token", members::token()),
        case(mint, "all", combined::all()),
        case(mint, "any", combined::any()),
        case(mint, "not", combined::not()),
        case(mint, "not, where the claim is absent", combined::absent()),
        case(
            mint,
            "members of one object must all hold",
            combined::together(),
        ),
        case(mint, "text that JSON escapes", combined::escaped()),
    ];
    cases.extend([
        escapes(mint),
        device(mint),
        named(mint),
        on_a_cached_token(mint),
        order(mint),
    ]);
    cases
}

/// Every token is accepted without the guard, and so is in the cache when it is asked with it.
fn case(mint: &Mint, name: &str, rows: Vec<Row>) -> Case {
    let mut seen: Vec<String> = Vec::new();
    rows.into_iter().fold(
        Case::new(format!("guard: {name}"), "guards"),
        |mut case, (rule, claims, code)| {
            let token = token_of(mint, &claims);
            if !seen.contains(&token.text) {
                seen.push(token.text.clone());
                case = case.accepts(&token);
            }
            case.asks(Ask::token(&token).guard(rule), code)
        },
    )
}

fn token_of(mint: &Mint, claims: &Value) -> Token {
    let mut all = json!({"exp": FAR});
    for (name, value) in claims.as_object().expect("is an object") {
        all[name] = value.clone();
    }
    mint.hs256(all.to_string())
}

/// A claim means what its text means, however the issuer has spelled it.
fn escapes(mint: &Mint) -> Case {
    let rows = [
        (
            r#""role":"\u0061dmin""#,
            json!({"roles": ["admin"]}),
            Code::Ok,
        ),
        (
            r#""r\u006fle":"admin""#,
            json!({"roles": ["admin"]}),
            Code::Ok,
        ),
        (
            r#""role":["x","\u0061dm\u0069n"]"#,
            json!({"roles": ["admin"]}),
            Code::Ok,
        ),
        (
            r#""scope":"a\u0020read""#,
            json!({"scopes": ["read"]}),
            Code::Ok,
        ),
        (
            r#""scope":"a\u0009read""#,
            json!({"scopes": ["read"]}),
            Code::Forbidden,
        ),
        (
            r#""scope":"a\\u0020read""#,
            json!({"scopes": ["read"]}),
            Code::Forbidden,
        ),
        (
            r#""team":"\ud83d\ude00""#,
            json!({"team": ["😀"]}),
            Code::Ok,
        ),
        (
            r#""role":"admin\u0000""#,
            json!({"roles": ["admin"]}),
            Code::Forbidden,
        ),
        (
            r#""role":"\u0062locked""#,
            json!({"not": {"roles": ["blocked"]}}),
            Code::Forbidden,
        ),
        (
            r#""scope":"b\u0020a""#,
            json!({"not": {"scopes": ["a"]}}),
            Code::Forbidden,
        ),
    ];
    let case = Case::new("guard: escapes in claims", "guards");
    rows.into_iter().fold(case, |case, (claims, rule, code)| {
        let token = mint.hs256(format!("{{\"exp\":{FAR},{claims}}}"));
        case.accepts(&token)
            .asks(Ask::token(&token).guard(rule), code)
    })
}

fn device(mint: &Mint) -> Case {
    let (mine, none) = (
        token_of(mint, &json!({"device_id": "d1"})),
        token_of(mint, &json!({})),
    );
    let number = token_of(mint, &json!({"device_id": 1}));
    let ask = |token: &Token, device: &str| {
        Ask::token(token)
            .guard(json!({"device": true}))
            .device(device)
    };
    Case::new("guard: device", "guards")
        .accepts(&mine)
        .asks(ask(&mine, "d1"), Code::Ok)
        .asks(ask(&mine, "d2"), Code::DeviceMismatch)
        .asks(ask(&mine, "D1"), Code::DeviceMismatch)
        .asks(ask(&mine, "d"), Code::DeviceMismatch)
        .asks(ask(&mine, "d1\0"), Code::DeviceMismatch)
        .asks(ask(&mine, "d\u{131}"), Code::DeviceMismatch)
        .asks(
            Ask::token(&mine).guard(json!({"device": true})),
            Code::DeviceMismatch,
        )
        .asks(Ask::token(&mine).device("d2"), Code::Ok)
        .asks(ask(&none, "d1"), Code::DeviceMismatch)
        .asks(ask(&number, "1"), Code::DeviceMismatch)
        .asks(Ask::token(&mine).guard("trusted").device("d1"), Code::Ok)
        .asks(
            Ask::token(&mine).guard("trusted").device("d2"),
            Code::DeviceMismatch,
        )
}

fn named(mint: &Mint) -> Case {
    let (admin, reader) = (
        token_of(mint, &json!({"role": "admin"})),
        token_of(mint, &json!({"role": "user", "scope": "read"})),
    );
    Case::new("guard: by name", "guards")
        .asks(Ask::token(&admin).guard("admins"), Code::Ok)
        .asks(Ask::token(&reader).guard("admins"), Code::Forbidden)
        .asks(Ask::token(&reader).guard("readers"), Code::Ok)
        .asks(Ask::token(&admin).guard("readers"), Code::Forbidden)
        .asks(Ask::token(&reader).guard("guests"), Code::Ok)
        .asks(Ask::token(&admin).guard("guests"), Code::Forbidden)
}

/// One token, asked about in turn: what one call found decides nothing for the next.
fn on_a_cached_token(mint: &Mint) -> Case {
    let token = token_of(mint, &json!({"role": "user", "scope": "read"}));
    let ask = |rule: Value| Ask::token(&token).guard(rule);
    Case::new(
        "guard: each call's own, on a token that is cached",
        "guards",
    )
    .accepts(&token)
    .asks(ask(json!({"scopes": ["write"]})), Code::Forbidden)
    .accepts(&token)
    .asks(ask(json!({"scopes": ["read"]})), Code::Ok)
    .asks(ask(json!({"roles": ["admin"]})), Code::Forbidden)
    .asks(
        ask(json!({"scopes": ["read"], "roles": ["user"]})),
        Code::Ok,
    )
    .asks(
        ask(json!({"scopes": ["read"], "roles": ["admin"]})),
        Code::Forbidden,
    )
    .accepts(&token)
}

/// A guard is asked last.
fn order(mint: &Mint) -> Case {
    let rule = json!({"roles": ["admin"]});
    let over = mint.hs256("{\"exp\":1,\"role\":\"user\"}");
    let forged = token_of(mint, &json!({"role": "user"})).with(2, |_| "AAAA".to_owned());
    Case::new("guard: asked last", "guards")
        .asks(Ask::token(&over).guard(rule.clone()), Code::Expired)
        .asks(
            Ask::text(&forged).guard(rule.clone()),
            Code::InvalidSignature,
        )
        .asks(Ask::text("x").guard(rule.clone()), Code::Malformed)
        .asks(
            Ask::token(&token_of(mint, &json!({"role": "admin"})))
                .guard(rule)
                .audience("shop"),
            Code::InvalidClaim,
        )
}
