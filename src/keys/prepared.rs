use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::UnixMillis;
use crate::crypto::{Algorithm, PublicKey, VerifyKey};

/// A verification key, ready for its one algorithm.
pub struct PreparedKey {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<Box<str>>,
    /// SHA-256 over algorithm, kid and material: equal for the same key, in whatever document.
    pub(super) fingerprint: [u8; 32],
    pub(super) public: Option<PublicKey>,
    pub(super) verify: Box<dyn VerifyKey>,
    /// In milliseconds; the least there is once it has left its ring.
    pub(super) until: AtomicI64,
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

    /// Whether the key is still in its ring, and its time is not over at `now`. Once it has left the
    /// ring, that stays so: a key that returns is prepared anew.
    #[inline]
    #[must_use]
    pub fn is_alive(&self, now: UnixMillis) -> bool {
        now.millis() < self.until.load(Ordering::Acquire)
    }

    pub(super) fn retire(&self) {
        self.until.store(i64::MIN, Ordering::Release);
    }

    /// Takes over how long another preparation of the same key says that it lives.
    pub(super) fn live_as(&self, other: &Self) {
        let until = other.until.load(Ordering::Acquire);
        self.until.store(until, Ordering::Release);
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey({} {:?})", self.algorithm, self.kid)
    }
}
