use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::base64url;
use crate::claims::{ClaimNames, TokenKind};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::{Algorithm, Provider};
use crate::error::{Code, Fault};
use crate::json;
use crate::keys::SigningKey;

use super::{ClaimValues, Lifetime};

/// What a signer puts into every token of its profile.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignerSettings {
    /// `iss`
    pub issuer: Option<String>,
    /// `aud`: none, one as a string, several as an array
    pub audiences: Vec<String>,
    /// The header's `typ`
    pub typ: String,
    /// The profile's spellings of the claims
    pub names: ClaimNames,
    /// How long access tokens live
    pub access: Lifetime,
    /// How long refresh tokens live
    pub refresh: Lifetime,
    /// Whether tokens carry the refresh family, by which a reused refresh token ends them all
    pub families: bool,
}

impl Default for SignerSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            audiences: Vec::new(),
            typ: "JWT".to_owned(),
            names: ClaimNames::default(),
            access: Lifetime::For(Duration::from_secs(900)),
            refresh: Lifetime::For(Duration::from_secs(7 * 86_400)),
            families: false,
        }
    }
}

/// Signs the tokens of one profile. Shareable between threads.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    provider: Provider,
    clock: ClockValue,
    settings: SignerSettings,
    /// The encoded header and its dot: the same for every token.
    header: String,
}

struct ClockValue(Arc<dyn Clock>);

impl std::fmt::Debug for ClockValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// A signed token and what was decided about it. `Debug` shows no token.
#[derive(Clone)]
#[must_use]
#[non_exhaustive]
pub struct Signed {
    /// The compact JWS
    pub token: String,
    /// Its `jti`
    pub token_id: String,
    /// Its `exp`; `None` where it has none
    pub expires_at: Option<UnixMillis>,
    /// Its kind
    pub kind: TokenKind,
}

/// An access token and the refresh token beside it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Pair {
    /// The access token
    pub access: Signed,
    /// The refresh token
    pub refresh: Signed,
}

impl Pair {
    /// The pair as one JSON object: `access`, `access_expires_at`, `refresh`, `refresh_expires_at`,
    /// times in seconds since the epoch or null.
    #[must_use]
    pub fn to_json(&self) -> String {
        let seconds = |signed: &Signed| signed.expires_at.map(UnixMillis::secs);
        serde_json::json!({
            "access": self.access.token, "access_expires_at": seconds(&self.access),
            "refresh": self.refresh.token, "refresh_expires_at": seconds(&self.refresh),
        })
        .to_string()
    }
}

impl Signer {
    /// A signer with that key.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the profile's kinds or families are asked for and the claim names
    /// clash with the registered ones.
    pub fn new(
        key: SigningKey,
        provider: Provider,
        clock: Arc<dyn Clock>,
        settings: SignerSettings,
    ) -> Result<Self, Fault> {
        const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        let kind = settings.names.kind.as_ref().map(|kind| kind.claim.as_str());
        let family = settings.families.then_some(settings.names.family.as_str());
        if let Some(name) = kind
            .into_iter()
            .chain(family)
            .find(|name| REGISTERED.contains(name))
        {
            return Err(Fault::config(format!(
                "claim {name:?} is a registered one and cannot carry the token kind or family; map another"
            )));
        }
        let mut header = format!("{{\"alg\":\"{}\",\"typ\":", key.algorithm());
        json::quote_append(&settings.typ, &mut header);
        if let Some(kid) = key.kid() {
            header.push_str(",\"kid\":");
            json::quote_append(kid, &mut header);
        }
        header.push('}');
        let mut encoded = base64url::encode(header.as_bytes());
        encoded.push('.');
        Ok(Self {
            key,
            provider,
            clock: ClockValue(clock),
            settings,
            header: encoded,
        })
    }

    /// The algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// What it puts into every token.
    #[must_use]
    pub fn settings(&self) -> &SignerSettings {
        &self.settings
    }

    /// Signs one token. `lifetime`, where given, takes the place of the profile's.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming a claim that is ours to set; `INTERNAL` where the system has no
    /// randomness.
    pub fn sign(
        &self,
        kind: TokenKind,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
    ) -> Result<Signed, Fault> {
        self.refuse_owned("claims", claims.keys())?;
        let family = match (self.settings.families, kind) {
            (true, TokenKind::Refresh) => Some(self.random_id()?),
            _ => None,
        };
        self.sign_owned(kind, claims, lifetime, family.as_deref())
    }

    /// Signs an access token and the refresh token beside it, with the same claims and, where the
    /// profile keeps families, of one new family. `lifetime` is the access token's.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_pair(
        &self,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
    ) -> Result<Pair, Fault> {
        self.refuse_owned("claims", claims.keys())?;
        let family = if self.settings.families {
            Some(self.random_id()?)
        } else {
            None
        };
        self.sign_pair_of(claims, lifetime, family.as_deref())
    }

    /// As [`sign_pair`](Self::sign_pair), of a family that is named and not drawn, where the profile
    /// keeps families. For what is to be ended under that name.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_pair_in(
        &self,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
        family: &str,
    ) -> Result<Pair, Fault> {
        self.refuse_owned("claims", claims.keys())?;
        let family = self.settings.families.then_some(family);
        self.sign_pair_of(claims, lifetime, family)
    }

    pub(super) fn sign_pair_of(
        &self,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
        family: Option<&str>,
    ) -> Result<Pair, Fault> {
        Ok(Pair {
            access: self.sign_owned(TokenKind::Access, claims, lifetime, family)?,
            refresh: self.sign_owned(TokenKind::Refresh, claims, None, family)?,
        })
    }

    /// The claims that the signer alone sets.
    pub fn owned(&self) -> impl Iterator<Item = &str> {
        let settings = &self.settings;
        ["iat", "nbf", "exp", "jti"]
            .into_iter()
            .chain(settings.issuer.as_ref().map(|_| "iss"))
            .chain((!settings.audiences.is_empty()).then_some("aud"))
            .chain(settings.names.kind.as_ref().map(|kind| kind.claim.as_str()))
            .chain(settings.families.then_some(settings.names.family.as_str()))
    }

    pub(super) fn refuse_owned<'a>(
        &self,
        member: &str,
        names: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), Fault> {
        match names
            .into_iter()
            .find(|name| self.owned().any(|owned| owned == name.as_str()))
        {
            None => Ok(()),
            Some(name) => Err(Fault::new(
                Code::ValidationError,
                format!("{member}: {name:?} is set by the signer; leave it out"),
            )),
        }
    }

    fn sign_owned(
        &self,
        kind: TokenKind,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
        family: Option<&str>,
    ) -> Result<Signed, Fault> {
        let settings = &self.settings;
        let now = self.clock.0.now();
        let token_id = self.random_id()?;
        let lifetime = lifetime.unwrap_or(match kind {
            TokenKind::Access => settings.access,
            TokenKind::Refresh => settings.refresh,
        });
        // `exp` and `iat` are whole seconds: what other parsers make of fractions is their own.
        let expires_at = match lifetime {
            Lifetime::For(span) => Some(UnixMillis::from_secs(now.plus(span).secs())),
            Lifetime::Unlimited => None,
        };
        let mut payload = claims.clone();
        let mut set = |name: &str, value: Value| payload.insert(name.to_owned(), value);
        if let Some(issuer) = &settings.issuer {
            set("iss", issuer.as_str().into());
        }
        match settings.audiences.as_slice() {
            [] => {}
            [one] => {
                set("aud", one.as_str().into());
            }
            several => {
                set("aud", several.into());
            }
        }
        if let Some(names) = &settings.names.kind {
            let value = match kind {
                TokenKind::Access => &names.access,
                TokenKind::Refresh => &names.refresh,
            };
            set(&names.claim, value.as_str().into());
        }
        if let Some(family) = family {
            set(&settings.names.family, family.into());
        }
        set("iat", now.secs().into());
        if let Some(expires_at) = expires_at {
            set("exp", expires_at.secs().into());
        }
        set("jti", token_id.as_str().into());
        let token = self.encode(&payload)?;
        Ok(Signed {
            token,
            token_id,
            expires_at,
            kind,
        })
    }

    fn encode(&self, payload: &ClaimValues) -> Result<String, Fault> {
        let json = serde_json::to_vec(payload).map_err(|error| {
            Fault::new(Code::Internal, "claims could not be written").caused_by(error)
        })?;
        let mut token = String::with_capacity(self.header.len() + json.len() * 4 / 3 + 350);
        token.push_str(&self.header);
        base64url::encode_append(&json, &mut token);
        let mut signature = Vec::with_capacity(256);
        self.key.sign(token.as_bytes(), &mut signature)?;
        token.push('.');
        base64url::encode_append(&signature, &mut token);
        Ok(token)
    }

    /// 128 bits of randomness: what makes a `jti` unique without asking anybody.
    fn random_id(&self) -> Result<String, Fault> {
        let mut bytes = [0; 16];
        self.provider.random(&mut bytes).map_err(|error| {
            Fault::new(Code::Internal, "the system gave no randomness").caused_by(error)
        })?;
        Ok(base64url::encode(&bytes))
    }
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed")
            .field("kind", &self.kind)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
