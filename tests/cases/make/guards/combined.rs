use bearerd::error::Code;
use serde_json::{Value, json};

use super::Row;

pub(super) fn all() -> Vec<Row> {
    let rule = json!({"all": [{"roles": [1]}, {"vip": true}]});
    vec![
        (rule.clone(), json!({"role": 1, "vip": true}), Code::Ok),
        (
            rule.clone(),
            json!({"role": 1, "vip": false}),
            Code::Forbidden,
        ),
        (
            rule.clone(),
            json!({"role": 2, "vip": true}),
            Code::Forbidden,
        ),
        (rule.clone(), json!({"role": 1}), Code::Forbidden),
        (rule, json!({}), Code::Forbidden),
    ]
}

pub(super) fn any() -> Vec<Row> {
    let rule = json!({"any": [{"roles": [1]}, {"vip": true}, {"all": [{"team": ["t1"]}, {"scopes": ["s"]}]}]});
    vec![
        (rule.clone(), json!({"role": 1}), Code::Ok),
        (rule.clone(), json!({"vip": true}), Code::Ok),
        (rule.clone(), json!({"team": "t1", "scope": "s"}), Code::Ok),
        (rule.clone(), json!({"team": "t1"}), Code::Forbidden),
        (
            rule.clone(),
            json!({"role": 2, "vip": false}),
            Code::Forbidden,
        ),
        (rule, json!({}), Code::Forbidden),
    ]
}

pub(super) fn not() -> Vec<Row> {
    let rule = json!({"not": {"roles": ["blocked"]}});
    let two = json!({"not": {"any": [{"roles": ["blocked"]}, {"vip": false}]}});
    vec![
        (rule.clone(), json!({"role": "user"}), Code::Ok),
        (rule.clone(), json!({"role": []}), Code::Ok),
        (rule.clone(), json!({"role": "blocked"}), Code::Forbidden),
        (rule, json!({"role": ["user", "blocked"]}), Code::Forbidden),
        (
            json!({"not": {"not": {"roles": [1]}}}),
            json!({"role": 1}),
            Code::Ok,
        ),
        (
            json!({"not": {"not": {"roles": [1]}}}),
            json!({"role": 2}),
            Code::Forbidden,
        ),
        (two.clone(), json!({"role": "user", "vip": true}), Code::Ok),
        (two, json!({"role": "user", "vip": false}), Code::Forbidden),
    ]
}

/// Absence proves nothing.
pub(super) fn absent() -> Vec<Row> {
    let rule = |inside: Value| json!({"not": inside});
    vec![
        (rule(json!({"roles": [1]})), json!({}), Code::Forbidden),
        (
            rule(json!({"roles": [1]})),
            json!({"role": null}),
            Code::Forbidden,
        ),
        (
            rule(json!({"roles": [1]})),
            json!({"role": {"id": 2}}),
            Code::Forbidden,
        ),
        (
            rule(json!({"roles": [1], "vip": true})),
            json!({"role": 2}),
            Code::Forbidden,
        ),
        (
            rule(json!({"all": [{"roles": [1]}, {"team": true}]})),
            json!({"role": 2}),
            Code::Forbidden,
        ),
        (
            rule(json!({"any": [{"roles": [1]}, {"vip": true}]})),
            json!({"role": 2}),
            Code::Forbidden,
        ),
        (rule(json!({"scopes": ["s"]})), json!({}), Code::Forbidden),
        (
            rule(json!({"any_scope": ["s"]})),
            json!({}),
            Code::Forbidden,
        ),
        (rule(json!({"vip": true})), json!({}), Code::Forbidden),
        (rule(json!({"team": ["t"]})), json!({}), Code::Forbidden),
        (
            rule(json!({"device": true})),
            json!({}),
            Code::DeviceMismatch,
        ),
        (
            rule(json!({"not": {"roles": [1]}})),
            json!({}),
            Code::Forbidden,
        ),
    ]
}

pub(super) fn together() -> Vec<Row> {
    let rule = json!({"roles": [1, 2], "scopes": ["read"], "vip": true, "team": true});
    let claims = |role: i64, scope: &str, vip: bool, team: &str| json!({"role": role, "scope": scope, "vip": vip, "team": team});
    vec![
        (rule.clone(), claims(2, "read", true, "t"), Code::Ok),
        (rule.clone(), claims(3, "read", true, "t"), Code::Forbidden),
        (rule.clone(), claims(2, "write", true, "t"), Code::Forbidden),
        (rule.clone(), claims(2, "read", false, "t"), Code::Forbidden),
        (rule, claims(2, "read", true, ""), Code::Forbidden),
    ]
}

/// Text that JSON has to escape, and text that is not the same however alike it looks.
pub(super) fn escaped() -> Vec<Row> {
    vec![
        (
            json!({"roles": ["ändern"]}),
            json!({"role": "ändern"}),
            Code::Ok,
        ),
        (
            json!({"roles": ["\"a\\b\""]}),
            json!({"role": "\"a\\b\""}),
            Code::Ok,
        ),
        (
            json!({"scopes": ["a\"b"]}),
            json!({"scope": "x a\"b"}),
            Code::Ok,
        ),
        (
            json!({"scopes": ["a\\u0020b"]}),
            json!({"scope": "a\\u0020b"}),
            Code::Ok,
        ),
        (json!({"roles": ["😀"]}), json!({"role": ["😀"]}), Code::Ok),
        (
            json!({"roles": ["a\nb"]}),
            json!({"role": "a\nb"}),
            Code::Ok,
        ),
        (
            json!({"roles": ["a"]}),
            json!({"role": "a\u{0}"}),
            Code::Forbidden,
        ),
        (
            json!({"roles": ["é"]}),
            json!({"role": "e\u{301}"}),
            Code::Forbidden,
        ),
    ]
}
