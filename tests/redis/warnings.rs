use std::io;
use std::sync::Mutex;

use bearerd::store::RedisUrl;

use super::*;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged while a store is used.
fn logged(store: &RedisStore, act: impl FnOnce()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        store.get(&key("some")).unwrap();
        act();
        store.get(&key("some")).unwrap();
    });
    let text = log.0.lock().unwrap().clone();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_server_that_keeps_less_than_it_answers_is_warned_of() {
    let mut server = Server::start(&["--maxmemory-policy", "allkeys-lru"]);
    let store = server.store(clock());
    let log = logged(&store, || {});
    for warning in [
        "appendonly no: set it to yes, else",
        "appendfsync everysec: set it to always, else",
        "maxmemory-policy allkeys-lru: set it to noeviction, else",
    ] {
        assert_eq!(log.matches(warning).count(), 1, "{log}");
    }
    assert!(
        log.contains("WARN") && log.contains(&server.socket()),
        "{log}"
    );
    // Once more where the server may have become another.
    let log = logged(&store, || {
        server.kill();
        server.restart();
    });
    assert_eq!(log.matches("appendonly no").count(), 1, "{log}");
}

#[test]
fn a_durable_server_is_not_warned_of() {
    let server = Server::durable();
    assert_eq!(logged(&server.store(clock()), || {}), "");
}

#[test]
fn settings_that_cannot_be_read_are_warned_of() {
    let server = Server::durable();
    let rules = ["~*", "+@read", "+@write", "+@scripting", "+@connection"];
    for (name, extra, warnings) in [
        ("none", "+ping", 3),
        ("info", "+info", 1),
        ("get", "+config|get", 0),
    ] {
        let mut rule = vec!["ACL", "SETUSER", name, "on", ">hunter2"];
        rule.extend(rules);
        rule.push(extra);
        server.ask(&rule);
        let mut config = server.config();
        config.url =
            RedisUrl::parse(&format!("unix://{name}:hunter2@{}", server.socket())).unwrap();
        let log = logged(&RedisStore::open(config, clock()).unwrap(), || {});
        assert_eq!(log.matches("does not tell its").count(), warnings, "{log}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}
