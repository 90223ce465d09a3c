//! A Redis store whose server goes with it.
#![expect(clippy::expect_used, reason = "a helper of tests panics")]

use std::sync::Arc;

use bearerd::clock::Clock;
use bearerd::store::{RedisStore, Store};

use super::kept::Kept;

#[path = "../common/redis.rs"]
#[expect(dead_code, reason = "the tests of that store alone use the rest")]
mod server;

use server::Server;

/// What the suite of all stores opens.
pub(crate) fn temporary(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    let server = Server::start(&[]);
    let mut config = server.config();
    config.changes = changes;
    let store = RedisStore::open(config, clock).expect("a store");
    Box::new(Kept { store, _on: server })
}
