use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::{ClaimNames, KindNames, Rules};
use crate::clock::Clock;
use crate::crypto::{self, KeyMaterial, KeyStrength, Provider};
use crate::error::Fault;
use crate::jwk::SecretEncoding;
use crate::keys::remote::{RemoteConfig, RemoteHandle, RemoteKeys};
use crate::keys::{KeyFormat, KeyOrigin, KeyRing, KeySource, KeySpec, KidPolicy, LoosePermissions};
use crate::limits::Limits;
use crate::sign::{Lifetime, Reuse, SignerSettings};
use crate::state::SpentHandles;
use crate::store::{MemoryLimits, MemoryStore, Store};
use crate::verify::cache::CacheConfig;
use crate::verify::{Verifier, Verifiers};

use super::profile::SigningPlan;
use super::schema::{
    ClaimsSection, Expiration, JwksSection, KeySection, KeyUse, KidChoice, LooseChoice,
    ProfileSection, RotationMode, SignSection,
};
use super::values::{OneOrMany, SecretText, TokenPlace};
use super::{Config, Environment, Profile, Profiles};

/// How long a spent token's answer is repeated, unless the profile says otherwise.
const DEFAULT_GRACE: Duration = Duration::from_secs(10);

impl Config {
    /// Reads every key and makes every profile. Nothing is served from a configuration that does
    /// not hold as a whole.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming profile, key and file.
    pub fn build(
        &self,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<Profiles, Fault> {
        if self.profiles.is_empty() {
            return Err(Fault::config(
                "no profile is configured; add a [profiles.NAME] section",
            ));
        }
        let store: Arc<dyn Store> =
            Arc::new(MemoryStore::new(MemoryLimits::default(), Arc::clone(clock)));
        let mut by_name = BTreeMap::new();
        for (name, section) in &self.profiles {
            let profile = section
                .build(name, environment, clock, &store)
                .map_err(|fault| {
                    Fault::config(format!("profile {name:?} cannot be used")).caused_by(fault)
                })?;
            by_name.insert(name.clone(), Arc::new(profile));
        }
        let only = (self.profiles.len() == 1)
            .then(|| self.profiles.keys().next().cloned())
            .flatten();
        let default = self.default_profile.clone().or(only);
        let verifiers = Verifiers::new(
            by_name
                .values()
                .map(|profile: &Arc<Profile>| Arc::clone(profile.verifier())),
            self.issuers.clone(),
            default.as_deref(),
        )?;
        Ok(Profiles {
            by_name,
            verifiers,
            guards: self.guards.clone(),
            default,
        })
    }
}

impl ProfileSection {
    fn build(
        &self,
        name: &str,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
        store: &Arc<dyn Store>,
    ) -> Result<Profile, Fault> {
        let provider = provider(self.provider.as_deref())?;
        let strength = if self.allow_weak_keys {
            KeyStrength::AllowWeak
        } else {
            KeyStrength::Standard
        };
        if self.keys.is_empty() && self.jwks.is_none() {
            return Err(Fault::config(
                "it has no keys; add [[keys]] or a [jwks] section",
            ));
        }
        let sources = self
            .keys
            .iter()
            .enumerate()
            .map(|(at, key)| {
                key.source(&format!("keys[{at}]"), self.loose_permissions, environment)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let ring = Arc::new(KeyRing::new(provider, &self.algorithms, strength)?);
        let names = self.claims.names();
        let verifier = Verifier::builder(name, Arc::clone(&ring))
            .rules(self.rules())
            .claim_names(names.clone())
            .require(self.require.clone())
            .limits(self.limits())
            .kid_policy(self.kid_policy())
            .cache(self.cache())
            .cache_cap(self.cache.cap.map_or(Duration::from_secs(300), |cap| cap.0))
            .clock(Arc::clone(clock))
            .build()?;
        let signing = match &self.sign {
            Some(sign) => Some(self.signing_plan(sign, names, name, clock, store)?),
            None if self.rotation.is_some() => {
                return Err(Fault::config(
                    "it has a [rotation] section and no [sign] section; rotation signs: add one",
                ));
            }
            None => None,
        };
        let mut profile = Profile {
            verifier: Arc::new(verifier),
            places: self
                .token_from
                .clone()
                .unwrap_or_else(|| vec![TokenPlace::Bearer]),
            identity_headers: self.identity_headers.clone(),
            sources,
            remote: None,
            refuse_placeholders: !self.allow_weak_keys,
            signing,
            issue: arc_swap::ArcSwapOption::empty(),
        };
        if profile.places.is_empty() {
            return Err(Fault::config(
                "token_from is empty; name a place, or leave it out for [\"bearer\"]",
            ));
        }
        let reloaded = profile.read_keys()?;
        profile.take_keys(reloaded)?;
        if let Some(jwks) = &self.jwks {
            profile.remote = Some(jwks.start(&ring, provider, clock)?);
        }
        Ok(profile)
    }

    fn rules(&self) -> Rules {
        let list = |values: &Option<OneOrMany>| {
            values
                .as_ref()
                .map(|values| values.0.clone())
                .unwrap_or_default()
        };
        Rules {
            issuers: list(&self.issuer),
            audiences: list(&self.audience),
            types: list(&self.types),
            expiration_required: self.expiration == Expiration::Required,
            leeway: self.leeway.map(|span| span.0).unwrap_or_default(),
            max_age: self.max_age.map(|span| span.0),
        }
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let section = &self.limits;
        limits.token = section.token.unwrap_or(limits.token);
        limits.header = section.header.unwrap_or(limits.header);
        limits.depth = section.depth.unwrap_or(limits.depth);
        limits.members = section.members.unwrap_or(limits.members);
        limits
    }

    fn cache(&self) -> CacheConfig {
        let mut cache = CacheConfig::default();
        let section = &self.cache;
        cache.max_entries = section.max_entries.unwrap_or(cache.max_entries);
        cache.max_bytes = section.max_bytes.unwrap_or(cache.max_bytes);
        cache.max_entry_bytes = section.max_entry_bytes.unwrap_or(cache.max_entry_bytes);
        cache
    }

    fn kid_policy(&self) -> KidPolicy {
        match self.kid {
            KidChoice::Ignore => KidPolicy::Ignore,
            KidChoice::Optional => KidPolicy::Optional,
            KidChoice::Required => KidPolicy::Required,
        }
    }

    fn signing_plan(
        &self,
        sign: &SignSection,
        names: ClaimNames,
        profile: &str,
        clock: &Arc<dyn Clock>,
        store: &Arc<dyn Store>,
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
        let unlimited = [settings.access, settings.refresh].contains(&Lifetime::Unlimited);
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
                Some(Box::new(move || Reuse::Detected {
                    spent: SpentHandles::new(Arc::clone(&store), &profile, Arc::clone(&clock)),
                    grace,
                }))
            }
        };
        Ok(SigningPlan {
            algorithm: sign.algorithm,
            kid: sign.kid.clone(),
            settings,
            rotation,
        })
    }
}

impl ClaimsSection {
    fn names(&self) -> ClaimNames {
        let mut names = ClaimNames::default();
        let set = |name: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                name.clone_from(value);
            }
        };
        set(&mut names.subject, &self.subject);
        set(&mut names.scope, &self.scope);
        set(&mut names.role, &self.role);
        set(&mut names.vip, &self.vip);
        set(&mut names.team, &self.team);
        set(&mut names.device, &self.device);
        set(&mut names.handle, &self.handle);
        set(&mut names.family, &self.family);
        names.kind = self.kind.as_ref().map(|kind| KindNames {
            claim: kind.claim.clone(),
            access: kind.access.clone(),
            refresh: kind.refresh.clone(),
        });
        names
    }
}

impl JwksSection {
    fn start(
        &self,
        ring: &Arc<KeyRing>,
        provider: Provider,
        clock: &Arc<dyn Clock>,
    ) -> Result<RemoteKeys, Fault> {
        let mut config = RemoteConfig::new(self.url.clone());
        config.allow_http = self.allow_http;
        config.allow_private = self.allow_private;
        config.ca_file.clone_from(&self.ca_file);
        config.cache_dir.clone_from(&self.cache_dir);
        config.max_bytes = self.max_bytes.unwrap_or(config.max_bytes);
        let spans = [
            (&mut config.timeout, self.timeout),
            (&mut config.min_refresh, self.min_refresh),
            (&mut config.max_refresh, self.max_refresh),
            (&mut config.default_refresh, self.default_refresh),
            (&mut config.unknown_kid_cooldown, self.unknown_kid_cooldown),
            (&mut config.stale_after, self.stale_after),
        ];
        for (span, section) in spans {
            *span = section.map_or(*span, |section| section.0);
        }
        let mut seed = [0; 8];
        provider
            .random(&mut seed)
            .map_err(|error| Fault::config("the system gave no randomness").caused_by(error))?;
        // Nothing has been loaded: until the first document, verification answers
        // KEYS_UNAVAILABLE.
        ring.set_trust_until(crate::clock::UnixMillis::EPOCH);
        start_remote(&config, ring, clock, u64::from_le_bytes(seed))
    }
}

#[cfg(feature = "remote")]
fn start_remote(
    config: &RemoteConfig,
    ring: &Arc<KeyRing>,
    clock: &Arc<dyn Clock>,
    seed: u64,
) -> Result<RemoteKeys, Fault> {
    let fetch = Box::new(crate::keys::remote::HttpFetch::new(config)?);
    let keys = RemoteKeys::spawn(
        config,
        fetch,
        Arc::clone(ring) as _,
        Arc::clone(clock),
        seed,
    )?;
    let handle = RemoteHandle::clone(&keys);
    ring.on_unknown_kid(move |kid| handle.unknown_kid(kid));
    Ok(keys)
}

#[cfg(not(feature = "remote"))]
fn start_remote(
    _: &RemoteConfig,
    _: &Arc<KeyRing>,
    _: &Arc<dyn Clock>,
    _: u64,
) -> Result<RemoteKeys, Fault> {
    Err(Fault::config(
        "this build has no HTTP client; build it with the `remote` feature, or use jwks_file",
    ))
}

impl KeySection {
    fn source(
        &self,
        name: &str,
        loose: LooseChoice,
        environment: &Environment,
    ) -> Result<KeySource, Fault> {
        let encoding = |key: &str| {
            match self.encoding.as_deref() {
            None => Ok(SecretEncoding::Text),
            Some(encoding) => SecretEncoding::from_name(encoding).ok_or_else(|| {
                Fault::config(format!("{name}.{key}: encoding {encoding:?} is not known; use text, base64url, base64 or hex"))
            }),
        }
        };
        let inline = |key: &str, text: &SecretText, format| {
            Some((
                KeyOrigin::Inline {
                    text: text.0.clone(),
                    name: format!("{name}.{key}"),
                },
                format,
            ))
        };
        let file =
            |path: &std::path::PathBuf, format| Some((KeyOrigin::File(path.clone()), format));
        let mut found: Vec<(KeyOrigin, KeyFormat)> = [
            self.pem_file
                .as_ref()
                .and_then(|path| file(path, KeyFormat::Pem)),
            self.jwk_file
                .as_ref()
                .and_then(|path| file(path, KeyFormat::Jwk)),
            self.jwks_file
                .as_ref()
                .and_then(|path| file(path, KeyFormat::Jwks)),
            self.pem
                .as_ref()
                .and_then(|text| inline("pem", text, KeyFormat::Pem)),
            self.jwk
                .as_ref()
                .and_then(|text| inline("jwk", text, KeyFormat::Jwk)),
            self.jwks
                .as_ref()
                .and_then(|text| inline("jwks", text, KeyFormat::Jwks)),
            self.secret
                .as_ref()
                .and_then(|text| inline("secret", text, KeyFormat::Secret(SecretEncoding::Text))),
            self.secret_base64url.as_ref().and_then(|text| {
                inline(
                    "secret_base64url",
                    text,
                    KeyFormat::Secret(SecretEncoding::Base64Url),
                )
            }),
            self.secret_hex.as_ref().and_then(|text| {
                inline("secret_hex", text, KeyFormat::Secret(SecretEncoding::Hex))
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(path) = &self.secret_file {
            found.push((
                KeyOrigin::File(path.clone()),
                KeyFormat::Secret(encoding("secret_file")?),
            ));
        }
        if let Some(variable) = &self.env {
            let text = environment.get(variable).ok_or_else(|| {
                Fault::config(format!(
                    "{name}.env: environment variable {variable} is not set; set it to the key"
                ))
            })?;
            let format = match self.format.as_deref() {
                Some("pem") => KeyFormat::Pem,
                Some("jwk") => KeyFormat::Jwk,
                Some("jwks") => KeyFormat::Jwks,
                Some("secret") => KeyFormat::Secret(encoding("env")?),
                _ => {
                    return Err(Fault::config(format!(
                        "{name}.format: must say how {variable} is written: pem, jwk, jwks or secret"
                    )));
                }
            };
            let text = zeroize::Zeroizing::new(text.to_owned());
            found.push((
                KeyOrigin::Inline {
                    text,
                    name: format!("environment variable {variable}"),
                },
                format,
            ));
        }
        let stray = (self.format.is_some() && self.env.is_none())
            || (self.encoding.is_some() && self.env.is_none() && self.secret_file.is_none());
        if stray {
            return Err(Fault::config(format!(
                "{name}: format and encoding belong to env and secret_file; leave them out"
            )));
        }
        let one = (found.len() == 1).then(|| found.pop()).flatten();
        let (origin, format) = one.ok_or_else(|| {
            Fault::config(format!(
                "{name}: give the key in exactly one place: pem_file, pem, jwk_file, jwk, jwks_file, jwks, secret, \
                 secret_base64url, secret_hex, secret_file or env"
            ))
        })?;
        let used = |what| self.uses.as_ref().is_none_or(|uses| uses.contains(&what));
        Ok(KeySource {
            origin,
            format,
            kid: self.kid.clone(),
            algorithm: self.algorithm,
            verifies: used(KeyUse::Verify),
            signs: used(KeyUse::Sign),
            loose_permissions: match loose {
                LooseChoice::Warn => LoosePermissions::Warn,
                LooseChoice::Refuse => LoosePermissions::Refuse,
            },
        })
    }
}

fn provider(name: Option<&str>) -> Result<Provider, Fault> {
    let providers = crypto::providers();
    let wanted = match name {
        None => providers.first(),
        Some(name) => providers.iter().find(|provider| provider.name() == name),
    };
    wanted.copied().ok_or_else(|| {
        let built: Vec<&str> = providers.iter().map(|provider| provider.name()).collect();
        Fault::config(format!(
            "provider: this build has {}; choose one of them, or build with the other's feature",
            built.join(", ")
        ))
    })
}

pub(super) fn refuse_placeholders(specs: &[KeySpec]) -> Result<(), Fault> {
    for spec in specs {
        if let KeyMaterial::Symmetric(secret) = &spec.material
            && let Some(why) = super::placeholder::placeholder(secret.expose())
        {
            return Err(Fault::config(format!(
                "key {}: the secret looks like a placeholder ({why}); make a random one with `bearerd keygen --alg HS256`",
                spec.label()
            )));
        }
    }
    Ok(())
}
