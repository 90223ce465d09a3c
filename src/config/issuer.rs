use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::UnixMillis;
use crate::crypto::Algorithm;
use crate::error::{Code, Fault};
use crate::keys::managed::{BookSink, KeyBook};
use crate::keys::{KeyRing, KeySet, KeySpec, PreparedKey, SigningKey};
use crate::sign::{Rotation, Signer, SignerSettings};
use crate::verify::Verifier;

/// How a signer is made from whatever keys there are.
pub(super) struct SigningPlan {
    pub(super) algorithm: Option<Algorithm>,
    pub(super) kid: Option<String>,
    pub(super) settings: SignerSettings,
    pub(super) rotation: Option<ReuseMaker>,
    /// The profile fetches keys, and the signing key's public half may be among them alone.
    pub(super) verified_by_published_keys: bool,
    /// Its keys are made here, and not among those of configuration and files.
    pub(super) managed: bool,
}

type ReuseMaker = Box<dyn Fn() -> crate::sign::Reuse + Send + Sync>;

/// What signs with one key.
pub(super) struct Tools {
    pub(super) signer: Arc<Signer>,
    pub(super) rotation: Option<Rotation>,
}

/// A key's tools and the time for which they are to be used.
struct Issue {
    kid: String,
    from: UnixMillis,
    until: UnixMillis,
    tools: Arc<Tools>,
}

/// What signs for a profile, now and in the time that is planned. Which key that is, is read off the
/// clock at every signature, so that all processes change at the same moment.
pub(super) struct Issuer {
    verifier: Arc<Verifier>,
    plan: Option<SigningPlan>,
    issues: ArcSwap<Vec<Issue>>,
    /// Nobody else says until when the ring may be trusted.
    rules_trust: bool,
}

impl Issuer {
    pub(super) fn new(verifier: Arc<Verifier>, plan: Option<SigningPlan>) -> Self {
        let published = plan
            .as_ref()
            .is_some_and(|plan| plan.verified_by_published_keys);
        Self {
            verifier,
            plan,
            issues: ArcSwap::default(),
            rules_trust: !published,
        }
    }

    pub(super) fn plan(&self) -> Option<&SigningPlan> {
        self.plan.as_ref()
    }

    /// What signs at this moment.
    pub(super) fn tools(&self) -> Option<Arc<Tools>> {
        let issues = self.issues.load();
        // Without a glance at the clock where there is nothing to choose.
        let now = || self.verifier.clock().precise();
        match issues.as_slice() {
            [] => None,
            [only] if only.until == UnixMillis::MAX && only.from == UnixMillis::EPOCH => {
                Some(Arc::clone(&only.tools))
            }
            several => {
                let now = now();
                let in_time = |issue: &&Issue| issue.from <= now && now < issue.until;
                several
                    .iter()
                    .rfind(in_time)
                    .map(|issue| Arc::clone(&issue.tools))
            }
        }
    }

    /// Until a book was read, its keys are not known.
    pub(super) fn await_book(&self) {
        if self.rules_trust {
            self.verifier.keys().set_trust_until(UnixMillis::EPOCH);
        }
    }

    /// Whether the plan works with some key, before there is one.
    pub(super) fn probe(&self) -> Result<(), Fault> {
        let Some(plan) = &self.plan else {
            return Ok(());
        };
        let provider = self.verifier.keys().provider();
        let failed = |error| Fault::new(Code::Internal, "no key could be made").caused_by(error);
        let material = provider.generate(Algorithm::HS256).map_err(failed)?;
        let spec = KeySpec::new("a key that is never used", material);
        let strength = self.verifier.keys().strength();
        let key = SigningKey::prepare(provider, Algorithm::HS256, strength, &spec)?;
        self.tools_of(plan, key).map(drop)
    }

    /// What the keys of configuration and files would sign with.
    pub(super) fn prepare(
        &self,
        specs: &[KeySpec],
        set: &KeySet,
    ) -> Result<Option<Arc<Tools>>, Fault> {
        let Some(plan) = self.plan.as_ref().filter(|plan| !plan.managed) else {
            return Ok(None);
        };
        let ring = self.verifier.keys();
        let (spec, algorithm) = self.chosen(plan, ring, specs)?;
        let key = SigningKey::prepare(ring.provider(), algorithm, ring.strength(), spec)?;
        if !plan.verified_by_published_keys {
            recognised(&key, set, &spec.label())?;
        }
        self.tools_of(plan, key).map(|tools| Some(Arc::new(tools)))
    }

    /// Takes what [`prepare`](Self::prepare) gave.
    pub(super) fn take(&self, tools: Option<Arc<Tools>>) {
        if self.plan.as_ref().is_some_and(|plan| plan.managed) {
            return;
        }
        let issue = tools.map(|tools| Issue {
            kid: String::new(),
            from: UnixMillis::EPOCH,
            until: UnixMillis::MAX,
            tools,
        });
        self.issues.store(Arc::new(issue.into_iter().collect()));
    }

    fn chosen<'s>(
        &self,
        plan: &SigningPlan,
        ring: &KeyRing,
        specs: &'s [KeySpec],
    ) -> Result<(&'s KeySpec, Algorithm), Fault> {
        let name = self.verifier.name();
        let fits = |spec: &&KeySpec| {
            let usable = |own: Algorithm| !spec.of_set || ring.algorithms().contains(&own);
            spec.signs
                && spec.algorithm.is_none_or(usable)
                && plan
                    .kid
                    .as_ref()
                    .is_none_or(|kid| spec.kid.as_ref() == Some(kid))
                && plan
                    .algorithm
                    .is_none_or(|algorithm| spec.algorithm.is_none_or(|own| own == algorithm))
                && plan
                    .algorithm
                    .is_none_or(|algorithm| algorithm.family() == spec.material.family())
        };
        let spec = specs.iter().find(fits).ok_or_else(|| {
            Fault::config(format!(
                "profile {name:?}: sign: no key can sign{}; add a private key or a secret, or correct sign.kid and sign.algorithm",
                plan.kid.as_ref().map(|kid| format!(" under kid {kid:?}")).unwrap_or_default(),
            ))
        })?;
        let family = spec.material.family();
        let algorithm = plan.algorithm.or(spec.algorithm).or_else(|| {
            ring.algorithms()
                .iter()
                .copied()
                .find(|algorithm| algorithm.family() == family)
        });
        let listed = algorithm.filter(|algorithm| ring.algorithms().contains(algorithm));
        let algorithm = listed.ok_or_else(|| {
            Fault::config(format!(
                "profile {name:?}: sign: key {} signs with none of the profile's algorithms; list its algorithm",
                spec.label()
            ))
        })?;
        Ok((spec, algorithm))
    }

    fn tools_of(&self, plan: &SigningPlan, key: SigningKey) -> Result<Tools, Fault> {
        let provider = self.verifier.keys().provider();
        let clock = Arc::clone(self.verifier.clock());
        let signer = Arc::new(Signer::new(key, provider, clock, plan.settings.clone())?);
        let rotation = match &plan.rotation {
            Some(reuse) => Some(Rotation::new(
                Arc::clone(&self.verifier),
                Arc::clone(&signer),
                reuse(),
            )?),
            None => None,
        };
        Ok(Tools { signer, rotation })
    }

    fn issues_of(&self, plan: &SigningPlan, book: &KeyBook) -> Result<Vec<Issue>, Fault> {
        let ring = self.verifier.keys();
        let known = self.issues.load();
        let now = self.verifier.clock().now();
        let mut issues = Vec::new();
        for key in book.keys() {
            let until = book.signs_until(key).unwrap_or(UnixMillis::MAX);
            if until <= now || !ring.algorithms().contains(&key.algorithm) {
                continue;
            }
            let tools = match known.iter().find(|issue| issue.kid == key.kid) {
                Some(issue) => Arc::clone(&issue.tools),
                None => {
                    let spec = key.spec(self.verifier.name(), UnixMillis::MAX);
                    let (provider, strength) = (ring.provider(), ring.strength());
                    let key = SigningKey::prepare(provider, key.algorithm, strength, &spec)?;
                    Arc::new(self.tools_of(plan, key)?)
                }
            };
            issues.push(Issue {
                kid: key.kid.clone(),
                from: key.activates,
                until,
                tools,
            });
        }
        Ok(issues)
    }
}

impl BookSink for Issuer {
    /// A key verifies before it signs.
    fn take(&self, book: &KeyBook) -> Result<(), Fault> {
        let Some(plan) = &self.plan else {
            return Ok(());
        };
        let issues = self.issues_of(plan, book)?;
        let ring = self.verifier.keys();
        ring.replace_managed(book.specs(self.verifier.name()))?;
        if self.rules_trust {
            ring.set_trust_until(UnixMillis::MAX);
        }
        self.issues.store(Arc::new(issues));
        Ok(())
    }
}

/// A profile that refuses its own tokens has two halves of different keys.
fn recognised(signing: &SigningKey, set: &KeySet, label: &str) -> Result<(), Fault> {
    const PROBE: &[u8] = b"bearerd";
    let mut signature = Vec::new();
    signing.sign(PROBE, &mut signature)?;
    let verifies = |key: &Arc<PreparedKey>| {
        key.algorithm() == signing.algorithm() && key.verify(PROBE, &signature)
    };
    if set.iter().any(verifies) {
        return Ok(());
    }
    Err(Fault::config(format!(
        "key {label} signs what no verification key of the profile accepts; give the public key \
         that belongs to it"
    )))
}
