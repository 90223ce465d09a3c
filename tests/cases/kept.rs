//! What a case keeps of the answers, under names, and the places of its steps where it goes.

use std::collections::BTreeMap;

use bearerd::clock::{Clock, SystemClock};
use serde_json::Value;

/// In place of a text: the text that was kept, with others around it.
const KEPT: &str = "$";
/// In an expectation: seconds since the epoch, after now and by no more than this.
const AHEAD: &str = "$ahead";

/// What stands in place of what was not kept.
pub(crate) const MISSING: &str = "was not kept";

#[derive(Default)]
pub(crate) struct Kept(BTreeMap<String, String>);

impl Kept {
    /// Keeps a member of an answer.
    pub(crate) fn keep(&mut self, answer: &Value, member: &str, name: &str) -> Result<(), String> {
        let text = answer[member].as_str();
        let text = text.ok_or_else(|| format!("the answer has no text {member}"))?;
        self.0.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    /// The members of a step.
    pub(crate) fn fill(&self, given: &Value) -> Value {
        self.expect(given, &Value::Null)
    }

    /// What `got` must be, where `expected` is what the step says.
    pub(crate) fn expect(&self, expected: &Value, got: &Value) -> Value {
        match expected {
            Value::Object(members) => {
                if let Some(name) = members.get(KEPT) {
                    return self.text(name, members.get("before"), members.get("after"));
                }
                if let Some(most) = members.get(AHEAD).and_then(Value::as_i64)
                    && is_ahead(got, most)
                {
                    return got.clone();
                }
                let fill = |(name, value): (&String, &Value)| {
                    (name.clone(), self.expect(value, &got[name.as_str()]))
                };
                Value::Object(members.iter().map(fill).collect())
            }
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(at, value)| self.expect(value, &got[at]))
                .collect(),
            plain => plain.clone(),
        }
    }

    fn text(&self, name: &Value, before: Option<&Value>, after: Option<&Value>) -> Value {
        let name = name.as_str().expect("a name is a text");
        // What refused to be kept was reported then; the case goes on.
        let Some(kept) = self.0.get(name) else {
            return format!("{name} {MISSING}").into();
        };
        let [before, after] = [before, after].map(|text| text.and_then(Value::as_str));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        format!("{before}{kept}{after}").into()
    }
}

fn is_ahead(got: &Value, most: i64) -> bool {
    let now = SystemClock.precise().secs();
    got.as_i64()
        .is_some_and(|at| now < at && at <= now.saturating_add(most))
}
