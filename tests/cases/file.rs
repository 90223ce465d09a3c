//! `cases.json` as it is read.

use std::collections::BTreeMap;

use bearerd::error::Code;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::act::Act;
use crate::kept::Kept;

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
    /// Whether it has steps that make what later ones meet
    #[serde(default)]
    pub(crate) state: bool,
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
    pub(crate) name: String,
    /// Its members, with the places of what is kept
    pub(crate) given: Value,
    pub(crate) code: Code,
    pub(crate) claims: Option<Value>,
    pub(crate) claims_have: Option<Map<String, Value>>,
    /// Null: there must be none
    pub(crate) context: Option<Value>,
    pub(crate) count: Option<u64>,
    /// Members of the answer, each with the name under which it is kept
    pub(crate) keeps: BTreeMap<String, String>,
}

impl Step {
    /// What it does, with what was kept until now.
    pub(crate) fn act(&self, kept: &Kept) -> Act {
        Act::parse(&self.name, kept.fill(&self.given)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The token, or the value of the header, where it stands in the file.
    pub(crate) fn text(&self) -> &str {
        let member = |name: &str| self.given[name].as_str();
        member("token").or(member("value")).unwrap_or_default()
    }

    pub(crate) fn verifies(&self) -> bool {
        matches!(self.name.as_str(), "verify" | "authorization")
    }
}

#[derive(Deserialize)]
struct Written {
    code: String,
    claims: Option<Value>,
    claims_have: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "there")]
    context: Option<Value>,
    count: Option<u64>,
    #[serde(default, rename = "as")]
    keeps: BTreeMap<String, String>,
    #[serde(flatten)]
    act: Map<String, Value>,
}

impl Vectors {
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).expect("cases.json can be read")
    }
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let mut acts = written.act.into_iter();
        let (Some((name, given)), None) = (acts.next(), acts.next()) else {
            return Err("a step is exactly one of the acts, and nothing else".to_owned());
        };
        let code = Code::ALL
            .iter()
            .find(|row| row.name() == written.code)
            .copied()
            .ok_or_else(|| format!("{} is no code", written.code))?;
        Ok(Self {
            name,
            given,
            code,
            claims: written.claims,
            claims_have: written.claims_have,
            context: written.context,
            count: written.count,
            keeps: written.keeps,
        })
    }
}

/// Null is a value too.
fn there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn yes() -> bool {
    true
}
