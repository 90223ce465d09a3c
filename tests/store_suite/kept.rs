//! A store together with what it lives on, which goes with it.

use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::Fault;
use bearerd::store::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};

pub(crate) struct Kept<S, K> {
    // First: it is closed before what it lives on is taken away.
    pub(crate) store: S,
    pub(crate) _on: K,
}

impl<S: Store, K: Send + Sync + 'static> Store for Kept<S, K> {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.store.get(key)
    }
    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        self.store.put_if_absent(key, value, expires)
    }
    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        self.store.compare_and_swap(key, expected, value, expires)
    }
    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.store.delete(key)
    }
    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.store.scan(prefix, after, limit)
    }
    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        self.store.changes(since, wait)
    }
    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        self.store.purge(at_most)
    }
}
