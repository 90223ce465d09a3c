//! What a query costs among many events: `BEARERD_TEST_AUDIT_EVENTS` for how many.

use std::sync::Arc;
use std::time::Duration;

use bearerd::audit::{AuditConfig, AuditLog, Event, Query};
use bearerd::clock::{Clock, ManualClock, UnixMillis};

use crate::world::{START, World, await_that};

fn events() -> u64 {
    let asked = std::env::var_os("BEARERD_TEST_AUDIT_EVENTS");
    asked.map_or(5_000, |text| text.to_str().unwrap().parse().unwrap())
}

fn event(number: u64) -> Event {
    // Spread, so that neighbours have nothing in common.
    let random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let actions = [
        "token.sign",
        "invoice.update",
        "invoice.approve",
        "user.login",
        "report.export",
    ];
    let entities = ["invoice", "user", "report"];
    let pick =
        |list: &[&'static str], by: u64| list[usize::try_from(by % list.len() as u64).unwrap()];
    Event::application(pick(&actions, random))
        .on(
            pick(&entities, random / 7),
            &format!("{:06}", random % 200_000),
        )
        .actor(&format!("user-{:05}", random / 3 % 20_000))
        .profile(pick(&["main", "es"], random / 11))
        .detail("amount", random % 1_000_000)
        .detail(
            "note",
            format!("order {:x} for department {}", random / 5, random % 40),
        )
        .ip(Some([10, 0, 0, 7].into()))
        .request_id(&format!("{number:020x}"))
}

#[test]
fn what_a_query_costs() {
    let count = events();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(START)));
    let mut config = AuditConfig::default();
    config.file = Some(path.clone());
    config.retention.max_events = u64::MAX;
    config.retention.keep = Duration::from_secs(u32::MAX.into());
    let log = AuditLog::open(config, clock.clone()).unwrap();
    let watch = bearerd::clock::SystemClock;
    let begun = watch.monotonic();
    for number in 0..count {
        clock.advance(Duration::from_secs(15));
        log.record(event(number)).unwrap();
        // What a queue takes at once, and a patience for each part of it.
        while number >= log.stats().written + 8_000 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    await_that("all are written", || log.stats().written == count);
    let took = watch.monotonic() - begun;
    println!("{count} events written in {took:?}");

    let text = |text: &str| Some(text.to_owned());
    let day = Duration::from_secs(86_400);
    let now = clock.now();
    let mut cases: Vec<(&str, Query)> = Vec::new();
    let mut case = |name, change: &dyn Fn(&mut Query)| {
        let mut query = Query::default();
        change(&mut query);
        cases.push((name, query));
    };
    case("everything", &|_| {});
    case("everything, page 1000", &|query| query.skip = 49_950);
    case("action", &|query| query.action = text("invoice.approve"));
    case("entity", &|query| query.entity = text("invoice"));
    case("entity and id", &|query| {
        query.entity = text("invoice");
        query.entity_id = text("000123");
    });
    case("actor", &|query| query.actor = text("user-00123"));
    case("profile", &|query| query.profile = text("main"));
    case("last day", &|query| query.from = Some(now.minus(day)));
    case("action, entity, 30 days", &|query| {
        query.action = text("invoice.approve");
        query.entity = text("invoice");
        query.from = Some(now.minus(day * 30));
    });
    case("text, rare", &|query| query.text = text("000123"));
    case("text, none", &|query| query.text = text("zzzzzz"));
    case("text, everywhere", &|query| query.text = text("department"));
    case("text of 2 letters", &|query| query.text = text("zz"));
    for (name, query) in cases {
        for total in [false, true] {
            let mut query = query.clone();
            query.total = total;
            let mut times = Vec::new();
            let mut found = (0, None);
            for _ in 0..if count > 100_000 { 100 } else { 3 } {
                let begun = std::process::id();
                let started = nanos();
                let page = log.query(&query).unwrap();
                times.push(nanos() - started);
                found = (page.records.len(), page.total);
                assert_eq!(begun, std::process::id());
                if times.iter().sum::<u128>() > 20_000_000_000 {
                    break;
                }
            }
            times.sort_unstable();
            let at = |share: usize| times[(times.len() - 1) * share / 100] as f64 / 1e6;
            println!(
                "{name:<28} total {total:<5} median {:>9.3} ms  p99 {:>9.3} ms  {found:?}",
                at(50),
                at(99)
            );
        }
    }
    let mut short = Query::default();
    short.text = text("DE");
    short.total = true;
    let found = log.query(&short).unwrap().total;
    assert_eq!(
        found,
        Some(count.min(100_000)),
        "a short text has its bound"
    );
    let started = nanos();
    let options = log.options().unwrap();
    println!(
        "options {:>28.3} ms, {} actors, cut {}",
        (nanos() - started) as f64 / 1e6,
        options.actors.len(),
        options.cut
    );
    log.close();
    let size = path.metadata().unwrap().len();
    println!("{size} bytes, {} an event", size / count);
    assert!(size / count < 2_000);
}

/// A verification costs the same with a log and without one, also while the log is being written.
#[test]
fn what_a_verification_costs_beside_it() {
    let plain = crate::world::start();
    let logged = crate::audited("");
    let busy = crate::part::open(&logged.audit_file(), false);
    let worlds = [&plain, &logged, &logged];
    let tokens = worlds.map(|world| world.token(&serde_json::json!({})));
    let mut clients = worlds.map(World::client);
    let mut times: [Vec<u128>; 3] = Default::default();
    for round in 0..600_u64 {
        for at in 0..3 {
            if at == 2 {
                for number in 0..20 {
                    busy.record(event(round * 20 + number)).unwrap();
                }
            }
            let started = nanos();
            let answer = clients[at].ask("POST", "/v1/verify", &[("X-Token", &tokens[at])], b"");
            times[at].push(nanos() - started);
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2] as f64 / 1e3
    });
    println!(
        "verify over HTTP: {:.1} µs without a log, {:.1} with one, {:.1} while it is written",
        medians[0], medians[1], medians[2]
    );
    assert!(medians[1] < medians[0] * 2.0, "{medians:?}");
    assert_eq!(logged.metric("bearerd_audit_events_written_total{}"), 0.0);
}

fn nanos() -> u128 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u128::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u128::try_from(time.tv_nsec).unwrap()
}
