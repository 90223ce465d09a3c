use serde_json::{Map, Value};

use super::fields::{invalid, shown};
use crate::error::Fault;
use crate::guard::{Guard, MEMBERS};

/// Compiles the guard that a request brings.
///
/// The compiler's own messages quote the rule, which is right for a file of the operator's; a
/// request's may hold a token in the wrong place, so here the member is named and nothing quoted.
pub(super) fn guard(rule: &Value) -> Result<Guard, Fault> {
    if rule.to_string().len() > Guard::MAX_TEXT {
        return Err(invalid(format!(
            "guard: is longer than {} bytes; configure it under [guards] and name it",
            Guard::MAX_TEXT
        )));
    }
    match Guard::from_value(rule.clone()) {
        Ok(guard) => Ok(guard),
        Err(_) => Err(invalid(complaint(rule, "guard"))),
    }
}

#[cold]
fn complaint(rule: &Value, at: &str) -> String {
    let Value::Object(members) = rule else {
        return format!("{at}: must be an object, or the name of a configured guard");
    };
    if members.is_empty() {
        return format!("{at}: is empty and would hold always; give it a member, or leave it out");
    }
    for (name, value) in members {
        let Some((_, takes)) = MEMBERS.iter().find(|(known, _)| known == name) else {
            return format!(
                "{at}: {} is not a member of a guard; it takes {}",
                shown(name),
                MEMBERS.map(|(known, _)| known).join(", ")
            );
        };
        let nested = match (name.as_str(), value) {
            ("not", guard) => std::slice::from_ref(guard),
            ("all" | "any", Value::Array(guards)) => guards.as_slice(),
            _ => &[],
        };
        if let Some(broken) = nested.iter().find(|guard| !compiles((*guard).clone())) {
            return complaint(broken, &format!("{at}.{name}"));
        }
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        if !compiles(alone.into()) {
            return format!("{at}.{name}: must be {takes}, and not empty");
        }
    }
    format!(
        "{at}: all, any and not are nested more than {} deep; flatten them",
        Guard::MAX_DEPTH
    )
}

fn compiles(rule: Value) -> bool {
    Guard::from_value(rule).is_ok()
}
