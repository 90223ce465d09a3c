use std::path::PathBuf;
use std::time::Duration;

use super::RedisUrl;
use crate::error::Fault;

/// How to reach a server, and how much to ask of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RedisConfig {
    /// Where it is.
    pub url: RedisUrl,
    /// What all keys begin with, in braces: `{bearerd}:…`. The braces are a hash tag, by which a
    /// cluster keeps all of them in one slot. Deployments that share a database differ in it.
    pub prefix: String,
    /// Certificate authorities, in PEM, that `rediss://` trusts besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The longest that connecting may take, TLS and login included.
    pub connect_timeout: Duration,
    /// The longest that a command may take.
    pub timeout: Duration,
    /// The most connections at once, besides those that wait for changes.
    pub connections: usize,
    /// The most changes that the feed remembers.
    pub changes: usize,
}

impl RedisConfig {
    /// The defaults: prefix `bearerd`, one second to connect, half a second for a command, eight
    /// connections, 65,536 changes.
    #[must_use]
    pub fn new(url: RedisUrl) -> Self {
        Self {
            url,
            prefix: "bearerd".to_owned(),
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_millis(500),
            connections: 8,
            changes: 65_536,
        }
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        let wrong = if !(1..=64).contains(&self.prefix.len()) || !self.prefix.bytes().all(plain) {
            "the prefix must be 1 to 64 letters, digits, `-`, `.`, `_` and `:`"
        } else if !IN_RANGE.contains(&self.connect_timeout) || !IN_RANGE.contains(&self.timeout) {
            "a timeout must be between 1 ms and 1 minute"
        } else if !(1..=1_024).contains(&self.connections) {
            "the connections must be 1 to 1024"
        } else if !(1..=100_000_000).contains(&self.changes) {
            "the changes to remember must be 1 to 100000000"
        } else {
            return Ok(());
        };
        Err(Fault::config(format!("redis at {}: {wrong}", self.url)))
    }
}

const IN_RANGE: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(60);
