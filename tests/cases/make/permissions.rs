//! The table of permissions, `tests/vectors/permissions.json`, as cases: each row as a guard and
//! under `not`, so that what is unknown shows beside what is refused.

use std::collections::BTreeMap;

use bearerd::error::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use super::FAR;
use super::case::{Ask, Case};
use super::mint::{Mint, Token};

#[derive(Deserialize)]
struct Table {
    rules: BTreeMap<String, Value>,
    permissions: Vec<Row>,
    guards: Vec<GuardRow>,
}

#[derive(Deserialize)]
struct Row {
    case: String,
    rules: String,
    claims: Value,
    permission: String,
    allowed: String,
    /// The data scope, and whether the level bypasses
    context: Option<Value>,
}

#[derive(Deserialize)]
struct GuardRow {
    guard: Value,
    rules: String,
    claims: Value,
    code: String,
}

/// Each of the table's rules and the configuration that has them.
const RULES: [(&str, &str); 4] = [
    ("grants", "permissions: grants"),
    ("modules", "permissions: modules"),
    ("levels", "permissions: levels"),
    ("helpers", "permissions: helpers"),
];

fn table() -> Table {
    serde_json::from_str(include_str!("../../vectors/permissions.json"))
        .expect("permissions.json can be read")
}

/// The configurations, each as its name and its permissions section.
pub(super) fn configurations() -> Vec<(&'static str, Value)> {
    let mut rules = table().rules;
    let all = RULES
        .iter()
        .map(|(name, configuration)| {
            let section = rules.remove(*name).expect("the table has these rules");
            (*configuration, json!({"permissions": section}))
        })
        .collect();
    assert!(rules.is_empty(), "rules that no configuration has");
    all
}

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let table = table();
    let mut cases = Vec::new();
    for row in &table.permissions {
        let guard = json!({"permission": row.permission});
        let (plain, negated) = match row.allowed.as_str() {
            "yes" => (Code::Ok, Code::Forbidden),
            "no" => (Code::Forbidden, Code::Ok),
            "unknown" => (Code::Forbidden, Code::Forbidden),
            "invalid" => (Code::ValidationError, Code::ValidationError),
            other => panic!("{}: allowed is {other:?}", row.case),
        };
        let token = token(mint, &row.claims);
        let none = json!({"data_scope": null, "bypass": false});
        let context = json!({"permission": row.context.as_ref().unwrap_or(&none)});
        cases.push(
            Case::new(
                format!("permission: {}", row.case),
                configuration(&row.rules),
            )
            .asks(Ask::token(&token).context(context), Code::Ok)
            .asks(Ask::token(&token).guard(guard.clone()), plain)
            .asks(Ask::token(&token).guard(json!({"not": guard})), negated),
        );
    }
    for (name, configuration) in RULES {
        let rows: Vec<_> = table
            .guards
            .iter()
            .filter(|row| row.rules == name)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let case = Case::new(format!("guard: {configuration}"), configuration);
        cases.push(rows.into_iter().fold(case, |case, row| {
            let code = Code::ALL
                .iter()
                .find(|code| code.name() == row.code)
                .expect("a code of the table");
            let ask = Ask::token(&token(mint, &row.claims)).guard(row.guard.clone());
            case.asks(ask, *code)
        }));
    }
    let token = token(mint, &json!({"permissions": ["*"]}));
    let ask = |rule: Value| Ask::token(&token).guard(rule);
    cases.push(
        Case::new("guard: a profile without permissions", "guards")
            .asks(Ask::token(&token).context(Value::Null), Code::Ok)
            .asks(ask(json!({"permission": "hr.read"})), Code::Forbidden)
            .asks(
                ask(json!({"not": {"permission": "hr.read"}})),
                Code::Forbidden,
            )
            .asks(ask(json!({"subordinates": false})), Code::Forbidden),
    );
    cases
}

fn configuration(rules: &str) -> &'static str {
    RULES
        .iter()
        .find_map(|(name, configuration)| (*name == rules).then_some(*configuration))
        .expect("the table's rules have a configuration")
}

/// Claims are an object, or the text of one where its spelling matters.
fn token(mint: &Mint, claims: &Value) -> Token {
    match claims {
        Value::String(text) => mint.hs256(text.replacen('{', &format!("{{\"exp\":{FAR},"), 1)),
        Value::Object(members) => {
            let mut all = members.clone();
            all.insert("exp".to_owned(), FAR.into());
            mint.hs256(Value::from(all).to_string())
        }
        other => panic!("claims are {other}"),
    }
}
