//! The command line.
//!
//! [`parse`] turns arguments into a [`Command`]. `dev` and `serve` run until they are stopped and
//! belong to whoever has a server; everything else is a [`Once`], which [`run`] carries out.
//!
//! Nothing here reads the process's clock, environment or streams: they come in an [`Edge`], so
//! that a test may bring its own.
//!
//! | exit | |
//! |---|---|
//! | 0 | good; every token was accepted |
//! | 1 | a token was rejected; a target of `bench` was missed |
//! | 64 | wrong usage or wrong configuration |
//! | 70 | a defect of ours |
//! | 74 | reading or writing failed |
//!
//! Errors are one line on standard error, `bearerd: what: cause`, and a hint. Neither they nor
//! anything else printed here holds a secret or a token that was not asked for.

mod args;
mod bench;
mod check;
mod configuration;
mod dev;
mod edge;
mod failure;
mod input;
mod jwks;
mod key_args;
mod keygen;
mod keys;
mod one_line;
mod progress;
mod revoke;
mod token;
mod usage;

pub use args::{
    CheckArgs, Command, DevArgs, ExplainArgs, JwksArgs, JwksSource, KeyArgs, KeyFileFormat,
    KeygenArgs, KindArg, Once, RuleArgs, ServeArgs, SignArgs, TokenCommand, VerifyArgs,
};
pub use bench::BenchArgs;
pub use configuration::load_config;
pub use dev::DevSetup;
pub use edge::Edge;
pub use failure::{Exit, Failure};
pub use key_args::{KeyOrderArgs, KeyRevokeArgs, KeysArgs, KeysCommand, RevokeArgs, RevokedArgs};
pub use usage::{Stop, parse};

/// Carries out a command that ends by itself.
///
/// # Errors
/// A [`Failure`] that names what failed, says what to do, and knows its exit code.
pub fn run(command: &Once, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    match command {
        Once::Check(args) => check::run(args, edge),
        Once::Keygen(args) => keygen::run(args, edge),
        Once::Jwks(args) => jwks::run(args, edge),
        Once::Keys(command) => keys::run(command, edge),
        Once::Revoke(args) => revoke::run(args, edge),
        Once::Bench(args) => bench::run(args, edge),
        Once::Token(TokenCommand::Sign(args)) => token::sign(args, edge),
        Once::Token(TokenCommand::Verify(args)) => token::verify(args, edge),
        Once::Token(TokenCommand::Explain(args)) => token::explain(args, edge),
    }
}
