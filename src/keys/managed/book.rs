use std::sync::Arc;
use std::time::Duration;

use crate::base64url;
use crate::clock::UnixMillis;
use crate::crypto::{Algorithm, KeyFamily, KeyMaterial, Provider};
use crate::error::{Code, Fault};
use crate::jwk::thumbprint;
use crate::keys::KeySpec;

/// A signing key of our own and the moments of its life. When it stops signing is not among them:
/// that is when the next key begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ManagedKey {
    /// The thumbprint (RFC 7638) of a public key; random for a secret
    pub kid: String,
    /// What it signs with
    pub algorithm: Algorithm,
    /// From then on it is published and verifies
    pub staged: UnixMillis,
    /// From then on it signs
    pub activates: UnixMillis,
    /// How long it verifies after it has stopped signing
    pub keep: Duration,
    /// The key
    pub material: Arc<KeyMaterial>,
}

/// What is left of a key that was revoked, for as long as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokedKey {
    /// Its `kid`
    pub kid: String,
    /// Since when it was published
    pub staged: UnixMillis,
    /// When it began to sign, where it ever did: an older key ended then
    pub activated: Option<UnixMillis>,
    /// By then no token of it can be left
    pub until: UnixMillis,
}

/// The signing keys of one profile, in the order in which they sign.
#[derive(Clone, Debug, Default)]
pub struct KeyBook {
    pub(super) keys: Vec<ManagedKey>,
    pub(super) revoked: Vec<RevokedKey>,
}

impl ManagedKey {
    /// A new key, with its name and no moments yet.
    ///
    /// # Errors
    /// `INTERNAL` where it cannot be made: for want of randomness.
    pub(super) fn generate(algorithm: Algorithm, provider: Provider) -> Result<Self, Fault> {
        let failed =
            |error| Fault::new(Code::Internal, "a signing key could not be made").caused_by(error);
        let material = provider.generate(algorithm).map_err(failed)?;
        let kid = match material.public() {
            Some(public) => thumbprint(public, provider),
            None => {
                let mut bytes = [0; 16];
                provider.random(&mut bytes).map_err(failed)?;
                base64url::encode(&bytes)
            }
        };
        debug_assert!(material.public().is_some() == (algorithm.family() != KeyFamily::Hmac));
        Ok(Self {
            kid,
            algorithm,
            staged: UnixMillis::MAX,
            activates: UnixMillis::MAX,
            keep: Duration::ZERO,
            material: Arc::new(material),
        })
    }

    /// The key as a ring or a signer takes it, verifying until `until`.
    #[must_use]
    pub fn spec(&self, profile: &str, until: UnixMillis) -> KeySpec {
        let mut spec = KeySpec::new(
            format!("signing key of profile {profile:?}"),
            KeyMaterial::clone(&self.material),
        );
        spec.kid = Some(self.kid.clone());
        spec.algorithm = Some(self.algorithm);
        spec.of_set = true;
        spec.until = until;
        spec
    }

    /// By what keys are ordered.
    pub(super) fn place(&self) -> (UnixMillis, UnixMillis, &str) {
        (self.activates, self.staged, &self.kid)
    }
}

impl RevokedKey {
    /// Its place among the keys, where it ever signed.
    fn place(&self) -> Option<(UnixMillis, UnixMillis, &str)> {
        Some((self.activated?, self.staged, &self.kid))
    }
}

impl KeyBook {
    /// The keys, in the order in which they sign.
    #[must_use]
    pub fn keys(&self) -> &[ManagedKey] {
        &self.keys
    }

    /// The keys that were revoked, while that matters.
    #[must_use]
    pub fn revoked(&self) -> &[RevokedKey] {
        &self.revoked
    }

    /// The key of that name.
    #[must_use]
    pub fn key(&self, kid: &str) -> Option<&ManagedKey> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    pub(super) fn is_revoked(&self, kid: &str) -> bool {
        self.revoked.iter().any(|revoked| revoked.kid == kid)
    }

    /// When the key stops signing: when the next one begins, one that was revoked since included.
    /// `None` while there is no next one.
    #[must_use]
    pub fn signs_until(&self, key: &ManagedKey) -> Option<UnixMillis> {
        let next = self.keys.iter().filter(|other| other.place() > key.place());
        let revoked = self
            .revoked
            .iter()
            .filter(|one| one.place() > Some(key.place()));
        next.map(|other| other.activates)
            .chain(revoked.filter_map(|one| one.activated))
            .min()
    }

    /// When the key stops verifying; [`UnixMillis::MAX`] while there is no next one.
    #[must_use]
    pub fn verifies_until(&self, key: &ManagedKey) -> UnixMillis {
        self.signs_until(key)
            .map_or(UnixMillis::MAX, |end| end.plus(key.keep))
    }

    /// The key that signs at `now`.
    #[must_use]
    pub fn active(&self, now: UnixMillis) -> Option<&ManagedKey> {
        let key = self.keys.iter().rfind(|key| key.activates <= now)?;
        let signs = self.signs_until(key).is_none_or(|end| now < end);
        signs.then_some(key)
    }

    /// The key that waits to sign.
    #[must_use]
    pub fn staged(&self, now: UnixMillis) -> Option<&ManagedKey> {
        self.keys.last().filter(|key| key.activates > now)
    }

    /// The keys as a ring takes them.
    #[must_use]
    pub fn specs(&self, profile: &str) -> Vec<KeySpec> {
        let spec = |key: &ManagedKey| key.spec(profile, self.verifies_until(key));
        self.keys.iter().map(spec).collect()
    }

    pub(super) fn add(&mut self, key: ManagedKey) {
        self.keys.push(key);
        self.sort();
    }

    pub(super) fn sort(&mut self) {
        self.keys
            .sort_by(|one, other| one.place().cmp(&other.place()));
    }

    /// Without what is over. From the oldest on, since when a key ends is known by the ones after
    /// it. `None` where there is nothing to clear away.
    pub(super) fn tidied(&self, now: UnixMillis) -> Option<Self> {
        let over = |key: &&ManagedKey| self.verifies_until(key) <= now;
        let over = self.keys.iter().take_while(over).count();
        let keys = self.keys[over..].to_vec();
        let mut revoked = self.revoked.clone();
        revoked.retain(|revoked| revoked.until > now);
        let shorter = over > 0 || revoked.len() < self.revoked.len();
        shorter.then_some(Self { keys, revoked })
    }
}
