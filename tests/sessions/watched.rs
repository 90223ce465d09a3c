//! A store that counts what it is asked, can be made to answer nothing, and lets a test step in
//! between the steps of others.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::{Code, Fault};
use bearerd::store::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};

pub(crate) struct Watched {
    store: Arc<dyn Store>,
    broken: AtomicBool,
    reads: AtomicUsize,
    writes: AtomicUsize,
    /// What happens after the next read, and before the next exchange.
    after_read: Mutex<Option<Step>>,
    before_swap: Mutex<Option<Step>>,
}

type Step = Box<dyn FnOnce() + Send>;

impl Watched {
    pub(crate) fn over(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            broken: AtomicBool::new(false),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            after_read: Mutex::default(),
            before_swap: Mutex::default(),
        })
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    /// Does `step` when the next read has its answer and its reader has not.
    pub(crate) fn after_read(&self, step: impl FnOnce() + Send + 'static) {
        *self.after_read.lock().unwrap() = Some(Box::new(step));
    }

    /// Does `step` before the next exchange is made.
    pub(crate) fn before_swap(&self, step: impl FnOnce() + Send + 'static) {
        *self.before_swap.lock().unwrap() = Some(Box::new(step));
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
        let answer = self.there()?.get(key);
        let step = self.after_read.lock().unwrap().take();
        if let Some(step) = step {
            step();
        }
        answer
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
        let step = self.before_swap.lock().unwrap().take();
        if let Some(step) = step {
            step();
        }
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
