use std::sync::Arc;

use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::keys::KeyRing;
use crate::keys::remote::{RemoteConfig, RemoteKeys};

use super::schema::JwksSection;

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
    ) -> Result<Option<RemoteKeys>, Fault> {
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
        let mut seed = [0; 8];
        provider
            .random(&mut seed)
            .map_err(|error| Fault::config("the system gave no randomness").caused_by(error))?;
        // Nothing has been loaded: until the first document, verification answers
        // KEYS_UNAVAILABLE.
        ring.set_trust_until(crate::clock::UnixMillis::EPOCH);
        start_remote(&config, ring, clock, u64::from_le_bytes(seed), remote)
    }
}

#[cfg(feature = "remote")]
fn start_remote(
    config: &RemoteConfig,
    ring: &Arc<KeyRing>,
    clock: &Arc<dyn Clock>,
    seed: u64,
    remote: RemoteStart,
) -> Result<Option<RemoteKeys>, Fault> {
    let fetch = Box::new(crate::keys::remote::HttpFetch::new(config)?);
    if remote == RemoteStart::CheckOnly {
        return config.check().map(|_| None);
    }
    let keys = RemoteKeys::spawn(
        config,
        fetch,
        Arc::clone(ring) as _,
        Arc::clone(clock),
        seed,
    )?;
    let handle = crate::keys::remote::RemoteHandle::clone(&keys);
    ring.on_unknown_kid(move |kid| handle.unknown_kid(kid));
    Ok(Some(keys))
}

#[cfg(not(feature = "remote"))]
fn start_remote(
    _: &RemoteConfig,
    _: &Arc<KeyRing>,
    _: &Arc<dyn Clock>,
    _: u64,
    _: RemoteStart,
) -> Result<Option<RemoteKeys>, Fault> {
    Err(Fault::config(
        "this build has no HTTP client; build it with the `remote` feature, or use jwks_file",
    ))
}
