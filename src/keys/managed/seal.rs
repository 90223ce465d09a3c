use zeroize::Zeroizing;

use super::ManagedKey;
use crate::crypto::{KeyMaterial, Provider};
use crate::error::{Code, Fault};
use crate::jwk::{Jwk, private_jwk, thumbprint};
use crate::secret::Secret;

/// What the keys in a store are sealed with: 32 bytes that the store does not know, and others by
/// which what is sealed opens as well, while one seal key takes another's place.
#[derive(Clone, Debug)]
pub struct SealKey {
    secret: Secret,
    others: Vec<Secret>,
}

impl SealKey {
    /// From its bytes.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where they are not 32.
    pub fn new(secret: Secret) -> Result<Self, Fault> {
        match secret.expose().len() {
            32 => Ok(Self {
                secret,
                others: Vec::new(),
            }),
            length => Err(Fault::config(format!(
                "the seal key has {length} bytes and must have 32; `bearerd keygen --alg HS256` makes one"
            ))),
        }
    }

    /// The same, which also opens what another one has sealed.
    #[must_use]
    pub fn opening(mut self, other: Self) -> Self {
        self.others.push(other.secret);
        self.others.extend(other.others);
        self
    }

    fn all(&self) -> impl Iterator<Item = Zeroizing<[u8; 32]>> {
        std::iter::once(&self.secret).chain(&self.others).map(bytes)
    }
}

fn bytes(secret: &Secret) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(secret.expose());
    bytes
}

/// A key as the store has it: its JWK, sealed where there is something to seal it with.
pub(super) fn written(
    key: &ManagedKey,
    profile: &str,
    seal: Option<&SealKey>,
    provider: Provider,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let failed =
        |error| Fault::new(Code::Internal, "a signing key could not be written").caused_by(error);
    let jwk = private_jwk(&key.material, Some(&key.kid), Some(key.algorithm)).map_err(failed)?;
    match seal {
        None => Ok(Zeroizing::new(jwk.as_bytes().to_vec())),
        Some(seal) => provider
            .seal(&bytes(&seal.secret), &purpose(key, profile), jwk.as_bytes())
            .map(Zeroizing::new)
            .map_err(failed),
    }
}

/// The key of such a text. `of` says what it must be the key of.
pub(super) fn read(
    text: &[u8],
    of: &ManagedKey,
    profile: &str,
    seal: Option<&SealKey>,
    provider: Provider,
) -> Result<KeyMaterial, Fault> {
    let wrong = |what: &str| {
        Fault::config(format!(
            "signing key {} of profile {profile:?} in the store {what}; the keys stay as they were",
            of.kid
        ))
    };
    let jwk = match seal {
        None => Secret::new(text.to_vec()),
        Some(seal) => seal
            .all()
            .find_map(|bytes| provider.open(&bytes, &purpose(of, profile), text).ok())
            .ok_or_else(|| {
                wrong(
                    "does not open: it was sealed with another seal key, for another key or profile, or \
                     changed since; check seal_file or seal_env",
                )
            })?,
    };
    let broken = || match seal {
        None => {
            wrong("is no key, or is sealed and there is no seal key; check seal_file or seal_env")
        }
        Some(_) => wrong("is no key"),
    };
    let jwk = Jwk::parse(jwk.expose()).map_err(|_| broken())?;
    let named = jwk.kid.as_deref() == Some(&of.kid) && jwk.algorithm == Some(of.algorithm);
    let print = jwk.material.public().map(|key| thumbprint(key, provider));
    if !named || print.is_some_and(|print| print != of.kid) {
        return Err(wrong("is another key under its name"));
    }
    Ok(jwk.material)
}

/// What a sealed key is for, in bytes that no two purposes share: moved to another place, or to
/// another time of its life, it does not open.
fn purpose(key: &ManagedKey, profile: &str) -> Vec<u8> {
    let mut text = Vec::new();
    let mut field = |bytes: &[u8]| {
        text.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        text.extend_from_slice(bytes);
    };
    field(b"bearerd signing key 1");
    field(profile.as_bytes());
    field(key.kid.as_bytes());
    field(key.algorithm.name().as_bytes());
    for moment in [key.staged, key.activates] {
        field(&moment.millis().to_be_bytes());
    }
    field(&key.keep.as_millis().to_be_bytes());
    text
}
