use std::fmt::Write;

use serde_json::Value;

use crate::json;

use super::ClaimValues;

/// The claims of a token, as they are written: the caller's first, then the signer's own.
///
/// Nothing asks here whether a name comes twice. The signer has refused claims of its own names,
/// and its names differ from each other.
pub(super) struct Payload(String);

/// Claims of an ordinary access token and what the signer adds.
const USUAL: usize = 512;

impl Payload {
    pub(super) fn of(claims: &ClaimValues) -> Self {
        let mut payload = Self(String::with_capacity(USUAL));
        payload.0.push('{');
        for (name, value) in claims {
            payload.add(name, value);
        }
        payload
    }

    pub(super) fn add(&mut self, name: &str, value: &Value) {
        self.name(name);
        json::value_append(value, &mut self.0);
        self.0.push(',');
    }

    pub(super) fn add_text(&mut self, name: &str, text: &str) {
        self.name(name);
        json::quote_append(text, &mut self.0);
        self.0.push(',');
    }

    pub(super) fn add_number(&mut self, name: &str, number: i64) {
        self.name(name);
        // Into a string nothing can fail.
        let _ = write!(self.0, "{number}");
        self.0.push(',');
    }

    pub(super) fn into_json(self) -> String {
        let mut json = self.0;
        if json.ends_with(',') {
            json.pop();
        }
        json.push('}');
        json
    }

    fn name(&mut self, name: &str) {
        json::quote_append(name, &mut self.0);
        self.0.push(':');
    }
}
