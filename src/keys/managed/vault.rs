use std::fmt;
use std::sync::Arc;

use super::text::Scribe;
use super::{KeyBook, SealKey};
use crate::clock::UnixMillis;
use crate::crypto::Provider;
use crate::error::{Code, Fault};
use crate::store::{Entry, Namespace, Put, Store, StoreKey, Swap, Version};

/// The book of one profile in a store. Every call may block on I/O.
pub struct KeyVault {
    store: Arc<dyn Store>,
    key: StoreKey,
    scribe: Scribe,
}

const BOOKS: Namespace = Namespace::new("signing-keys");

/// Two processes may change one book at once, three hardly.
const TRIES: usize = 16;

impl KeyVault {
    /// The place of a profile's keys in `store`, sealed with `seal` where it is given.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile's name is too long for a key.
    pub fn new(
        store: Arc<dyn Store>,
        profile: &str,
        seal: Option<SealKey>,
        provider: Provider,
    ) -> Result<Self, Fault> {
        Ok(Self {
            store,
            key: StoreKey::new(BOOKS, &[profile.as_bytes()])?,
            scribe: Scribe {
                profile: profile.to_owned(),
                seal,
                provider,
            },
        })
    }

    /// The profile whose keys they are.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.scribe.profile
    }

    /// The provider that makes and seals them.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.scribe.provider
    }

    /// Where the book lies: what the store's feed names when it has changed.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.key
    }

    /// The store that it lies in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The book; `None` where there is none yet.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer; `CONFIG_ERROR` where what it holds does
    /// not open, saying why.
    pub fn read(&self) -> Result<Option<KeyBook>, Fault> {
        let entry = self.store.get(&self.key)?;
        entry
            .map(|entry| self.scribe.read(&entry.value))
            .transpose()
    }

    /// Changes the book in one step, or leaves it where `change` gives `None`; returns what the
    /// store then holds. `change` is asked again, with what is then there, where another process was
    /// faster.
    ///
    /// # Errors
    /// As [`read`](Self::read), and that of `change`.
    pub fn update<T>(
        &self,
        mut change: impl FnMut(Option<&KeyBook>) -> Result<(Option<KeyBook>, T), Fault>,
    ) -> Result<(KeyBook, T), Fault> {
        let mut entry = self.store.get(&self.key)?;
        for _ in 0..TRIES {
            let there = entry
                .as_ref()
                .map(|entry: &Entry| self.scribe.read(&entry.value))
                .transpose()?;
            let (changed, result) = change(there.as_ref())?;
            let Some(book) = changed else {
                return Ok((there.unwrap_or_default(), result));
            };
            match self.write(&book, entry.map(|entry| entry.version))? {
                None => return Ok((book, result)),
                Some(other) => entry = other,
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "the signing keys could not be changed: too many processes change them; try again",
        ))
    }

    /// `None` where it was written, else what is there instead.
    fn write(&self, book: &KeyBook, over: Option<Version>) -> Result<Option<Option<Entry>>, Fault> {
        let text = self.scribe.write(book)?;
        let end = UnixMillis::MAX;
        Ok(match over {
            None => match self.store.put_if_absent(&self.key, &text, end)? {
                Put::Stored(_) => None,
                Put::Present(there) => Some(Some(there)),
            },
            Some(version) => match self
                .store
                .compare_and_swap(&self.key, version, &text, end)?
            {
                Swap::Stored(_) => None,
                Swap::Lost(there) => Some(there),
            },
        })
    }
}

impl fmt::Debug for KeyVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyVault")
            .field("profile", &self.scribe.profile)
            .field("sealed", &self.scribe.seal.is_some())
            .finish_non_exhaustive()
    }
}
