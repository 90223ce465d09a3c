use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::{Code, Fault};
use bearerd::store::{Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};

/// A store whose every call is counted, and that can be made to answer nothing or to stop after
/// some writes, as a process does that ends between two of them.
pub(crate) struct Watched {
    store: Arc<dyn Store>,
    calls: AtomicUsize,
    broken: AtomicBool,
    writes_left: AtomicUsize,
    before_record: Mutex<Option<Meanwhile>>,
}

type Meanwhile = Box<dyn FnOnce() + Send>;

impl Watched {
    pub(crate) fn new(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            calls: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            writes_left: AtomicUsize::new(usize::MAX),
            before_record: Mutex::new(None),
        })
    }

    /// How often it was called.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// It takes so many writes, and then answers nothing.
    pub(crate) fn stop_after(&self, writes: usize) {
        self.writes_left.store(writes, Ordering::SeqCst);
    }

    /// Before the next record is put, somebody else does this.
    pub(crate) fn before_record(&self, meanwhile: impl FnOnce() + Send + 'static) {
        *self.before_record.lock().unwrap() = Some(Box::new(meanwhile));
    }

    fn read(&self) -> Result<&dyn Store, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(gone());
        }
        Ok(&*self.store)
    }

    fn write(&self) -> Result<&dyn Store, Fault> {
        let store = self.read()?;
        let left = self.writes_left.load(Ordering::SeqCst);
        if left == 0 {
            return Err(gone());
        }
        self.writes_left.store(left - 1, Ordering::SeqCst);
        Ok(store)
    }
}

fn gone() -> Fault {
    Fault::new(Code::StoreUnavailable, "the store is gone")
}

impl Store for Watched {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        self.read()?.get(key)
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        if key.namespace() == "pat" {
            let meanwhile = self.before_record.lock().unwrap().take();
            meanwhile.into_iter().for_each(|meanwhile| meanwhile());
        }
        self.write()?.put_if_absent(key, value, expires)
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
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
        self.write()?.purge(at_most)
    }
}
