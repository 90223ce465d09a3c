use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::claims::ClaimNames;
use crate::clock::Clock;
use crate::crypto::Algorithm;
use crate::error::Fault;
use crate::sign::{FamilyLimits, Lifetime, Reuse, SignerSettings};
use crate::state::{RevocationLog, SpentHandles};
use crate::store::Store;

use super::issuer::SigningPlan;
use super::managed_section::ManagedSection;
use super::rotation_section::RotationMode;
use super::schema::{Expiration, ProfileSection};
use super::values::OneOrMany;

/// Signing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignSection {
    /// The algorithm to sign with; the first of the profile's that a signing key fits
    pub algorithm: Option<Algorithm>,
    /// The key to sign with; the first that signs
    pub kid: Option<String>,
    /// How long access tokens live; 15m
    pub access: Option<Lifetime>,
    /// How long refresh tokens live; 7d
    pub refresh: Option<Lifetime>,
    /// The header's `typ`; `JWT`
    #[serde(rename = "type")]
    pub typ: Option<String>,
    /// Signing keys that are made here and follow one another; needs no `keys`, and those that there
    /// are verify beside them
    pub managed: Option<ManagedSection>,
}

/// How long a spent token's answer is repeated, unless the profile says otherwise.
const DEFAULT_GRACE: Duration = Duration::from_secs(10);

impl ProfileSection {
    fn family_limits(&self) -> Result<FamilyLimits, Fault> {
        let Some(rotation) = &self.rotation else {
            return Ok(FamilyLimits::default());
        };
        for (key, span) in [
            ("family_lifetime", rotation.family_lifetime),
            ("idle", rotation.idle),
        ] {
            if span.is_some_and(|span| span.0 < Duration::from_secs(1)) {
                return Err(Fault::config(format!(
                    "rotation.{key} is under a second, so nothing would ever rotate; raise it, or leave it out"
                )));
            }
        }
        Ok(FamilyLimits {
            lifetime: rotation.family_lifetime.map(|span| span.0),
            idle: rotation.idle.map(|span| span.0),
        })
    }

    pub(super) fn signing_plan(
        &self,
        sign: &SignSection,
        names: ClaimNames,
        profile: &str,
        clock: &Arc<dyn Clock>,
        store: &Arc<dyn Store>,
        log: &Arc<RevocationLog>,
    ) -> Result<SigningPlan, Fault> {
        let mut settings = SignerSettings::default();
        let first = |values: &Option<OneOrMany>| {
            values.as_ref().and_then(|values| values.0.first().cloned())
        };
        settings.issuer = first(&self.issuer);
        settings.audiences = self
            .audience
            .as_ref()
            .map(|values| values.0.clone())
            .unwrap_or_default();
        settings.names = names;
        settings.access = sign.access.unwrap_or(settings.access);
        settings.refresh = sign.refresh.unwrap_or(settings.refresh);
        if let Some(typ) = sign.typ.clone().or_else(|| first(&self.types)) {
            settings.typ = typ;
        }
        settings.limits = self.family_limits()?;
        let refresh_ends = settings.limits.lifetime.is_some();
        let unlimited = settings.access == Lifetime::Unlimited
            || (settings.refresh == Lifetime::Unlimited && !refresh_ends);
        if unlimited && self.expiration == Expiration::Required {
            return Err(Fault::config(
                "it signs tokens without exp and would refuse them; set expiration = \"optional\", and max_age beside it",
            ));
        }
        let rotation: Option<Box<dyn Fn() -> Reuse + Send + Sync>> = match &self.rotation {
            None => None,
            Some(rotation) if rotation.reuse == RotationMode::Stateless => {
                Some(Box::new(|| Reuse::Allowed))
            }
            Some(rotation) => {
                settings.families = true;
                let grace = rotation.grace.map_or(DEFAULT_GRACE, |grace| grace.0);
                let (store, profile, clock) =
                    (Arc::clone(store), profile.to_owned(), Arc::clone(clock));
                let log = Arc::clone(log);
                Some(Box::new(move || Reuse::Detected {
                    spent: SpentHandles::new(Arc::clone(&store), &profile, Arc::clone(&clock)),
                    grace,
                    log: Arc::clone(&log),
                }))
            }
        };
        Ok(SigningPlan {
            algorithm: sign.algorithm,
            kid: sign.kid.clone(),
            settings,
            rotation,
            verified_by_published_keys: self.jwks.is_some(),
            managed: sign.managed.is_some(),
        })
    }
}
