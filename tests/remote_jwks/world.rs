use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::error::{Code, Fault};
use bearerd::keys::remote::{
    Accepted, Fetch, HttpFetch, KeySink, RemoteConfig, RemoteHandle, RemoteStats, RemoteWorker,
};

pub(crate) const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A document with keys of these names.
pub(crate) fn jwks(kids: &[&str]) -> String {
    let keys: Vec<_> = kids
        .iter()
        .map(|kid| serde_json::json!({"kty": "x", "kid": kid}))
        .collect();
    serde_json::json!({ "keys": keys }).to_string()
}

/// Knows keys by name alone.
pub(crate) struct FakeSink {
    kids: Mutex<Vec<String>>,
    until: Mutex<UnixMillis>,
    pub(crate) accepts: Mutex<usize>,
}

impl FakeSink {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            kids: Mutex::default(),
            until: Mutex::new(UnixMillis::EPOCH),
            accepts: Mutex::default(),
        })
    }

    pub(crate) fn kids(&self) -> Vec<String> {
        self.kids.lock().unwrap().clone()
    }

    pub(crate) fn has(&self, kid: &str) -> bool {
        self.kids.lock().unwrap().iter().any(|known| known == kid)
    }

    pub(crate) fn trust_ends(&self) -> UnixMillis {
        *self.until.lock().unwrap()
    }
}

impl KeySink for FakeSink {
    fn accept(&self, document: &[u8]) -> Result<Accepted, Fault> {
        let broken = |why: &str| Fault::new(Code::KeysUnavailable, why);
        let value: serde_json::Value =
            serde_json::from_slice(document).map_err(|_| broken("not JSON"))?;
        let keys = value["keys"]
            .as_array()
            .ok_or_else(|| broken("no keys member"))?;
        let kids = keys
            .iter()
            .filter_map(|key| key["kid"].as_str().map(str::to_owned))
            .collect();
        let accepted = Accepted::of(keys.len()).ok_or_else(|| broken("no usable key"))?;
        *self.kids.lock().unwrap() = kids;
        *self.accepts.lock().unwrap() += 1;
        Ok(accepted)
    }

    fn trust_until(&self, until: UnixMillis) {
        *self.until.lock().unwrap() = until;
    }
}

/// A worker driven by hand, under a clock that stands still until told.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sink: Arc<FakeSink>,
    pub(crate) keys: RemoteHandle,
    worker: RemoteWorker,
    wait: Duration,
}

impl World {
    pub(crate) fn new(config: &RemoteConfig) -> Self {
        Self::at(config, START)
    }

    pub(crate) fn at(config: &RemoteConfig, now: UnixMillis) -> Self {
        Self::with(config, Box::new(HttpFetch::new(config).unwrap()), now)
    }

    pub(crate) fn with(config: &RemoteConfig, fetch: Box<dyn Fetch>, now: UnixMillis) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let sink = FakeSink::new();
        let worker = RemoteWorker::new(config, fetch, sink.clone(), clock.clone(), 7).unwrap();
        Self {
            clock,
            sink,
            keys: worker.handle(),
            worker,
            wait: Duration::ZERO,
        }
    }

    /// Does what is due now.
    pub(crate) fn step(&mut self) {
        self.wait = self.worker.step();
    }

    /// Lets time pass as the thread would live through it.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.clock.monotonic() + span;
        loop {
            let left = end.saturating_sub(self.clock.monotonic());
            let pause = self.wait.max(Duration::from_millis(1));
            if pause > left {
                self.clock.advance(left);
                self.wait = pause - left;
                return;
            }
            self.clock.advance(pause);
            self.step();
        }
    }

    /// Whether verification would trust the keys.
    pub(crate) fn is_trusted(&self) -> bool {
        self.clock.now() < self.sink.trust_ends()
    }

    pub(crate) fn stats(&self) -> RemoteStats {
        self.keys.stats()
    }

    pub(crate) fn last_error(&self) -> String {
        self.stats().last_error.unwrap()
    }
}
