use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, UnixMillis};
use crate::error::Fault;
use crate::secret::Secret;
use crate::store::{Entry, Namespace, Put, Store, StoreKey};

/// Refresh tokens that were used: each rotates once.
///
/// Works on a store and not on a cache in memory, since several processes may get the same token
/// and must agree, and since a restart must not make a spent token fresh.
///
/// # How one of many becomes the first
/// Two entries, each written by `put_if_absent`: the reply, which expires with the grace, and the
/// mark that the handle is spent, which names the version of the one reply that counts and stays
/// as long as the token could be presented. Whoever finds the reply of another sets the mark for
/// it before repeating it, so a process that stops between the two steps leaves nothing half done:
/// its reply is either given to the next caller or, never having been given to anyone, forgotten.
/// A reply that the mark does not name is never given out.
pub struct SpentHandles {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    profile: String,
}

/// What became of a handle that was to be spent.
#[derive(Debug)]
#[must_use]
pub enum Spend {
    /// This is its first use: give out the reply that was passed.
    First,
    /// It was used a moment ago: give out this reply, the first one's, instead of the one passed.
    Again(Secret),
    /// It was used before, outside of the grace: refuse, and revoke its family.
    Reused,
}

const MARKS: Namespace = Namespace::new("spent");
const REPLIES: Namespace = Namespace::new("spent-reply");

/// How long a mark stays at least, so that a handle that ends while it is spent has a mark at all.
const SHORTEST_MARK: Duration = Duration::from_secs(60);

impl SpentHandles {
    /// The spent handles of one profile.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, profile: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            profile: profile.to_owned(),
        }
    }

    /// Uses up `handle`; of any number of callers at once, in any number of processes, one is the
    /// first and all others get its reply.
    ///
    /// `until` is when the token that the handle names is dead, leeway included. Within `grace`
    /// of the first use the reply is repeated; then it is gone, and only the mark remains. With a
    /// grace of zero no reply is ever stored.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer or has no room, `VALIDATION_ERROR`
    /// where the handle is too long for a key. Give nothing out then; the caller may try again.
    pub fn spend(
        &self,
        handle: &[u8],
        reply: &[u8],
        until: UnixMillis,
        grace: Duration,
    ) -> Result<Spend, Fault> {
        let mark = StoreKey::new(MARKS, &[self.profile.as_bytes(), handle])?;
        let kept = StoreKey::new(REPLIES, &[self.profile.as_bytes(), handle])?;
        if let Some(marked) = self.store.get(&mark)? {
            return self.repeat(&marked, &kept);
        }
        let now = self.clock.now();
        let until = until.max(now.plus(grace.max(SHORTEST_MARK)));
        if grace.is_zero() {
            return match self.store.put_if_absent(&mark, b"", until)? {
                Put::Stored(_) => Ok(Spend::First),
                Put::Present(marked) => self.repeat(&marked, &kept),
            };
        }
        let (version, others) = match self.store.put_if_absent(&kept, reply, now.plus(grace))? {
            Put::Stored(version) => (version, None),
            Put::Present(entry) => (entry.version, Some(entry.value)),
        };
        let name = version.raw().to_be_bytes();
        if let Put::Present(marked) = self.store.put_if_absent(&mark, &name, until)?
            && marked.value.expose() != name
        {
            return Ok(Spend::Reused);
        }
        Ok(others.map_or(Spend::First, Spend::Again))
    }

    /// Whether `handle` was used up, within its grace or outside of it.
    ///
    /// # Errors
    /// As [`spend`](Self::spend).
    pub fn is_spent(&self, handle: &[u8]) -> Result<bool, Fault> {
        let mark = StoreKey::new(MARKS, &[self.profile.as_bytes(), handle])?;
        Ok(self.store.get(&mark)?.is_some())
    }

    /// What a second use gets.
    fn repeat(&self, marked: &Entry, kept: &StoreKey) -> Result<Spend, Fault> {
        let counts = |entry: &Entry| entry.version.raw().to_be_bytes() == marked.value.expose();
        let reply = self.store.get(kept)?.filter(counts);
        Ok(reply.map_or(Spend::Reused, |entry| Spend::Again(entry.value)))
    }
}

impl fmt::Debug for SpentHandles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpentHandles")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
