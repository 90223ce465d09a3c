//! Permissions of sessions, and the context that tells of them.

use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case, kept};
use super::configurations::with;
use super::mint::Mint;
use super::sessions::{refresh, session, signing_in};

const READ: &str = "hr.employee.read";

pub(super) fn configurations(mint: &Mint) -> Vec<(&'static str, Value)> {
    let rules = |from: &str| {
        json!({"permissions": {
            "from": from, "modules": "modules", "level": "level", "bypass_levels": [0],
            "data_scope": {"all": [1], "project": [2], "group": [3]},
        }})
    };
    vec![
        ("rights of sessions", signing_in(mint, rules("session"))),
        ("rights of claims", signing_in(mint, rules("claims"))),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        of_the_session(),
        of_the_claims(),
        levels(),
        not_of_the_token(),
    ]
}

/// What a session with these rights comes with.
fn told(attributes: &Value, scope: &str, bypass: bool) -> Value {
    let permission = json!({"permission": {"data_scope": scope, "bypass": bypass}});
    with(session("s", attributes.clone()), permission)
}

fn may(name: &str) -> Value {
    json!({ "permission": name })
}

fn may_not(name: &str) -> Value {
    json!({"not": {"permission": name}})
}

/// The guard holds, or not, by what the session says at the time.
fn of_the_session() -> Case {
    let (hr, crm) = (
        json!({"permissions": ["hr.*"], "modules": ["hr", "crm"], "level": 3}),
        json!({"permissions": ["crm.*"], "modules": ["hr", "crm"], "level": 3}),
    );
    let none = json!({"modules": ["hr", "crm"], "level": 3});
    let ask = |rule: Value| Ask::kept("a").guard(rule);
    Case::new(
        "rights: a guard over what the session says now",
        "rights of sessions",
    )
    .signs_in_ada(hr.clone())
    .asks(ask(may(READ)).context(told(&hr, "group", false)), Code::Ok)
    .asks(ask(may_not(READ)), Code::Forbidden)
    .asks(ask(may("crm.deal.read")), Code::Forbidden)
    .asks(refresh("r").context(told(&hr, "group", false)), Code::Ok)
    .changes(
        json!({"sid": kept("s"), "set": {"permissions": ["crm.*"]}}),
        1,
    )
    .asks(ask(may(READ)), Code::Forbidden)
    .asks(
        ask(may_not(READ)).context(told(&crm, "group", false)),
        Code::Ok,
    )
    .asks(
        ask(may("crm.deal.read")).context(told(&crm, "group", false)),
        Code::Ok,
    )
    .changes(json!({"subject": "ada", "remove": ["permissions"]}), 1)
    .asks(ask(may("crm.deal.read")), Code::Forbidden)
    .asks(ask(may_not("crm.deal.read")), Code::Forbidden)
    .asks(
        Ask::kept("a").context(told(&none, "group", false)),
        Code::Ok,
    )
    .ends(json!({"sid": kept("s")}), 1)
    .asks(ask(may(READ)), Code::SessionEnded)
}

/// Read from claims, they stay as they were signed, whatever the session says.
fn of_the_claims() -> Case {
    let attributes = json!({"permissions": ["*"], "modules": ["hr", "crm"], "level": 0});
    let claims = json!({"permissions": ["hr.*"], "modules": ["hr"], "level": 2});
    let changed = with(attributes.clone(), json!({"team": "red"}));
    let sign_in = json!({
        "subject": "ada", "kind": "pair", "attributes": attributes, "claims": claims,
    });
    let ask = |rule: Value| Ask::kept("a").guard(rule);
    Case::new(
        "rights: of claims, beside a session that says other ones",
        "rights of claims",
    )
    .does("sign_in", sign_in, Code::Ok)
    .keeping([("sid", "s"), ("access", "a")])
    .asks(
        ask(may(READ))
            .having(claims)
            .context(told(&attributes, "project", false)),
        Code::Ok,
    )
    .asks(ask(may("crm.deal.read")), Code::Forbidden)
    .asks(
        ask(may_not("crm.deal.read")).context(told(&attributes, "project", false)),
        Code::Ok,
    )
    .changes(json!({"sid": kept("s"), "set": {"team": "red"}}), 1)
    .asks(
        ask(may(READ)).context(told(&changed, "project", false)),
        Code::Ok,
    )
}

/// Data scope and bypass follow the level, in every direction.
fn levels() -> Case {
    let attributes = |level: Value| json!({"permissions": [], "modules": [], "level": level});
    let mut case = Case::new(
        "rights: data scope and bypass follow the session's level",
        "rights of sessions",
    )
    .signs_in_ada(attributes(json!(9)));
    for (level, scope, bypass) in [
        (json!(9), "self", false),
        (json!(1), "all", false),
        (json!(2), "project", false),
        (json!(0), "all", true),
        (json!(3), "group", false),
        (json!("0"), "self", false),
        (json!(null), "self", false),
    ] {
        let now = attributes(level.clone());
        let ask = Ask::kept("a").guard(may(READ));
        let told = told(&now, scope, bypass);
        case = case
            .changes(json!({"sid": kept("s"), "set": {"level": level}}), 1)
            .asks(Ask::kept("a").context(told.clone()), Code::Ok)
            .asks(
                ask.context(told),
                if bypass { Code::Ok } else { Code::Forbidden },
            );
    }
    case
}

/// What a token says of itself counts for nothing where its session is asked.
fn not_of_the_token() -> Case {
    let attributes = json!({"permissions": ["crm.*"], "modules": ["crm"], "level": 3});
    let sign_in = json!({
        "subject": "ada", "kind": "pair", "attributes": attributes,
        "claims": {"permissions": ["*"], "modules": ["hr"], "level": 0},
    });
    Case::new(
        "rights: of the session, beside claims that say other ones",
        "rights of sessions",
    )
    .does("sign_in", sign_in, Code::Ok)
    .keeping([("sid", "s"), ("access", "a"), ("refresh", "r")])
    .asks(
        Ask::kept("a")
            .having(json!({"permissions": ["*"], "level": 0}))
            .context(told(&attributes, "group", false)),
        Code::Ok,
    )
    .asks(Ask::kept("a").guard(may(READ)), Code::Forbidden)
    .asks(Ask::kept("a").guard(may("crm.deal.read")), Code::Ok)
    .does(
        "rotate",
        json!({"refresh": kept("r"), "set": {"permissions": ["hr.*"]}}),
        Code::Ok,
    )
    .keeping([("access", "a2")])
    .asks(Ask::kept("a2").guard(may(READ)), Code::Forbidden)
    .asks(
        Ask::kept("a2")
            .having(json!({"permissions": ["hr.*"]}))
            .context(told(&attributes, "group", false)),
        Code::Ok,
    )
}
