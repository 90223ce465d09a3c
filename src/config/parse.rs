use std::path::Path;

use toml::{Table, Value};

use crate::error::Fault;
use crate::json::{self, Bounds};

use super::{Config, Environment};

/// The largest document that is read, in bytes.
const LARGEST: usize = 4 << 20;
/// Bounds of a document in JSON.
const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 100_000,
};
/// `BEARERD_*` variables that are not keys of the document.
const NOT_KEYS: [&str; 4] = ["CONFIG", "LOG", "CONTROL_TOKEN", "STATE"];

impl Config {
    /// Reads a document from a file, with `BEARERD_*` overrides.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming file, line and key.
    pub fn from_file(path: &Path, environment: &Environment) -> Result<Self, Fault> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Fault::config(format!(
                "{name}: the configuration cannot be read; check path and permissions"
            ))
            .caused_by(error)
        })?;
        Self::from_text(&text, &name, environment)
    }

    /// Parses a document in TOML, or in JSON where it begins with `{`. `name` stands for it in
    /// messages.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming `name`, line and key, or the variable that overrides wrongly.
    pub fn from_text(text: &str, name: &str, environment: &Environment) -> Result<Self, Fault> {
        if text.len() > LARGEST {
            return Err(Fault::config(format!(
                "{name}: is over {LARGEST} bytes long; is it the right file?"
            )));
        }
        let is_json = text.trim_start().starts_with('{');
        let config = if is_json {
            from_json(text, name)?
        } else {
            from_toml(text, name)?
        };
        let overrides: Vec<(&str, &str)> = overrides(environment).collect();
        if overrides.is_empty() {
            return Ok(config);
        }
        let mut table = if is_json {
            serde_json::from_str(text).map_err(|error| {
                Fault::config(format!("{name}: cannot be overridden")).caused_by(error)
            })?
        } else {
            text.parse::<Table>()
                .map_err(|error| Fault::config(format!("{name}: {}", error.message())))?
        };
        let mut config = config;
        for (variable, value) in overrides {
            let wrong = |why: String| {
                Fault::config(format!("environment variable BEARERD_{variable}: {why}"))
            };
            let path: Vec<String> = variable.split("__").map(str::to_ascii_lowercase).collect();
            config = apply(&mut table, &path, value, &wrong)?;
        }
        Ok(config)
    }
}

fn overrides(environment: &Environment) -> impl Iterator<Item = (&str, &str)> {
    environment
        .with_prefix("BEARERD_")
        .filter(|(name, value)| !NOT_KEYS.contains(name) && !value.is_empty())
}

/// Sets one key: as TOML where the value reads as such and fits, else as a string.
fn apply(
    table: &mut Table,
    path: &[String],
    value: &str,
    wrong: &impl Fn(String) -> Fault,
) -> Result<Config, Fault> {
    let literal = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let mut attempt = |value: Value| -> Result<Config, Fault> {
        let mut changed = table.clone();
        set(&mut changed, path, value).map_err(wrong)?;
        let config = Config::deserialize_table(changed.clone()).map_err(wrong)?;
        *table = changed;
        Ok(config)
    };
    match literal {
        Some(literal) => attempt(literal).or_else(|_| attempt(Value::String(value.to_owned()))),
        None => attempt(Value::String(value.to_owned())),
    }
}

fn set(table: &mut Table, path: &[String], value: Value) -> Result<(), String> {
    let Some((last, parents)) = path.split_last() else {
        return Err("names no key".to_owned());
    };
    let mut inside = table;
    for name in parents {
        let next = inside
            .entry(name.as_str())
            .or_insert_with(|| Value::Table(Table::new()));
        inside = next
            .as_table_mut()
            .ok_or_else(|| format!("{name:?} is not a table"))?;
    }
    inside.insert(last.clone(), value);
    Ok(())
}

impl Config {
    fn deserialize_table(table: Table) -> Result<Self, String> {
        table
            .try_into()
            .map_err(|error: toml::de::Error| error.message().to_owned())
    }
}

fn from_toml(text: &str, name: &str) -> Result<Config, Fault> {
    toml::from_str(text).map_err(|error| {
        // Not the error's own display: it prints the line, and a line may hold a secret.
        let at = error
            .span()
            .map(|span| place(text, span.start))
            .unwrap_or_default();
        Fault::config(format!("{name}{at}: {}", error.message().trim_end()))
    })
}

/// Line, column and the key of the line that a byte stands on.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    let rest = text[line_start..].lines().next().unwrap_or_default().trim();
    let key = match rest.strip_prefix('[') {
        Some(header) => header.trim_matches(|c| c == '[' || c == ']' || c == ' '),
        None => rest.split('=').next().unwrap_or_default().trim(),
    };
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-\"' ".contains(&byte));
    let shown = if is_key && key.len() < 80 {
        format!(" ({key})")
    } else {
        String::new()
    };
    format!(":{line}:{column}{shown}")
}

fn from_json(text: &str, name: &str) -> Result<Config, Fault> {
    json::check(text.as_bytes(), BOUNDS).map_err(|error| {
        Fault::config(format!(
            "{name}{}: {}",
            place_json(text, error.offset),
            error.what
        ))
    })?;
    serde_json::from_str(text).map_err(|error| Fault::config(format!("{name}: {error}")))
}

fn place_json(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    format!(
        ":{}:{}",
        before.matches('\n').count() + 1,
        before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1
    )
}
