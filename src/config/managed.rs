use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::error::{Code, Fault};
use crate::keys::managed::{
    BookSink, KeeperStats, KeyBook, KeyKeeper, KeyKeeping, KeyOrder, KeyState, KeyStatus,
};
use crate::store::Store;

use super::state_section::StateSection;
use super::{Config, Environment, Profile};

/// The signing keys that a process keeps, and what it takes to keep them again in a child of a fork.
pub(super) struct ManagedKeys {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keepers: Vec<Arc<KeyKeeper>>,
    keeping: ArcSwap<KeyKeeping>,
    /// How late this process may hear of a change.
    pub(super) bound: Duration,
}

impl ManagedKeys {
    /// `None` where no profile has any.
    pub(super) fn start(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        keepers: Vec<Arc<KeyKeeper>>,
        bound: Duration,
    ) -> Result<Option<Self>, Fault> {
        if keepers.is_empty() {
            return Ok(None);
        }
        let keeping = KeyKeeping::start(Arc::clone(store), Arc::clone(clock), keepers.clone())?;
        Ok(Some(Self {
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            keepers,
            keeping: ArcSwap::from_pointee(keeping),
            bound,
        }))
    }

    pub(super) fn start_again(&self) -> Result<(), Fault> {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let keeping = KeyKeeping::start(store, clock, self.keepers.clone())?;
        self.keeping.store(Arc::new(keeping));
        Ok(())
    }

    /// How long others may keep what is published, so that they know a key before it signs.
    pub(super) fn max_age(&self) -> Option<Duration> {
        let ahead = |keeper: &Arc<KeyKeeper>| keeper.schedule().publish_ahead;
        let least = self.keepers.iter().map(ahead).min()?;
        Some(least.saturating_sub(self.bound))
    }
}

impl std::fmt::Debug for ManagedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManagedKeys")
            .field("keepers", &self.keepers)
            .finish_non_exhaustive()
    }
}

/// How the signing keys of a profile fare.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SigningKeysReading {
    /// What the keeper has done
    pub stats: KeeperStats,
    /// Whether a key signs now
    pub signs: bool,
    /// Whether the signing key should have been replaced by now
    pub is_overdue: bool,
    /// How many keys are in each state
    pub states: Vec<(KeyState, usize)>,
}

impl Profile {
    /// The signing keys of its own making, as far as anybody may know them.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile makes none.
    pub fn signing_keys(&self) -> Result<Vec<KeyStatus>, Fault> {
        let keeper = self.keeper()?;
        Ok(keeper.book().status(keeper.now()))
    }

    /// Carries out an order about its signing keys and returns the `kid` of the key concerned. Holds
    /// in this process when it returns, in those that share the store as soon as they have heard.
    /// May wait for the store; making an RSA key takes a second or so.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile makes no keys, or the order would break verifiers;
    /// `STORE_UNAVAILABLE` where the store does not answer.
    pub fn order_signing_keys(&self, order: &KeyOrder) -> Result<String, Fault> {
        self.keeper()?.order(order)
    }

    /// How its signing keys fare; `None` where it makes none.
    #[must_use]
    pub fn signing_keys_reading(&self) -> Option<SigningKeysReading> {
        let keeper = self.keeper.as_ref()?;
        let states = KeyState::ALL.map(|state| (state, keeper.count(state)));
        Some(SigningKeysReading {
            stats: keeper.stats(),
            signs: keeper.signs(),
            is_overdue: keeper.is_overdue(),
            states: states.to_vec(),
        })
    }

    fn keeper(&self) -> Result<&Arc<KeyKeeper>, Fault> {
        self.keeper.as_ref().ok_or_else(|| not_managed(self.name()))
    }
}

#[cold]
fn not_managed(profile: &str) -> Fault {
    Fault::new(
        Code::ValidationError,
        format!(
            "profile: {profile:?} makes no signing keys; add a [profiles.{profile}.sign.managed] section"
        ),
    )
}

impl Config {
    /// The keeper of a profile's signing keys, on the store itself and with nobody to tell: for an
    /// operator beside the processes that serve. Nothing is read yet.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the configuration does not hold or its state is in memory, where no
    /// other process comes to; `VALIDATION_ERROR` where the profile makes no keys.
    pub fn signing_keys_of(
        &self,
        profile: &str,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<KeyKeeper, Fault> {
        struct Nobody;
        impl BookSink for Nobody {
            fn take(&self, _: &KeyBook) -> Result<(), Fault> {
                Ok(())
            }
        }
        let section = self.profiles.get(profile).ok_or_else(|| {
            Fault::new(Code::ValidationError, "profile: no profile has that name")
        })?;
        let state = StateSection::chosen(self.state.as_ref(), environment)?;
        state.refuse_memory()?;
        let provider = super::build::provider(section.provider.as_deref())?;
        let schedule = section
            .key_schedule(provider, state.kept())?
            .ok_or_else(|| not_managed(profile))?;
        let open = state.open(clock, super::jwks_section::RemoteStart::Fetch)?;
        let vault = section
            .key_vault(profile, provider, environment, &open.store, state.kept())?
            .ok_or_else(|| not_managed(profile))?;
        Ok(KeyKeeper::new(
            vault,
            schedule,
            Arc::clone(clock),
            Arc::new(Nobody),
        ))
    }

    /// Refuses a configuration whose state is in memory, where no other process comes to.
    ///
    /// # Errors
    /// `CONFIG_ERROR` saying what to do.
    pub fn refuse_memory(&self, environment: &Environment) -> Result<(), Fault> {
        StateSection::chosen(self.state.as_ref(), environment)?.refuse_memory()
    }

    /// The names of the profiles that make their own signing keys.
    pub fn managed_profiles(&self) -> impl Iterator<Item = &str> {
        let managed = self
            .profiles
            .iter()
            .filter(|(_, section)| section.managed().is_some());
        managed.map(|(name, _)| name.as_str())
    }
}
