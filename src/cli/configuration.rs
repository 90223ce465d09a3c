use std::path::Path;

use crate::config::{Config, Environment, Profiles};

use super::input::{is_standard_input, read_text};
use super::{Edge, Failure};

/// The configuration of a command: the file that is named, else the one that `BEARERD_CONFIG`
/// names, else `JWT_*` variables.
///
/// # Errors
/// A [`Failure`] where what is found is wrong, or nothing is.
pub fn load_config(file: Option<&Path>, environment: &Environment) -> Result<Config, Failure> {
    if let Some(path) = file {
        return Ok(Config::from_file(path, environment)?);
    }
    Config::from_environment(environment)?.ok_or_else(|| {
        Failure::usage("there is no configuration")
            .hint("name a file with --config or BEARERD_CONFIG, or set JWT_SECRET")
    })
}

/// As [`load_config`], where `-` stands for standard input.
pub(super) fn load_or_read(file: Option<&Path>, edge: &mut Edge<'_>) -> Result<Config, Failure> {
    match file {
        Some(path) if is_standard_input(path.as_os_str()) => {
            let text = read_text(edge.input, "standard input", LARGEST)?;
            Ok(Config::from_text(
                &text,
                "standard input",
                &edge.environment,
            )?)
        }
        _ => load_config(file, &edge.environment),
    }
}

/// The profiles of a configuration, without fetching anything; with the store where one of them, or
/// the one that is named, makes its own signing keys, since they are there.
pub(super) fn build(
    config: &Config,
    profile: Option<&str>,
    edge: &Edge<'_>,
) -> Result<Profiles, Failure> {
    let named = |name: &str| profile.is_none_or(|profile| profile == name);
    if !config.managed_profiles().any(named) {
        return Ok(config.build_offline(&edge.environment, &edge.clock)?);
    }
    config.refuse_memory(&edge.environment)?;
    Ok(config.build(&edge.environment, &edge.clock)?)
}

/// More than a configuration may have, so that its own limit is what speaks.
const LARGEST: usize = 5 << 20;
