//! A store that counts what it is asked, can be made to answer nothing or to stop after some writes,
//! and lets a test step in between the steps of others.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::{Code, Fault};
use bearerd::store::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};

pub(crate) struct Watched {
    store: Arc<dyn Store>,
    is_broken: AtomicBool,
    calls: AtomicUsize,
    gets: AtomicUsize,
    writes: AtomicUsize,
    writes_left: AtomicUsize,
    step: Mutex<Option<(Moment, Step)>>,
}

/// When somebody else acts.
#[derive(PartialEq, Eq)]
pub(crate) enum Moment {
    /// The next read has its answer, and its reader has not
    AfterGet,
    /// The next exchange is about to be made
    BeforeSwap,
    /// The next key of that namespace is about to be put
    BeforePut(&'static str),
}

type Step = Box<dyn FnOnce() + Send>;

impl Watched {
    pub(crate) fn over(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            is_broken: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            gets: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            writes_left: AtomicUsize::new(usize::MAX),
            step: Mutex::default(),
        })
    }

    pub(crate) fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// It takes so many writes, and then no more, as if its process had ended between two of them.
    pub(crate) fn stop_after(&self, writes: usize) {
        self.writes_left.store(writes, Ordering::SeqCst);
    }

    /// Somebody does `step` at that moment, once.
    pub(crate) fn at(&self, moment: Moment, step: impl FnOnce() + Send + 'static) {
        *self.step.lock().unwrap() = Some((moment, Box::new(step)));
    }

    /// How often it was called.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many entries were asked for, and how many changes were to be made.
    pub(crate) fn asked(&self) -> (usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        (count(&self.gets), count(&self.writes))
    }

    fn pass(&self, is_now: impl FnOnce(&Moment) -> bool) {
        let step = self.step.lock().unwrap().take_if(|(at, _)| is_now(at));
        if let Some((_, step)) = step {
            step();
        }
    }

    fn read(&self) -> Result<&dyn Store, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(gone());
        }
        Ok(&*self.store)
    }

    fn write(&self) -> Result<&dyn Store, Fault> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let store = self.read()?;
        let less = |left: usize| left.checked_sub(1);
        let left = self
            .writes_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        left.map(|_| store).map_err(|_| gone())
    }
}

fn gone() -> Fault {
    Fault::new(Code::StoreUnavailable, "the store is gone")
}

impl Store for Watched {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        let answer = self.read().and_then(|store| store.get(key));
        self.pass(|at| *at == Moment::AfterGet);
        answer
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        self.pass(|at| matches!(at, Moment::BeforePut(of) if *of == key.namespace()));
        self.write()?.put_if_absent(key, value, expires)
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        self.pass(|at| *at == Moment::BeforeSwap);
        self.write()?
            .compare_and_swap(key, expected, value, expires)
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        self.write()?.delete(key)
    }

    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        self.read()?.scan(prefix, after, limit)
    }

    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        self.read()?.changes(since, wait)
    }

    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        self.read()?.purge(at_most)
    }
}
