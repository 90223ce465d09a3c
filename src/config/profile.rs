use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::claims::TokenKind;
use crate::crypto::Algorithm;
use crate::error::{Code, Fault};
use crate::extract::Places;
use crate::jwk::{PublicJwk, public_jwks};
use crate::keys::remote::RemoteStats;
use crate::keys::{
    KeyFormat, KeyOrigin, KeyRing, KeySet, KeySource, KeySpec, LoosePermissions, PreparedKey,
    SigningKey,
};
use crate::sign::{
    ClaimChange, ClaimValues, Failure, Lifetime, Pair, Rotated, Rotation, Signed, Signer,
    SignerSettings,
};
use crate::state::{RevocationLog, Sessions};
use crate::verify::Verifier;

use super::published::PublishedKeys;

/// A profile, ready to serve: its verifier, its signer, and where it finds tokens.
pub struct Profile {
    pub(super) verifier: Arc<Verifier>,
    pub(super) places: Places,
    pub(super) identity_headers: BTreeMap<String, String>,
    pub(super) sources: Vec<KeySource>,
    pub(super) remote: Option<PublishedKeys>,
    pub(super) refuse_placeholders: bool,
    pub(super) signing: Option<SigningPlan>,
    pub(super) issue: ArcSwapOption<Issue>,
    pub(super) log: Arc<RevocationLog>,
}

/// How a signer is made from whatever keys the sources hold.
pub(super) struct SigningPlan {
    pub(super) algorithm: Option<Algorithm>,
    pub(super) kid: Option<String>,
    pub(super) settings: SignerSettings,
    pub(super) rotation: Option<ReuseMaker>,
    /// The profile fetches keys, and the signing key's public half may be among them alone.
    pub(super) verified_by_published_keys: bool,
}

type ReuseMaker = Box<dyn Fn() -> crate::sign::Reuse + Send + Sync>;

/// The signer and the rotation of this moment; a reload swaps both.
pub(super) struct Issue {
    signer: Arc<Signer>,
    rotation: Option<Rotation>,
}

/// A reload that has been checked and not yet taken.
pub(super) struct Reloaded {
    specs: Vec<KeySpec>,
    issue: Option<Issue>,
}

impl Profile {
    /// The profile's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Its verifier.
    #[must_use]
    pub fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// Its sessions; `None` where it has none.
    #[must_use]
    pub fn sessions(&self) -> Option<&Arc<Sessions>> {
        self.verifier.sessions()
    }

    /// Where it looks for a token in a request.
    #[must_use]
    pub fn token_places(&self) -> &Places {
        &self.places
    }

    /// For forward auth: response header to claim.
    #[must_use]
    pub fn identity_headers(&self) -> &BTreeMap<String, String> {
        &self.identity_headers
    }

    /// How its remote key set fares; `None` where it has none.
    #[must_use]
    pub fn remote_stats(&self) -> Option<RemoteStats> {
        self.remote.as_ref().map(PublishedKeys::stats)
    }

    /// Starts anew, in a child of a fork, what worked in the background. Whoever forks calls it
    /// before the child's first verification, through [`Profiles::after_fork`](super::Profiles).
    pub(super) fn after_fork(&self) -> Result<(), Fault> {
        if let Some(sessions) = self.sessions() {
            sessions.start()?;
        }
        self.remote
            .as_ref()
            .map_or(Ok(()), PublishedKeys::start_again)
    }

    /// Signs one token.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile does not sign, or would itself refuse the token, or as
    /// [`Signer::sign`].
    pub fn sign(
        &self,
        kind: TokenKind,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
    ) -> Result<Signed, Fault> {
        let signer = self.signer()?;
        let signed = signer.sign(kind, claims, lifetime)?;
        signed.acceptable_to(&self.verifier, &signer.settings().typ)?;
        Ok(signed)
    }

    /// Signs an access token and the refresh token beside it.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_pair(
        &self,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
    ) -> Result<Pair, Fault> {
        let signer = self.signer()?;
        let pair = signer.sign_pair(claims, lifetime)?;
        for signed in [&pair.access, &pair.refresh] {
            signed.acceptable_to(&self.verifier, &signer.settings().typ)?;
        }
        Ok(pair)
    }

    /// Spends a refresh token for a new pair.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile does not rotate, or as [`Rotation::rotate`].
    pub fn rotate(
        &self,
        refresh: impl AsRef<[u8]>,
        change: &ClaimChange,
        access: Option<Lifetime>,
    ) -> Result<Rotated, Failure> {
        self.keeps_session(change)?;
        let issue = self.issue.load();
        match issue.as_ref().and_then(|issue| issue.rotation.as_ref()) {
            Some(rotation) => rotation
                .rotate(&refresh, change, access)
                .map_err(|failure| self.end_if_reused(refresh.as_ref(), failure)),
            None => Err(self.cannot("rotates refresh tokens", "rotation").into()),
        }
    }

    /// Whether it signs, and whether it rotates.
    #[must_use]
    pub fn issues(&self) -> (bool, bool) {
        let issue = self.issue.load();
        (
            issue.is_some(),
            issue.as_ref().is_some_and(|issue| issue.rotation.is_some()),
        )
    }

    /// The public keys, as a client may publish them: neither shared secrets nor what was fetched
    /// from an issuer, who publishes those, are among them.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicJwk> {
        let mut public: Vec<PublicJwk> = Vec::new();
        for key in self.verifier.keys().own() {
            let Some(material) = key.public() else {
                continue;
            };
            public.push(PublicJwk {
                kid: key.kid().map(str::to_owned),
                algorithm: Some(key.algorithm()),
                key: material.clone(),
            });
        }
        public
    }

    /// The public keys as a JWK set.
    #[must_use]
    pub fn jwks(&self) -> String {
        public_jwks(&self.public_keys())
    }

    /// Whether a rotation gives a family to a refresh token that has none.
    pub(super) fn founds_families(&self) -> bool {
        let issue = self.issue.load();
        issue
            .as_ref()
            .is_some_and(|issue| issue.rotation.is_some() && issue.signer.settings().families)
    }

    pub(super) fn signer(&self) -> Result<Arc<Signer>, Fault> {
        let issue = self.issue.load();
        issue
            .as_ref()
            .map(|issue| Arc::clone(&issue.signer))
            .ok_or_else(|| self.cannot("signs", "sign"))
    }

    fn cannot(&self, what: &str, section: &str) -> Fault {
        Fault::new(
            Code::ValidationError,
            format!(
                "profile: no profile of that name {what}; add a [profiles.{}.{section}] section",
                self.name()
            ),
        )
    }

    /// Takes the keys of a JWK set (RFC 7517 §5) in place of those of configuration and files, until
    /// these are reloaded. Fetched keys stay. Where the profile signs, the set must hold a key that
    /// can. Returns how many keys there then are; tokens of keys that left are refused from the
    /// next call on.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key; the keys stay as they were.
    pub fn replace_keys(&self, jwks: &str) -> Result<usize, Fault> {
        let source = KeySource {
            origin: KeyOrigin::Inline {
                text: jwks.to_owned().into(),
                name: "the new key set".to_owned(),
            },
            format: KeyFormat::Jwks,
            kid: None,
            algorithm: None,
            verifies: true,
            signs: true,
            loose_permissions: LoosePermissions::default(),
        };
        let specs = source.load(self.verifier.keys().provider())?;
        let reloaded = self.check_keys(specs)?;
        self.take_fixed(reloaded)
    }

    /// Reads every key source anew and checks all of it, changing nothing yet.
    pub(super) fn read_keys(&self) -> Result<Reloaded, Fault> {
        let mut specs = Vec::new();
        for source in &self.sources {
            specs.extend(source.load(self.verifier.keys().provider())?);
        }
        self.check_keys(specs)
    }

    fn check_keys(&self, specs: Vec<KeySpec>) -> Result<Reloaded, Fault> {
        let ring = self.verifier.keys();
        if self.refuse_placeholders {
            super::placeholder::refuse_placeholders(&specs)?;
        }
        let set = ring.check(&specs)?;
        let issue = match &self.signing {
            Some(plan) => Some(self.prepare_issue(plan, ring, &specs, &set)?),
            None => None,
        };
        Ok(Reloaded { specs, issue })
    }

    /// Takes keys that [`read_keys`](Self::read_keys) has checked.
    pub(super) fn take_keys(&self, reloaded: Reloaded) -> Result<usize, Fault> {
        let keys = self.take_fixed(reloaded)?;
        if let Some(remote) = &self.remote {
            remote.refresh_now();
        }
        Ok(keys)
    }

    fn take_fixed(&self, reloaded: Reloaded) -> Result<usize, Fault> {
        let keys = self.verifier.keys().replace_fixed(reloaded.specs)?;
        self.issue.store(reloaded.issue.map(Arc::new));
        Ok(keys)
    }

    fn prepare_issue(
        &self,
        plan: &SigningPlan,
        ring: &KeyRing,
        specs: &[KeySpec],
        set: &KeySet,
    ) -> Result<Issue, Fault> {
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
                "profile {:?}: sign: no key can sign{}; add a private key or a secret, or correct sign.kid and sign.algorithm",
                self.name(),
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
        let algorithm = algorithm.filter(|algorithm| ring.algorithms().contains(algorithm)).ok_or_else(|| {
            Fault::config(format!(
                "profile {:?}: sign: key {} signs with none of the profile's algorithms; list its algorithm",
                self.name(),
                spec.label()
            ))
        })?;
        let key = SigningKey::prepare(ring.provider(), algorithm, ring.strength(), spec)?;
        if !plan.verified_by_published_keys {
            recognised(&key, set, &spec.label())?;
        }
        let clock = Arc::clone(self.verifier.clock());
        let signer = Arc::new(Signer::new(
            key,
            ring.provider(),
            clock,
            plan.settings.clone(),
        )?);
        let rotation = match &plan.rotation {
            Some(reuse) => Some(Rotation::new(
                Arc::clone(&self.verifier),
                Arc::clone(&signer),
                reuse(),
            )?),
            None => None,
        };
        Ok(Issue { signer, rotation })
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

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("verifier", &self.verifier)
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}
