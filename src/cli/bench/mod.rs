//! `bearerd bench`: will this hold my load?
//!
//! Tokens are made (or read), every one is asked for once and its answer asserted, and then they
//! take turns for a while; answers go on being compared, by status and length. Ends in figures
//! beside the targets of the command line.

mod address;
mod answer;
mod args;
mod findings;
mod in_process;
mod lane;
mod latencies;
mod link;
mod load;
mod quantity;
mod requests;
mod server;
mod stopwatch;
mod tokens;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use crate::config::Profiles;
use crate::crypto::aws_lc_rs;
use crate::sign::Lifetime;

use super::configuration::load_or_read;
use super::progress::Span;
use super::{DevSetup, Edge, Exit, Failure};
use address::Address;
use args::Route;
use findings::{Findings, Targets, grouped};
use requests::Form;
use server::Reading;
use tokens::Token;

pub use args::BenchArgs;

/// What tokens live beyond the run.
const MARGIN: Duration = Duration::from_secs(600);

/// Loads a sidecar or a verifier and says what it held.
pub(super) fn run(args: &BenchArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let address = match (&args.url, &args.socket) {
        (Some(url), _) => Some(url.clone()),
        (None, Some(path)) => Some(Address::Unix(path.clone())),
        (None, None) => None,
    };
    if address.is_none() && args.route != Route::Auth {
        return Err(Failure::usage(
            "--route is for a sidecar; name it with --url or --socket",
        ));
    }
    let progress = Span::new(edge.shows_progress, args.time);
    let profiles = profiles(args, edge, address.is_some())?;
    let mut tokens = tokens(args, profiles.as_ref(), &progress)?;
    if let Some(path) = &args.keep_tokens {
        keep(path, &tokens)?;
    }
    tokens::spoil(&mut tokens, args.bad);
    let findings = match (&address, &profiles) {
        (Some(address), _) => over_http(args, address, &tokens, &progress)?,
        (None, Some(profiles)) => in_this_process(args, profiles, &tokens, &progress)?,
        (None, None) => return Err(Failure::internal("a verifier has no profile")),
    };
    drop(progress);
    edge.print(&if args.json {
        findings.json()
    } else {
        findings.text()
    })?;
    Ok(if findings.held() {
        Exit::Good
    } else {
        Exit::Rejected
    })
}

/// The profiles that make tokens, and in this process verify them.
fn profiles(
    args: &BenchArgs,
    edge: &mut Edge<'_>,
    for_server: bool,
) -> Result<Option<Profiles>, Failure> {
    if for_server && args.tokens.is_some() {
        return Ok(None);
    }
    if let Some(config) = &args.config {
        let config = load_or_read(Some(config), edge)?;
        return Ok(Some(config.build_offline(&edge.environment, &edge.clock)?));
    }
    if for_server && !args.data.is_dir() {
        let what = format!("{}: is not there", args.data.display());
        return Err(Failure::usage(what).hint(
            "tokens are made by the keys of the sidecar: name its configuration with --config, or the directory of `bearerd dev` with --data",
        ));
    }
    let unused = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let setup = DevSetup::prepare(&args.data, unused, aws_lc_rs())?;
    let mut config = setup.config().clone();
    // What is revoked or spent there is of no matter here, and the file may be in use.
    config.state = None;
    Ok(Some(config.build_offline(&edge.environment, &edge.clock)?))
}

fn tokens(
    args: &BenchArgs,
    profiles: Option<&Profiles>,
    progress: &Span,
) -> Result<Vec<Token>, Failure> {
    match (&args.tokens, profiles) {
        (Some(path), _) => tokens::read(path),
        (None, Some(profiles)) => {
            let profile = profiles
                .get(args.profile.as_deref())
                .map_err(|fault| Failure::from(fault).hint("name the profile with --profile"))?;
            progress.prepares("tokens signed", args.tokens_count);
            let lifetime = Lifetime::For(args.time + MARGIN);
            tokens::make(profile, args.tokens_count, lifetime, |number| {
                progress.at(number);
            })
        }
        (None, None) => Err(Failure::internal("there are no tokens")),
    }
}

fn keep(path: &Path, tokens: &[Token]) -> Result<(), Failure> {
    let mut text = String::new();
    for token in tokens {
        text.push_str(&token.text);
        text.push('\n');
    }
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            Failure::io(&path.display().to_string(), &error)
                .hint("--keep-tokens names a file that is not there yet")
        })
}

fn over_http(
    args: &BenchArgs,
    address: &Address,
    tokens: &[Token],
    progress: &Span,
) -> Result<Findings, Failure> {
    let failed = |why: String| Failure::new(Exit::Io, why);
    let host = match address {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(_) => "localhost".to_owned(),
    };
    let batch = if args.route == Route::Batch {
        args.batch.min(tokens.len())
    } else {
        1
    };
    let form = Form {
        route: args.route,
        host: host.clone(),
        profile: args.profile.as_deref(),
        batch,
    };
    progress.prepares("answers asserted", tokens.len());
    let requests =
        requests::prepare(&form, address, tokens, |number| progress.at(number)).map_err(failed)?;
    let order = load::Order {
        address,
        requests: &requests,
        threads: args.threads,
        connections: args.connections,
        pipeline: args.pipeline,
        rate: args.target,
        time: args.time,
    };
    let before = Reading::take(address, &host, &args.pid);
    progress.begins();
    let outcome = load::run(&order, |time, answers| progress.tick(time, answers))
        .map_err(|why| failed(format!("{address}: {why}")))?;
    let after = Reading::take(address, &host, &args.pid);
    let path = args.route.path();
    let pipeline = match args.pipeline {
        1 => String::new(),
        more => format!(", {more} requests at once on each"),
    };
    let what = format!(
        "{address}{} {path}: {} connections{pipeline}, {}",
        if matches!(address, Address::Unix(_)) {
            ":"
        } else {
            ""
        },
        args.connections,
        of_tokens(args, tokens)
    );
    Ok(Findings {
        what,
        targets: targets(args),
        cpu: after.cpu_since(&before),
        hit_rate: after.hit_rate_since(&before),
        memory: before.memory.zip(after.memory),
        outcome,
        batch,
        in_process: false,
    })
}

fn in_this_process(
    args: &BenchArgs,
    profiles: &Profiles,
    tokens: &[Token],
    progress: &Span,
) -> Result<Findings, Failure> {
    let profile = profiles
        .get(args.profile.as_deref())
        .map_err(|fault| Failure::from(fault).hint("name the profile with --profile"))?;
    let verifier = profile.verifier();
    in_process::assert(verifier, tokens).map_err(Failure::usage)?;
    let before = verifier.cache_stats();
    progress.begins();
    let outcome = in_process::run(verifier, tokens, args.threads, args.time, |time, calls| {
        progress.tick(time, calls);
    })
    .map_err(Failure::internal)?;
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a run")]
    let cpu = outcome.own_time as f64 / 1e9;
    Ok(Findings {
        what: format!(
            "in this process, profile {}: {} thread{}, {}",
            profile.name(),
            args.threads,
            if args.threads == 1 { "" } else { "s" },
            of_tokens(args, tokens)
        ),
        targets: targets(args),
        cpu: Some(cpu),
        hit_rate: in_process::hit_rate(&before, &verifier.cache_stats()),
        memory: None,
        outcome,
        batch: 1,
        in_process: true,
    })
}

fn targets(args: &BenchArgs) -> Targets {
    Targets {
        rate: args.target,
        p99: args.p99,
        cpu: args.cpu,
    }
}

fn of_tokens(args: &BenchArgs, tokens: &[Token]) -> String {
    let longest = tokens
        .iter()
        .map(|token| token.text.len())
        .max()
        .unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a count of tokens")]
    let count = grouped(tokens.len() as f64);
    let bad = match args.bad {
        0 => String::new(),
        bad => format!(", {bad} % of them with a wrong signature"),
    };
    format!("{count} tokens of up to {longest} characters in turn{bad}")
}
