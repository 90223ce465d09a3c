//! A provider and a clock that do something else in the middle of a verification, so that a race
//! happens at one known moment instead of now and then.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::{Clock, UnixMillis};
use bearerd::crypto::{
    Algorithm, CryptoProvider, Custody, KeyError, KeyFamily, KeyMaterial, KeyStrength, PrivateKey,
    Provider, SignKey, VerifyKey,
};
use bearerd::secret::Secret;

type Action = Box<dyn FnOnce() + Send>;

/// What is to happen at the next opportunity, once.
#[derive(Clone, Default)]
pub struct Trap(Arc<Mutex<Option<Action>>>);

impl Trap {
    pub fn set(&self, action: impl FnOnce() + Send + 'static) {
        *self.0.lock().expect("not poisoned") = Some(Box::new(action));
    }

    pub fn spring(&self) {
        let action = self.0.lock().expect("not poisoned").take();
        if let Some(action) = action {
            action();
        }
    }
}

/// A provider whose keys, having verified, spring a trap before they answer.
pub struct Meddler {
    inner: Provider,
    trap: Trap,
}

impl Meddler {
    /// Leaked: a provider is a value of the whole process.
    pub fn over(inner: Provider) -> (Provider, Trap) {
        let trap = Trap::default();
        let meddler = Box::leak(Box::new(Self {
            inner,
            trap: trap.clone(),
        }));
        (meddler, trap)
    }
}

impl fmt::Debug for Meddler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Meddler({})", self.inner.name())
    }
}

struct MeddlingKey {
    inner: Box<dyn VerifyKey>,
    trap: Trap,
}

impl VerifyKey for MeddlingKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verdict = self.inner.verify(message, signature);
        self.trap.spring();
        verdict
    }
}

impl Custody for Meddler {
    fn generates(&self, algorithm: Algorithm) -> bool {
        self.inner.generates(algorithm)
    }

    fn seal(&self, key: &[u8; 32], about: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.inner.seal(key, about, secret)
    }

    fn open(&self, key: &[u8; 32], about: &[u8], sealed: &[u8]) -> Result<Secret, KeyError> {
        self.inner.open(key, about, sealed)
    }
}

impl CryptoProvider for Meddler {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn verifies(&self, algorithm: Algorithm) -> bool {
        self.inner.verifies(algorithm)
    }

    fn signs(&self, algorithm: Algorithm) -> bool {
        self.inner.signs(algorithm)
    }

    fn verify_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn VerifyKey>, KeyError> {
        let inner = self.inner.verify_key(algorithm, key, strength)?;
        let trap = self.trap.clone();
        Ok(Box::new(MeddlingKey { inner, trap }))
    }

    fn sign_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn SignKey>, KeyError> {
        self.inner.sign_key(algorithm, key, strength)
    }

    fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyError> {
        self.inner.generate(algorithm)
    }

    fn complete(&self, family: KeyFamily, private: &Secret) -> Result<PrivateKey, KeyError> {
        self.inner.complete(family, private)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), KeyError> {
        self.inner.random(bytes)
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        self.inner.sha256(bytes)
    }
}

/// A clock that springs a trap when it is asked for the time, and answers as of before.
pub struct MeddlingClock<C> {
    pub inner: C,
    pub trap: Trap,
}

impl<C: Clock> Clock for MeddlingClock<C> {
    fn now(&self) -> UnixMillis {
        let now = self.inner.now();
        self.trap.spring();
        now
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }
}
