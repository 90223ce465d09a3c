use std::sync::Arc;

use bearerd::audit::{AuditConfig, AuditLog, Event};
use bearerd::clock::SystemClock;

use crate::world::await_that;

/// Where the disk is too slow for what comes, the rest is dropped, counted, and said to whoever
/// sent it; nobody waits.
#[test]
fn a_full_queue_drops_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let mut config = AuditConfig::default();
    config.file = Some(path.clone());
    let log = AuditLog::open(config, Arc::new(SystemClock)).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let note = "word ".repeat(800);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..60_000 {
        let event = Event::application("flood").detail("note", note.as_str());
        let Err(fault) = log.record(event) else {
            taken += 1;
            continue;
        };
        {
            assert_eq!(fault.code().name(), "STORE_UNAVAILABLE");
            refused += 1;
            if refused == 100 {
                break;
            }
        }
    }
    assert_eq!(refused, 100, "the queue has a bound");
    assert_eq!(log.stats().dropped, 100);
    other.execute_batch("ROLLBACK").unwrap();
    std::mem::forget(other);
    await_that("what was taken is written", || log.stats().written == taken);
    assert!(taken > 1_000 && !log.is_in_trouble(), "{taken}");
    assert!(log.record(Event::application("after")).is_ok());
}
