use std::io::Read;
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
        let unreadable = |error: std::io::Error| {
            Fault::config(format!(
                "{name}: the configuration cannot be read; check path and permissions"
            ))
            .caused_by(error)
        };
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        if bytes.len() > LARGEST {
            return Err(too_long(&name));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            Fault::config(format!(
                "{name}: is not UTF-8 from byte {place} on; is it the right file?"
            ))
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
            return Err(too_long(name));
        }
        let is_json = text.trim_start().starts_with('{');
        let mut config = if is_json {
            from_json(text, name)?
        } else {
            from_toml(text, name)?
        };
        if overrides(environment).next().is_some() {
            let table = if is_json {
                serde_json::from_str(text).map_err(|error| {
                    Fault::config(format!(
                        "{name}: cannot be overridden by BEARERD_* variables"
                    ))
                    .caused_by(error)
                })?
            } else {
                text.parse::<Table>()
                    .map_err(|error| Fault::config(format!("{name}: {}", error.message())))?
            };
            config = Self::overridden(table, config, environment)?;
        }
        config.name = name.to_owned();
        Ok(config)
    }

    /// A document that was put together here, with `BEARERD_*` overrides. `name` stands for it in
    /// messages.
    pub(super) fn from_table(
        table: Table,
        name: &str,
        environment: &Environment,
    ) -> Result<Self, Fault> {
        let config = Self::deserialize_table(table.clone())
            .map_err(|why| Fault::config(format!("{name}: {why}")))?;
        let mut config = Self::overridden(table, config, environment)?;
        config.name = name.to_owned();
        Ok(config)
    }

    /// Applies overrides in whatever order makes each of them valid: `…JWKS__ALLOW_HTTP` holds only
    /// once `…JWKS__URL` has made the section whole.
    fn overridden(
        mut table: Table,
        mut config: Self,
        environment: &Environment,
    ) -> Result<Self, Fault> {
        let mut pending: Vec<(&str, &str)> = overrides(environment).collect();
        loop {
            let (before, mut first_fault) = (pending.len(), None);
            pending.retain(|(variable, value)| {
                let wrong = |why: String| {
                    Fault::config(format!("environment variable BEARERD_{variable}: {why}"))
                };
                let path: Vec<String> = variable.split("__").map(str::to_ascii_lowercase).collect();
                match apply(&mut table, &path, value, &wrong) {
                    Ok(applied) => {
                        config = applied;
                        false
                    }
                    Err(fault) => {
                        first_fault.get_or_insert(fault);
                        true
                    }
                }
            });
            match first_fault {
                None => return Ok(config),
                Some(fault) if pending.len() == before => return Err(fault),
                Some(_) => {}
            }
        }
    }
}

fn too_long(name: &str) -> Fault {
    Fault::config(format!(
        "{name}: is over {LARGEST} bytes long; is it the right file?"
    ))
}

fn overrides(environment: &Environment) -> impl Iterator<Item = (&str, &str)> {
    environment
        .with_prefix("BEARERD_")
        .filter(|(name, value)| !NOT_KEYS.contains(name) && !value.is_empty())
}

/// Sets one key: as TOML where the value reads as such and fits, else as a string. A list or table
/// that does not fit is never meant as a string, so its own error is the one to report.
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
        Some(literal @ (Value::Array(_) | Value::Table(_))) => attempt(literal),
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
            .map_err(|error: toml::de::Error| without_value(error.message()))
    }
}

fn from_toml(text: &str, name: &str) -> Result<Config, Fault> {
    toml::from_str(text).map_err(|error| {
        // Not the error's own display: it prints the line, and a line may hold a secret.
        let at = error
            .span()
            .map(|span| place(text, span.start))
            .unwrap_or_default();
        Fault::config(format!("{name}{at}: {}", without_value(error.message())))
    })
}

/// Line, column and the key of the line that a byte stands on.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text[line_start..].lines().next().unwrap_or_default().trim();
    let key = match rest.strip_prefix('[') {
        Some(header) => Some(header.trim_matches(|c| c == '[' || c == ']' || c == ' ')),
        // A line without a value is no key but, it may be, a piece of a secret that was pasted
        // without quotes; padded base64 ends in `=`.
        None => rest
            .split_once('=')
            .filter(|(_, value)| !value.trim_start_matches('=').trim().is_empty())
            .map(|(key, _)| key.trim()),
    };
    position(before) + &shown(key)
}

fn position(before: &str) -> String {
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    format!(":{line}:{column}")
}

/// A key for a message, where it plainly is one.
fn shown(key: Option<&str>) -> String {
    let is_key = |key: &&str| {
        (1..80).contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-\"' ".contains(&byte))
    };
    key.filter(is_key)
        .map_or_else(String::new, |key| format!(" ({key})"))
}

/// The message of a wrong type without the value: it may be a secret in the wrong place.
fn without_value(message: &str) -> String {
    let message = message.trim_end();
    let wrong_type = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|prefix| Some((prefix, message.strip_prefix(prefix)?)));
    let Some((prefix, (what, expected))) =
        wrong_type.and_then(|(prefix, rest)| Some((prefix, rest.rsplit_once(", expected ")?)))
    else {
        return message.to_owned();
    };
    let kind = what.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("{prefix}{kind}, expected {expected}")
}

fn from_json(text: &str, name: &str) -> Result<Config, Fault> {
    json::check(text.as_bytes(), BOUNDS).map_err(|error| {
        let before = text.get(..error.offset).unwrap_or(text);
        Fault::config(format!(
            "{name}{}{}: {}",
            position(before),
            shown(json_key(before)),
            error.what
        ))
    })?;
    serde_json::from_str(text).map_err(|error| {
        let full = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let message = without_value(full.strip_suffix(&suffix).unwrap_or(&full));
        let line: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let before = text.get(..line + error.column()).unwrap_or(text);
        // These name their key themselves, and stand before or behind it.
        let named = message.starts_with("unknown field") || message.starts_with("missing field");
        let key = if named { None } else { json_key(before) };
        Fault::config(format!(
            "{name}:{}:{}{}: {message}",
            error.line(),
            error.column(),
            shown(key)
        ))
    })
}

/// The last member name before a place.
fn json_key(before: &str) -> Option<&str> {
    let mut rest = before;
    loop {
        let (head, _) = rest.rsplit_once(':')?;
        if let Some(quoted) = head.trim_end().strip_suffix('"') {
            return quoted.rsplit_once('"').map(|(_, name)| name);
        }
        rest = head;
    }
}
