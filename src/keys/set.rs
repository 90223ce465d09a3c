use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use crate::clock::UnixMillis;
use crate::crypto::{
    Algorithm, KeyError, KeyFamily, KeyMaterial, KeyStrength, Provider, PublicKey,
};
use crate::error::Fault;

use super::PreparedKey;

/// How a token's `kid` chooses among the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KidPolicy {
    /// `kid` is not looked at: every key of the algorithm is tried, in order.
    Ignore,
    /// A `kid` that the token has must be a key's; a token without one is tried on every key of
    /// its algorithm.
    #[default]
    Optional,
    /// A token without a `kid`, or with one that no key has, fits no key.
    Required,
}

/// A key as its source describes it, before it is prepared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeySpec {
    /// Where it stands, for messages: a file, a variable, a configuration key.
    pub origin: String,
    /// Its `kid`
    pub kid: Option<String>,
    /// The one algorithm it is for; `None`: those of the profile that take its family.
    pub algorithm: Option<Algorithm>,
    /// The key
    pub material: KeyMaterial,
    /// Whether tokens may be verified with it
    pub verifies: bool,
    /// Whether tokens may be signed with it
    pub signs: bool,
    /// Whether it stands in a set, whose other keys are used where this one fits no algorithm
    pub of_set: bool,
    /// When it stops verifying; [`UnixMillis::MAX`] where that is not known
    pub until: UnixMillis,
}

impl KeySpec {
    /// A key for verification, and for signing where it has the means.
    #[must_use]
    pub fn new(origin: impl Into<String>, material: KeyMaterial) -> Self {
        let signs = !matches!(material, KeyMaterial::Public(_));
        Self {
            origin: origin.into(),
            kid: None,
            algorithm: None,
            material,
            verifies: true,
            signs,
            of_set: false,
            until: UnixMillis::MAX,
        }
    }

    /// The same key with a `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The same key for one algorithm.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// The name for messages: origin and `kid`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.kid {
            Some(kid) => format!("{} (kid {kid:?})", self.origin),
            None => self.origin.clone(),
        }
    }
}

/// The verification keys of a profile at one moment. Immutable.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Box<[Arc<PreparedKey>]>,
}

/// The most keys that one token without a telling `kid` is tried on.
const MOST_TRIED: usize = 8;

impl KeySet {
    /// Prepares keys, each for every one of `algorithms` that it may serve.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key that is too weak, broken, or of no use to any algorithm. A key
    /// of a set is passed over for the last of these reasons, as long as another one is left.
    pub fn prepare(
        provider: Provider,
        algorithms: &[Algorithm],
        strength: KeyStrength,
        specs: &[KeySpec],
    ) -> Result<Self, Fault> {
        let mut keys = Vec::new();
        let mut passed_over = None;
        let fits_none = |spec: &KeySpec| {
            let listed: Vec<&str> = algorithms
                .iter()
                .map(|algorithm| algorithm.name())
                .collect();
            Fault::config(format!(
                "key {} fits none of the profile's algorithms ({}); correct the key's alg or the list",
                spec.label(),
                listed.join(", ")
            ))
        };
        for spec in specs.iter().filter(|spec| spec.verifies) {
            let prepared = prepare_one(provider, algorithms, strength, spec).map_err(|error| {
                Fault::config(format!("key {} cannot be used", spec.label())).caused_by(error)
            })?;
            if prepared.is_empty() {
                if !spec.of_set {
                    return Err(fits_none(spec));
                }
                tracing::info!(key = %spec.label(), "a key fits none of the profile's algorithms and is not used");
                passed_over.get_or_insert(spec);
            }
            keys.extend(prepared);
        }
        if let (true, Some(spec)) = (keys.is_empty(), passed_over) {
            return Err(fits_none(spec));
        }
        Ok(Self { keys: keys.into() })
    }

    /// Prepares what can be used of somebody else's key set and passes over the rest, with the
    /// reason of each key that was passed over.
    #[must_use]
    pub fn prepare_usable(
        provider: Provider,
        algorithms: &[Algorithm],
        strength: KeyStrength,
        specs: &[KeySpec],
    ) -> (Self, Vec<(String, String)>) {
        let mut keys = Vec::new();
        let mut passed_over = Vec::new();
        for spec in specs.iter().filter(|spec| spec.verifies) {
            match prepare_one(provider, algorithms, strength, spec) {
                Ok(prepared) if prepared.is_empty() => {
                    passed_over.push((
                        spec.label(),
                        "fits none of the profile's algorithms".to_owned(),
                    ));
                }
                Ok(prepared) => keys.extend(prepared),
                Err(error) => passed_over.push((spec.label(), error.to_string())),
            }
        }
        (Self { keys: keys.into() }, passed_over)
    }

    /// The keys that may have signed a token of that header, in the order of the set, at most
    /// eight of them.
    #[inline]
    pub fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
        policy: KidPolicy,
    ) -> impl Iterator<Item = &'a Arc<PreparedKey>> {
        // A token that names a key gets that key, and the nameless ones of its algorithm only
        // where the set has no key of that name.
        let by_name = kid.is_some_and(|kid| self.of(algorithm).any(|key| key.kid() == Some(kid)));
        self.of(algorithm)
            .filter(move |key| match (policy, kid) {
                (KidPolicy::Ignore, _) | (KidPolicy::Optional, None) => true,
                (KidPolicy::Optional, Some(kid)) => {
                    key.kid() == Some(kid) || (!by_name && key.kid().is_none())
                }
                (KidPolicy::Required, Some(kid)) => key.kid() == Some(kid),
                (KidPolicy::Required, None) => false,
            })
            .take(MOST_TRIED)
    }

    fn of(&self, algorithm: Algorithm) -> impl Iterator<Item = &Arc<PreparedKey>> {
        self.keys
            .iter()
            .filter(move |key| key.algorithm == algorithm)
    }

    /// Every key, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<PreparedKey>> {
        self.keys.iter()
    }

    /// How many keys there are, one for each algorithm that a key serves.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn joined(sets: impl IntoIterator<Item = KeySet>) -> Self {
        Self {
            keys: sets.into_iter().flat_map(|set| set.keys).collect(),
        }
    }

    /// The same set with every key that `old` holds too taken from `old`, so that what was
    /// verified with it stays valid.
    pub(super) fn carried_over(self, old: &KeySet) -> Self {
        let keep = |key: Arc<PreparedKey>| {
            let same = old
                .keys
                .iter()
                .find(|other| other.fingerprint == key.fingerprint);
            same.map_or_else(
                || Arc::clone(&key),
                |same| {
                    same.live_as(&key);
                    Arc::clone(same)
                },
            )
        };
        Self {
            keys: self.keys.into_iter().map(keep).collect(),
        }
    }
}

fn prepare_one(
    provider: Provider,
    algorithms: &[Algorithm],
    strength: KeyStrength,
    spec: &KeySpec,
) -> Result<Vec<Arc<PreparedKey>>, KeyError> {
    let fits = |algorithm: &Algorithm| match spec.algorithm {
        Some(own) => own == *algorithm,
        None => algorithm.family() == spec.material.family(),
    };
    let mut prepared = Vec::new();
    for algorithm in algorithms.iter().copied().filter(fits) {
        prepared.push(Arc::new(PreparedKey {
            algorithm,
            kid: spec.kid.as_deref().map(Into::into),
            fingerprint: fingerprint(provider, algorithm, spec),
            public: spec.material.public().cloned(),
            verify: provider.verify_key(algorithm, &spec.material, strength)?,
            until: AtomicI64::new(spec.until.millis()),
        }));
    }
    Ok(prepared)
}

fn fingerprint(provider: Provider, algorithm: Algorithm, spec: &KeySpec) -> [u8; 32] {
    let mut text = zeroize::Zeroizing::new(Vec::new());
    let mut field = |bytes: &[u8]| {
        text.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        text.extend_from_slice(bytes);
    };
    field(algorithm.name().as_bytes());
    field(&[u8::from(spec.kid.is_some())]);
    field(spec.kid.as_deref().unwrap_or_default().as_bytes());
    match (&spec.material, spec.material.public()) {
        (KeyMaterial::Symmetric(secret), _) => field(secret.expose()),
        (_, Some(PublicKey::Rsa { n, e })) => {
            field(n);
            field(e);
        }
        (_, Some(PublicKey::Ec { point, .. })) => field(point),
        (_, Some(PublicKey::Ed25519(key))) => field(key),
        (_, None) => debug_assert!(false, "only symmetric keys have no public half"),
    }
    debug_assert!(
        matches!(spec.material, KeyMaterial::Symmetric(_))
            == (algorithm.family() == KeyFamily::Hmac)
    );
    provider.sha256(&text)
}
