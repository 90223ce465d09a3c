use std::fmt;

use crate::crypto::{Algorithm, KeyError, KeyStrength, Provider, SignKey};
use crate::error::{Code, Fault};

use super::KeySpec;

/// A key that signs with its one algorithm.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: Option<Box<str>>,
    key: Box<dyn SignKey>,
}

impl SigningKey {
    /// Prepares a key for signing with `algorithm`.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key that is too weak, broken, public or of another family.
    pub fn prepare(
        provider: Provider,
        algorithm: Algorithm,
        strength: KeyStrength,
        spec: &KeySpec,
    ) -> Result<Self, Fault> {
        let key = if provider.signs(algorithm) {
            provider.sign_key(algorithm, &spec.material, strength)
        } else {
            Err(KeyError::NotOffered {
                provider: provider.name(),
                algorithm,
            })
        };
        let key = key.map_err(|error| {
            Fault::config(format!("key {} cannot sign", spec.label())).caused_by(error)
        })?;
        Ok(Self {
            algorithm,
            kid: spec.kid.as_deref().map(Into::into),
            key,
        })
    }

    /// The algorithm it was prepared for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Appends the signature over `message`.
    ///
    /// # Errors
    /// `INTERNAL` where the library fails, which for a prepared key means: no randomness.
    pub fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), Fault> {
        self.key.sign(message, signature).map_err(|error| {
            Fault::new(Code::Internal, "a token could not be signed").caused_by(error)
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {:?})", self.algorithm, self.kid)
    }
}
