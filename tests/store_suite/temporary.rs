//! A SQLite store in a folder that is removed with it.

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, UnixMillis};
use bearerd::error::Fault;
use bearerd::store::{
    Changes, Cursor, Entry, Page, Put, SqliteLimits, SqliteStore, Store, StoreKey, Swap, Version,
};
use tempfile::TempDir;

pub(crate) struct Temporary {
    // Before the folder: the file is closed first.
    pub(crate) store: SqliteStore,
    _folder: TempDir,
}

pub(crate) fn open(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    let limits = SqliteLimits {
        changes: u32::try_from(changes).unwrap(),
        wait: Duration::from_secs(60),
        ..SqliteLimits::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("state.db"), limits, clock).unwrap();
    Box::new(Temporary {
        store,
        _folder: folder,
    })
}

impl Store for Temporary {
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
