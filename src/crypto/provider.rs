use std::fmt;

use crate::secret::Secret;

use super::{Algorithm, Custody, KeyFamily, KeyMaterial, KeyStrength, PrivateKey};

/// A provider, by reference: a value to pass around.
pub type Provider = &'static dyn CryptoProvider;

/// What the crate needs of a cryptographic library.
///
/// A provider offers what its library has: [`verifies`](Self::verifies) and
/// [`signs`](Self::signs) say so, and one that offers verification alone is welcome.
pub trait CryptoProvider: Custody + fmt::Debug + Send + Sync + 'static {
    /// Its name in configuration: `aws-lc-rs`, `ring`.
    fn name(&self) -> &'static str;

    /// Whether it verifies signatures of that algorithm.
    fn verifies(&self, algorithm: Algorithm) -> bool;

    /// Whether it makes signatures of that algorithm.
    fn signs(&self, algorithm: Algorithm) -> bool;

    /// Prepares a key to verify with one algorithm. A private key gives its public half.
    ///
    /// # Errors
    /// Where the key is of another family, too weak for `strength`, not on its curve, or the
    /// algorithm is not offered.
    fn verify_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn VerifyKey>, KeyError>;

    /// Prepares a key to sign with one algorithm.
    ///
    /// # Errors
    /// As [`verify_key`](Self::verify_key), and where the key has no private half.
    fn sign_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn SignKey>, KeyError>;

    /// Makes a new key for that algorithm: RSA of 2048 bits, HMAC secrets as long as the hash.
    ///
    /// # Errors
    /// Where the library cannot make keys of that family, or the system has no randomness.
    fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyError>;

    /// Computes the public half of a bare EC scalar or Ed25519 seed, as PEM may hold them.
    ///
    /// # Errors
    /// Where `private` is not one of that family, or the library cannot do it.
    fn complete(&self, family: KeyFamily, private: &Secret) -> Result<PrivateKey, KeyError>;

    /// Fills `bytes` from the system's secure randomness.
    ///
    /// # Errors
    /// Where the system has none.
    fn random(&self, bytes: &mut [u8]) -> Result<(), KeyError>;

    /// SHA-256.
    fn sha256(&self, bytes: &[u8]) -> [u8; 32];
}

/// A key that verifies with the one algorithm it was prepared for.
pub trait VerifyKey: Send + Sync {
    /// Whether `signature` is that key's over `message`. Constant-time for MACs; any other length
    /// than the algorithm's is `false`.
    #[must_use]
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A key that signs with the one algorithm it was prepared for.
pub trait SignKey: Send + Sync {
    /// Appends the signature over `message` to `signature`.
    ///
    /// # Errors
    /// Where the library fails, which for a checked key means: no randomness.
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError>;
}

/// Why a key was not prepared, or did not sign. Says nothing of the key's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The provider does not offer the algorithm.
    NotOffered {
        /// the provider
        provider: &'static str,
        /// the algorithm
        algorithm: Algorithm,
    },
    /// The key is of another family than the algorithm takes.
    WrongFamily(Algorithm),
    /// A public key cannot sign.
    NoPrivateHalf,
    /// An RSA modulus outside of 2048 to 8192 bits.
    RsaSize {
        /// what the key has
        bits: usize,
    },
    /// An RSA exponent that is one, even, or over 33 bits.
    RsaExponent,
    /// An HMAC secret shorter than the hash's output.
    SecretTooShort {
        /// what the secret has, in bytes
        bytes: usize,
        /// what the algorithm needs, in bytes
        least: usize,
    },
    /// An HMAC secret that is the text of an asymmetric key.
    SecretIsKeyText,
    /// A good key, but not one that this provider takes.
    NotTaken {
        /// the provider
        provider: &'static str,
        /// what it would take
        takes: &'static str,
    },
    /// The library does not take the key: off its curve, inconsistent, or broken.
    Invalid,
    /// The library failed at its work; for a good key that means the system has no randomness.
    Failed,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered { provider, algorithm } => {
                write!(f, "provider {provider} does not offer {algorithm}; choose another algorithm or provider")
            }
            Self::WrongFamily(algorithm) => write!(f, "the key is not one that {algorithm} takes"),
            Self::NoPrivateHalf => f.write_str("a public key cannot sign; give the private key"),
            Self::RsaSize { bits } => write!(
                f,
                "the RSA modulus has {bits} bits, 2048 to 8192 are accepted; make a longer key, \
                 or set allow_weak_keys for 1024 and more"
            ),
            Self::RsaExponent => f.write_str("the RSA exponent is one, even or over 33 bits; use 65537"),
            Self::SecretTooShort { bytes, least } => write!(
                f,
                "the secret has {bytes} bytes, at least {least} are needed (RFC 7518 §3.2); \
                 make a longer one, or set allow_weak_keys"
            ),
            Self::SecretIsKeyText => f.write_str(
                "the secret is the text of an asymmetric key; name it as pem or jwk, with its own algorithm",
            ),
            Self::NotTaken { provider, takes } => {
                write!(f, "provider {provider} takes {takes}; choose another key or provider")
            }
            Self::Invalid => f.write_str("the key is broken: off its curve, inconsistent or incomplete"),
            Self::Failed => f.write_str("the cryptographic library failed, most likely for want of randomness"),
        }
    }
}

impl std::error::Error for KeyError {}
