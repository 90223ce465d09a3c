use serde_json::Value;

use crate::guard::permission::Rights;
use crate::verify::Verified;

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
    pub(super) fn append(&self, verified: &Verified, body: &mut String) {
        let before = body.len();
        let mut tell = |noun: &str, value: &str| {
            let open = body.len() == before;
            body.push_str(if open { ",\"context\":{\"" } else { ",\"" });
            body.push_str(noun);
            body.push_str("\":");
            body.push_str(value);
        };
        if let Some(session) = verified.session() {
            let told = format!(
                "{{\"id\":\"{}\",\"attributes\":{},\"expires_at\":{}}}",
                session.id(),
                session.attributes(),
                session.expires().secs()
            );
            tell("session", &told);
        }
        if let Some(rights) = verified.rights() {
            tell("permission", &of_rights(rights));
        }
        for (noun, value) in &self.0 {
            tell(noun, &value.to_string());
        }
        if body.len() > before {
            body.push('}');
        }
    }
}

fn of_rights(rights: &Rights) -> String {
    let scope = rights
        .data_scope()
        .map_or("null".to_owned(), |scope| format!("\"{}\"", scope.as_str()));
    let bypass = rights.bypasses();
    format!("{{\"data_scope\":{scope},\"bypass\":{bypass}}}")
}

/// The data scope, as a header shows it.
pub(super) fn data_scope(verified: &Verified) -> Option<&'static str> {
    Some(verified.rights()?.data_scope()?.as_str())
}
