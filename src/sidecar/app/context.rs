use serde_json::Value;

use crate::state::Session;

/// What an answer tells beside the claims, because it was asked: one object a noun.
#[derive(Debug, Default)]
pub(super) struct Context(Vec<(&'static str, Value)>);

impl Context {
    /// Adds what is told about `noun`.
    pub(super) fn add(&mut self, noun: &'static str, value: Value) {
        self.0.push((noun, value));
    }

    /// Writes `,"context":{…}` where there is something to tell, of the session too.
    pub(super) fn append(&self, session: Option<&Session>, body: &mut String) {
        let mut before = ",\"context\":{\"";
        let mut tell = |noun: &str, value: &str| {
            body.push_str(before);
            body.push_str(noun);
            body.push_str("\":");
            body.push_str(value);
            before = ",\"";
        };
        if let Some(session) = session {
            let told = format!(
                "{{\"id\":\"{}\",\"attributes\":{},\"expires_at\":{}}}",
                session.id(),
                session.attributes(),
                session.expires().secs()
            );
            tell("session", &told);
        }
        for (noun, value) in &self.0 {
            tell(noun, &value.to_string());
        }
        if session.is_some() || !self.0.is_empty() {
            body.push('}');
        }
    }
}
