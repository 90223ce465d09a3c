//! A store that counts what it is asked, and can be made to answer nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::{Code, Fault};
use bearerd::store::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};

pub(crate) struct Watched {
    store: Arc<dyn Store>,
    broken: AtomicBool,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl Watched {
    pub(crate) fn over(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            broken: AtomicBool::new(false),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
        })
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    /// Reads and writes so far.
    pub(crate) fn asked(&self) -> (usize, usize) {
        (
            self.reads.load(Ordering::Relaxed),
            self.writes.load(Ordering::Relaxed),
        )
    }

    fn there(&self) -> Result<&dyn Store, Fault> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Fault::new(Code::StoreUnavailable, "the store is gone"));
        }
        Ok(&*self.store)
    }

    fn written(&self) -> Result<&dyn Store, Fault> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.there()
    }
}

impl Store for Watched {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.there()?.get(key)
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        self.written()?.put_if_absent(key, value, expires)
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        self.written()?
            .compare_and_swap(key, expected, value, expires)
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.written()?.delete(key)
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
