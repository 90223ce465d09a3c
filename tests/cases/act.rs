//! What a step does, with nothing left to fill in.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Verify(Verify),
    Authorization(Authorization),
    Revoke(Revoke),
    SignIn(SignIn),
    EndSession(EndSession),
    ChangeSession(ChangeSession),
    CreatePat(CreatePat),
    RevokePat(RevokePat),
    Sign(Sign),
    Rotate(Rotate),
}

impl Act {
    /// `name` is one of the steps of the format, `given` its members.
    pub(crate) fn parse(name: &str, given: Value) -> Result<Self, String> {
        let tagged = Map::from_iter([(name.to_owned(), given)]);
        serde_json::from_value(tagged.into()).map_err(|error| format!("{name}: {error}"))
    }

    /// The token, or the value of the header, of a verification.
    pub(crate) fn asked(&self) -> Option<&str> {
        match self {
            Self::Verify(ask) => Some(&ask.token),
            Self::Authorization(ask) => Some(&ask.value),
            _ => None,
        }
    }

    /// Whether a second time must end as the first one did.
    pub(crate) fn repeats(&self) -> bool {
        self.asked().is_some() || matches!(self, Self::Revoke(_))
    }

    /// Whether it makes or changes what later steps meet, beyond a revocation.
    pub(crate) fn is_stateful(&self) -> bool {
        !self.repeats()
    }
}

#[derive(Deserialize)]
pub(crate) struct Verify {
    pub(crate) token: String,
    #[serde(flatten)]
    pub(crate) options: Options,
}

#[derive(Deserialize)]
pub(crate) struct Authorization {
    pub(crate) value: String,
    #[serde(flatten)]
    pub(crate) options: Options,
}

// What is flattened cannot refuse the members that it does not know.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct Options {
    pub(crate) profile: Option<String>,
    /// A name, or a rule
    pub(crate) guard: Option<Value>,
    pub(crate) audience: Option<String>,
    pub(crate) device: Option<String>,
}

impl TryFrom<Map<String, Value>> for Options {
    type Error = String;

    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        let mut options = Self::default();
        for (name, value) in members {
            let place = match name.as_str() {
                "guard" => {
                    options.guard = Some(value);
                    continue;
                }
                "profile" => &mut options.profile,
                "audience" => &mut options.audience,
                "device" => &mut options.device,
                _ => return Err(format!("{name} is no option")),
            };
            *place = Some(value.as_str().ok_or("is no text")?.to_owned());
        }
        Ok(options)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    pub(crate) token: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) issued_before: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    pub(crate) subject: String,
    pub(crate) kind: SignedKind,
    pub(crate) profile: Option<String>,
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedKind {
    None,
    Access,
    Pair,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndSession {
    pub(crate) sid: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) except: Option<String>,
    pub(crate) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeSession {
    pub(crate) sid: Option<String>,
    pub(crate) subject: Option<String>,
    #[serde(default)]
    pub(crate) set: Map<String, Value>,
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    pub(crate) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePat {
    pub(crate) subject: String,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
    pub(crate) ttl: Option<String>,
    pub(crate) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokePat {
    pub(crate) id: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    /// `access` or `refresh`
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
    pub(crate) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    pub(crate) refresh: String,
    #[serde(default)]
    pub(crate) set: Map<String, Value>,
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    pub(crate) profile: Option<String>,
}
