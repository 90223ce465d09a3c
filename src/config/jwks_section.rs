use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::keys::KeyRing;
use crate::keys::remote::RemoteConfig;

use super::published::{PublishedKeys, client};
use super::values::Span;

/// Keys that an issuer publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwksSection {
    /// The address of the JWK set, `https:` unless `allow_http`
    pub url: String,
    /// Accept plain HTTP beyond the loopback
    #[serde(default)]
    pub allow_http: bool,
    /// Accept private and link-local addresses
    #[serde(default)]
    pub allow_private: bool,
    /// A PEM file of certificate authorities to trust beside the system's
    pub ca_file: Option<PathBuf>,
    /// The most that one fetch may take, in all
    pub timeout: Option<Span>,
    /// The largest document, in bytes
    pub max_bytes: Option<usize>,
    /// The soonest scheduled refresh
    pub min_refresh: Option<Span>,
    /// The latest scheduled refresh
    pub max_refresh: Option<Span>,
    /// The refresh where the issuer says nothing
    pub default_refresh: Option<Span>,
    /// At most one fetch in this span on account of unknown kids
    pub unknown_kid_cooldown: Option<Span>,
    /// How long after the last success the keys are trusted
    pub stale_after: Option<Span>,
    /// A directory for the last good document, so that a start needs no issuer
    pub cache_dir: Option<PathBuf>,
}

/// What becomes of published keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemoteStart {
    /// They are fetched, now and whenever they are due.
    Fetch,
    /// What is configured is checked, and nothing is fetched.
    CheckOnly,
}

impl JwksSection {
    pub(super) fn start(
        &self,
        ring: &Arc<KeyRing>,
        provider: Provider,
        clock: &Arc<dyn Clock>,
        remote: RemoteStart,
    ) -> Result<Option<PublishedKeys>, Fault> {
        let mut config = RemoteConfig::new(self.url.clone());
        config.allow_http = self.allow_http;
        config.allow_private = self.allow_private;
        config.ca_file.clone_from(&self.ca_file);
        config.cache_dir.clone_from(&self.cache_dir);
        config.max_bytes = self.max_bytes.unwrap_or(config.max_bytes);
        let spans = [
            (&mut config.timeout, self.timeout),
            (&mut config.min_refresh, self.min_refresh),
            (&mut config.max_refresh, self.max_refresh),
            (&mut config.default_refresh, self.default_refresh),
            (&mut config.unknown_kid_cooldown, self.unknown_kid_cooldown),
            (&mut config.stale_after, self.stale_after),
        ];
        for (span, section) in spans {
            *span = section.map_or(*span, |section| section.0);
        }
        // Nothing has been loaded: until the first document, verification answers
        // KEYS_UNAVAILABLE.
        ring.set_trust_until(crate::clock::UnixMillis::EPOCH);
        if remote == RemoteStart::CheckOnly {
            client(&config)?;
            return config.check().map(|_| None);
        }
        PublishedKeys::start(config, ring, provider, clock).map(Some)
    }
}
