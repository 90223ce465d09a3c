use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::keys::KeyRing;
use crate::keys::remote::{Fetch, RemoteConfig, RemoteHandle, RemoteKeys, RemoteStats};

/// The keys that an issuer publishes for one profile, and what it takes to fetch them again in a
/// child of a fork.
pub(super) struct PublishedKeys {
    config: RemoteConfig,
    ring: Arc<KeyRing>,
    provider: Provider,
    clock: Arc<dyn Clock>,
    /// Swapped by a fork's child; what it replaces is of the parent and ends without a word.
    keys: ArcSwap<RemoteKeys>,
    /// What the ring tells of unknown `kid`s. The ring must not own the keys: their thread owns it.
    handle: Arc<ArcSwap<RemoteHandle>>,
}

impl PublishedKeys {
    pub(super) fn start(
        config: RemoteConfig,
        ring: &Arc<KeyRing>,
        provider: Provider,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let keys = spawn(&config, ring, provider, clock)?;
        let handle = Arc::new(ArcSwap::from_pointee(RemoteHandle::clone(&keys)));
        let told = Arc::clone(&handle);
        ring.on_unknown_kid(move |kid| told.load().unknown_kid(kid));
        Ok(Self {
            config,
            ring: Arc::clone(ring),
            provider,
            clock: Arc::clone(clock),
            keys: ArcSwap::from_pointee(keys),
            handle,
        })
    }

    /// Another thread for the same work. The keys stay, and may be trusted for as long as the
    /// parent said.
    pub(super) fn start_again(&self) -> Result<(), Fault> {
        let keys = spawn(&self.config, &self.ring, self.provider, &self.clock)?;
        self.handle.store(Arc::new(RemoteHandle::clone(&keys)));
        self.keys.store(Arc::new(keys));
        Ok(())
    }

    pub(super) fn refresh_now(&self) {
        self.keys.load().refresh_now();
    }

    pub(super) fn stats(&self) -> RemoteStats {
        self.keys.load().stats()
    }
}

fn spawn(
    config: &RemoteConfig,
    ring: &Arc<KeyRing>,
    provider: Provider,
    clock: &Arc<dyn Clock>,
) -> Result<RemoteKeys, Fault> {
    let mut seed = [0; 8];
    provider
        .random(&mut seed)
        .map_err(|error| Fault::config("the system gave no randomness").caused_by(error))?;
    RemoteKeys::spawn(
        config,
        client(config)?,
        Arc::clone(ring) as _,
        Arc::clone(clock),
        u64::from_le_bytes(seed),
    )
}

#[cfg(feature = "remote")]
pub(super) fn client(config: &RemoteConfig) -> Result<Box<dyn Fetch>, Fault> {
    Ok(Box::new(crate::keys::remote::HttpFetch::new(config)?))
}

#[cfg(not(feature = "remote"))]
pub(super) fn client(_: &RemoteConfig) -> Result<Box<dyn Fetch>, Fault> {
    Err(Fault::config(
        "this build has no HTTP client; build it with the `remote` feature, or use jwks_file",
    ))
}
