use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case};
use super::mint::{Mint, Token};
use super::{FAR, ISSUED};

/// Access and refresh tokens told apart by a claim, and an issuer's own spellings of the rest.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let access = a(mint, &json!({}));
    let refresh = a(mint, &json!({"tokenType": "refresh"}));
    vec![
        Case::new("claim names: an issuer's own", "claim names").accepts(&access),
        Case::new("token kind: a refresh token, or neither", "claim names")
            .beside(
                &access,
                [
                    json!("refresh"),
                    json!("Access"),
                    json!("access "),
                    json!(""),
                    json!("id"),
                ]
                .map(|kind| a(mint, &json!({"tokenType": kind}))),
                Code::WrongTokenKind,
            )
            .refuses(without(mint, "tokenType"), Code::WrongTokenKind),
        Case::new("token kind: no text", "claim names").beside(
            &access,
            [
                json!(1),
                json!(null),
                json!(["access"]),
                json!(true),
                json!({}),
            ]
            .map(|kind| a(mint, &json!({"tokenType": kind}))),
            Code::InvalidClaim,
        ),
        Case::new(
            "token kind: the guard's takes the place of the profile's",
            "claim names",
        )
        .asks(Ask::token(&refresh).guard("renewal"), Code::Ok)
        .asks(Ask::token(&access).guard("renewal"), Code::WrongTokenKind)
        .refuses(&refresh, Code::WrongTokenKind)
        .asks(
            Ask::token(&refresh).guard(json!({"token": "refresh"})),
            Code::Ok,
        )
        .asks(
            Ask::token(&refresh).guard(json!({"all": [{"token": "refresh"}]})),
            Code::Ok,
        )
        .asks(
            Ask::token(&refresh).guard(json!({"any": [{"token": "refresh"}]})),
            Code::WrongTokenKind,
        )
        .asks(
            Ask::token(&refresh).guard(json!({"not": {"token": "access"}})),
            Code::WrongTokenKind,
        )
        .asks(
            Ask::token(&access).guard(json!({"token": "access"})),
            Code::Ok,
        )
        .accepts(&access),
        Case::new("token kind: without exp", "claim names")
            .accepts(&without(mint, "exp"))
            .refuses(a(mint, &json!({"exp": 1})), Code::Expired),
        Case::new("claim names: guards read them", "claim names")
            .asks(Ask::token(&access).guard("staff"), Code::Ok)
            .asks(
                Ask::token(&access).guard(json!({"roles": [1, 2]})),
                Code::Forbidden,
            )
            .asks(
                Ask::token(&access)
                    .guard(json!({"vip": true, "team": ["t-7"], "scopes": ["read:orders"]})),
                Code::Ok,
            )
            .asks(
                Ask::token(&access).guard(json!({"vip": false})),
                Code::Forbidden,
            )
            .asks(
                Ask::token(&access).guard(json!({"team": ["t-8"]})),
                Code::Forbidden,
            )
            .asks(Ask::token(&access).guard("desk").device("dev-1"), Code::Ok)
            .asks(
                Ask::token(&access).guard("desk").device("dev-2"),
                Code::DeviceMismatch,
            )
            .asks(Ask::token(&access).guard("desk"), Code::DeviceMismatch)
            .asks(
                Ask::token(&a(mint, &json!({"scope": []})))
                    .guard("desk")
                    .device("dev-1"),
                Code::Forbidden,
            ),
        Case::new(
            "claim names: the usual ones mean nothing where others are mapped",
            "claim names",
        )
        .asks(
            Ask::token(&a(mint, &json!({"roleId": 1, "role": 4}))).guard("staff"),
            Code::Forbidden,
        )
        .asks(
            Ask::token(&renamed(mint, "deviceId", "device_id"))
                .guard("desk")
                .device("dev-1"),
            Code::DeviceMismatch,
        )
        .asks(
            Ask::token(&renamed(mint, "teamId", "team")).guard(json!({"team": true})),
            Code::Forbidden,
        ),
    ]
}

/// A token of the service of which these spellings are.
fn a(mint: &Mint, more: &Value) -> Token {
    let mut claims = usual();
    for (name, value) in more.as_object().expect("is an object") {
        claims[name] = value.clone();
    }
    mint.hs256(claims.to_string())
}

fn usual() -> Value {
    json!({
        "sub": "ada", "userId": "u-1", "roleId": 4, "vip": true, "teamId": "t-7", "teamRoleId": 2, "telegramId": 123_456_789, "status": "active",
        "tokenType": "access", "scope": ["read:orders", "write:orders"], "deviceId": "dev-1", "jti": "j-1", "iat": ISSUED, "exp": FAR,
    })
}

fn without(mint: &Mint, name: &str) -> Token {
    let mut claims = usual();
    claims.as_object_mut().expect("is an object").remove(name);
    mint.hs256(claims.to_string())
}

fn renamed(mint: &Mint, name: &str, other: &str) -> Token {
    let mut claims = usual();
    let all = claims.as_object_mut().expect("is an object");
    let value = all.remove(name).expect("is there");
    all.insert(other.to_owned(), value);
    mint.hs256(claims.to_string())
}
