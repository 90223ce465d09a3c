//! `tests/vectors/permissions.json` as it is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) rules: BTreeMap<String, Value>,
    pub(crate) permissions: Vec<Row>,
    /// Replayed by the shared cases
    pub(crate) guards: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) rules: String,
    /// An object, or the text of one where its spelling matters
    pub(crate) claims: Value,
    pub(crate) permission: String,
    pub(crate) allowed: String,
    pub(crate) context: Option<Context>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    pub(crate) data_scope: String,
    pub(crate) bypass: bool,
}

impl Table {
    pub(crate) fn read() -> Self {
        let table: Self =
            serde_json::from_str(include_str!("../vectors/permissions.json")).unwrap();
        let names: BTreeSet<&str> = table.permissions.iter().map(|row| &*row.case).collect();
        assert_eq!(names.len(), table.permissions.len(), "two rows of one name");
        assert!(names.len() >= 60 && table.guards.len() >= 30);
        for allowed in ["yes", "no", "unknown", "invalid"] {
            let count = table
                .permissions
                .iter()
                .filter(|row| row.allowed == allowed);
            assert!(count.count() >= 15, "{allowed}");
        }
        table
    }
}

impl Row {
    pub(crate) fn claims(&self) -> String {
        match &self.claims {
            Value::String(text) => text.clone(),
            object => object.to_string(),
        }
    }
}
