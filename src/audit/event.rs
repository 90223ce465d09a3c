use std::net::IpAddr;

use serde_json::{Map, Value};

use super::mask::Mask;
use super::record::Record;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};

/// One act, to be recorded. What is not known stays empty.
///
/// ```
/// use bearerd::audit::Event;
///
/// let event = Event::application("invoice.approve")
///     .on("invoice", "2024-117")
///     .actor("ada")
///     .detail("amount", 1_200);
/// assert!(event.check().is_ok());
/// ```
#[derive(Clone, Debug)]
#[must_use = "an event is recorded by an AuditLog"]
pub struct Event {
    source: Source,
    action: String,
    entity: String,
    entity_id: String,
    actor: String,
    caller: String,
    profile: String,
    detail: Map<String, Value>,
    ip: Option<IpAddr>,
    request_id: String,
}

/// Who says that it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// The control plane did it.
    Control,
    /// A token or a caller was rejected.
    Rejection,
    /// An application states it.
    Application,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Control, Self::Rejection, Self::Application];

    /// The name, as it stands in the file and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Rejection => "rejection",
            Self::Application => "application",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

impl Event {
    /// The longest action and the longest kind of entity, in bytes.
    pub const LONGEST_NAME: usize = 64;
    /// The longest actor, entity id, profile and request id, in bytes.
    pub const LONGEST_TEXT: usize = 256;
    /// The longest detail, in bytes of JSON.
    pub const LONGEST_DETAIL: usize = 4_096;

    /// An act of the control plane.
    pub fn control(action: &str) -> Self {
        Self::new(Source::Control, action.to_owned())
    }

    /// An act that an application states.
    pub fn application(action: &str) -> Self {
        Self::new(Source::Application, action.to_owned())
    }

    /// A rejection, named after its code: `reject.reused`.
    pub fn rejection(code: Code) -> Self {
        let action = format!("reject.{}", code.name().to_ascii_lowercase());
        Self::new(Source::Rejection, action)
    }

    /// Rejections that were counted under no name.
    pub(super) fn unattended(count: u64) -> Self {
        Self::new(Source::Rejection, "reject.unattended".to_owned()).detail("left_out", count)
    }

    fn new(source: Source, action: String) -> Self {
        Self {
            source,
            action,
            entity: String::new(),
            entity_id: String::new(),
            actor: String::new(),
            caller: String::new(),
            profile: String::new(),
            detail: Map::new(),
            ip: None,
            request_id: String::new(),
        }
    }

    /// What it was done to: the kind of thing, and which.
    pub fn on(mut self, entity: &str, id: &str) -> Self {
        self.entity = entity.to_owned();
        self.entity_id = id.to_owned();
        self
    }

    /// Who did it, as far as somebody says so: a user, say.
    pub fn actor(mut self, actor: &str) -> Self {
        self.actor = actor.to_owned();
        self
    }

    /// Who called us, as a matter of fact: `control-token`, `uid:1000`.
    pub fn caller(mut self, caller: &str) -> Self {
        self.caller = caller.to_owned();
        self
    }

    /// Under which profile.
    pub fn profile(mut self, profile: &str) -> Self {
        self.profile = profile.to_owned();
        self
    }

    /// One thing more that is worth knowing.
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// Everything more that is worth knowing.
    pub fn details(mut self, detail: Map<String, Value>) -> Self {
        self.detail = detail;
        self
    }

    /// From where.
    pub fn ip(mut self, ip: Option<IpAddr>) -> Self {
        self.ip = ip;
        self
    }

    /// In which request.
    pub fn request_id(mut self, id: &str) -> Self {
        self.request_id = id.to_owned();
        self
    }

    /// Whether it fits, and its names are names. What does not fit is cut when it is recorded; an
    /// application is told instead.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the member, and never what was sent.
    pub fn check(&self) -> Result<(), Fault> {
        let wrong = |what: String| Err(Fault::new(Code::ValidationError, what));
        for (name, text, may_be_empty) in [
            ("action", &self.action, false),
            ("entity", &self.entity, true),
        ] {
            let is_name = text.bytes().all(is_name_byte) && text.len() <= Self::LONGEST_NAME;
            if !is_name || (text.is_empty() && !may_be_empty) {
                return wrong(format!(
                    "{name}: must be a name such as invoice.approve: letters, digits, dots, \
                     dashes and underscores, {} at most",
                    Self::LONGEST_NAME
                ));
            }
        }
        for (name, text) in [
            ("entity_id", &self.entity_id),
            ("actor", &self.actor),
            ("profile", &self.profile),
        ] {
            if text.len() > Self::LONGEST_TEXT {
                return wrong(format!(
                    "{name}: must have {} bytes at most",
                    Self::LONGEST_TEXT
                ));
            }
        }
        if Value::Object(self.detail.clone()).to_string().len() > Self::LONGEST_DETAIL {
            return wrong(format!(
                "detail: must have {} bytes at most, as JSON",
                Self::LONGEST_DETAIL
            ));
        }
        Ok(())
    }

    /// As it is kept: masked, cut and dated. Says whether anything was masked.
    pub(super) fn seal(self, mask: &Mask, time: UnixMillis) -> (Record, bool) {
        let id = self.entity_id;
        // An id of ours is random often enough, and no credential.
        let hidden = match self.source {
            Source::Application => mask.text(&id),
            _ => mask.certain(&id),
        };
        let mut masked = hidden.is_some();
        let entity_id = cut(hidden.unwrap_or(id), Self::LONGEST_TEXT);
        let mut text = |text: String, longest: usize| {
            let text = match mask.text(&text) {
                Some(hidden) => {
                    masked = true;
                    hidden
                }
                None => text,
            };
            cut(text, longest)
        };
        let mut record = Record {
            id: 0,
            time,
            source: self.source,
            action: text(self.action, Self::LONGEST_NAME),
            entity: text(self.entity, Self::LONGEST_NAME),
            entity_id,
            actor: text(self.actor, Self::LONGEST_TEXT),
            caller: text(self.caller, Self::LONGEST_TEXT),
            profile: text(self.profile, Self::LONGEST_TEXT),
            detail: String::new(),
            ip: self
                .ip
                .map(|ip| ip.to_canonical().to_string())
                .unwrap_or_default(),
            request_id: text(self.request_id, Self::LONGEST_TEXT),
        };
        let mut detail = Value::Object(self.detail);
        masked |= mask.value(&mut detail);
        record.detail = detail.to_string();
        if record.detail.len() > Self::LONGEST_DETAIL {
            record.detail = r#"{"cut":true}"#.to_owned();
        }
        (record, masked)
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':')
}

/// Cut at a character, and marked as cut.
fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let mut end = longest - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_character() {
        let event = Event::control("a").on("thing", &"ü".repeat(300));
        assert!(
            event
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("entity_id")
        );
        let (record, masked) = event.seal(&Mask::default(), UnixMillis::EPOCH);
        assert!(!masked);
        assert!(record.entity_id.len() <= Event::LONGEST_TEXT);
        assert!(record.entity_id.ends_with("ü…"));
        let long = Event::control("a").detail("text", "x ".repeat(3_000));
        assert!(long.check().unwrap_err().to_string().starts_with("detail"));
        let (record, _) = long.seal(&Mask::default(), UnixMillis::EPOCH);
        assert_eq!(record.detail, r#"{"cut":true}"#);
    }

    #[test]
    fn an_action_is_a_name() {
        for wrong in ["", "two words", "a\n", &"x".repeat(65), "naïve"] {
            let fault = Event::application(wrong).check().unwrap_err();
            assert!(
                fault.to_string().starts_with("action: must be a name"),
                "{fault}"
            );
        }
    }
}
