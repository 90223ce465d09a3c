use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::crypto::{Algorithm, KeyFamily, KeyMaterial, Provider};
use crate::error::Fault;
use crate::jwk::SecretEncoding;
use crate::keys::managed::{KeySchedule, KeyVault, SealKey};
use crate::keys::{KeyFormat, KeyOrigin, KeySource, LoosePermissions};
use crate::sign::{Lifetime, SignerSettings};
use crate::store::Store;

use super::Environment;
use super::schema::ProfileSection;
use super::sign_section::SignSection;
use super::state_section::Kept;
use super::values::{OneOrMany, Span};

/// Signing keys of our own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedSection {
    /// What they sign with; `sign.algorithm`, else the first of the profile's
    pub algorithm: Option<Algorithm>,
    /// How long a key signs; 30d
    pub every: Option<Span>,
    /// How long a key is published before it signs; 15m
    pub publish_ahead: Option<Span>,
    /// How long a key verifies after it has signed its last; the longest life of a token, and leeway
    pub keep: Option<Span>,
    /// A file with 32 bytes in base64url, by which the keys are sealed in the store; of several, the first
    /// seals and all of them open
    pub seal_file: Option<OneOrMany>,
    /// An environment variable with the same, or several
    pub seal_env: Option<OneOrMany>,
    /// Keep them on a server without sealing them
    #[serde(default)]
    pub unsealed: bool,
}

/// How long clients may keep the JWK set, unless a profile publishes its keys for less.
pub(super) const JWKS_MAX_AGE: Duration = Duration::from_secs(300);
const EVERY: Duration = Duration::from_secs(30 * 86_400);
const PUBLISH_AHEAD: Duration = Duration::from_secs(15 * 60);
/// Within what every process that shares a store hears of a change.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

impl ManagedSection {
    fn every(&self) -> Duration {
        self.every.map_or(EVERY, |span| span.0)
    }

    pub(super) fn publish_ahead(&self) -> Duration {
        self.publish_ahead.map_or(PUBLISH_AHEAD, |span| span.0)
    }

    fn seal(
        &self,
        environment: &Environment,
        provider: Provider,
    ) -> Result<Option<SealKey>, Fault> {
        let origins: Vec<KeyOrigin> = match (&self.seal_file, &self.seal_env) {
            (None, None) => return Ok(None),
            (Some(OneOrMany(paths)), None) => paths
                .iter()
                .map(|path| KeyOrigin::File(path.into()))
                .collect(),
            (None, Some(OneOrMany(variables))) => variables
                .iter()
                .map(|variable| of_variable(variable, environment))
                .collect::<Result<_, _>>()?,
            (Some(_), Some(_)) => {
                return Err(Fault::config(
                    "sign.managed has both seal_file and seal_env; leave one of them out",
                ));
            }
        };
        let mut keys = origins.into_iter().map(|origin| seal_key(origin, provider));
        let Some(first) = keys.next().transpose()? else {
            return Ok(None);
        };
        keys.try_fold(first, |first, other| Ok(first.opening(other?)))
            .map(Some)
    }
}

fn of_variable(variable: &str, environment: &Environment) -> Result<KeyOrigin, Fault> {
    let text = environment.get(variable).ok_or_else(|| {
        Fault::config(format!(
            "sign.managed.seal_env: environment variable {variable} is not set; set it to 32 bytes in base64url"
        ))
    })?;
    Ok(KeyOrigin::Inline {
        text: zeroize::Zeroizing::new(text.trim().to_owned()),
        name: format!("environment variable {variable}"),
    })
}

fn seal_key(origin: KeyOrigin, provider: Provider) -> Result<SealKey, Fault> {
    let name = origin.name();
    let source = KeySource {
        origin,
        format: KeyFormat::Secret(SecretEncoding::Base64Url),
        kid: None,
        algorithm: None,
        verifies: false,
        signs: false,
        loose_permissions: LoosePermissions::Refuse,
    };
    let wrong = |fault: Fault| {
        Fault::config(format!("the seal key in {name} cannot be used")).caused_by(fault)
    };
    let spec = source.load(provider).map_err(wrong)?.pop();
    match spec.map(|spec| spec.material) {
        Some(KeyMaterial::Symmetric(secret)) => SealKey::new(secret).map_err(wrong),
        _ => Err(Fault::config(format!(
            "the seal key in {name} is no secret"
        ))),
    }
}

impl SignSection {
    /// The algorithm of keys that are made here.
    fn managed_algorithm(
        &self,
        managed: &ManagedSection,
        listed: &[Algorithm],
    ) -> Option<Algorithm> {
        let asked = managed.algorithm.or(self.algorithm);
        asked.or_else(|| listed.first().copied())
    }
}

impl ProfileSection {
    /// When keys that are made here follow one another; `None` where none are.
    pub(super) fn key_schedule(
        &self,
        provider: Provider,
        kept: Kept,
    ) -> Result<Option<KeySchedule>, Fault> {
        let Some((sign, managed)) = self.managed() else {
            return Ok(None);
        };
        if sign.kid.is_some() {
            return Err(Fault::config(
                "sign.kid names a key to sign with, and sign.managed makes them; leave one of them out",
            ));
        }
        let algorithm = sign
            .managed_algorithm(managed, &self.algorithms)
            .filter(|algorithm| self.algorithms.contains(algorithm))
            .ok_or_else(|| {
                Fault::config(
                    "sign.managed.algorithm is none of the profile's algorithms; list it there",
                )
            })?;
        if !provider.generates(algorithm) {
            return Err(Fault::config(format!(
                "sign.managed: provider {} makes no keys for {algorithm}; choose another algorithm or provider",
                provider.name()
            )));
        }
        let (every, publish_ahead) = (managed.every(), managed.publish_ahead());
        if every < Duration::from_secs(1) || publish_ahead >= every {
            return Err(Fault::config(
                "sign.managed: a key must be published for less time than it signs; raise every, or lower publish_ahead",
            ));
        }
        let keep = self.keep(managed)?;
        let mut schedule = KeySchedule::new(algorithm, every, publish_ahead, keep);
        schedule.first_ahead = match kept {
            Kept::InMemory => Duration::ZERO,
            Kept::InFile | Kept::OnServer => HEARD_WITHIN.min(publish_ahead),
        };
        Ok(Some(schedule))
    }

    /// Where they are kept.
    pub(super) fn key_vault(
        &self,
        name: &str,
        provider: Provider,
        environment: &Environment,
        store: &Arc<dyn Store>,
        kept: Kept,
    ) -> Result<Option<KeyVault>, Fault> {
        let Some((_, managed)) = self.managed() else {
            return Ok(None);
        };
        let seal = managed.seal(environment, provider)?;
        if seal.is_none() && kept == Kept::OnServer && !managed.unsealed {
            return Err(Fault::config(
                "sign.managed: whoever reaches the server of the state could read the signing keys there; give \
                 them a seal_file or seal_env (`bearerd keygen --alg HS256` makes a key), or say unsealed = true",
            ));
        }
        if seal.is_some() && managed.unsealed {
            return Err(Fault::config(
                "sign.managed has a seal key and says unsealed = true; leave one of them out",
            ));
        }
        KeyVault::new(Arc::clone(store), name, seal, provider).map(Some)
    }

    /// The longest life of any token that may be signed; `None` where the operator has taken that
    /// upon himself, with tokens that have no end.
    pub(super) fn limit_lifetimes(&self, settings: &mut SignerSettings, schedule: &KeySchedule) {
        if !self.signs_without_end() {
            settings.longest = Some(schedule.keep.saturating_sub(self.leeway()));
        }
    }

    pub(super) fn managed(&self) -> Option<(&SignSection, &ManagedSection)> {
        let sign = self.sign.as_ref()?;
        Some((sign, sign.managed.as_ref()?))
    }

    /// Whether a key of ours is published to others than those who share the store.
    pub(super) fn publishes_managed(&self) -> bool {
        let algorithm = self
            .managed()
            .and_then(|(sign, managed)| sign.managed_algorithm(managed, &self.algorithms));
        algorithm.is_some_and(|algorithm| algorithm.family() != KeyFamily::Hmac)
    }

    fn leeway(&self) -> Duration {
        self.leeway.map(|span| span.0).unwrap_or_default()
    }

    fn lifetimes(&self) -> [Lifetime; 2] {
        let defaults = SignerSettings::default();
        let sign = self.sign.clone().unwrap_or_default();
        let refresh = sign.refresh.unwrap_or(defaults.refresh);
        let family = self
            .rotation
            .as_ref()
            .and_then(|rotation| rotation.family_lifetime);
        let refresh = match (refresh, family) {
            (Lifetime::For(own), Some(family)) => Lifetime::For(own.min(family.0)),
            (Lifetime::Unlimited, Some(family)) => Lifetime::For(family.0),
            (own, None) => own,
        };
        [sign.access.unwrap_or(defaults.access), refresh]
    }

    fn signs_without_end(&self) -> bool {
        self.lifetimes().contains(&Lifetime::Unlimited)
    }

    fn keep(&self, managed: &ManagedSection) -> Result<Duration, Fault> {
        let spans = self.lifetimes().map(|lifetime| match lifetime {
            Lifetime::For(span) => span,
            Lifetime::Unlimited => Duration::ZERO,
        });
        let longest = spans.into_iter().max().unwrap_or_default() + self.leeway();
        match managed.keep {
            None if self.signs_without_end() => Err(Fault::config(
                "sign.managed: it signs tokens without exp, and a key must verify as long as they are to be \
                 accepted; say how long with sign.managed.keep",
            )),
            None => Ok(longest),
            Some(keep) if keep.0 < longest => Err(Fault::config(format!(
                "sign.managed.keep is shorter than the longest token lives, leeway included ({} s); raise it, or leave it out",
                longest.as_secs()
            ))),
            Some(keep) => Ok(keep.0),
        }
    }
}

impl ProfileSection {
    /// What an operator should know of how its keys are published. `bound` is how late another
    /// process may hear of one.
    pub(super) fn managed_remark(&self, bound: Duration) -> Option<String> {
        let (_, managed) = self.managed()?;
        let ahead = managed.publish_ahead();
        let published = self.publishes_managed();
        let least = bound
            + if published {
                JWKS_MAX_AGE
            } else {
                Duration::ZERO
            };
        (ahead < least).then(|| {
            format!(
                "publishes a signing key {} s before it signs: under {} s, processes that hear of it late{} refuse its \
                 first tokens",
                ahead.as_secs(),
                least.as_secs(),
                if published { ", and clients that keep the JWK set," } else { "" }
            )
        })
    }
}
