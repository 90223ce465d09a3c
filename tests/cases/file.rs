//! `cases.json` as it is read.

use std::collections::BTreeMap;

use bearerd::error::Code;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vectors {
    pub(crate) configurations: BTreeMap<String, Value>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) configuration: String,
    /// Whether every step can be put over HTTP
    #[serde(default = "yes")]
    pub(crate) http: bool,
    /// Why it cannot
    pub(crate) why: Option<String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) code: Code,
    pub(crate) claims: Option<Value>,
}

pub(crate) enum Act {
    Verify { token: String, options: Options },
    Authorization { value: String, options: Options },
    Revoke(Revoke),
}

impl Act {
    /// The token, or the value of the header; empty for a revocation.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Verify { token: text, .. } | Self::Authorization { value: text, .. } => text,
            Self::Revoke(_) => "",
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) profile: Option<String>,
    /// A name, or a rule
    pub(crate) guard: Option<Value>,
    pub(crate) audience: Option<String>,
    pub(crate) device: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Revoke {
    pub(crate) token: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) issued_before: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    verify: Option<Value>,
    authorization: Option<Value>,
    revoke: Option<Revoke>,
    code: String,
    claims: Option<Value>,
}

impl Vectors {
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).expect("cases.json can be read")
    }
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            verify,
            authorization,
            revoke,
            code,
            claims,
        } = written;
        let act = match (verify, authorization, revoke) {
            (Some(asked), None, None) => {
                let (token, options) = split(asked, "token")?;
                Act::Verify { token, options }
            }
            (None, Some(asked), None) => {
                let (value, options) = split(asked, "value")?;
                Act::Authorization { value, options }
            }
            (None, None, Some(revoke)) => Act::Revoke(revoke),
            _ => return Err("a step is one of verify, authorization, revoke".to_owned()),
        };
        let code = Code::ALL
            .iter()
            .find(|row| row.name() == code)
            .copied()
            .ok_or_else(|| format!("{code} is no code"))?;
        Ok(Self { act, code, claims })
    }
}

/// The member that must be there, and the options beside it.
fn split(mut asked: Value, name: &str) -> Result<(String, Options), String> {
    let text = match asked.as_object_mut().and_then(|all| all.remove(name)) {
        Some(Value::String(text)) => text,
        _ => return Err(format!("{name} must be a string")),
    };
    let options = serde_json::from_value(asked).map_err(|error| error.to_string())?;
    Ok((text, options))
}

fn yes() -> bool {
    true
}
