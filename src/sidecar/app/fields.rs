use std::borrow::Cow;
use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::error::{Code, Fault};
use crate::json::{self, Texts};
use crate::sign::Lifetime;

/// The members of a request's JSON body, taken one by one.
///
/// Each message names the member and what it must be, and none repeats what was sent: it may be a
/// token. What nobody took is an error, so a misspelled member is not silently without effect.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a body: one strict JSON object. An empty body is an empty object.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        json::object(body)
            .map(Self)
            .map_err(|wrong| invalid(format!("body: {wrong}")))
    }

    /// Parses a body with a long list of strings under `name`, which may be absent, and takes that
    /// out of it.
    pub(super) fn parse_with_texts<'b>(
        body: &'b [u8],
        name: &str,
    ) -> Result<(Self, Texts<'b>), Fault> {
        if body.is_empty() {
            return Ok((Self(Map::new()), Vec::new()));
        }
        let (members, texts) = json::object_and_texts(body, name)
            .map_err(|wrong| invalid(format!("body: {wrong}")))?;
        let mut fields = Self(members);
        let texts = match texts {
            Some(texts) => texts,
            // Nothing, or what is refused.
            None => fields.texts(name)?.into_iter().map(Cow::Owned).collect(),
        };
        Ok((fields, texts))
    }

    /// A string that may be absent or null.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("{name}: must be a string"))),
        }
    }

    /// A string that must be there.
    pub(super) fn required_text(&mut self, name: &str) -> Result<String, Fault> {
        self.text(name)?
            .ok_or_else(|| invalid(format!("{name}: is missing")))
    }

    /// True or false; `otherwise` where it is absent.
    pub(super) fn boolean(&mut self, name: &str, otherwise: bool) -> Result<bool, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(otherwise),
            Some(Value::Bool(value)) => Ok(value),
            Some(_) => Err(invalid(format!("{name}: must be true or false"))),
        }
    }

    /// An IPv4 or IPv6 address; an IPv4 one in IPv6's clothes is taken as what it is.
    pub(super) fn address(&mut self, name: &str) -> Result<Option<IpAddr>, Fault> {
        let wrong = |_| invalid(format!("{name}: must be an IPv4 or IPv6 address"));
        let parse = |text: String| text.parse().map_err(wrong);
        let address: Option<IpAddr> = self.text(name)?.map(parse).transpose()?;
        Ok(address.map(|address| address.to_canonical()))
    }

    /// Whole seconds since the epoch.
    pub(super) fn seconds(&mut self, name: &str) -> Result<Option<i64>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) if number.as_i64().is_some_and(|number| number >= 0) => {
                Ok(number.as_i64())
            }
            Some(_) => Err(invalid(format!(
                "{name}: must be whole seconds since the epoch"
            ))),
        }
    }

    /// True or false.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(invalid(format!("{name}: must be true or false"))),
        }
    }

    /// A whole number from 1 to `most`.
    pub(super) fn count(&mut self, name: &str, most: u64) -> Result<Option<u64>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number))
                if number
                    .as_u64()
                    .is_some_and(|number| (1..=most).contains(&number)) =>
            {
                Ok(number.as_u64())
            }
            Some(_) => Err(invalid(format!(
                "{name}: must be a whole number from 1 to {most}"
            ))),
        }
    }

    /// A lifetime: a span as text, or seconds.
    pub(super) fn lifetime(&mut self, name: &str) -> Result<Option<Lifetime>, Fault> {
        let text = match self.0.remove(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => {
                return Err(invalid(format!(
                    "{name}: must be a span such as \"15m\", or seconds"
                )));
            }
        };
        // The parser's own message quotes the text.
        text.parse().map(Some).map_err(|_: String| {
            invalid(format!(
                "{name}: must be a span of a second or more, such as 900, \"90s\", \"15m\", \"1h\" or \"7d\", \
                 or \"none\" for a token without exp"
            ))
        })
    }

    /// An object; an absent one is empty.
    pub(super) fn object(&mut self, name: &str) -> Result<Map<String, Value>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members),
            Some(_) => Err(invalid(format!("{name}: must be an object"))),
        }
    }

    /// The members of an object that may be absent or null.
    pub(super) fn nested(&mut self, name: &str) -> Result<Option<Self>, Fault> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members))),
            Some(_) => Err(invalid(format!("{name}: must be an object"))),
        }
    }

    /// A list of strings; an absent one is empty.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let wrong = || invalid(format!("{name}: must be a list of strings"));
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    _ => Err(wrong()),
                })
                .collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// Anything.
    pub(super) fn any(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// Refuses what nobody took. `known` lists what could have been taken.
    pub(super) fn finish(self, known: &str) -> Result<(), Fault> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(invalid(format!(
                "{}: is not a member of this request; it takes {known}",
                shown(name)
            ))),
        }
    }
}

/// A member's name as it may be repeated: what looks like a misspelled name is shown, anything
/// else may be a token that came to the wrong place.
pub(super) fn shown(name: &str) -> &str {
    const LONGEST: usize = 24;
    let is_name = (1..=LONGEST).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_name { name } else { "an unknown member" }
}

/// The request itself is wrong.
#[cold]
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(Code::ValidationError, message)
}
