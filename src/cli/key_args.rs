use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

/// What is to be done with signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print every key with its state and its times: one line of JSON each, no key among them
    #[command(after_help = "Example:\n  bearerd keys list --config /etc/bearerd.toml")]
    List(KeysArgs),
    /// Make the next key, which signs in its turn or when it is activated
    #[command(
        after_help = "Example:\n  bearerd keys stage --config /etc/bearerd.toml --profile web"
    )]
    Stage(KeysArgs),
    /// Have the staged key sign from now on
    #[command(
        after_help = "Example:\n  bearerd keys activate --config /etc/bearerd.toml --profile web"
    )]
    Activate(KeyOrderArgs),
    /// Have a key sign no more, the staged one taking its place; withdraw a staged one
    #[command(
        after_help = "Example:\n  bearerd keys retire --config /etc/bearerd.toml --profile web"
    )]
    Retire(KeyOrderArgs),
    /// End a key and every token that it signed
    #[command(
        after_help = "Example:\n  bearerd keys revoke --config /etc/bearerd.toml --profile web --kid KID"
    )]
    Revoke(KeyRevokeArgs),
}

/// Whose keys they are.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// The configuration (`-`: standard input); else the variable BEARERD_CONFIG names it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The profile; without it, the one that makes signing keys
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// Arguments of `keys activate` and `keys retire`.
#[derive(Debug, Args)]
pub struct KeyOrderArgs {
    /// Whose key
    #[command(flatten)]
    pub keys: KeysArgs,
    /// The key; without it, the one that is meant by itself
    #[arg(long, value_name = "KID", value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub kid: Option<String>,
    /// Even where verifiers may not know the next key yet
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub struct KeyRevokeArgs {
    /// Whose key
    #[command(flatten)]
    pub keys: KeysArgs,
    /// The key
    #[arg(long, value_name = "KID", value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub kid: String,
}

/// Arguments of `revoke`.
#[derive(Args)]
pub struct RevokeArgs {
    /// The configuration (`-`: standard input); else the variable BEARERD_CONFIG names it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The profile; without it, the token's issuer or the default decides
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// What is revoked
    #[command(flatten)]
    pub what: RevokedArgs,
    /// With --subject: what was issued before that, in seconds since 1970, instead of now
    #[arg(long, value_name = "UNIX", conflicts_with_all = ["token", "handle", "family"])]
    pub issued_before: Option<i64>,
}

/// What is revoked: exactly one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct RevokedArgs {
    /// A token; `-` reads it from standard input, which other users of this machine cannot see
    #[arg(long, value_name = "TOKEN|-")]
    pub token: Option<OsString>,
    /// Every token whose handle this is: the claim by which the profile revokes
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub handle: Option<String>,
    /// All that descends from one sign-in
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub family: Option<String>,
    /// What a subject was issued
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    pub subject: Option<String>,
}

/// Shows neither token nor claim.
impl std::fmt::Debug for RevokeArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevokeArgs")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
