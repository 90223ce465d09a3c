use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::claims::Rules;
use crate::clock::{Clock, ManualClock, UnixMillis};
use crate::config::{Profile, Profiles};
use crate::crypto::{KeyStrength, aws_lc_rs};
use crate::guard::Guard;
use crate::jwk::SecretEncoding;
use crate::keys::{KeyFormat, KeyRing, KeySource};
use crate::state::Revocations;
use crate::verify::cache::CacheConfig;
use crate::verify::{Verifier, VerifyOptions};

use super::super::args::RuleArgs;
use super::super::configuration::load_or_read;
use super::super::input::{inline, is_standard_input, key_source, read_token};
use super::super::{Edge, Exit, Failure};

/// What tokens are verified against.
pub(super) enum Judge {
    /// Rules from the arguments alone
    Lone(Arc<Verifier>),
    /// The profiles of a configuration
    Profiles(Box<Profiles>, Option<String>),
}

/// How long published keys are waited for, past which their own fetch has given up.
const LONGEST_FETCH: Duration = Duration::from_secs(30);

impl Judge {
    /// Reads keys or configuration.
    pub(super) fn new(args: &RuleArgs, edge: &mut Edge<'_>) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = match args.at {
            Some(at) => Arc::new(ManualClock::at(UnixMillis::from_secs(at))),
            None => Arc::clone(&edge.clock),
        };
        if args.keys.config.is_none() {
            return lone(args, edge, clock).map(Self::Lone);
        }
        if args.aud.len() > 1 {
            return Err(Failure::usage(
                "--aud: with --config one audience stands in for the profile's; give one",
            ));
        }
        let config = load_or_read(args.keys.config.as_deref(), edge)?;
        let profiles = config.build(&edge.environment, &clock)?;
        Ok(Self::Profiles(Box::new(profiles), args.profile.clone()))
    }

    /// The verifier for a token.
    pub(super) fn verifier(
        &self,
        token: &[u8],
        edge: &Edge<'_>,
    ) -> Result<&Arc<Verifier>, Failure> {
        match self {
            Self::Lone(verifier) => Ok(verifier),
            Self::Profiles(profiles, name) => {
                let profile = profiles.choose(name.as_deref(), token).map_err(|fault| {
                    Failure::from(fault).hint("name the profile with --profile")
                })?;
                await_keys(profile, edge.clock.as_ref())?;
                Ok(profile.verifier())
            }
        }
    }
}

fn lone(
    args: &RuleArgs,
    edge: &mut Edge<'_>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<Verifier>, Failure> {
    let provider = aws_lc_rs();
    let strength = if args.allow_weak_keys {
        KeyStrength::AllowWeak
    } else {
        KeyStrength::Standard
    };
    let weak = |failure: Failure| {
        if failure.to_string().contains("allow_weak_keys") {
            failure.hint("--allow-weak-keys takes it for this one call")
        } else {
            failure
        }
    };
    let (source, is_set) = key(args, edge)?;
    let specs = source.load(provider)?;
    let ring = KeyRing::new(provider, &args.alg, strength)?;
    if is_set {
        // Somebody else's set: keys of other algorithms in it are no mistake.
        ring.replace_remote(specs)
    } else {
        ring.replace_fixed(specs)
    }
    .map_err(|fault| weak(fault.into()))?;
    let rules = Rules {
        issuers: args.iss.clone(),
        audiences: args.aud.clone(),
        types: args.typ.clone(),
        expiration_required: !args.allow_no_exp,
        leeway: args.leeway.unwrap_or_default(),
        max_age: args.max_age,
    };
    let cache = CacheConfig {
        max_entries: 0,
        ..CacheConfig::default()
    };
    // Nothing is ever revoked here.
    let revocations = Arc::new(Revocations::new(&[0; 16], 1, Arc::clone(&clock)));
    let verifier = Verifier::builder("command line", Arc::new(ring))
        .rules(rules)
        .cache(cache)
        .revocations(revocations)
        .clock(clock)
        .build()?;
    Ok(Arc::new(verifier))
}

/// The key that is named, and whether it is a set.
fn key(args: &RuleArgs, edge: &mut Edge<'_>) -> Result<(KeySource, bool), Failure> {
    let keys = &args.keys;
    let text = KeyFormat::Secret(SecretEncoding::Text);
    let base64url = KeyFormat::Secret(SecretEncoding::Base64Url);
    let file = [
        (&keys.jwks, KeyFormat::Jwks),
        (&keys.pem, KeyFormat::Pem),
        (&keys.secret_file, text),
    ]
    .into_iter()
    .find_map(|(file, format)| Some((file.as_deref()?, format)));
    if let Some((file, format)) = file {
        let source = key_source(file, format, edge.input)?;
        return Ok((source, format == KeyFormat::Jwks));
    }
    let Some(secret) = &keys.secret_b64url else {
        return Err(Failure::usage("name the key"));
    };
    let secret = Zeroizing::new(secret.clone());
    Ok((inline(secret, "--secret-b64url", base64url), false))
}

/// Waits until published keys are there, or have failed to come.
pub(in super::super) fn await_keys(profile: &Profile, clock: &dyn Clock) -> Result<(), Failure> {
    let began = clock.monotonic();
    while let Some(stats) = profile.remote_stats() {
        if stats.last_success.is_some() {
            return Ok(());
        }
        let failed = stats.failures > 0;
        if failed || clock.monotonic().saturating_sub(began) > LONGEST_FETCH {
            let why = stats.last_error.unwrap_or_else(|| "no answer".to_owned());
            return Err(Failure::new(
                Exit::Io,
                format!(
                    "profile {:?}: its keys could not be fetched: {why}",
                    profile.name()
                ),
            )
            .hint("check the address with curl, or fetch the keys once and use --jwks"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Standard input holds one thing: a key, or the token, which it is where none is an argument.
pub(super) fn check_standard_input(args: &RuleArgs, token: Option<&OsStr>) -> Result<(), Failure> {
    let keys = &args.keys;
    let key_file = [&keys.jwks, &keys.pem, &keys.secret_file, &keys.config]
        .into_iter()
        .flatten()
        .any(|file| is_standard_input(file.as_os_str()));
    if key_file && token.is_none_or(is_standard_input) {
        return Err(Failure::usage(
            "both the key and the token are to come from standard input; give one of them in another way",
        ));
    }
    Ok(())
}

/// The token of the arguments, or of standard input.
pub(super) fn token(argument: &OsStr, edge: &mut Edge<'_>) -> Result<Vec<u8>, Failure> {
    if is_standard_input(argument) {
        read_token(edge.input)
    } else {
        Ok(argument.as_bytes().to_vec())
    }
}

/// The guard of the arguments.
pub(super) fn guard(args: &RuleArgs) -> Result<Option<Guard>, Failure> {
    args.guard
        .as_ref()
        .map(|guard| Guard::from_json(guard.as_bytes()))
        .transpose()
        .map_err(|fault| Failure::usage(format!("--guard: {}", fault.chain())))
}

/// What is asked of each token beside the rules.
pub(super) fn options<'a>(args: &'a RuleArgs, guard: Option<&'a Guard>) -> VerifyOptions<'a> {
    let mut options = VerifyOptions {
        guard,
        ..VerifyOptions::default()
    };
    options.request.device = args.device.as_deref();
    if args.keys.config.is_some() {
        options.audience = args.aud.first().map(String::as_str);
    }
    options
}
