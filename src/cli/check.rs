use std::collections::BTreeSet;
use std::fmt::Write;

use crate::config::{Config, Profile, Profiles};

use super::args::CheckArgs;
use super::configuration::load_or_read;
use super::one_line::one_line;
use super::{Edge, Exit, Failure};

/// Reads a configuration as `serve` would, key files and all, and says what it amounts to.
pub(super) fn run(args: &CheckArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let config = load_or_read(args.config.as_deref(), edge)?;
    let profiles = config.build_offline(&edge.environment, &edge.clock)?;
    let text = describe(&config, &profiles);
    write!(edge.output, "{text}").map_err(Failure::output)?;
    Ok(Exit::Good)
}

fn describe(config: &Config, profiles: &Profiles) -> String {
    let mut text = String::from("the configuration is good\n");
    let mut line = |name: &str, value: &str| {
        let line = format!("{name:<14}{}", one_line(value));
        let _ = writeln!(text, "{}", line.trim_end());
    };
    match profiles.default_profile() {
        Some(profile) => line("default", profile.name()),
        None => line(
            "default",
            "none: a request or an issuer must name the profile",
        ),
    }
    if !config.guards.is_empty() {
        let names: Vec<&str> = config.guards.keys().map(String::as_str).collect();
        line("guards", &names.join(", "));
    }
    let remarks = config.lint();
    for profile in profiles.iter() {
        line("", "");
        line("profile", profile.name());
        describe_profile(config, profile, &mut line);
        for (_, remark) in remarks.iter().filter(|(name, _)| name == profile.name()) {
            line("  note", remark);
        }
    }
    text
}

fn describe_profile(config: &Config, profile: &Profile, line: &mut impl FnMut(&str, &str)) {
    let ring = profile.verifier().keys();
    let algorithms: Vec<&str> = ring.algorithms().iter().map(|alg| alg.name()).collect();
    line("  algorithms", &algorithms.join(", "));
    for key in ring.current().iter() {
        let kid = key
            .kid()
            .map_or_else(|| "without kid".to_owned(), |kid| format!("kid {kid:?}"));
        line("  key", &format!("{} {kid}", key.algorithm()));
    }
    let section = config.profiles.get(profile.name());
    if let Some(jwks) = section.and_then(|section| section.jwks.as_ref()) {
        // What follows the question mark may be a credential.
        let address = jwks.url.split(['?', '#']).next().unwrap_or_default();
        line("  keys", &format!("fetched from {address} when served"));
    }
    if let Some(managed) = section.and_then(|section| section.sign.as_ref()?.managed.as_ref()) {
        let sealed = managed.seal_file.is_some() || managed.seal_env.is_some();
        let how = if sealed { "sealed" } else { "unsealed" };
        line(
            "  keys",
            &format!("made here and kept {how} in the store when served"),
        );
    }
    let issued: BTreeSet<&str> = issuers(config, profile.name()).collect();
    for issuer in issued {
        line("  issuer", issuer);
    }
    match profile.issues() {
        (true, true) => line("  issues", "signs, and rotates refresh tokens"),
        (true, false) => line("  issues", "signs"),
        (false, _) => line("  issues", "nothing: it verifies alone"),
    }
}

/// The issuers whose tokens are verified under a profile that no request names.
fn issuers<'c>(config: &'c Config, profile: &str) -> impl Iterator<Item = &'c str> {
    config
        .issuers
        .iter()
        .filter(move |(_, mapped)| *mapped == profile)
        .map(|(issuer, _)| issuer.as_str())
}
