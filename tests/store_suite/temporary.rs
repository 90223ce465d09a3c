//! A SQLite store in a folder that is removed with it.

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::Clock;
use bearerd::store::{SqliteLimits, SqliteStore, Store};

use super::kept::Kept;

pub(crate) fn open(clock: Arc<dyn Clock>, changes: usize) -> Box<dyn Store> {
    let limits = SqliteLimits {
        changes: u32::try_from(changes).unwrap(),
        wait: Duration::from_secs(60),
        ..SqliteLimits::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("state.db"), limits, clock).unwrap();
    Box::new(Kept { store, _on: folder })
}
