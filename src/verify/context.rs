#[cfg(feature = "server")]
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Held;
#[cfg(feature = "server")]
use super::Verified;
use crate::guard::permission::Rights;
use crate::json;
use crate::state::Session;

/// What is known of a token's holder beside the claims, being written as the members of one JSON
/// object. Every way into this library tells it in these words.
pub(crate) struct ContextWriter<'b> {
    body: &'b mut String,
    is_first: bool,
}

impl<'b> ContextWriter<'b> {
    /// Writes at the end of `body`, which ends where the first member may stand.
    pub(crate) fn new(body: &'b mut String) -> Self {
        Self {
            body,
            is_first: true,
        }
    }

    /// Adds what is told about `noun`: a name without anything to escape, and JSON.
    pub(crate) fn add(&mut self, noun: &str, value: &str) {
        if !self.is_first {
            self.body.push(',');
        }
        self.is_first = false;
        json::quote_append(noun, self.body);
        self.body.push(':');
        self.body.push_str(value);
    }

    /// Adds what an accepted token comes with.
    #[cfg(feature = "server")]
    pub(crate) fn add_verified(&mut self, verified: &Verified) {
        let session = verified.session().map(Arc::as_ref);
        self.add_known(session, verified.rights());
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_first
    }

    fn add_known(&mut self, session: Option<&Session>, rights: Option<&Rights>) {
        if let Some(session) = session {
            let told = format!(
                "{{\"id\":\"{}\",\"attributes\":{},\"expires_at\":{}}}",
                session.id(),
                session.attributes(),
                session.expires().secs()
            );
            self.add("session", &told);
        }
        if let Some(rights) = rights {
            self.add("permission", &of_rights(rights));
        }
    }
}

impl Held {
    /// What is known of the token's holder beside its claims, as one JSON object: `session` (`id`,
    /// `attributes`, `expires_at` in seconds since the epoch) where the profile has sessions,
    /// `permission` (`data_scope`, `bypass`) where it has permissions. `None` where it has neither.
    ///
    /// As it was to the last verification of this token, by whichever call. Allocates.
    #[must_use]
    pub fn context(&self) -> Option<String> {
        let entry = self.entry();
        // Read once, so that the rights are those of this very state of the session.
        let bound = entry.session().map(ArcSwapOption::load_full);
        let bound = bound.flatten();
        let of_session = bound.as_ref().and_then(|bound| bound.rights.as_deref());
        let mut text = String::from("{");
        let mut writer = ContextWriter::new(&mut text);
        writer.add_known(
            bound.as_ref().map(|bound| bound.session.as_ref()),
            of_session.or(entry.rights.as_deref()),
        );
        if writer.is_empty() {
            return None;
        }
        text.push('}');
        Some(text)
    }
}

fn of_rights(rights: &Rights) -> String {
    let scope = rights
        .data_scope()
        .map_or("null".to_owned(), |scope| format!("\"{}\"", scope.as_str()));
    let bypass = rights.bypasses();
    format!("{{\"data_scope\":{scope},\"bypass\":{bypass}}}")
}
