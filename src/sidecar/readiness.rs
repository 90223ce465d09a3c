use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Whether the process wants requests: a set of latches that must all hold.
///
/// A latch is held down by whoever knows that something is missing (keys not loaded, store not
/// filled) and let go when it is there. Draining holds one for good.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    missing: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Readiness {
    /// Nothing is missing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Not ready on account of `reason` until the latch is dropped.
    #[must_use = "the latch is let go when it is dropped"]
    pub fn hold(&self, reason: &'static str) -> Latch {
        self.fall(reason);
        Latch {
            readiness: self.clone(),
            reason,
        }
    }

    /// Not ready any more, for good.
    pub fn fall(&self, reason: &'static str) {
        *self.missing.lock().entry(reason).or_default() += 1;
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.missing.lock().is_empty()
    }

    /// What is missing.
    #[must_use]
    pub fn reasons(&self) -> Vec<&'static str> {
        self.missing.lock().keys().copied().collect()
    }
}

/// A reason not to be ready, while it lives.
#[derive(Debug)]
pub struct Latch {
    readiness: Readiness,
    reason: &'static str,
}

impl Drop for Latch {
    fn drop(&mut self) {
        let mut missing = self.readiness.missing.lock();
        if let Some(count) = missing.get_mut(self.reason) {
            *count -= 1;
            if *count == 0 {
                missing.remove(self.reason);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_when_every_latch_is_gone() {
        let readiness = Readiness::new();
        assert!(readiness.is_ready());
        let keys = readiness.hold("keys");
        let more_keys = readiness.hold("keys");
        let store = readiness.hold("store");
        assert_eq!(readiness.reasons(), ["keys", "store"]);
        drop(store);
        drop(keys);
        assert_eq!(readiness.reasons(), ["keys"]);
        drop(more_keys);
        assert!(readiness.is_ready());
        readiness.fall("draining");
        drop(readiness.hold("draining"));
        assert_eq!(readiness.reasons(), ["draining"]);
    }
}
