use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::Rules;
use crate::clock::Clock;
use crate::crypto::{self, KeyStrength, Provider};
use crate::error::{Code, Fault};
use crate::extract::Places;
use crate::keys::managed::KeyKeeper;
use crate::keys::{KeyRing, KidPolicy};
use crate::limits::Limits;
use crate::state::RevocationLog;
use crate::state::pats::Pats;
use crate::store::Store;
use crate::verify::cache::CacheConfig;
use crate::verify::{Verifier, Verifiers};

use super::issuer::Issuer;
use super::jwks_section::RemoteStart;
use super::managed::ManagedKeys;
use super::pats::PatUses;
use super::refresh_cookie::RefreshCookieSection;
use super::schema::{Expiration, KidChoice, ProfileSection, StaleChoice};
use super::shared_state::Followed;
use super::state_section::{Kept, StateSection};
use super::values::{OneOrMany, TokenPlace};
use super::{Config, Environment, Profile, Profiles};

impl Config {
    /// Reads every key and makes every profile. Nothing is served from a configuration that does
    /// not hold as a whole. Keys that an issuer publishes are fetched from here on, by threads that
    /// end with the profiles.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming document, profile, key and file.
    pub fn build(
        &self,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<Profiles, Fault> {
        self.build_with(environment, clock, RemoteStart::Fetch)
    }

    /// As [`build`](Self::build), but never touches the network: the addresses of published keys
    /// are checked and nothing is fetched, so profiles that live by them answer
    /// `KEYS_UNAVAILABLE`.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_offline(
        &self,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<Profiles, Fault> {
        self.build_with(environment, clock, RemoteStart::CheckOnly)
    }

    fn build_with(
        &self,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
        remote: RemoteStart,
    ) -> Result<Profiles, Fault> {
        let wrong = |what: String| Fault::config(format!("{}: {what}", self.name));
        if self.profiles.is_empty() {
            return Err(wrong(
                "no profile is configured; add a [profiles.NAME] section".to_owned(),
            ));
        }
        self.check_names()?;
        self.check_audit()?;
        let unusable = |fault| wrong("state cannot be used".to_owned()).caused_by(fault);
        let place = StateSection::chosen(self.state.as_ref(), environment).map_err(unusable)?;
        let rate_limits = self
            .rate_limits(place.keeps_buckets())
            .map_err(|fault| wrong("a limit cannot be used".to_owned()).caused_by(fault))?;
        let state = place.open(clock, remote).map_err(unusable)?;
        let routes = self
            .route_rules()
            .map_err(|fault| wrong("the routes cannot be used".to_owned()).caused_by(fault))?;
        let mut by_name = BTreeMap::new();
        let mut first_slot = 0;
        for (name, section) in &self.profiles {
            let foundation = Foundation {
                environment,
                clock,
                store: &state.store,
                kept: place.kept(),
                remote,
                first_slot,
            };
            let profile = section.build(name, &foundation).map_err(|fault| {
                wrong(format!("profile {name:?} cannot be used")).caused_by(fault)
            })?;
            first_slot = profile.verifier.slots().end;
            by_name.insert(name.clone(), Arc::new(profile));
        }
        let only = (self.profiles.len() == 1)
            .then(|| self.profiles.keys().next().cloned())
            .flatten();
        let default = self.default_profile.clone().or(only);
        let verifiers = Verifiers::new(
            by_name
                .values()
                .map(|profile: &Arc<Profile>| Arc::clone(profile.verifier())),
            self.issuers.clone(),
            default.as_deref(),
        )?;
        let follows = by_name
            .iter()
            .map(|(name, profile): (&String, &Arc<Profile>)| {
                let section = self.profiles.get(name);
                let closed =
                    section.is_none_or(|section| section.when_stale == StaleChoice::Refuse);
                Followed {
                    profile: name.clone(),
                    index: Arc::clone(profile.verifier().revocations()),
                    sessions: profile.sessions().cloned(),
                    fails_closed: closed,
                }
            })
            .collect();
        let store = Arc::clone(&state.store);
        let keepers = by_name
            .values()
            .filter_map(|profile: &Arc<Profile>| profile.keeper.clone());
        let managed_keys =
            ManagedKeys::start(&state.store, clock, keepers.collect(), place.bound())?;
        let shared_state = state.follow(clock, follows)?;
        let pat_uses = PatUses::start(by_name.values())?;
        Ok(Profiles {
            by_name,
            store,
            shared_state,
            pat_uses,
            managed_keys,
            verifiers,
            guards: self.guards.clone(),
            routes,
            rate_limits,
            default,
            bearer: Places::default(),
        })
    }

    /// Every profile that is named must be there.
    fn check_names(&self) -> Result<(), Fault> {
        let default = self
            .default_profile
            .iter()
            .map(|profile| ("default_profile".to_owned(), profile));
        let issuers = self
            .issuers
            .iter()
            .map(|(issuer, profile)| (format!("issuers.{issuer:?}"), profile));
        match default
            .chain(issuers)
            .find(|(_, profile)| !self.profiles.contains_key(*profile))
        {
            None => Ok(()),
            Some((key, profile)) => {
                let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
                Err(Fault::config(format!(
                    "{}: {key}: no profile is named {profile:?}; there are {}",
                    self.name,
                    known.join(", ")
                )))
            }
        }
    }
}

/// What every profile of a configuration is built upon.
pub(super) struct Foundation<'a> {
    environment: &'a Environment,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) kept: Kept,
    pub(super) remote: RemoteStart,
    first_slot: u32,
}

impl ProfileSection {
    fn build(&self, name: &str, foundation: &Foundation<'_>) -> Result<Profile, Fault> {
        let &Foundation {
            environment,
            clock,
            store,
            kept,
            remote,
            first_slot,
        } = foundation;
        let provider = provider(self.provider.as_deref())?;
        let strength = if self.allow_weak_keys {
            KeyStrength::AllowWeak
        } else {
            KeyStrength::Standard
        };
        let unsigned = self.pat.is_some() && self.algorithms.is_empty();
        let without = self.keys.is_empty() && self.jwks.is_none() && self.managed().is_none();
        if without && !unsigned {
            return Err(Fault::config(
                "it has no keys; add [[keys]], a [jwks] or a [sign.managed] section",
            ));
        }
        let sources = self
            .keys
            .iter()
            .enumerate()
            .map(|(at, key)| {
                key.source(&format!("keys[{at}]"), self.loose_permissions, environment)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let ring = if unsigned && self.keys.is_empty() && self.jwks.is_none() {
            KeyRing::without_keys(provider)
        } else {
            KeyRing::new(provider, &self.algorithms, strength)?
        };
        let ring = Arc::new(ring);
        let mut names = self.claims.names();
        let sessions = match &self.sessions {
            Some(section) => Some(section.open(&mut names, name, foundation, provider)?),
            None => None,
        };
        let cap = self.cache.cap.map_or(Duration::from_secs(300), |cap| cap.0);
        let pat_store = match &self.pat {
            Some(section) => Some(Arc::new(section.open(name, store, provider, clock, cap)?)),
            None => None,
        };
        let mut verifier = Verifier::builder(name, Arc::clone(&ring))
            .rules(self.rules())
            .claim_names(names.clone())
            .permissions(self.permission_rules()?)
            .require(self.require.clone())
            .limits(self.limits())
            .kid_policy(self.kid_policy())
            .cache(self.cache())
            .first_slot(first_slot)
            .cache_cap(cap)
            .clock(Arc::clone(clock));
        if let Some(sessions) = sessions {
            verifier = verifier.sessions(sessions);
        }
        if let Some(pats) = &pat_store {
            verifier = verifier.pats(Arc::clone(pats));
        }
        let verifier = verifier.build()?;
        let log = Arc::new(RevocationLog::new(
            name,
            Arc::clone(verifier.revocations()),
            Arc::clone(store),
            Arc::clone(clock),
        ));
        let schedule = self.key_schedule(provider, kept)?;
        let mut signing = match &self.sign {
            Some(sign) => Some(self.signing_plan(sign, names, name, clock, store, &log)?),
            None if self.rotation.is_some() => {
                return Err(Fault::config(
                    "it has a [rotation] section and no [sign] section; rotation signs: add one",
                ));
            }
            None => None,
        };
        if let (Some(plan), Some(schedule)) = (&mut signing, &schedule) {
            self.limit_lifetimes(&mut plan.settings, schedule);
        }
        let verifier = Arc::new(verifier);
        let issuer = Arc::new(Issuer::new(Arc::clone(&verifier), signing));
        let mut profile = Profile {
            verifier,
            places: self.places()?,
            identity_headers: self.identity_headers.clone(),
            refresh_cookie: self
                .refresh_cookie
                .as_ref()
                .map(RefreshCookieSection::build)
                .transpose()?,
            sources,
            remote: None,
            refuse_placeholders: !self.allow_weak_keys,
            issuer,
            keeper: None,
            devices: match &self.devices {
                Some(section) => Some(section.open(name, store, provider, clock)?),
                None => None,
            },
            pats: pat_store.map(|store| Pats::new(store, Arc::clone(&log))),
            log,
        };
        let reloaded = profile.read_keys()?;
        profile.take_keys(reloaded)?;
        let vault = self.key_vault(name, provider, environment, store, kept)?;
        if let (Some(vault), Some(schedule)) = (vault, schedule) {
            profile.issuer.probe()?;
            profile.issuer.await_book();
            let sink = Arc::clone(&profile.issuer) as _;
            let keeper = KeyKeeper::new(vault, schedule, Arc::clone(clock), sink);
            if remote == RemoteStart::Fetch {
                first_book(&keeper)?;
                profile.keeper = Some(Arc::new(keeper));
            }
        }
        if let Some(jwks) = &self.jwks {
            profile.remote = jwks.start(&ring, provider, clock, remote)?;
        }
        Ok(profile)
    }

    fn places(&self) -> Result<Places, Fault> {
        let Some(places) = &self.token_from else {
            return Ok(Places::default());
        };
        if places.is_empty() {
            return Err(Fault::config(
                "token_from is empty; name a place, or leave it out for [\"bearer\"]",
            ));
        }
        Ok(Places::new(places.iter().map(TokenPlace::place).collect()))
    }

    fn rules(&self) -> Rules {
        let list = |values: &Option<OneOrMany>| {
            values
                .as_ref()
                .map(|values| values.0.clone())
                .unwrap_or_default()
        };
        Rules {
            issuers: list(&self.issuer),
            audiences: list(&self.audience),
            types: list(&self.types),
            expiration_required: self.expiration == Expiration::Required,
            leeway: self.leeway.map(|span| span.0).unwrap_or_default(),
            max_age: self.max_age.map(|span| span.0),
        }
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let section = &self.limits;
        limits.token = section.token.unwrap_or(limits.token);
        limits.header = section.header.unwrap_or(limits.header);
        limits.depth = section.depth.unwrap_or(limits.depth);
        limits.members = section.members.unwrap_or(limits.members);
        limits
    }

    fn cache(&self) -> CacheConfig {
        let mut cache = CacheConfig::default();
        let section = &self.cache;
        cache.max_entries = section.max_entries.unwrap_or(cache.max_entries);
        cache.max_bytes = section.max_bytes.unwrap_or(cache.max_bytes);
        cache.max_entry_bytes = section.max_entry_bytes.unwrap_or(cache.max_entry_bytes);
        cache
    }

    fn kid_policy(&self) -> KidPolicy {
        match self.kid {
            KidChoice::Ignore => KidPolicy::Ignore,
            KidChoice::Optional => KidPolicy::Optional,
            KidChoice::Required => KidPolicy::Required,
        }
    }
}

/// A store that does not answer is waited for; keys that do not open are not.
fn first_book(keeper: &KeyKeeper) -> Result<(), Fault> {
    match keeper.settle() {
        Err(fault) if fault.code() == Code::StoreUnavailable => {
            tracing::warn!(
                profile = keeper.vault().profile(),
                fault = fault.chain(),
                "the signing keys cannot be read yet"
            );
            Ok(())
        }
        result => result,
    }
}

pub(super) fn provider(name: Option<&str>) -> Result<Provider, Fault> {
    let providers = crypto::providers();
    let wanted = match name {
        None => providers.first(),
        Some(name) => providers.iter().find(|provider| provider.name() == name),
    };
    wanted.copied().ok_or_else(|| {
        let built: Vec<&str> = providers.iter().map(|provider| provider.name()).collect();
        Fault::config(format!(
            "provider: this build has {}; choose one of them, or build with the other's feature",
            built.join(", ")
        ))
    })
}
