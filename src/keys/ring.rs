use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;

use crate::clock::UnixMillis;
use crate::crypto::{Algorithm, KeyStrength, Provider, PublicKey};
use crate::error::{Code, Fault};
use crate::fork;

use super::{KeySet, KeySpec, PreparedKey};

/// The current keys of one profile.
///
/// Readers never wait: they load a pointer. Writers are rare and take turns.
pub struct KeyRing {
    provider: Provider,
    algorithms: Box<[Algorithm]>,
    strength: KeyStrength,
    current: ArcSwap<KeySet>,
    trust_until: AtomicI64,
    sources: Mutex<Sources>,
    /// The public halves of the keys of configuration and files, and of those that we make.
    own: ArcSwap<Vec<PublicKey>>,
    on_unknown_kid: OnceLock<UnknownKidHook>,
}

type UnknownKidHook = Box<dyn Fn(&str) + Send + Sync>;

/// What the set is made of. Each part is replaced whole, so nothing is ever merged into keys that
/// should have gone.
#[derive(Default)]
struct Sources {
    fixed: Vec<KeySpec>,
    managed: Vec<KeySpec>,
    remote: Vec<KeySpec>,
}

impl KeyRing {
    /// An empty ring for tokens of these algorithms.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the provider does not offer one of them, or none is listed.
    pub fn new(
        provider: Provider,
        algorithms: &[Algorithm],
        strength: KeyStrength,
    ) -> Result<Self, Fault> {
        if algorithms.is_empty() {
            return Err(Fault::config(
                "no algorithm is allowed; list at least one under `algorithms`",
            ));
        }
        if let Some(algorithm) = algorithms
            .iter()
            .find(|algorithm| !provider.verifies(**algorithm))
        {
            return Err(Fault::config(format!(
                "provider {} does not offer {algorithm}; choose another algorithm or provider",
                provider.name()
            )));
        }
        Ok(Self::of(provider, algorithms, strength))
    }

    /// A ring without keys, for a profile that takes no signed tokens: it refuses every algorithm.
    #[must_use]
    pub fn without_keys(provider: Provider) -> Self {
        Self::of(provider, &[], KeyStrength::Standard)
    }

    fn of(provider: Provider, algorithms: &[Algorithm], strength: KeyStrength) -> Self {
        Self {
            provider,
            algorithms: algorithms.into(),
            strength,
            current: ArcSwap::default(),
            trust_until: AtomicI64::new(UnixMillis::MAX.millis()),
            sources: Mutex::default(),
            own: ArcSwap::default(),
            on_unknown_kid: OnceLock::new(),
        }
    }

    /// The cryptographic provider.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The algorithms that a token may name.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// How weak a key may be.
    #[must_use]
    pub fn strength(&self) -> KeyStrength {
        self.strength
    }

    /// Takes these keys in place of the ones given before: those of configuration and files.
    /// Returns how many keys the ring then has.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key; the ring stays as it was.
    pub fn replace_fixed(&self, specs: Vec<KeySpec>) -> Result<usize, Fault> {
        let _undivided = fork::undivided();
        let mut sources = self.sources.lock();
        let fixed = self.check(&specs)?;
        sources.fixed = specs;
        Ok(self.join(&sources, fixed))
    }

    /// Takes these keys in place of those that were made here before, and of which each stops
    /// verifying in its time. Keys of other algorithms than the ring's are passed over. Returns how
    /// many keys the ring then has.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key; the ring stays as it was.
    pub fn replace_managed(&self, specs: Vec<KeySpec>) -> Result<usize, Fault> {
        let _undivided = fork::undivided();
        let mut sources = self.sources.lock();
        let fixed = self.check(&sources.fixed)?;
        sources.managed = specs;
        Ok(self.join(&sources, fixed))
    }

    /// The fixed keys have been prepared; of the others what can be used is.
    fn join(&self, sources: &Sources, fixed: KeySet) -> usize {
        let usable = |specs: &[KeySpec]| {
            KeySet::prepare_usable(self.provider, &self.algorithms, self.strength, specs)
        };
        let (managed, passed_over) = usable(&sources.managed);
        for (key, reason) in passed_over {
            tracing::warn!(%key, %reason, "a key of our own is not used");
        }
        let (remote, _) = usable(&sources.remote);
        let own = fixed.iter().chain(managed.iter());
        let own = own.filter_map(|key| key.public().cloned());
        self.own.store(Arc::new(own.collect()));
        self.swap(KeySet::joined([fixed, managed, remote]))
    }

    /// The set that [`replace_fixed`](Self::replace_fixed) would make of these keys.
    ///
    /// # Errors
    /// As it would give.
    pub fn check(&self, specs: &[KeySpec]) -> Result<KeySet, Fault> {
        KeySet::prepare(self.provider, &self.algorithms, self.strength, specs)
    }

    /// Takes these keys in place of those of the last fetched document. Keys that are of no use
    /// here are passed over. Returns how many of the document's keys are usable.
    ///
    /// # Errors
    /// `KEYS_UNAVAILABLE` where none is usable; the ring stays as it was.
    pub fn replace_remote(&self, specs: Vec<KeySpec>) -> Result<usize, Fault> {
        let _undivided = fork::undivided();
        let mut sources = self.sources.lock();
        let (remote, passed_over) =
            KeySet::prepare_usable(self.provider, &self.algorithms, self.strength, &specs);
        for (key, reason) in &passed_over {
            tracing::debug!(%key, %reason, "a fetched key is not used");
        }
        if remote.is_empty() {
            let reasons: Vec<String> = passed_over
                .iter()
                .map(|(key, reason)| format!("{key}: {reason}"))
                .collect();
            return Err(Fault::new(
                Code::KeysUnavailable,
                format!(
                    "the document holds no usable key; the keys stay as they were [{}]",
                    reasons.join("; ")
                ),
            ));
        }
        let fixed = self.check(&sources.fixed)?;
        let usable = remote.len();
        sources.remote = specs;
        self.join(&sources, fixed);
        Ok(usable)
    }

    fn swap(&self, set: KeySet) -> usize {
        let old = self.current.load_full();
        let new = Arc::new(set.carried_over(&old));
        self.current.store(Arc::clone(&new));
        // After the store: a verification that starts now finds the new set, and one that began on
        // the old set finds its key dead when it asks again.
        for key in old
            .iter()
            .filter(|key| !new.iter().any(|kept| Arc::ptr_eq(kept, key)))
        {
            key.retire();
        }
        new.len()
    }

    /// The keys at this moment.
    #[inline]
    #[must_use]
    pub fn current(&self) -> impl std::ops::Deref<Target = Arc<KeySet>> + use<> {
        let guard: Guard<Arc<KeySet>> = self.current.load();
        guard
    }

    /// The keys that are ours to publish at `now`: of configuration and files, and those that were
    /// made here. What was fetched is its issuer's, and whoever trusts our key set need not trust
    /// that issuer.
    #[must_use]
    pub fn own(&self, now: UnixMillis) -> Vec<Arc<PreparedKey>> {
        let own = self.own.load();
        let is_own = |key: &&Arc<PreparedKey>| {
            key.is_alive(now) && key.public().is_some_and(|key| own.contains(key))
        };
        self.current.load().iter().filter(is_own).cloned().collect()
    }

    /// Has `hook` called with the `kid` of each token that fits no key. It runs on the verifying
    /// thread and must return at once. The first hook stays.
    pub fn on_unknown_kid(&self, hook: impl Fn(&str) + Send + Sync + 'static) {
        let _ = self.on_unknown_kid.set(Box::new(hook));
    }

    pub(crate) fn report_unknown_kid(&self, kid: &str) {
        if let Some(hook) = self.on_unknown_kid.get() {
            hook(kid);
        }
    }

    /// From then on, unless it is moved, the keys are too stale to trust.
    pub fn set_trust_until(&self, until: UnixMillis) {
        self.trust_until.store(until.millis(), Ordering::Release);
    }

    /// Whether there are keys, and they may be trusted at `now`.
    #[inline]
    #[must_use]
    pub fn is_trusted(&self, now: UnixMillis) -> bool {
        now.millis() < self.trust_until.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("provider", &self.provider.name())
            .field("keys", &self.current.load().len())
            .finish_non_exhaustive()
    }
}
