use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::crypto::{Algorithm, KeyMaterial, Provider};
use crate::error::Fault;
use crate::jwk::{Jwk, JwkSet, SecretEncoding, Trust, parse_pem};

use super::KeySpec;

/// Where keys are written down. Can be read again, as a reload does.
#[derive(Clone, Debug)]
pub struct KeySource {
    /// The place
    pub origin: KeyOrigin,
    /// How it is written there
    pub format: KeyFormat,
    /// The `kid`, in place of the one that stands there
    pub kid: Option<String>,
    /// The algorithm, in place of the one that stands there
    pub algorithm: Option<Algorithm>,
    /// Whether tokens may be verified with the key
    pub verifies: bool,
    /// Whether tokens may be signed with the key, where it has the means
    pub signs: bool,
    /// What is done about a file with a private key or a secret that others may read
    pub loose_permissions: LoosePermissions,
}

/// What is done about a file with a private key or a secret that its group or everybody may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoosePermissions {
    /// A warning is logged at every load. Mounted secrets are often readable by their group.
    #[default]
    Warn,
    /// The file is not used.
    Refuse,
}

/// A place that holds key text.
#[derive(Clone)]
#[non_exhaustive]
pub enum KeyOrigin {
    /// The text itself, with the name of where it stood.
    Inline {
        /// The key text
        text: Zeroizing<String>,
        /// Its name in messages
        name: String,
    },
    /// A file.
    File(PathBuf),
}

/// How a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFormat {
    /// PEM: PKCS#8, PKCS#1, SEC1, SPKI or an X.509 certificate
    Pem,
    /// One JWK
    Jwk,
    /// A JWK set
    Jwks,
    /// A shared secret
    Secret(SecretEncoding),
}

/// The largest key file that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

impl KeySource {
    /// Reads and parses the keys. Each call reads anew.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the file or place, and what is wrong there.
    pub fn load(&self, provider: Provider) -> Result<Vec<KeySpec>, Fault> {
        let name = self.origin.name();
        let (text, others_may_read) = self.origin.read()?;
        let wrong = |error: Box<dyn std::error::Error + Send + Sync>| {
            Fault::config(format!("{name}: not a usable {}", self.format.noun())).caused_by(error)
        };
        let specs = match self.format {
            KeyFormat::Pem => {
                let keys = parse_pem(&text, provider).map_err(|error| wrong(error.into()))?;
                keys.into_iter()
                    .map(|material| KeySpec::new(&name, material))
                    .collect()
            }
            KeyFormat::Jwk => vec![from_jwk(
                &name,
                Jwk::parse(&text).map_err(|error| wrong(error.into()))?,
            )],
            KeyFormat::Jwks => {
                let set =
                    JwkSet::parse(&text, Trust::Private).map_err(|error| wrong(error.into()))?;
                for ignored in &set.ignored {
                    tracing::info!(file = %name, position = ignored.position, reason = %ignored.reason, "a key is not used");
                }
                let of_set = |jwk| KeySpec {
                    of_set: true,
                    ..from_jwk(&name, jwk)
                };
                set.keys.into_iter().map(of_set).collect()
            }
            KeyFormat::Secret(encoding) => {
                let text = self.origin.without_line_end(&text);
                let secret = encoding.decode(text).map_err(|error| wrong(error.into()))?;
                vec![KeySpec::new(&name, KeyMaterial::Symmetric(secret))]
            }
        };
        let holds_secret = |spec: &KeySpec| !matches!(spec.material, KeyMaterial::Public(_));
        if others_may_read && specs.iter().any(holds_secret) {
            self.loosely_kept(&name)?;
        }
        self.with_overrides(specs, &name)
    }

    fn loosely_kept(&self, name: &str) -> Result<(), Fault> {
        const WHAT: &str =
            "holds a private key or a secret, and others than its owner may read it; chmod 600 it";
        match self.loose_permissions {
            LoosePermissions::Refuse => Err(Fault::config(format!("{name}: {WHAT}"))),
            LoosePermissions::Warn => {
                tracing::warn!(file = %name, "{WHAT}");
                Ok(())
            }
        }
    }

    fn with_overrides(&self, mut specs: Vec<KeySpec>, name: &str) -> Result<Vec<KeySpec>, Fault> {
        if specs.is_empty() {
            return Err(Fault::config(format!(
                "{name}: holds no key that can be used; add one, or remove the entry"
            )));
        }
        if self.kid.is_some() && specs.len() > 1 {
            return Err(Fault::config(format!(
                "{name}: holds {} keys, and one kid cannot name them all; leave `kid` out or split the file",
                specs.len()
            )));
        }
        for spec in &mut specs {
            spec.verifies &= self.verifies;
            spec.signs &= self.signs;
            if let Some(kid) = &self.kid {
                spec.kid = Some(kid.clone());
            }
            match (self.algorithm, spec.algorithm) {
                (Some(asked), Some(own)) if asked != own => {
                    return Err(Fault::config(format!(
                        "key {}: is for {own}, and the configuration says {asked}; correct one of them",
                        spec.label()
                    )));
                }
                (Some(asked), _) => spec.algorithm = Some(asked),
                (None, _) => {}
            }
        }
        Ok(specs)
    }
}

/// The key specification of a JWK.
#[must_use]
pub(super) fn from_jwk(origin: &str, jwk: Jwk) -> KeySpec {
    let mut spec = KeySpec::new(origin, jwk.material);
    spec.kid = jwk.kid;
    spec.algorithm = jwk.algorithm;
    spec.verifies = jwk.usage.verify;
    spec.signs &= jwk.usage.sign;
    spec
}

impl KeyOrigin {
    /// The name of the place, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Inline { name, .. } => name.clone(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The text, and whether others than the owner of a file may read it.
    fn read(&self) -> Result<(Zeroizing<Vec<u8>>, bool), Fault> {
        let path = match self {
            Self::Inline { text, .. } => {
                return Ok((Zeroizing::new(text.as_bytes().to_vec()), false));
            }
            Self::File(path) => path,
        };
        let failed = |error: std::io::Error| {
            Fault::config(format!(
                "{}: the key file cannot be read; check path and permissions",
                path.display()
            ))
            .caused_by(error)
        };
        // One handle for all, so that what is looked at is what is read.
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let length = metadata.len();
        if length > LARGEST_FILE {
            return Err(Fault::config(format!(
                "{}: is {length} bytes long, a key file has at most {LARGEST_FILE}; is it the right file?",
                path.display()
            )));
        }
        // Of its full size at once: growing would leave copies of the secret behind.
        let size = usize::try_from(length).unwrap_or_default() + 1;
        let mut text = Zeroizing::new(Vec::with_capacity(size));
        file.read_to_end(&mut text).map_err(failed)?;
        Ok((text, others_may_read(&metadata)))
    }

    /// Editors end a file with a line break that is no part of the secret in it.
    fn without_line_end<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Inline { .. } => text,
            Self::File(_) => {
                let ending = [&b"\r\n"[..], b"\n"];
                let without = ending.iter().find_map(|ending| text.strip_suffix(*ending));
                without.unwrap_or(text)
            }
        }
    }
}

#[cfg(unix)]
fn others_may_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o044 != 0
}

#[cfg(not(unix))]
fn others_may_read(_: &Metadata) -> bool {
    false
}

impl KeyFormat {
    fn noun(self) -> &'static str {
        match self {
            Self::Pem => "PEM key",
            Self::Jwk => "JWK",
            Self::Jwks => "JWK set",
            Self::Secret(_) => "secret",
        }
    }
}

/// Shows the place, never the text.
impl fmt::Debug for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyOrigin({})", self.name())
    }
}
