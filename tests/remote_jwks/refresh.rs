//! What becomes of good keys while the issuer rotates, errs, is down, or is asked for nonsense.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bearerd::clock::Clock;
use bearerd::keys::remote::{Fetch, FetchError, Fetched, RemoteConfig, RemoteHandle};

use crate::server::{Answer, Server};
use crate::world::{HOUR, START, World, jwks, secs};

fn world(server: &Server) -> World {
    World::new(&RemoteConfig::new(server.url()))
}

/// Says that documents may be kept for a day, so that only tokens cause fetches.
fn for_a_day(body: &str) -> Answer {
    Answer::new(200, &[("cache-control", "max-age=86400")], body)
}

#[test]
fn keys_are_fetched_and_trusted() {
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a", "b"])));
    let mut world = world(&server);
    assert!(
        !world.is_trusted(),
        "nothing is trusted before the first success"
    );
    world.step();
    assert_eq!(world.sink.kids(), ["a", "b"]);
    assert!(world.is_trusted());
    assert_eq!(world.sink.trust_ends(), START.plus(24 * HOUR));
    let stats = world.stats();
    assert_eq!((stats.scheduled, stats.failures, stats.keys), (1, 0, 2));
    assert_eq!(stats.last_success, Some(START));
    world.pass(secs(719));
    assert_eq!(server.requests().len(), 1);
    world.pass(secs(92));
    assert_eq!(
        server.requests().len(),
        2,
        "ahead of 15 minutes, which nobody stated"
    );
}

#[test]
fn cache_control_is_honoured_within_bounds() {
    for (stated, low, high) in [
        ("max-age=1000", 799, 901),
        ("max-age=1", 47, 55),
        ("no-store", 47, 55),
        ("max-age=999999999999", 69_119, 77_761),
    ] {
        let server = Server::start(None);
        server.answer(Answer::new(
            200,
            &[("Cache-Control", stated)],
            &jwks(&["a"]),
        ));
        let mut world = world(&server);
        world.step();
        world.pass(secs(low));
        assert_eq!(server.requests().len(), 1, "{stated}");
        world.pass(secs(high - low));
        assert_eq!(server.requests().len(), 2, "{stated}");
    }
}

#[test]
fn an_unchanged_document_is_not_sent_again_and_renews_trust() {
    let server = Server::start(None);
    server.answers(|request| {
        if request.head.contains("if-none-match: \"one\"") {
            return Answer::new(304, &[("cache-control", "max-age=600")], "");
        }
        Answer::new(200, &[("etag", "\"one\"")], &jwks(&["a"]))
    });
    let mut world = world(&server);
    world.step();
    assert!(!server.requests()[0].head.contains("if-none-match"));
    world.pass(secs(1000));
    assert!(server.requests().len() >= 2);
    assert!(server.requests()[1].head.contains("if-none-match: \"one\""));
    assert_eq!(*world.sink.accepts.lock().unwrap(), 1);
    assert_eq!(world.stats().failures, 0);
    assert!(
        world.sink.trust_ends() > START.plus(24 * HOUR),
        "304 is a success"
    );
}

#[test]
fn the_same_document_without_an_etag_leaves_the_keys_alone() {
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let mut world = world(&server);
    world.pass(HOUR);
    assert!(server.requests().len() >= 4);
    assert_eq!(*world.sink.accepts.lock().unwrap(), 1);
}

#[test]
fn the_etag_of_a_refused_document_is_not_believed() {
    let server = Server::start(None);
    server.answer(Answer::new(200, &[("etag", "\"good\"")], &jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    server.answer(Answer::new(
        200,
        &[("etag", "\"broken\"")],
        "{\"keys\": []}",
    ));
    world.keys.refresh_now();
    world.step();
    world.keys.refresh_now();
    world.step();
    let requests = server.requests();
    assert!(
        requests[2].head.contains("if-none-match: \"good\""),
        "{}",
        requests[2].head
    );
    assert_eq!(world.sink.kids(), ["a"]);
}

#[test]
fn rotated_and_removed_keys_follow_the_document() {
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    server.answer(Answer::ok(&jwks(&["a", "b"])));
    world.pass(secs(900));
    assert_eq!(world.sink.kids(), ["a", "b"]);
    server.answer(Answer::ok(&jwks(&["b"])));
    world.pass(secs(900));
    assert_eq!(world.sink.kids(), ["b"], "replaced whole, never merged");
}

#[test]
fn bad_answers_leave_the_keys_until_they_are_stale() {
    let page = "<!doctype html><title>Maintenance</title>";
    for (bad, why) in [
        (Answer::new(500, &[], "oops"), "500"),
        (Answer::new(404, &[], ""), "404"),
        (Answer::new(204, &[], ""), "204"),
        (Answer::new(304, &[], ""), "304"),
        (Answer::ok("{\"keys\":[]}"), "no usable key"),
        (Answer::ok("{}"), "no keys"),
        (Answer::ok(""), "not JSON"),
        (
            Answer::new(200, &[("content-type", "text/html")], page),
            "not JSON",
        ),
        (
            Answer::Bytes(b"SSH-2.0-OpenSSH\r\n".to_vec()),
            "could not be fetched",
        ),
        (Answer::Bytes(Vec::new()), "could not be fetched"),
    ] {
        let server = Server::start(None);
        server.answer(Answer::ok(&jwks(&["a"])));
        let mut world = world(&server);
        world.step();
        server.answer(bad);
        world.pass(24 * HOUR - secs(1));
        assert!(world.is_trusted(), "{why}");
        assert_eq!(world.sink.kids(), ["a"], "{why}");
        assert!(
            world.last_error().contains(why),
            "{why}: {}",
            world.last_error()
        );
        let asked = server.requests().len();
        assert!(
            (200..400).contains(&asked),
            "{why}: retries are paced, not {asked}"
        );
        world.pass(secs(2));
        assert!(!world.is_trusted(), "{why}");
    }
}

#[test]
fn stale_keys_stay_stale_until_a_success() {
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    server.answer(Answer::new(500, &[], ""));
    world.pass(25 * HOUR);
    assert!(!world.is_trusted());
    world.keys.unknown_kid("x");
    world.keys.refresh_now();
    world.pass(HOUR);
    assert!(!world.is_trusted());
    world.clock.set(START);
    world.pass(secs(31));
    assert!(!world.is_trusted(), "a clock set back revives nothing");
    server.answer(Answer::ok(&jwks(&["b"])));
    world.pass(secs(301));
    assert!(world.is_trusted());
    assert_eq!(world.sink.kids(), ["b"]);
}

#[test]
fn an_issuer_that_is_down_at_the_start_is_tried_again() {
    let server = Server::start(None);
    let mut world = world(&server);
    world.pass(secs(60));
    assert!(!world.is_trusted());
    assert!(world.stats().failures_in_a_row >= 4);
    server.answer(Answer::ok(&jwks(&["a"])));
    world.pass(secs(64));
    assert!(world.is_trusted());
    assert_eq!(world.stats().failures_in_a_row, 0);
    assert!(world.stats().last_error.is_some());
}

#[test]
fn a_stored_key_set_serves_a_start_while_the_issuer_is_down() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(None);
    server.answer(Answer::new(200, &[("etag", "\"one\"")], &jwks(&["a"])));
    let config = RemoteConfig {
        cache_dir: Some(directory.path().join("jwks")),
        ..RemoteConfig::new(server.url())
    };
    World::new(&config).step();

    server.answer(Answer::new(500, &[], ""));
    let mut world = World::at(&config, START.plus(HOUR));
    assert_eq!(world.sink.kids(), ["a"], "before anything is fetched");
    assert!(world.is_trusted());
    assert_eq!(
        world.sink.trust_ends(),
        START.plus(24 * HOUR),
        "since it was fetched, not read"
    );
    assert_eq!(world.stats().last_success, Some(START));
    world.step();
    assert_eq!(world.stats().failures, 1);
    assert!(server.requests()[1].head.contains("if-none-match: \"one\""));
    world.pass(23 * HOUR);
    assert!(!world.is_trusted());

    let world = World::at(&config, START.plus(24 * HOUR));
    assert!(!world.is_trusted(), "too old");
    assert!(world.sink.kids().is_empty());
    let world = World::at(&config, START.minus(HOUR));
    assert!(!world.is_trusted(), "from the future");
}

#[test]
fn a_confirmation_renews_the_stored_key_set() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(None);
    server.answers(|request| match request.head.contains("if-none-match") {
        true => Answer::new(304, &[], ""),
        false => Answer::new(200, &[("etag", "\"one\"")], &jwks(&["a"])),
    });
    let config = RemoteConfig {
        cache_dir: Some(directory.path().to_owned()),
        ..RemoteConfig::new(server.url())
    };
    let mut world = World::new(&config);
    world.pass(20 * HOUR);
    let world = World::at(&config, START.plus(30 * HOUR));
    assert!(world.is_trusted());
    assert_eq!(world.sink.kids(), ["a"]);
}

#[test]
fn a_loose_or_broken_stored_key_set_is_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let config = RemoteConfig {
        cache_dir: Some(directory.path().to_owned()),
        ..RemoteConfig::new(server.url())
    };
    World::new(&config).step();
    let path = fs::read_dir(directory.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(World::new(&config).sink.kids(), ["a"]);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(World::new(&config).sink.kids().is_empty());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "{").unwrap();
    let mut world = World::new(&config);
    assert!(world.sink.kids().is_empty());
    world.step();
    assert_eq!(world.sink.kids(), ["a"]);
    assert_eq!(
        World::new(&config).sink.kids(),
        ["a"],
        "and replaced by a good one"
    );
}

#[test]
fn a_directory_that_cannot_be_written_costs_only_the_copy() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let config = RemoteConfig {
        cache_dir: Some(file.join("below")),
        ..RemoteConfig::new(server.url())
    };
    let mut world = World::new(&config);
    world.step();
    assert!(world.is_trusted());
}

/// K5: 10,000 random kids a second for 45 seconds, with a rotation in the middle.
#[test]
fn random_kids_neither_storm_the_issuer_nor_hide_a_rotation() {
    let server = Server::start(None);
    server.answer(for_a_day(&jwks(&["old"])));
    let mut world = world(&server);
    world.step();
    let (rotation, mut seen) = (secs(20), None);
    let mut random = 1_u64;
    while world.clock.monotonic() < secs(45) {
        for _ in 0..100 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            world.keys.unknown_kid(&format!("{random:016x}"));
        }
        if world.clock.monotonic() == rotation {
            server.answer(for_a_day(&jwks(&["old", "new"])));
        }
        if world.clock.monotonic() >= rotation && !world.sink.has("new") {
            world.keys.unknown_kid("new");
        }
        world.step();
        world.pass(Duration::from_millis(10));
        if world.sink.has("new") {
            seen.get_or_insert(world.clock.monotonic());
        }
    }
    let waited = seen.expect("the rotation is seen") - rotation;
    assert!(waited <= secs(30), "within the cool-down, not {waited:?}");
    let stats = world.stats();
    assert_eq!(
        (stats.scheduled, stats.for_unknown_kids),
        (1, 2),
        "{stats:?}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn attempts_for_unknown_kids_count_when_they_fail() {
    let server = Server::start(None);
    server.answer(for_a_day(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    server.answer(Answer::new(500, &[], ""));
    for n in 0..1_000 {
        world.keys.unknown_kid(&n.to_string());
        world.step();
        world.pass(Duration::from_millis(100));
    }
    let stats = world.stats();
    assert_eq!(stats.scheduled, 1, "tokens do not drive the schedule");
    assert!((3..=4).contains(&stats.for_unknown_kids), "{stats:?}");
    assert!(world.is_trusted());
}

#[test]
fn an_attack_neither_delays_nor_replaces_the_schedule() {
    let server = Server::start(None);
    server.answer(Answer::new(
        200,
        &[("cache-control", "max-age=600")],
        &jwks(&["a"]),
    ));
    let mut world = world(&server);
    world.step();
    for n in 0..6_000 {
        world.keys.unknown_kid(&n.to_string());
        world.step();
        world.pass(secs(1));
    }
    let stats = world.stats();
    assert!(
        (11..=14).contains(&stats.scheduled),
        "one in 8 to 9 minutes: {stats:?}"
    );
    assert!((190..=201).contains(&stats.for_unknown_kids), "{stats:?}");
}

/// T4: whatever stands in a kid, it costs at most the one budgeted fetch.
#[test]
fn hostile_kids_cause_one_fetch() {
    let server = Server::start(None);
    server.answer(for_a_day(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    let long = "k".repeat(100_000);
    for kid in [
        "",
        "\0",
        "../../etc/passwd",
        "' or 1=1 --",
        "$(reboot)",
        "http://evil.example/",
        &long,
    ] {
        world.keys.unknown_kid(kid);
        world.keys.unknown_kid(kid);
        world.step();
    }
    assert_eq!(world.stats().for_unknown_kids, 1);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.path == "/jwks")
    );
}

#[test]
fn a_remembered_kid_asks_again_only_when_forgotten() {
    let server = Server::start(None);
    server.answer(for_a_day(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    for _ in 0..29 {
        world.keys.unknown_kid("x");
        world.step();
        world.pass(secs(1));
    }
    assert_eq!(world.stats().for_unknown_kids, 1);
    world.pass(HOUR);
    assert_eq!(world.stats().for_unknown_kids, 1, "nobody asked since");
    world.keys.unknown_kid("x");
    world.step();
    assert_eq!(world.stats().for_unknown_kids, 2);
}

#[test]
fn a_new_key_set_makes_every_kid_news_again() {
    let server = Server::start(None);
    server.answer(for_a_day(&jwks(&["a"])));
    let mut world = world(&server);
    world.step();
    world.keys.unknown_kid("x");
    world.step();
    world.pass(secs(10));
    server.answer(for_a_day(&jwks(&["b"])));
    world.keys.refresh_now();
    world.step();
    world.keys.unknown_kid("x");
    world.step();
    world.pass(secs(21));
    assert_eq!(world.stats().for_unknown_kids, 2);
}

/// Somebody asks for an unknown kid while the first fetch is under way.
struct AskedMeanwhile(Arc<OnceLock<RemoteHandle>>);

impl Fetch for AskedMeanwhile {
    fn fetch(&self, _: Option<&str>) -> Result<Fetched, FetchError> {
        let keys = self.0.get().unwrap();
        if keys.stats().for_unknown_kids == 0 {
            keys.unknown_kid("x");
        }
        Ok(Fetched::Document {
            body: jwks(&["a"]).into_bytes(),
            etag: None,
            lifetime: None,
        })
    }
}

#[test]
fn a_kid_named_during_a_fetch_is_not_answered_by_it() {
    let keys = Arc::new(OnceLock::new());
    let config = RemoteConfig::new("https://issuer.example/jwks");
    let mut world = World::with(&config, Box::new(AskedMeanwhile(keys.clone())), START);
    assert!(keys.set(world.keys.clone()).is_ok());
    world.step();
    assert_eq!(world.stats().for_unknown_kids, 0);
    world.step();
    assert_eq!(world.stats().for_unknown_kids, 1);
}

/// What a client gave, the last first; a panic where there is nothing left.
struct Scripted(Arc<Mutex<Vec<Result<Fetched, FetchError>>>>);

impl Fetch for Scripted {
    fn fetch(&self, _: Option<&str>) -> Result<Fetched, FetchError> {
        let next = self.0.lock().unwrap().pop();
        next.unwrap()
    }
}

#[test]
fn a_panic_in_the_client_is_a_failure_like_any_other() {
    let script = Arc::new(Mutex::new(Vec::new()));
    let config = RemoteConfig::new("https://issuer.example/jwks");
    let mut world = World::with(&config, Box::new(Scripted(script.clone())), START);
    world.step();
    assert!(world.last_error().contains("panicked"));
    script.lock().unwrap().push(Ok(Fetched::Document {
        body: jwks(&["a"]).into_bytes(),
        etag: None,
        lifetime: None,
    }));
    world.pass(secs(3));
    assert!(world.is_trusted());
}

#[test]
fn not_modified_without_a_document_is_a_failure() {
    let script = vec![Ok(Fetched::NotModified { lifetime: None })];
    let config = RemoteConfig::new("https://issuer.example/jwks");
    let fetch = Scripted(Arc::new(Mutex::new(script)));
    let mut world = World::with(&config, Box::new(fetch), START);
    world.step();
    assert!(!world.is_trusted());
    assert_eq!(world.stats().failures, 1);
}
