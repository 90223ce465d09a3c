use bearerd::error::Code;
use serde_json::{Value, json};

use super::Row;

pub(super) fn roles() -> Vec<Row> {
    let rule = json!({"roles": ["admin", 4]});
    let mut rows = Vec::new();
    for held in [
        json!("admin"),
        json!(4),
        json!(["x", "admin"]),
        json!([4, 5]),
    ] {
        rows.push((rule.clone(), json!({"role": held}), Code::Ok));
    }
    for refused in [
        json!("administrator"),
        json!("Admin"),
        json!("4"),
        json!(5),
        json!(4.5),
        json!([]),
        json!(""),
        json!(null),
        json!(true),
        json!({"admin": true}),
        json!([["admin"]]),
        json!(["adm", "in"]),
        json!(" admin"),
        json!(-4),
    ] {
        rows.push((rule.clone(), json!({"role": refused}), Code::Forbidden));
    }
    rows.push((rule, json!({}), Code::Forbidden));
    rows
}

pub(super) fn scopes() -> Vec<Row> {
    let rule = json!({"scopes": ["read", "write"]});
    let mut rows = Vec::new();
    for held in [
        json!("read write"),
        json!("a write b read"),
        json!(["write", "x", "read"]),
        json!("read  write"),
    ] {
        rows.push((rule.clone(), json!({"scope": held}), Code::Ok));
    }
    for refused in [
        json!("read"),
        json!("write"),
        json!("readwrite"),
        json!("read,write"),
        json!("read\twrite"),
        json!("READ WRITE"),
        json!(""),
        json!([]),
        json!(["read write"]),
        json!([["read", "write"]]),
        json!(null),
        json!(7),
        json!({"read": true, "write": true}),
    ] {
        rows.push((rule.clone(), json!({"scope": refused}), Code::Forbidden));
    }
    rows.push((rule, json!({}), Code::Forbidden));
    rows
}

pub(super) fn any_scope() -> Vec<Row> {
    let rule = json!({"any_scope": ["read", "write"]});
    let ask = |scope: Value, code| (rule.clone(), json!({"scope": scope}), code);
    vec![
        ask(json!("read"), Code::Ok),
        ask(json!("x write"), Code::Ok),
        ask(json!(["write"]), Code::Ok),
        ask(json!("reads writer"), Code::Forbidden),
        ask(json!([]), Code::Forbidden),
        ask(json!(null), Code::Forbidden),
        (rule.clone(), json!({}), Code::Forbidden),
    ]
}

pub(super) fn vip() -> Vec<Row> {
    let ask = |wanted: bool, claims: Value, code| (json!({"vip": wanted}), claims, code);
    vec![
        ask(true, json!({"vip": true}), Code::Ok),
        ask(false, json!({"vip": false}), Code::Ok),
        ask(true, json!({"vip": false}), Code::Forbidden),
        ask(false, json!({"vip": true}), Code::Forbidden),
        ask(true, json!({"vip": 1}), Code::Forbidden),
        ask(true, json!({"vip": "true"}), Code::Forbidden),
        ask(false, json!({"vip": 0}), Code::Forbidden),
        ask(false, json!({"vip": null}), Code::Forbidden),
        ask(true, json!({"vip": [true]}), Code::Forbidden),
        ask(true, json!({}), Code::Forbidden),
        ask(false, json!({}), Code::Forbidden),
    ]
}

pub(super) fn team() -> Vec<Row> {
    let (any, one) = (json!({"team": true}), json!({"team": ["t1", 7]}));
    vec![
        (any.clone(), json!({"team": "t9"}), Code::Ok),
        (any.clone(), json!({"team": 0}), Code::Ok),
        (any.clone(), json!({"team": ["", "t9"]}), Code::Ok),
        (any.clone(), json!({"team": ""}), Code::Forbidden),
        (any.clone(), json!({"team": []}), Code::Forbidden),
        (any.clone(), json!({"team": null}), Code::Forbidden),
        (any.clone(), json!({"team": true}), Code::Forbidden),
        (any, json!({}), Code::Forbidden),
        (one.clone(), json!({"team": "t1"}), Code::Ok),
        (one.clone(), json!({"team": [1, 7]}), Code::Ok),
        (one.clone(), json!({"team": "t2"}), Code::Forbidden),
        (one.clone(), json!({"team": "7"}), Code::Forbidden),
        (one, json!({}), Code::Forbidden),
    ]
}

/// Under a profile that does not tell kinds apart, no token is of any.
pub(super) fn token() -> Vec<Row> {
    vec![
        (
            json!({"token": "access"}),
            json!({"sub": "ada"}),
            Code::WrongTokenKind,
        ),
        (
            json!({"token": "refresh"}),
            json!({"token": "refresh"}),
            Code::WrongTokenKind,
        ),
        (
            json!({"not": {"token": "refresh"}}),
            json!({"sub": "ada"}),
            Code::WrongTokenKind,
        ),
    ]
}
