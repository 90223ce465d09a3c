use std::collections::BTreeMap;
use std::sync::Arc;

use crate::claims::TokenKind;
use crate::error::{Code, Fault};
use crate::extract::Places;
use crate::jwk::{PublicJwk, public_jwks};
use crate::keys::managed::KeyKeeper;
use crate::keys::remote::RemoteStats;
use crate::keys::{KeyFormat, KeyOrigin, KeySource, KeySpec, LoosePermissions};
use crate::sign::{ClaimChange, ClaimValues, Failure, Lifetime, Pair, Rotated, Signed, Signer};
use crate::state::devices::TrustedDevices;
use crate::state::pats::Pats;
use crate::state::{RevocationLog, Sessions};
use crate::verify::{Verified, Verifier};

use super::issuer::{Issuer, Tools};
use super::published::PublishedKeys;
use super::refresh_cookie::RefreshCookie;

/// A profile, ready to serve: its verifier, its signer, and where it finds tokens.
pub struct Profile {
    pub(super) verifier: Arc<Verifier>,
    pub(super) places: Places,
    pub(super) identity_headers: BTreeMap<String, String>,
    pub(super) refresh_cookie: Option<RefreshCookie>,
    pub(super) sources: Vec<KeySource>,
    pub(super) remote: Option<PublishedKeys>,
    pub(super) refuse_placeholders: bool,
    pub(super) issuer: Arc<Issuer>,
    pub(super) keeper: Option<Arc<KeyKeeper>>,
    pub(super) log: Arc<RevocationLog>,
    pub(super) pats: Option<Pats>,
    pub(super) devices: Option<TrustedDevices>,
}

/// A reload that has been checked and not yet taken.
pub(super) struct Reloaded {
    specs: Vec<KeySpec>,
    tools: Option<Arc<Tools>>,
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

    /// The cookie that keeps its refresh token; `None` where the application keeps it elsewhere.
    #[must_use]
    pub fn refresh_cookie(&self) -> Option<&RefreshCookie> {
        self.refresh_cookie.as_ref()
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
    /// `VALIDATION_ERROR` where the profile does not rotate, or as
    /// [`Rotation::rotate`](crate::sign::Rotation::rotate).
    pub fn rotate(
        &self,
        refresh: impl AsRef<[u8]>,
        change: &ClaimChange,
        access: Option<Lifetime>,
    ) -> Result<Rotated, Failure> {
        self.keeps_session(change)?;
        if !self.issues().1 {
            return Err(self.cannot("rotates refresh tokens", "rotation").into());
        }
        let tools = self.tools()?;
        match &tools.rotation {
            Some(rotation) => rotation
                .rotate(&refresh, change, access)
                .map_err(|failure| self.end_if_reused(refresh.as_ref(), failure)),
            None => Err(self.cannot("rotates refresh tokens", "rotation").into()),
        }
    }

    /// Whether an accepted refresh token was used up already. Asks the store where the profile
    /// detects reuse.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer, `KEYS_UNAVAILABLE` where it has not yet
    /// told the profile its keys.
    pub fn is_spent(&self, verified: &Verified) -> Result<bool, Fault> {
        if !self.issues().1 {
            return Ok(false);
        }
        match &self.tools()?.rotation {
            Some(rotation) if verified.kind() == Some(TokenKind::Refresh) => {
                rotation.is_spent(verified)
            }
            _ => Ok(false),
        }
    }

    /// Whether it signs, and whether it rotates.
    #[must_use]
    pub fn issues(&self) -> (bool, bool) {
        let plan = self.issuer.plan();
        (
            plan.is_some(),
            plan.is_some_and(|plan| plan.rotation.is_some()),
        )
    }

    /// The public keys, as a client may publish them: neither shared secrets nor what was fetched
    /// from an issuer, who publishes those, are among them.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicJwk> {
        let mut public: Vec<PublicJwk> = Vec::new();
        for key in self.verifier.keys().own(self.verifier.clock().now()) {
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
        let plan = self.issuer.plan();
        plan.is_some_and(|plan| plan.rotation.is_some() && plan.settings.families)
    }

    pub(super) fn signer(&self) -> Result<Arc<Signer>, Fault> {
        self.tools().map(|tools| Arc::clone(&tools.signer))
    }

    fn tools(&self) -> Result<Arc<Tools>, Fault> {
        if self.issuer.plan().is_none() {
            return Err(self.cannot("signs", "sign"));
        }
        self.issuer.tools().ok_or_else(|| {
            Fault::new(
                Code::KeysUnavailable,
                format!(
                    "profile {:?} has no signing key at this moment: its store has not answered yet, or its first \
                     key begins to sign within a second; try again",
                    self.name()
                ),
            )
        })
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
        let tools = self.issuer.prepare(&specs, &set)?;
        Ok(Reloaded { specs, tools })
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
        self.issuer.take(reloaded.tools);
        Ok(keys)
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("verifier", &self.verifier)
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}
