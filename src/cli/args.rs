use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::clock::parse_span;
use crate::crypto::Algorithm;
use crate::sign::Lifetime;

use super::bench::BenchArgs;
use super::key_args::{KeysCommand, RevokeArgs};

/// Verifies, signs and rotates bearer tokens.
#[derive(Parser)]
#[command(name = "bearerd", version, after_help = TOP_EXAMPLE, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const TOP_EXAMPLE: &str = "Example:
  bearerd dev

Exit codes: 0 good, 1 a token was rejected or a target missed, 64 wrong usage or configuration, 70 internal, 74 I/O.";

/// What is to be done.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
pub enum Command {
    /// Serve on the loopback with keys of its own, for development
    #[command(after_help = "Example:\n  bearerd dev --data ./bearerd-data")]
    Dev(DevArgs),
    /// Serve a configuration
    #[command(after_help = "Example:\n  bearerd serve --config /etc/bearerd.toml")]
    Serve(ServeArgs),
    /// Anything that ends by itself
    #[command(flatten)]
    Once(Once),
}

/// A command that ends by itself.
#[derive(Debug, Subcommand)]
pub enum Once {
    /// Check a configuration without serving it or fetching keys
    #[command(after_help = "Example:\n  bearerd check --config /etc/bearerd.toml")]
    Check(CheckArgs),
    /// Make a key
    #[command(after_help = "Example:\n  bearerd keygen --alg ES256 --out signing.pem")]
    Keygen(KeygenArgs),
    /// Sign, verify or explain a token
    #[command(
        subcommand,
        after_help = "Example:\n  bearerd token verify --jwks keys.json --alg RS256 -"
    )]
    Token(TokenCommand),
    /// Print public keys as a JWK set
    #[command(after_help = "Example:\n  bearerd jwks --pem signing.pem --alg ES256")]
    Jwks(JwksArgs),
    /// List, stage, activate, retire or revoke the signing keys in a store
    #[command(
        subcommand,
        after_help = "Example:\n  bearerd keys list --config /etc/bearerd.toml"
    )]
    Keys(KeysCommand),
    /// Revoke a token, a handle, a refresh family or what a subject was issued, in a store
    #[command(after_help = "Example:\n  bearerd revoke --config /etc/bearerd.toml --subject ada")]
    Revoke(RevokeArgs),
    /// Load a sidecar, or a verifier in this process, and say whether targets are met
    #[command(
        after_help = "Example:\n  bearerd bench --url http://127.0.0.1:8611 --target 10k/s --p99 1ms --cpu 20us"
    )]
    Bench(BenchArgs),
}

/// What is to be done with a token.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Sign a token with a profile's key
    #[command(
        after_help = "Example:\n  bearerd token sign --config app.toml --kind pair --claims '{\"sub\":\"ada\"}'"
    )]
    Sign(SignArgs),
    /// Verify a token: one line of JSON, exit code 0 or 1
    #[command(
        after_help = "Example:\n  bearerd token verify --jwks keys.json --alg RS256 --iss https://issuer.example -"
    )]
    Verify(VerifyArgs),
    /// Say why a token is accepted or rejected. Quotes the token's claims
    #[command(
        after_help = "Example:\n  bearerd token explain --pem issuer.pem --alg ES256 --aud orders -"
    )]
    Explain(ExplainArgs),
}

/// Arguments of `dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Where the keys are kept, made if it is not there
    #[arg(long, value_name = "DIR", default_value = "bearerd-dev")]
    pub data: PathBuf,
    /// The address to serve on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8611")]
    pub listen: SocketAddr,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The configuration, TOML or JSON; else the variable BEARERD_CONFIG names it, else JWT_*
    /// variables make one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The configuration (`-`: standard input); else the variable BEARERD_CONFIG names it, else
    /// JWT_* variables make one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// The algorithm that the key is for
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    pub alg: Algorithm,
    /// The file to write, with mode 0600. One that exists is never overwritten. Without it, the
    /// key goes to standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How the key is written; pem by default, base64url for HS*
    #[arg(long)]
    pub format: Option<KeyFileFormat>,
    /// The key's name in its JWK
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub kid: Option<String>,
    /// Name the key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with = "kid")]
    pub kid_from_thumbprint: bool,
}

/// How a key is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyFileFormat {
    /// PKCS#8 PEM
    Pem,
    /// One JWK
    Jwk,
    /// The bytes of a shared secret, for `secret_base64url`
    Base64url,
}

/// Arguments of `jwks`.
#[derive(Debug, Args)]
pub struct JwksArgs {
    /// Where the keys are
    #[command(flatten)]
    pub source: JwksSource,
    /// With --config: this profile alone
    #[arg(long, value_name = "NAME", requires = "config")]
    pub profile: Option<String>,
    /// The algorithm that the key is for
    #[arg(long, value_name = "ALG", value_parser = algorithm, conflicts_with = "config")]
    pub alg: Option<Algorithm>,
    /// The key's name
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), conflicts_with = "config")]
    pub kid: Option<String>,
    /// Name each key by its thumbprint (RFC 7638)
    #[arg(long, conflicts_with_all = ["kid", "config"])]
    pub kid_from_thumbprint: bool,
}

/// Where the keys of `jwks` are.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct JwksSource {
    /// A PEM file, private or public (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub pem: Option<PathBuf>,
    /// A file with one JWK, private or public (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub jwk: Option<PathBuf>,
    /// A configuration (`-`: standard input). Keys that it fetches are not among them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `token sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The configuration; else the variable BEARERD_CONFIG names it, else JWT_* variables make one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The profile to sign under; the default profile without it
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Which token to sign. A pair is printed on two lines, the access token first
    #[arg(long, default_value = "access")]
    pub kind: KindArg,
    /// How long the token lives, the access token of a pair; "none" for ever
    #[arg(long, value_name = "SPAN")]
    pub ttl: Option<Lifetime>,
    /// The claims: JSON, @FILE, or `-` for standard input
    #[arg(long, value_name = "JSON|@FILE|-")]
    pub claims: OsString,
}

/// Which token to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    /// An access token
    Access,
    /// A refresh token
    Refresh,
    /// Both, of one family
    Pair,
}

/// Arguments of `token verify`.
#[derive(Args)]
pub struct VerifyArgs {
    /// The token; `-` reads it from standard input, which other users of this machine cannot see
    #[arg(
        value_name = "TOKEN|-",
        required_unless_present = "lines",
        conflicts_with = "lines"
    )]
    pub token: Option<OsString>,
    /// Read one token a line from standard input and print one line of JSON for each; exit code 1
    /// where any was rejected
    #[arg(long)]
    pub lines: bool,
    /// Keys and rules
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Arguments of `token explain`.
#[derive(Args)]
pub struct ExplainArgs {
    /// The token; `-` reads it from standard input, which other users of this machine cannot see
    #[arg(value_name = "TOKEN|-")]
    pub token: OsString,
    /// Keys and rules
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// By which keys and rules a token is looked at.
#[derive(Args)]
pub struct RuleArgs {
    /// Where the keys are
    #[command(flatten)]
    pub keys: KeyArgs,
    /// The profile of the configuration; without it, the token's issuer or the default decides
    #[arg(long, value_name = "NAME", requires = "config")]
    pub profile: Option<String>,
    /// The algorithms to accept
    #[arg(
        long, value_name = "ALG", value_delimiter = ',', value_parser = algorithm,
        required_unless_present = "config", conflicts_with = "config"
    )]
    pub alg: Vec<Algorithm>,
    /// `iss` must be this; several: one of them
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), conflicts_with = "config")]
    pub iss: Vec<String>,
    /// `aud` must hold this; several: one of them
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub aud: Vec<String>,
    /// The header's `typ` must be this; several: one of them
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), conflicts_with = "config")]
    pub typ: Vec<String>,
    /// How far clocks may differ
    #[arg(long, value_name = "SPAN", value_parser = parse_span, conflicts_with = "config")]
    pub leeway: Option<Duration>,
    /// The oldest `iat` to accept, such as 1d
    #[arg(long, value_name = "SPAN", value_parser = parse_span, conflicts_with = "config")]
    pub max_age: Option<Duration>,
    /// Accept tokens without `exp`
    #[arg(long, conflicts_with = "config")]
    pub allow_no_exp: bool,
    /// Accept RSA keys from 1024 bits and short secrets
    #[arg(long, conflicts_with = "config")]
    pub allow_weak_keys: bool,
    /// A guard that must hold, such as {"scopes": ["read:orders"]}
    #[arg(long, value_name = "JSON")]
    pub guard: Option<String>,
    /// The device of the request, for guards that ask for it
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// Verify as of that moment, in seconds since 1970, instead of now
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub at: Option<i64>,
}

/// Where the keys are that verify a token: exactly one place.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct KeyArgs {
    /// A JWK set (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,
    /// A PEM file: a public key, certificate or private key (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub pem: Option<PathBuf>,
    /// A shared secret in base64url. Every user of this machine can see it while the command runs:
    /// prefer --secret-file
    // One secret in 64 begins with a hyphen.
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
    pub secret_b64url: Option<String>,
    /// A file with a shared secret, whose bytes it is but for one line end (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// A configuration, whose profile says everything that other options would. Keys that an
    /// issuer publishes are fetched
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Algorithm::all().map(Algorithm::name).collect();
        format!("not an algorithm; choose from {}", known.join(", "))
    })
}

/// Shows neither token nor secret.
impl std::fmt::Debug for VerifyArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyArgs")
            .field("lines", &self.lines)
            .field("alg", &self.rules.alg)
            .finish_non_exhaustive()
    }
}

/// Shows neither token nor secret.
impl std::fmt::Debug for ExplainArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExplainArgs")
            .field("alg", &self.rules.alg)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Arguments::command().debug_assert();
    }

    /// Every verb of every level with its help.
    fn verbs(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        let help = command.clone().render_help().to_string();
        found.push((path.to_owned(), help));
        for verb in command.get_subcommands() {
            verbs(verb, &format!("{path} {}", verb.get_name()), found);
        }
    }

    #[test]
    fn every_help_ends_with_an_example_that_parses() {
        let mut found = Vec::new();
        verbs(&Arguments::command(), "bearerd", &mut found);
        assert_eq!(found.len(), 18);
        for (verb, help) in found {
            let example = help
                .lines()
                .skip_while(|line| *line != "Example:")
                .nth(1)
                .unwrap_or_else(|| panic!("`{verb} --help` has no example"));
            let words = example
                .split_whitespace()
                .map(|word| word.trim_matches('\''));
            assert!(example.trim_start().starts_with(&verb), "{verb}: {example}");
            if let Err(error) = Arguments::try_parse_from(words) {
                panic!("{example}: {error}");
            }
        }
    }
}
