//! A Redis store whose server goes with it.
#![expect(clippy::expect_used, reason = "a helper of tests panics")]

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, UnixMillis};
use bearerd::error::Fault;
use bearerd::store::{
    Changes, Cursor, Entry, Page, Put, RedisStore, Store, StoreKey, Swap, Version,
};

#[path = "../common/redis.rs"]
#[expect(dead_code, reason = "the tests of that store alone use the rest")]
mod server;

use server::Server;

struct Temporary {
    store: RedisStore,
    _server: Server,
}

/// What the suite of all stores opens.
pub(crate) fn temporary(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    let server = Server::start(&[]);
    let mut config = server.config();
    config.changes = changes;
    let store = RedisStore::open(config, clock).expect("a store");
    Box::new(Temporary {
        store,
        _server: server,
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
