use std::sync::Arc;
use std::time::Duration;

use crate::claims::{ClaimMap, ClaimNames, Rules};
use crate::clock::{Clock, SystemClock};
use crate::error::{Code, Fault};
use crate::guard::permission::PermissionRules;
use crate::keys::{KeyRing, KidPolicy};
use crate::limits::Limits;
use crate::state::pats::PatStore;
use crate::state::{Revocations, Sessions};

use super::Verifier;
use super::cache::{CacheConfig, TokenCache};
use super::memo::HeaderMemo;
use super::pat::PatProfile;

/// Puts a [`Verifier`] together. Everything but the keys has a default.
#[derive(Debug)]
#[must_use]
pub struct VerifierBuilder {
    name: String,
    keys: Arc<KeyRing>,
    rules: Rules,
    permissions: Option<PermissionRules>,
    names: ClaimNames,
    required: Vec<String>,
    limits: Limits,
    kid: KidPolicy,
    cache: CacheConfig,
    first_slot: u32,
    cap: Duration,
    clock: Option<ArcClock>,
    revocations: Option<Arc<Revocations>>,
    pats: Option<Arc<PatStore>>,
    sessions: Option<Arc<Sessions>>,
}

struct ArcClock(Arc<dyn Clock>);

impl std::fmt::Debug for ArcClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// How long claims without `exp` are kept, unless the profile says otherwise.
const DEFAULT_CAP: Duration = Duration::from_secs(300);
/// How many live revocations an index has room for, unless it is passed in: some 50 MB when full.
const REVOCATIONS: usize = 1 << 20;

impl VerifierBuilder {
    pub(super) fn new(name: String, keys: Arc<KeyRing>) -> Self {
        Self {
            name,
            keys,
            rules: Rules::default(),
            permissions: None,
            names: ClaimNames::default(),
            required: Vec::new(),
            limits: Limits::default(),
            kid: KidPolicy::default(),
            cache: CacheConfig::default(),
            first_slot: 0,
            cap: DEFAULT_CAP,
            clock: None,
            revocations: None,
            pats: None,
            sessions: None,
        }
    }

    /// What is expected of every token.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Where permissions come from; without, guards that ask for them refuse.
    pub fn permissions(mut self, permissions: Option<PermissionRules>) -> Self {
        self.permissions = permissions;
        self
    }

    /// The issuer's spellings of the claims.
    pub fn claim_names(mut self, names: ClaimNames) -> Self {
        self.names = names;
        self
    }

    /// Claims that must be present, whatever they hold.
    pub fn require(mut self, claims: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Bounds on what is looked at.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How `kid` chooses among the keys.
    pub fn kid_policy(mut self, policy: KidPolicy) -> Self {
        self.kid = policy;
        self
    }

    /// The size of the claims cache.
    pub fn cache(mut self, cache: CacheConfig) -> Self {
        self.cache = cache;
        self
    }

    /// The number of the cache's first slot, where several verifiers share one space of numbers.
    pub fn first_slot(mut self, slot: u32) -> Self {
        self.first_slot = slot;
        self
    }

    /// How long claims without `exp` are kept before their signature is verified again.
    pub fn cache_cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Where the time comes from; the system's clock by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(ArcClock(clock));
        self
    }

    /// The revocation index, where it is filled from elsewhere; one of its own by default.
    pub fn revocations(mut self, revocations: Arc<Revocations>) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Takes personal access tokens as well: those of the form that `pats` has, and known there.
    pub fn pats(mut self, pats: Arc<PatStore>) -> Self {
        self.pats = Some(pats);
        self
    }

    /// The profile's sessions: every signed token must then name a live one of its subject.
    pub fn sessions(mut self, sessions: Arc<Sessions>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Builds the verifier.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where a claim name is empty, clashes with what personal access tokens need, or
    /// a limit is out of range; `INTERNAL` where the
    /// system has no randomness.
    pub fn build(self) -> Result<Verifier, Fault> {
        let out_of_range = |what: &str, most: usize| {
            Err(Fault::config(format!(
                "profile {:?}: {what} is over {most}; lower it",
                self.name
            )))
        };
        if self.limits.token > Limits::MAX_TOKEN {
            return out_of_range("the token limit", Limits::MAX_TOKEN);
        }
        if self.limits.depth > Limits::MAX_DEPTH {
            return out_of_range("the depth limit", Limits::MAX_DEPTH);
        }
        let clock = self
            .clock
            .map_or_else(|| Arc::new(SystemClock) as Arc<dyn Clock>, |clock| clock.0);
        let revocations = match self.revocations {
            Some(revocations) => revocations,
            None => Arc::new(Revocations::new(
                &random(&self.keys)?,
                REVOCATIONS,
                Arc::clone(&clock),
            )),
        };
        let map = ClaimMap::new(self.names, &self.required)?;
        let pats = self
            .pats
            .map(|pats| PatProfile::new(pats, &self.rules, map.names()))
            .transpose()?;
        let seed: [u8; 16] = random(&self.keys)?;
        let (low, high) = seed.split_at(8);
        let word = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        Ok(Verifier {
            name: self.name.into(),
            rules: self.rules,
            permissions: self.permissions,
            map,
            limits: self.limits,
            kid: self.kid,
            cache: TokenCache::new(self.cache, [word(low), word(high)])
                .numbered_from(self.first_slot),
            cap: self.cap,
            memo: HeaderMemo::new(),
            pats,
            keys: self.keys,
            revocations,
            sessions: self.sessions,
            clock,
        })
    }
}

fn random<const N: usize>(keys: &KeyRing) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    keys.provider().random(&mut bytes).map_err(|error| {
        Fault::new(Code::Internal, "a verifier could not be seeded").caused_by(error)
    })?;
    Ok(bytes)
}

impl Verifier {
    /// Starts a verifier for the tokens of one profile.
    pub fn builder(name: impl Into<String>, keys: Arc<KeyRing>) -> VerifierBuilder {
        VerifierBuilder::new(name.into(), keys)
    }
}
