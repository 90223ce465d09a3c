use super::event::Source;
use crate::clock::UnixMillis;
use crate::json::quote_append;

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its number in the file, which only rises.
    pub id: i64,
    /// When it was taken.
    pub time: UnixMillis,
    /// Who says so.
    pub source: Source,
    /// What was done.
    pub action: String,
    /// The kind of thing that it was done to.
    pub entity: String,
    /// Which of them.
    pub entity_id: String,
    /// Who did it, as far as somebody said so.
    pub actor: String,
    /// Who called us.
    pub caller: String,
    /// Under which profile.
    pub profile: String,
    /// A JSON object.
    pub detail: String,
    /// From where.
    pub ip: String,
    /// In which request.
    pub request_id: String,
}

impl Record {
    /// Appends it as one line of JSON, without the line break.
    pub fn append_json(&self, out: &mut String) {
        out.push_str(&format!("{{\"time_ms\":{}", self.time.millis()));
        if self.id > 0 {
            out.push_str(&format!(",\"id\":{}", self.id));
        }
        for (name, text) in self.texts() {
            out.push_str(&format!(",\"{name}\":"));
            quote_append(text, out);
        }
        out.push_str(",\"detail\":");
        out.push_str(&self.detail);
        out.push('}');
    }

    fn texts(&self) -> [(&'static str, &str); 9] {
        [
            ("source", self.source.as_str()),
            ("action", &self.action),
            ("entity", &self.entity),
            ("entity_id", &self.entity_id),
            ("actor", &self.actor),
            ("caller", &self.caller),
            ("profile", &self.profile),
            ("ip", &self.ip),
            ("request_id", &self.request_id),
        ]
    }

    /// What a search looks through, as [`Query::text`](super::Query::text) has it.
    pub(super) fn searched(&self) -> String {
        let mut text = [
            &*self.action,
            &self.entity,
            &self.entity_id,
            &self.actor,
            &self.detail,
        ]
        .join("\n");
        text.make_ascii_lowercase();
        text
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        let texts: usize = self.texts().iter().map(|(_, text)| text.len()).sum();
        size_of::<Self>() + texts + self.detail.len()
    }
}
