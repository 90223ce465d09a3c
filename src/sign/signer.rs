use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::base64url;
use crate::claims::{ClaimNames, TokenKind};
use crate::clock::{Clock, UnixMillis};
use crate::crypto::{Algorithm, Provider};
use crate::error::{Code, Fault};
use crate::json;
use crate::keys::SigningKey;

use super::family::Descent;
use super::payload::Payload;
use super::random_ids::RandomIds;
use super::{ClaimValues, FamilyLimits, Lifetime};

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
    /// How long a refresh family may go on
    pub limits: FamilyLimits,
    /// The longest that any token may live, where the key that signs it has an end
    pub longest: Option<Duration>,
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
            limits: FamilyLimits::default(),
            longest: None,
        }
    }
}

impl SignerSettings {
    fn refuse_longer(&self, now: UnixMillis, expires_at: Option<UnixMillis>) -> Result<(), Fault> {
        match self.longest {
            Some(longest) if expires_at.is_none_or(|end| end > now.plus(longest)) => {
                Err(Fault::new(
                    Code::ValidationError,
                    format!(
                        "ttl: the key that signs is kept for tokens of {} s at most; ask for less, or raise \
                         sign.managed.keep",
                        longest.as_secs()
                    ),
                ))
            }
            _ => Ok(()),
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
    ids: RandomIds,
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
    /// Its claims, as they were signed
    pub(super) payload: String,
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
        let founded = settings
            .limits
            .lifetime
            .map(|_| settings.names.founded.as_str());
        let own: Vec<&str> = kind.into_iter().chain(family).chain(founded).collect();
        if let Some(name) = own.iter().find(|name| REGISTERED.contains(name)) {
            return Err(Fault::config(format!(
                "claim {name:?} is a registered one and cannot carry the token kind, the family or its founding; map another"
            )));
        }
        let is_twice = |at: &usize| own[..*at].contains(&own[*at]);
        if let Some(at) = (0..own.len()).find(is_twice) {
            return Err(Fault::config(format!(
                "claim {:?} cannot carry two of the token kind, the family and its founding; map one of them to another",
                own[at]
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
            ids: RandomIds::default(),
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
    /// `VALIDATION_ERROR` naming a claim that is ours to set, or for a kind that is not signed;
    /// `INTERNAL` where the system has no randomness.
    pub fn sign(
        &self,
        kind: TokenKind,
        claims: &ClaimValues,
        lifetime: Option<Lifetime>,
    ) -> Result<Signed, Fault> {
        if kind == TokenKind::Pat {
            return Err(Fault::new(
                Code::ValidationError,
                "kind: personal access tokens are not signed; create one",
            ));
        }
        self.refuse_owned("claims", claims.keys())?;
        let descent = match kind {
            TokenKind::Refresh => self.sign_in()?,
            TokenKind::Access | TokenKind::Pat => Descent::default(),
        };
        self.sign_owned(kind, claims, lifetime, &descent)
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
        self.sign_pair_of(claims, &ClaimValues::new(), lifetime, &self.sign_in()?)
    }

    /// A family of its own, where the profile keeps families. It is founded when its first token is
    /// signed.
    fn sign_in(&self) -> Result<Descent<'static>, Fault> {
        let now = self.clock.0.now();
        let family = self.settings.families.then(|| self.random_id(now));
        Ok(Descent {
            family: family.transpose()?.map(Into::into),
            founded: None,
        })
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
        let descent = Descent {
            family: self.settings.families.then_some(family.into()),
            founded: None,
        };
        self.sign_pair_of(claims, &ClaimValues::new(), lifetime, &descent)
    }

    pub(super) fn sign_pair_of(
        &self,
        claims: &ClaimValues,
        of_access: &ClaimValues,
        lifetime: Option<Lifetime>,
        descent: &Descent<'_>,
    ) -> Result<Pair, Fault> {
        let mut access = Cow::Borrowed(claims);
        for (name, value) in of_access {
            access.to_mut().insert(name.clone(), value.clone());
        }
        Ok(Pair {
            access: self.sign_owned(TokenKind::Access, &access, lifetime, descent)?,
            refresh: self.sign_owned(TokenKind::Refresh, claims, None, descent)?,
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
            .chain(
                settings
                    .limits
                    .lifetime
                    .map(|_| settings.names.founded.as_str()),
            )
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
        descent: &Descent<'_>,
    ) -> Result<Signed, Fault> {
        let settings = &self.settings;
        let now = self.clock.0.now();
        let token_id = self.random_id(now)?;
        let lifetime = lifetime.unwrap_or(match kind {
            TokenKind::Access | TokenKind::Pat => settings.access,
            TokenKind::Refresh => settings.refresh,
        });
        // `exp` and `iat` are whole seconds: what other parsers make of fractions is their own.
        let expires_at = match lifetime {
            Lifetime::For(span) => Some(UnixMillis::from_secs(now.plus(span).secs())),
            Lifetime::Unlimited => None,
        };
        let founded = descent.founded.unwrap_or(now);
        let family_end = match kind {
            TokenKind::Access | TokenKind::Pat => None,
            TokenKind::Refresh => settings.limits.end(founded),
        };
        let expires_at = expires_at.into_iter().chain(family_end).min();
        settings.refuse_longer(now, expires_at)?;
        let mut payload = Payload::of(claims);
        if let Some(issuer) = &settings.issuer {
            payload.add_text("iss", issuer);
        }
        match settings.audiences.as_slice() {
            [] => {}
            [one] => payload.add_text("aud", one),
            several => payload.add("aud", &several.into()),
        }
        if let Some(names) = &settings.names.kind {
            let value = match kind {
                TokenKind::Access | TokenKind::Pat => &names.access,
                TokenKind::Refresh => &names.refresh,
            };
            payload.add_text(&names.claim, value);
        }
        if let Some(family) = &descent.family {
            payload.add_text(&settings.names.family, family);
        }
        if family_end.is_some() {
            payload.add_number(&settings.names.founded, founded.secs());
        }
        payload.add_number("iat", now.secs());
        if let Some(expires_at) = expires_at {
            payload.add_number("exp", expires_at.secs());
        }
        payload.add_text("jti", &token_id);
        let payload = payload.into_json();
        Ok(Signed {
            token: self.encode(payload.as_bytes())?,
            token_id,
            expires_at,
            kind,
            payload,
        })
    }

    fn encode(&self, payload: &[u8]) -> Result<String, Fault> {
        let mut token = String::with_capacity(self.header.len() + payload.len() * 4 / 3 + 350);
        token.push_str(&self.header);
        base64url::encode_append(payload, &mut token);
        let mut signature = Vec::with_capacity(256);
        self.key.sign(token.as_bytes(), &mut signature)?;
        token.push('.');
        base64url::encode_append(&signature, &mut token);
        Ok(token)
    }

    /// 128 bits of randomness: what makes a `jti` unique without asking anybody.
    fn random_id(&self, now: UnixMillis) -> Result<String, Fault> {
        let bytes = self.ids.next(self.provider, now).map_err(|error| {
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
