use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::disk::{LastGood, Stored};
use super::handle::{Shared, Signal};
use super::policy::{Event, Policy, Reason};
use super::{Fetch, Fetched, JwksUrl, KeySink, RemoteConfig, RemoteHandle};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Fault};

/// The work of one remote key set, a step at a time.
///
/// [`RemoteKeys`](super::RemoteKeys) drives it on a thread; a test drives it by hand, with a
/// [`ManualClock`](crate::clock::ManualClock).
pub struct RemoteWorker {
    url: JwksUrl,
    stale_after: Duration,
    policy: Policy,
    fetch: Box<dyn Fetch>,
    sink: Arc<dyn KeySink>,
    file: Option<LastGood>,
    /// The last document that the sink took, and the `ETag` that belongs to it alone.
    current: Option<Current>,
    random: u64,
    shared: Arc<Shared>,
}

struct Current {
    document: Vec<u8>,
    etag: Option<String>,
}

impl RemoteWorker {
    /// Prepares the work, and hands the stored document to the sink if there is a good one.
    ///
    /// `seed` spreads the refreshes of many processes; any number does.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the configuration does not hold.
    pub fn new(
        config: &RemoteConfig,
        fetch: Box<dyn Fetch>,
        sink: Arc<dyn KeySink>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, Fault> {
        let url = config.check()?;
        let directory = config.cache_dir.as_deref();
        let file = directory.map(|path| LastGood::new(path, &url, config.max_bytes));
        let mut worker = Self {
            url,
            stale_after: config.stale_after,
            policy: Policy::new(config),
            fetch,
            sink,
            file,
            current: None,
            random: seed,
            shared: Arc::new(Shared::new(clock, config.unknown_kid_cooldown)),
        };
        if let Err(fault) = worker.restore() {
            tracing::warn!(url = %worker.url, fault = fault.chain(), "the stored key set is ignored");
        }
        Ok(worker)
    }

    /// For those who ask something of this worker.
    #[must_use]
    pub fn handle(&self) -> RemoteHandle {
        RemoteHandle::of(&self.shared)
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Does what is due, at most one fetch, and says how long there is nothing more to do.
    pub fn step(&mut self) -> Duration {
        let event = match self.shared.next_signal() {
            Signal::Stop => return Duration::ZERO,
            Signal::Refresh => Event::Requested,
            Signal::UnknownKid => Event::UnknownKid,
            Signal::None => Event::Tick,
        };
        let (wait, fetch) = self.decide(event);
        match fetch {
            None => wait,
            Some(reason) => {
                let done = self.run(reason);
                self.decide(Event::Done(done)).0
            }
        }
    }

    fn decide(&mut self, event: Event) -> (Duration, Option<Reason>) {
        let now = self.shared.now();
        let random = self.next_random();
        let decision = self.policy.on(event, now, random);
        let stopping = self.shared.is_stopping();
        if let Some(until) = decision.trust_until.filter(|_| !stopping) {
            if until <= now.wall {
                tracing::warn!(url = %self.url, "the key set is too old to be trusted");
            }
            self.sink.trust_until(until);
        }
        (
            decision.wake_at.saturating_sub(now.monotonic),
            decision.fetch,
        )
    }

    fn run(&mut self, reason: Reason) -> Result<Option<Duration>, ()> {
        self.count(reason);
        if !self.shared.begin_fetch() {
            return Err(());
        }
        let etag = self
            .current
            .as_ref()
            .and_then(|current| current.etag.as_deref());
        // A client's or a parser's panic must not end the thread, and with it all refreshes.
        let fetched = catch_unwind(AssertUnwindSafe(|| self.fetch.fetch(etag)));
        if !self.shared.end_fetch() {
            return Err(());
        }
        let taken = match fetched {
            Ok(Ok(fetched)) => catch_unwind(AssertUnwindSafe(|| self.take(fetched)))
                .unwrap_or_else(|_| Err(self.fault("its document made the parser panic"))),
            Ok(Err(error)) => Err(self.fault("the fetch failed").caused_by(error)),
            Err(_) => Err(self.fault("the client panicked")),
        };
        taken.map_err(|fault| self.note_failure(&fault))
    }

    /// Hands a document on, and notes the success.
    fn take(&mut self, fetched: Fetched) -> Result<Option<Duration>, Fault> {
        let lifetime = match fetched {
            Fetched::NotModified { lifetime } => {
                if self.current.is_none() {
                    return Err(
                        self.fault("it answered that nothing changed, and there was nothing")
                    );
                }
                lifetime
            }
            Fetched::Document {
                body,
                etag,
                lifetime,
            } => {
                self.take_document(body, etag)?;
                lifetime
            }
        };
        let now = self.shared.now().wall;
        {
            let mut stats = self.shared.stats();
            stats.failures_in_a_row = 0;
            stats.last_success = Some(now);
        }
        self.store(now);
        Ok(lifetime)
    }

    fn take_document(&mut self, body: Vec<u8>, etag: Option<String>) -> Result<(), Fault> {
        if let Some(current) = self
            .current
            .as_mut()
            .filter(|current| current.document == body)
        {
            current.etag = etag;
            return Ok(());
        }
        let accepted = self
            .sink
            .accept(&body)
            .map_err(|fault| self.fault("its document was refused").caused_by(fault))?;
        self.current = Some(Current {
            document: body,
            etag,
        });
        self.shared.forget_unknown_kids();
        self.shared.stats().keys = accepted.keys.get();
        tracing::info!(url = %self.url, keys = accepted.keys, "a new key set is in use");
        Ok(())
    }

    fn restore(&mut self) -> Result<(), Fault> {
        let Some(stored) = self
            .file
            .as_ref()
            .map(LastGood::load)
            .transpose()?
            .flatten()
        else {
            return Ok(());
        };
        let now = self.shared.now();
        let age = now.wall.millis().saturating_sub(stored.fetched_at.millis());
        let Ok(age) = u64::try_from(age).map(Duration::from_millis) else {
            return Err(self.fault("it was stored in the future; is the clock right?"));
        };
        if age >= self.stale_after {
            return Err(self.fault("it is too old to be trusted"));
        }
        let fetched_at = stored.fetched_at;
        self.take_document(stored.document, stored.etag)?;
        self.shared.stats().last_success = Some(fetched_at);
        self.decide(Event::Restored { age });
        Ok(())
    }

    fn store(&self, now: UnixMillis) {
        let (Some(file), Some(current)) = (&self.file, &self.current) else {
            return;
        };
        let stored = Stored {
            document: current.document.clone(),
            etag: current.etag.clone(),
            fetched_at: now,
        };
        if let Err(fault) = file.save(&stored) {
            tracing::warn!(url = %self.url, fault = fault.chain(), "the key set is not stored");
        }
    }

    fn count(&self, reason: Reason) {
        let mut stats = self.shared.stats();
        let count = match reason {
            Reason::Scheduled => &mut stats.scheduled,
            Reason::UnknownKid => &mut stats.for_unknown_kids,
            Reason::Requested => &mut stats.requested,
        };
        *count = count.saturating_add(1);
    }

    fn note_failure(&self, fault: &Fault) {
        let text = fault.chain();
        tracing::warn!(url = %self.url, fault = text, "no key set was fetched; the old keys stay");
        let mut stats = self.shared.stats();
        stats.failures = stats.failures.saturating_add(1);
        stats.failures_in_a_row = stats.failures_in_a_row.saturating_add(1);
        stats.last_error = Some(text);
    }

    #[cold]
    fn fault(&self, what: &str) -> Fault {
        Fault::new(
            Code::KeysUnavailable,
            format!("key set {}: {what}", self.url),
        )
    }

    /// SplitMix64: jitter needs spread, not secrecy.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
