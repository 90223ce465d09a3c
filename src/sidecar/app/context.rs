use serde_json::Value;

/// What an answer tells beside the claims, because it was asked: one object a noun.
#[derive(Debug, Default)]
pub(super) struct Context(Vec<(&'static str, Value)>);

impl Context {
    /// Adds what is told about `noun`.
    pub(super) fn add(&mut self, noun: &'static str, value: Value) {
        self.0.push((noun, value));
    }

    /// Writes `,"context":{…}` where there is something to tell.
    pub(super) fn append(&self, body: &mut String) {
        for (at, (noun, value)) in self.0.iter().enumerate() {
            body.push_str(if at == 0 { ",\"context\":{\"" } else { ",\"" });
            body.push_str(noun);
            body.push_str("\":");
            body.push_str(&value.to_string());
        }
        if !self.0.is_empty() {
            body.push('}');
        }
    }
}
