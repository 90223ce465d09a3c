use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::{Code, Fault};
use bearerd::store::{
    Changes, Cursor, Entry, MemoryStore, Page, Put, Store, StoreKey, Swap, Version,
};

/// A store that can be made to answer nothing.
pub(crate) struct Breakable {
    pub(crate) store: MemoryStore,
    pub(crate) broken: AtomicBool,
}

impl Breakable {
    pub(crate) fn new(store: MemoryStore) -> Arc<Self> {
        Arc::new(Self {
            store,
            broken: AtomicBool::new(false),
        })
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    fn there(&self) -> Result<&MemoryStore, Fault> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Fault::new(Code::StoreUnavailable, "the store is gone"));
        }
        Ok(&self.store)
    }
}

impl Store for Breakable {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.there()?.get(key)
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        self.there()?.put_if_absent(key, value, expires)
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        self.there()?
            .compare_and_swap(key, expected, value, expires)
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.there()?.delete(key)
    }

    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.there()?.scan(prefix, after, limit)
    }

    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        self.there()?.changes(since, wait)
    }

    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        self.there()?.purge(at_most)
    }
}
