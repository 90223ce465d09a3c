use std::path::PathBuf;
use std::time::Duration;

use super::{JwksUrl, UrlRules};
use crate::error::Fault;

/// Where a key set is fetched from, how often, and within which bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteConfig {
    /// The address of the document.
    pub url: String,
    /// Allows plain HTTP to any host. Without it, plain HTTP reaches `localhost`, `127.0.0.1` and
    /// `[::1]` alone. Default: no.
    pub allow_http: bool,
    /// Allows addresses of loopback, private and link-local ranges. Default: no.
    pub allow_private: bool,
    /// A PEM file of certificate authorities, trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The longest that one fetch may take, redirects and a slow body included. Default: 5 s.
    pub timeout: Duration,
    /// The largest document, in bytes. Default: 512 KiB.
    pub max_bytes: usize,
    /// The shortest lifetime that a document is given, whatever the issuer says. Default: 60 s.
    pub min_refresh: Duration,
    /// The longest lifetime that a document is given. Default: 24 h.
    pub max_refresh: Duration,
    /// The lifetime of a document whose issuer names none. Default: 15 min.
    pub default_refresh: Duration,
    /// The pause after the first failure; it doubles with each further one. Default: 2 s.
    pub first_retry: Duration,
    /// The longest pause after a failure. Default: 5 min.
    pub max_retry: Duration,
    /// The least time between two fetches on behalf of unknown `kid`s, failed ones included.
    /// Default: 30 s.
    pub unknown_kid_cooldown: Duration,
    /// How long keys are trusted after the last success (an unchanged document is one).
    /// Default: 24 h.
    pub stale_after: Duration,
    /// A directory for the last good document, so that a start while the issuer is down finds
    /// keys. Default: none is kept.
    pub cache_dir: Option<PathBuf>,
}

impl RemoteConfig {
    /// The defaults for one address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            allow_http: false,
            allow_private: false,
            ca_file: None,
            timeout: Duration::from_secs(5),
            max_bytes: 512 * 1024,
            min_refresh: Duration::from_secs(60),
            max_refresh: Duration::from_secs(24 * 3600),
            default_refresh: Duration::from_secs(15 * 60),
            first_retry: Duration::from_secs(2),
            max_retry: Duration::from_secs(5 * 60),
            unknown_kid_cooldown: Duration::from_secs(30),
            stale_after: Duration::from_secs(24 * 3600),
            cache_dir: None,
        }
    }

    /// Checks the address and every bound, without touching the network.
    ///
    /// # Errors
    /// `CONFIG_ERROR` that names the member and what it may be.
    pub fn check(&self) -> Result<JwksUrl, Fault> {
        let second = Duration::from_secs(1);
        let at_least = |name: &str, value: Duration, least: Duration| {
            if value >= least {
                return Ok(());
            }
            Err(Fault::config(format!(
                "{name} is {value:?}; it must be at least {least:?}"
            )))
        };
        at_least("timeout", self.timeout, Duration::from_millis(1))?;
        at_least("min_refresh", self.min_refresh, second)?;
        at_least("max_refresh", self.max_refresh, self.min_refresh)?;
        at_least("first_retry", self.first_retry, Duration::from_millis(100))?;
        at_least("max_retry", self.max_retry, self.first_retry)?;
        at_least("unknown_kid_cooldown", self.unknown_kid_cooldown, second)?;
        at_least("stale_after", self.stale_after, self.min_refresh)?;
        if self.max_bytes == 0 {
            return Err(Fault::config(
                "max_bytes is 0; it must leave room for a key set",
            ));
        }
        JwksUrl::parse(
            &self.url,
            UrlRules {
                allow_http: self.allow_http,
                allow_private: self.allow_private,
            },
        )
    }
}
