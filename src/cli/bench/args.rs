use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::address::Address;
use super::quantity;

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The sidecar to load
    #[arg(long, value_name = "http://HOST:PORT", value_parser = Address::from_url)]
    pub(super) url: Option<Address>,
    /// The sidecar's unix socket to load
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    pub(super) socket: Option<PathBuf>,
    /// Load a verifier in this process, as the library is used; also without --url and --socket
    #[arg(long, conflicts_with_all = ["url", "socket"])]
    pub(super) in_process: bool,
    /// The configuration whose profile makes the tokens; else the directory of `bearerd dev` does
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub(super) config: Option<PathBuf>,
    /// The directory of `bearerd dev`
    #[arg(long, value_name = "DIR", default_value = "bearerd-dev")]
    pub(super) data: PathBuf,
    /// The profile to make tokens by, and to ask for; the default profile without it
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) profile: Option<String>,
    /// Use the tokens of a file, one a line, and make none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keep_tokens", "tokens_count"])]
    pub(super) tokens: Option<PathBuf>,
    /// Write the tokens that are made to a file, with mode 0600, for another run's --tokens
    #[arg(long, value_name = "FILE")]
    pub(super) keep_tokens: Option<PathBuf>,
    /// How many tokens take turns
    #[arg(long, value_name = "N", default_value = "1000", value_parser = quantity::count::<1_000_000>)]
    pub(super) tokens_count: usize,
    /// How many of them have a wrong signature
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = quantity::share)]
    pub(super) bad: u32,
    /// How long to load
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = quantity::time)]
    pub(super) time: Duration,
    /// What to ask for
    #[arg(long, default_value = "auth")]
    pub(super) route: Route,
    /// Tokens in each request of --route batch
    #[arg(long, value_name = "N", default_value = "64", value_parser = quantity::count::<4_096>)]
    pub(super) batch: usize,
    /// Connections, kept open
    #[arg(long, value_name = "N", default_value = "64", value_parser = quantity::count::<10_000>)]
    pub(super) connections: usize,
    /// Requests on their way at once on each connection
    #[arg(long, value_name = "N", default_value = "1", value_parser = quantity::count::<1_024>)]
    pub(super) pipeline: usize,
    /// Threads that make the load; in this process, threads that verify
    #[arg(long, value_name = "N", default_value = "1", value_parser = quantity::count::<256>)]
    pub(super) threads: usize,
    /// The server's processes, where it has no /metrics: their processor time is read from /proc
    #[arg(long, value_name = "PID")]
    pub(super) pid: Vec<u32>,
    /// Requests a second that must be held. They are sent at that rate and no faster, and timed
    /// from when they were due
    #[arg(long, value_name = "RATE", value_parser = quantity::rate)]
    pub(super) target: Option<f64>,
    /// What ninety-nine requests in a hundred may take at most
    #[arg(long, value_name = "SPAN", value_parser = quantity::short_span)]
    pub(super) p99: Option<Duration>,
    /// Processor time that the server may spend on a request, on average
    #[arg(long, value_name = "SPAN", value_parser = quantity::short_span)]
    pub(super) cpu: Option<Duration>,
    /// Print one line of JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What is asked of the sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Route {
    /// GET /v1/auth, as a gateway asks
    Auth,
    /// POST /v1/verify, with the token in the body
    Verify,
    /// POST /v1/verify/batch
    Batch,
}

impl Route {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Auth => "/v1/auth",
            Self::Verify => "/v1/verify",
            Self::Batch => "/v1/verify/batch",
        }
    }
}

/// A profile's name, which is put into a target as it is.
fn name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text.is_empty() || !text.bytes().all(plain) {
        return Err("a profile's name is of letters, digits, `-`, `_` and `.`".to_owned());
    }
    Ok(text.to_owned())
}
