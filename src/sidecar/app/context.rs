use serde_json::Value;

use crate::verify::{ContextWriter, Verified};

/// What identity headers read in place of a claim: the data scope of the token's holder.
pub(super) const DATA_SCOPE: &str = "permission.data_scope";
/// How the names of such begin, so that one that is misspelled is not taken for a claim's.
pub(super) const PREFIX: &str = "permission.";

/// What an answer tells beside the claims because it was asked: one object a noun.
#[derive(Debug, Default)]
pub(super) struct Context(Vec<(&'static str, Value)>);

impl Context {
    /// Adds what is told about `noun`.
    pub(super) fn add(&mut self, noun: &'static str, value: Value) {
        self.0.push((noun, value));
    }

    /// Appends `,"context":{…}`: what was asked for, and what is known of a token's holder beside
    /// its claims. Nothing where there is nothing to tell.
    pub(super) fn append(&self, verified: &Verified, body: &mut Vec<u8>) {
        let mut told = String::new();
        let mut writer = ContextWriter::new(&mut told);
        writer.add_verified(verified);
        for (noun, value) in &self.0 {
            writer.add(noun, &value.to_string());
        }
        if !writer.is_empty() {
            body.extend_from_slice(b",\"context\":{");
            body.extend_from_slice(told.as_bytes());
            body.push(b'}');
        }
    }
}

/// The data scope, as a header shows it.
pub(super) fn data_scope(verified: &Verified) -> Option<&'static str> {
    Some(verified.rights()?.data_scope()?.as_str())
}
