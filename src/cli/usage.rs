use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Arguments;
use super::{Command, Failure};

/// Why there is no command to carry out.
#[derive(Debug)]
pub enum Stop {
    /// `--help` or `--version`: to be printed, and nothing failed.
    Text(String),
    /// The arguments are wrong.
    Failure(Failure),
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// [`Stop::Text`] where help or version is asked for, [`Stop::Failure`] where the arguments are
/// wrong. The failure names options and never repeats a value, which may be a token or a secret.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Stop> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    Arguments::try_parse_from(&arguments)
        .map(|arguments| arguments.command)
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Text(error.to_string()),
            _ => Stop::Failure(
                Failure::usage(what(&error)).hint(format!("see `{} --help`", verb(&arguments))),
            ),
        })
}

fn what(error: &clap::Error) -> String {
    let named = named(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            format!("arguments are missing: {}", named.unwrap_or_default())
        }
        ErrorKind::ArgumentConflict => {
            let prior = self::named(error, ContextKind::PriorArg);
            let (one, other) = (named.unwrap_or_default(), prior.unwrap_or_default());
            if one == other {
                format!("{one} was given more than once; give it once")
            } else {
                format!("{one} cannot be used with {other}; leave one of them out")
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            let cause = cause.or_else(|| {
                self::named(error, ContextKind::ValidValue)
                    .map(|values| format!("choose from {values}"))
            });
            let cause = cause.unwrap_or_else(|| "a value is needed".to_owned());
            format!("{}: {cause}", named.unwrap_or_default())
        }
        ErrorKind::UnknownArgument => match unknown_option(named) {
            Some(option) => format!("there is no option {option} here"),
            None => "there is an argument too many; quote values with blanks".to_owned(),
        },
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing".to_owned()
        }
        ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::NoEquals => {
            format!(
                "{}: the number of values is wrong",
                named.unwrap_or_default()
            )
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the arguments are wrong".to_owned(),
    }
}

fn named(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(name) => Some(name.clone()),
        ContextValue::Strings(names) => Some(names.join(", ")),
        _ => None,
    }
}

/// The name of an unknown option; `None` for what may be a value.
fn unknown_option(named: Option<String>) -> Option<String> {
    let named = named?;
    let name = named.split('=').next()?;
    let is_option = name.starts_with("--")
        && name.len() < 32
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_option.then(|| name.to_owned())
}

/// The verb as far as it is one: what follows may be anything.
fn verb(arguments: &[OsString]) -> String {
    let known = [
        "dev", "serve", "check", "keygen", "token", "jwks", "keys", "revoke", "bench",
    ];
    let of_token = ["sign", "verify", "explain"];
    let of_keys = ["list", "stage", "activate", "retire", "revoke"];
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    match (word(1), word(2)) {
        (Some("token"), Some(verb)) if of_token.contains(&verb) => format!("bearerd token {verb}"),
        (Some("keys"), Some(verb)) if of_keys.contains(&verb) => format!("bearerd keys {verb}"),
        (Some(verb), _) if known.contains(&verb) => format!("bearerd {verb}"),
        _ => "bearerd".to_owned(),
    }
}
