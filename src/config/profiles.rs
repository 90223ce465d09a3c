use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Code, Fault};
use crate::extract::Places;
use crate::guard::Guard;
use crate::routes::Routes;
use crate::state::FollowerStats;
use crate::store::Store;
use crate::verify::{Verifier, Verifiers};

use super::managed::ManagedKeys;
use super::managed_section::JWKS_MAX_AGE;
use super::pats::PatUses;
use super::shared_state::SharedState;
use super::{Profile, RateLimit};

/// Every profile and named guard of a configuration, ready to serve.
pub struct Profiles {
    pub(super) by_name: BTreeMap<String, Arc<Profile>>,
    pub(super) verifiers: Verifiers,
    pub(super) guards: BTreeMap<String, Guard>,
    pub(super) routes: Option<Routes>,
    pub(super) rate_limits: BTreeMap<String, RateLimit>,
    pub(super) store: Arc<dyn Store>,
    pub(super) default: Option<String>,
    pub(super) shared_state: Option<SharedState>,
    pub(super) pat_uses: Option<PatUses>,
    pub(super) managed_keys: Option<ManagedKeys>,
    pub(super) bearer: Places,
}

/// What a reload of keys did.
#[derive(Debug)]
#[must_use]
pub struct ReloadReport {
    /// For each profile: how many keys it has now
    pub keys: BTreeMap<String, usize>,
}

impl Profiles {
    /// The profile of that name; without a name, the default.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where there is none.
    pub fn get(&self, name: Option<&str>) -> Result<&Arc<Profile>, Fault> {
        let name = name.or(self.default.as_deref()).ok_or_else(|| {
            Fault::new(
                Code::ValidationError,
                "profile: there is no default profile; name one in the request",
            )
        })?;
        self.by_name.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            Fault::new(
                Code::ValidationError,
                format!(
                    "profile: no profile has that name; there are {}",
                    known.join(", ")
                ),
            )
        })
    }

    /// The profile for a token: the named one, else by the prefix of a personal access token or by
    /// the token's `iss` where that is mapped, else the default.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where there is none.
    pub fn choose(&self, name: Option<&str>, token: &[u8]) -> Result<&Arc<Profile>, Fault> {
        match name {
            Some(_) => self.get(name),
            None => self.get(Some(self.verifiers.choose(None, token)?.name())),
        }
    }

    /// As [`choose`](Self::choose), but only the verifier: one look-up less.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where there is none.
    #[inline]
    pub fn verifier(&self, name: Option<&str>, token: &[u8]) -> Result<&Arc<Verifier>, Fault> {
        self.verifiers.choose(name, token)
    }

    /// The names of the guards.
    pub fn guard_names(&self) -> impl Iterator<Item = &str> {
        self.guards.keys().map(String::as_str)
    }

    /// The profile that serves requests that name none.
    #[must_use]
    pub fn default_profile(&self) -> Option<&Arc<Profile>> {
        self.by_name.get(self.default.as_deref()?)
    }

    /// Where a token is looked for: where the named or default profile looks, else, which profile
    /// it is for being known from the token alone, in the `Authorization` header.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where no profile has that name.
    pub fn token_places(&self, name: Option<&str>) -> Result<&Places, Fault> {
        if name.is_none() && self.default.is_none() {
            return Ok(&self.bearer);
        }
        Ok(self.get(name)?.token_places())
    }

    /// Every profile, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.by_name.values()
    }

    /// The guard of that name.
    #[must_use]
    pub fn guard(&self, name: &str) -> Option<&Guard> {
        self.guards.get(name)
    }

    /// What a method and path ask for; `None` where the configuration has no routes.
    #[must_use]
    pub fn routes(&self) -> Option<&Routes> {
        self.routes.as_ref()
    }

    /// The rate limits by name.
    #[must_use]
    pub fn rate_limits(&self) -> &BTreeMap<String, RateLimit> {
        &self.rate_limits
    }

    /// Where state is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Reads every key file anew. All or nothing: one bad file leaves every profile with the keys
    /// that it had.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the file or key.
    pub fn reload_keys(&self) -> Result<ReloadReport, Fault> {
        let mut read = Vec::new();
        for profile in self.by_name.values() {
            let reloaded = profile.read_keys().map_err(|fault| {
                Fault::config(format!(
                    "profile {:?}: the keys stay as they were",
                    profile.name()
                ))
                .caused_by(fault)
            })?;
            read.push((profile, reloaded));
        }
        let mut keys = BTreeMap::new();
        for (profile, reloaded) in read {
            keys.insert(profile.name().to_owned(), profile.take_keys(reloaded)?);
        }
        Ok(ReloadReport { keys })
    }

    /// How many places the caches have together: what [`Verified::slot`](crate::verify::Verified)
    /// of any profile stays below.
    #[must_use]
    pub fn slots(&self) -> u32 {
        let ends = self.iter().map(|profile| profile.verifier().slots().end);
        ends.max().unwrap_or(0)
    }

    /// Starts anew, in a child of a fork, what worked in the background: see [`fork`](crate::fork).
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread.
    pub fn after_fork(&self) -> Result<(), Fault> {
        if let Some(state) = &self.shared_state {
            state.start_again()?;
        }
        if let Some(uses) = &self.pat_uses {
            uses.start_again()?;
        }
        if let Some(keys) = &self.managed_keys {
            keys.start_again()?;
        }
        self.iter().try_for_each(|profile| profile.after_fork())
    }

    /// How the store is followed that other processes share; `None` where state is in memory alone.
    #[must_use]
    pub fn follower_stats(&self) -> Option<FollowerStats> {
        self.shared_state.as_ref().map(SharedState::stats)
    }

    /// The profiles that accept tokens although the store has been silent for longer than the
    /// staleness limit, because their `when_stale` says so.
    #[must_use]
    pub fn open_while_stale(&self) -> Vec<&str> {
        let stale = self.shared_state.iter().filter(|state| state.is_stale());
        stale.flat_map(SharedState::carefree).collect()
    }

    /// Wipes what has surely ended, up to `at_most` entries of the store and revocations of each
    /// profile, and says how much there was. What has ended is void with or without it; call it now
    /// and then, for hours in which nothing is written. May wait for the store.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer.
    pub fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        let listed: usize = self
            .iter()
            .map(|profile| profile.verifier().revocations().purge(at_most))
            .sum();
        Ok(listed + self.store.purge(at_most)?)
    }

    /// How long others may keep the JWK set: long enough to spare them the asking, and short enough
    /// that they know each key before it signs.
    #[must_use]
    pub fn jwks_max_age(&self) -> Duration {
        let ours = self.managed_keys.as_ref().and_then(ManagedKeys::max_age);
        ours.map_or(JWKS_MAX_AGE, |ours| ours.min(JWKS_MAX_AGE))
    }

    /// The public keys of every profile as one JWK set.
    #[must_use]
    pub fn jwks(&self) -> String {
        let mut keys = Vec::new();
        for profile in self.by_name.values() {
            for key in profile.public_keys() {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        crate::jwk::public_jwks(&keys)
    }
}

impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiles")
            .field("by_name", &self.by_name)
            .field("default", &self.default)
            .field("shared_state", &self.shared_state)
            .finish_non_exhaustive()
    }
}
