use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bearerd::audit::{AuditConfig, AuditLog, Event, Query, Retention};
use bearerd::clock::{ManualClock, UnixMillis};
use bearerd::error::Code;

use crate::world::{START, await_that};

const DAY: Duration = Duration::from_secs(86_400);

fn open(path: &Path, clock: &Arc<ManualClock>, keep: Duration, most: u64) -> AuditLog {
    let mut config = AuditConfig::default();
    config.file = Some(path.to_owned());
    config.required = true;
    let mut retention = Retention::default();
    retention.keep = keep;
    retention.max_events = most;
    config.retention = retention;
    AuditLog::open(config, clock.clone()).unwrap()
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(UnixMillis::from_secs(START)))
}

fn total(log: &AuditLog, action: Option<&str>) -> u64 {
    let mut query = Query::default();
    query.total = true;
    query.action = action.map(str::to_owned);
    log.query(&query).unwrap().total.unwrap()
}

fn record(log: &AuditLog, action: &str, count: usize) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..count / 8 {
                    log.record(Event::application(action)).unwrap();
                }
            });
        }
    });
}

#[test]
fn what_is_too_old_goes_and_takes_its_words_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let clock = clock();
    let log = open(&path, &clock, 30 * DAY, u64::MAX);
    record(&log, "oldest", 1_600);
    clock.advance(20 * DAY);
    record(&log, "younger", 80);
    clock.advance(10 * DAY + Duration::from_millis(1));
    await_that("the oldest are gone", || total(&log, None) == 80);
    assert_eq!(total(&log, Some("oldest")), 0);
    let mut words = Query::default();
    words.text = Some("oldest".to_owned());
    words.total = true;
    assert_eq!(log.query(&words).unwrap().total, Some(0));
    words.text = Some("younger".to_owned());
    assert_eq!(log.query(&words).unwrap().total, Some(80));
    assert_eq!(log.stats().purged, 1_600);
    assert_eq!(log.options().unwrap().actions, ["younger"]);
}

#[test]
fn what_is_too_many_goes_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let log = open(&folder.path().join("audit.db"), &clock, 30 * DAY, 1_000);
    record(&log, "first", 800);
    clock.advance(DAY);
    record(&log, "second", 800);
    clock.advance(DAY);
    await_that("no more than there may be", || total(&log, None) == 1_000);
    assert_eq!(total(&log, Some("first")), 200);
    assert_eq!(total(&log, Some("second")), 800);
}

/// A flood of rejections drives out rejections, and nothing that was done.
#[test]
fn strangers_do_not_decide_what_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let log = open(&folder.path().join("audit.db"), &clock, 300 * DAY, 400);
    record(&log, "done", 160);
    let profiles: Vec<String> = (0..30).map(|number| format!("p{number}")).collect();
    for profile in &profiles {
        for number in 0..32_u8 {
            log.rejected(profile, Code::Revoked, &[number], |event| event);
        }
    }
    await_that("they are written", || log.stats().written == 160 + 30 * 32);
    clock.advance(DAY);
    await_that("no more than there may be", || total(&log, None) <= 400);
    assert_eq!(total(&log, Some("done")), 160, "what was done is all there");
}

/// A clock that runs ahead for a while takes nothing with it.
#[test]
fn a_jump_of_the_clock_removes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let log = open(&folder.path().join("audit.db"), &clock, 30 * DAY, u64::MAX);
    record(&log, "kept", 80);
    clock.set(UnixMillis::from_secs(START).plus(400 * DAY));
    for _ in 0..5 {
        clock.advance(Duration::from_secs(61));
        record(&log, "later", 8);
    }
    clock.set(UnixMillis::from_secs(START).plus(Duration::from_secs(305)));
    record(&log, "last", 8);
    assert_eq!(total(&log, Some("kept")), 80);
    assert_eq!(log.stats().purged, 0);
}
