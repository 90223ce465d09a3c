//! What came of a step, against what should have.

use bearerd::error::Code;
use serde_json::{Value, json};

use crate::file::Step;
use crate::kept::Kept;

/// The answer of a step as HTTP bodies show it, or the code that refused.
pub(crate) type Outcome = Result<Value, Code>;

/// What is wrong with an outcome. Keeps of it what the step says.
pub(crate) fn judge(step: &Step, outcome: &Outcome, kept: &mut Kept) -> Vec<String> {
    let mut wrong = Vec::new();
    let code = outcome.as_ref().map_or_else(|code| *code, |_| Code::Ok);
    if code != step.code {
        wrong.push(format!("{code}, not {}", step.code));
    }
    let Ok(answer) = outcome else {
        return wrong;
    };
    let (claims, context) = (&answer["claims"], &answer["context"]);
    let mut compare = |what: &str, got: &Value, expected: Value| {
        if *got != expected {
            wrong.push(format!("{what}: {got}, not {expected}"));
        }
    };
    if let Some(expected) = &step.claims {
        compare("claims", claims, kept.expect(expected, claims));
    }
    for (name, expected) in step.claims_have.iter().flatten() {
        let got = &claims[name.as_str()];
        compare(name, got, kept.expect(expected, got));
    }
    if let Some(expected) = &step.context {
        compare("context", context, kept.expect(expected, context));
    }
    if let Some(expected) = step.count {
        compare("count", &count(answer), json!(expected));
    }
    for (member, name) in &step.keeps {
        wrong.extend(kept.keep(answer, member, name).err());
    }
    wrong
}

/// How many it met.
fn count(answer: &Value) -> Value {
    match &answer["sessions"] {
        Value::Array(sessions) => sessions.len().into(),
        _ if answer["ended"].is_u64() => answer["ended"].clone(),
        _ => answer["revoked"].clone(),
    }
}
