//! What runs once for every store.

use std::sync::Arc;

use bearerd::clock::Clock;
use bearerd::store::{MemoryLimits, MemoryStore, Store};

pub(crate) type Make = fn(Arc<dyn Clock>) -> Arc<dyn Store>;

pub(crate) fn memory(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryLimits::default(), clock))
}

#[cfg(feature = "sqlite")]
pub(crate) fn sqlite(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    crate::temporary::open(clock, 4_096).into()
}

#[cfg(feature = "redis")]
pub(crate) fn redis(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    crate::on_redis::temporary(clock, 4_096).into()
}

/// Each of these is a test on every store.
macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod memory_store {
            $(#[test] fn $case() { super::$case(crate::stores::memory); })*
        }
        #[cfg(feature = "sqlite")]
        mod sqlite_store {
            $(#[test] fn $case() { super::$case(crate::stores::sqlite); })*
        }
        #[cfg(feature = "redis")]
        mod redis_store {
            $(#[test] fn $case() { super::$case(crate::stores::redis); })*
        }
    };
}

pub(crate) use on_every_store;
