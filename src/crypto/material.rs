use crate::secret::Secret;

use super::{Curve, KeyError, KeyFamily};

/// A parsed key of any family, not yet bound to an algorithm.
///
/// JWK and PEM both end here; from here on there is one form a key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// A shared secret
    Symmetric(Secret),
    /// A public key
    Public(PublicKey),
    /// A private key with its public half
    Private(PrivateKey),
}

/// A public key in canonical form: equal keys compare equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// Modulus and exponent, big-endian, without leading zero octets.
    Rsa {
        /// The modulus
        n: Vec<u8>,
        /// The exponent
        e: Vec<u8>,
    },
    /// A point on a curve, in SEC1 uncompressed form (`04 x y`).
    Ec {
        /// The curve
        curve: Curve,
        /// `04`, x, y
        point: Vec<u8>,
    },
    /// An Ed25519 public key.
    Ed25519([u8; 32]),
}

/// A private key with its public half.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PrivateKey {
    /// RSA, as PKCS#1 DER.
    Rsa {
        /// `RSAPrivateKey` (RFC 8017 A.1.2)
        pkcs1: Secret,
        /// The public half
        public: PublicKey,
    },
    /// A scalar on a curve.
    Ec {
        /// The scalar, big-endian, as long as a coordinate
        scalar: Secret,
        /// The public half
        public: PublicKey,
    },
    /// An Ed25519 seed.
    Ed25519 {
        /// The 32-byte seed
        seed: Secret,
        /// The public half
        public: PublicKey,
    },
}

impl PublicKey {
    /// The family whose algorithms take it.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match self {
            Self::Rsa { .. } => KeyFamily::Rsa,
            Self::Ec { curve, .. } => KeyFamily::Ec(*curve),
            Self::Ed25519(_) => KeyFamily::Ed25519,
        }
    }
}

impl PrivateKey {
    /// An Ed25519 key from its two halves.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where one of them is not 32 bytes long.
    pub fn ed25519(seed: Secret, public: &[u8]) -> Result<Self, KeyError> {
        match public.try_into() {
            Ok(public) if seed.expose().len() == 32 => Ok(Self::Ed25519 {
                seed,
                public: PublicKey::Ed25519(public),
            }),
            _ => Err(KeyError::Invalid),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Rsa { public, .. } | Self::Ec { public, .. } | Self::Ed25519 { public, .. } => {
                public
            }
        }
    }
}

impl KeyMaterial {
    /// The family whose algorithms take it.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match self {
            Self::Symmetric(_) => KeyFamily::Hmac,
            Self::Public(key) => key.family(),
            Self::Private(key) => key.public().family(),
        }
    }

    /// The public half, where there is one.
    #[must_use]
    pub fn public(&self) -> Option<&PublicKey> {
        match self {
            Self::Symmetric(_) => None,
            Self::Public(key) => Some(key),
            Self::Private(key) => Some(key.public()),
        }
    }
}
