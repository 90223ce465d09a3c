use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::crypto::{Algorithm, PublicKey, VerifyKey};

/// A verification key, ready for its one algorithm.
pub struct PreparedKey {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<Box<str>>,
    /// SHA-256 over algorithm, kid and material: equal for the same key, in whatever document.
    pub(super) fingerprint: [u8; 32],
    pub(super) public: Option<PublicKey>,
    pub(super) verify: Box<dyn VerifyKey>,
    pub(super) alive: AtomicBool,
}

impl PreparedKey {
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

    /// The public key; `None` for a shared secret.
    #[must_use]
    pub fn public(&self) -> Option<&PublicKey> {
        self.public.as_ref()
    }

    /// Whether `signature` is this key's over `message`.
    #[inline]
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify.verify(message, signature)
    }

    /// Whether the key is still in its ring. Once `false`, it stays so: a key that returns is
    /// prepared anew.
    #[inline]
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    pub(super) fn retire(&self) {
        self.alive.store(false, Ordering::Release);
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey({} {:?})", self.algorithm, self.kid)
    }
}
