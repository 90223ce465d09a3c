use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::Duration;

use bearerd::audit::{Event, Query};

use crate::part::{Part, open};

fn numbers(path: &Path) -> BTreeSet<u64> {
    let log = open(path, false);
    let mut query = Query::default();
    query.limit = Query::MOST;
    query.total = true;
    let mut numbers = BTreeSet::new();
    loop {
        let page = log.query(&query).unwrap();
        for record in &page.records {
            assert!(numbers.insert(record.entity_id.parse().unwrap()), "twice");
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => {
                assert_eq!(page.total, Some(numbers.len() as u64));
                return numbers;
            }
        }
    }
}

/// After a SIGKILL the file is readable, and what was answered as durable is there.
#[test]
fn what_was_answered_as_durable_survives_a_kill() {
    let mut answered = 0;
    for round in 0..12_u64 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let mut part = Part::play("record until killed", &path);
        assert_eq!(part.hear().as_deref(), Some("ready"));
        thread::sleep(Duration::from_micros(round * round * 1_371 % 60_000));
        part.kill();
        let said = std::iter::from_fn(|| part.hear()).count() as u64;
        let found = numbers(&path);
        for number in 0..said {
            assert!(found.contains(&number), "{number} of {said} is lost");
        }
        assert!(found.len() as u64 <= said + 1);
        answered += said;
        let check = rusqlite::Connection::open(&path).unwrap();
        let check: String = check
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
    }
    assert!(answered > 0, "killed too early every time");
    println!("{answered} events answered, none lost");
}

/// What is under way at the end is written.
#[test]
fn the_end_writes_what_is_queued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let log = open(&path, false);
    for number in 0..5_000 {
        let event = Event::application("number").on("number", &number.to_string());
        assert!(!log.record(event).unwrap().durable);
    }
    log.close();
    let late = log.record(Event::application("late")).unwrap_err();
    assert_eq!(late.code().name(), "STORE_UNAVAILABLE");
    assert_eq!(log.stats().written, 5_000);
    assert_eq!(log.stats().dropped, 1, "it was too late, and counted");
    drop(log);
    assert_eq!(numbers(&path), (0..5_000).collect());
}

/// Processes of a host may share the file.
#[test]
fn two_processes_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let mut parts = [0, 1].map(|_| Part::play("record a thousand", &path));
    for part in &mut parts {
        while part.hear().is_some_and(|said| said != "ended") {}
    }
    let log = open(&path, false);
    let mut query = Query::default();
    query.total = true;
    assert_eq!(log.query(&query).unwrap().total, Some(2_000));
    query.entity_id = Some("999".to_owned());
    assert_eq!(log.query(&query).unwrap().total, Some(2));
}
