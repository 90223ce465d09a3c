//! The thread that drives the worker: nobody waits for it, and it ends.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use bearerd::clock::SystemClock;
use bearerd::keys::remote::{Fetch, FetchError, Fetched, RemoteConfig, RemoteKeys};

use crate::world::{FakeSink, jwks};

/// Long enough for a busy machine; a pass never waits for it.
const SOON: Duration = Duration::from_secs(30);

/// A client that says when it is asked, and answers when it is told to.
struct Gate {
    asked: Sender<()>,
    answer: Mutex<Receiver<String>>,
    _ended: Ended,
}

struct Ended(Sender<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

impl Fetch for Gate {
    fn fetch(&self, _: Option<&str>) -> Result<Fetched, FetchError> {
        let _ = self.asked.send(());
        let body = self
            .answer
            .lock()
            .unwrap()
            .recv()
            .unwrap_or_default()
            .into_bytes();
        Ok(Fetched::Document {
            body,
            etag: None,
            lifetime: None,
        })
    }
}

struct Bench {
    keys: RemoteKeys,
    sink: Arc<FakeSink>,
    asked: Receiver<()>,
    answer: Sender<String>,
    ended: Receiver<()>,
}

fn bench() -> Bench {
    let (asked, is_asked) = channel();
    let (answer, answers) = channel();
    let (ended, has_ended) = channel();
    let gate = Gate {
        asked,
        answer: Mutex::new(answers),
        _ended: Ended(ended),
    };
    let sink = FakeSink::new();
    let config = RemoteConfig::new("https://issuer.example/jwks");
    let keys = RemoteKeys::spawn(
        &config,
        Box::new(gate),
        sink.clone(),
        Arc::new(SystemClock),
        7,
    )
    .unwrap();
    Bench {
        keys,
        sink,
        asked: is_asked,
        answer,
        ended: has_ended,
    }
}

#[test]
fn nobody_waits_for_a_fetch_and_dropping_does_not_either() {
    let Bench {
        keys,
        sink,
        asked,
        answer,
        ended,
    } = bench();
    asked.recv_timeout(SOON).unwrap();
    // The client hangs from here on. Were any of these to wait for it, the test would hang too.
    for n in 0..10_000 {
        keys.unknown_kid(&n.to_string());
    }
    keys.refresh_now();
    assert_eq!(keys.stats().scheduled, 1);
    drop(keys);
    assert!(
        ended.try_recv().is_err(),
        "the thread still hangs in its fetch"
    );
    answer.send(jwks(&["late"])).unwrap();
    ended.recv_timeout(SOON).unwrap();
    assert!(
        sink.kids().is_empty(),
        "nothing is handed on once we are gone"
    );
}

#[test]
fn a_sleeping_thread_wakes_for_what_it_is_asked_and_ends_when_dropped() {
    let Bench {
        keys,
        sink,
        asked,
        answer,
        ended,
    } = bench();
    asked.recv_timeout(SOON).unwrap();
    answer.send(jwks(&["a"])).unwrap();
    keys.unknown_kid("b");
    asked.recv_timeout(SOON).unwrap();
    answer.send(jwks(&["a", "b"])).unwrap();
    keys.refresh_now();
    asked.recv_timeout(SOON).unwrap();
    assert_eq!(sink.kids(), ["a", "b"]);
    answer.send(jwks(&["c"])).unwrap();
    drop(answer);
    drop(keys);
    ended.recv_timeout(SOON).unwrap();
}
