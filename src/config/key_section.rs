use std::path::PathBuf;

use serde::Deserialize;

use crate::crypto::Algorithm;
use crate::error::Fault;
use crate::jwk::SecretEncoding;
use crate::keys::{KeyFormat, KeyOrigin, KeySource, LoosePermissions};

use super::Environment;
use super::values::SecretText;

/// A key that is written down: exactly one of the places.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySection {
    /// The key's name, in place of the one that it brings
    pub kid: Option<String>,
    /// The one algorithm that the key is for
    pub algorithm: Option<Algorithm>,
    /// `verify`, `sign`, or both (the default, as far as the key has the means)
    #[serde(default, rename = "use")]
    pub uses: Option<Vec<KeyUse>>,
    /// A PEM file
    pub pem_file: Option<PathBuf>,
    /// PEM text
    pub pem: Option<SecretText>,
    /// A file with one JWK
    pub jwk_file: Option<PathBuf>,
    /// One JWK as text
    pub jwk: Option<SecretText>,
    /// A file with a JWK set
    pub jwks_file: Option<PathBuf>,
    /// A JWK set as text
    pub jwks: Option<SecretText>,
    /// A shared secret, its bytes being those of the text
    pub secret: Option<SecretText>,
    /// A shared secret in base64url
    pub secret_base64url: Option<SecretText>,
    /// A shared secret in hexadecimal
    pub secret_hex: Option<SecretText>,
    /// A file with a shared secret, written as `encoding` says
    pub secret_file: Option<PathBuf>,
    /// An environment variable that holds the key, written as `format` says
    pub env: Option<String>,
    /// For `env`: `pem`, `jwk`, `jwks` or `secret`
    pub format: Option<String>,
    /// For `secret_file` and `env`: `text` (the default), `base64url`, `base64` or `hex`
    pub encoding: Option<String>,
}

/// What is done about a file with a private key or a secret that others may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LooseChoice {
    /// A warning is logged
    #[default]
    Warn,
    /// The configuration is refused
    Refuse,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// To verify
    Verify,
    /// To sign
    Sign,
}

impl KeySection {
    pub(super) fn source(
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
        let file = |path: &PathBuf, format| Some((KeyOrigin::File(path.clone()), format));
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
