use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::RemoteStats;
use super::policy::Now;
use super::unknown_kids::UnknownKids;
use crate::clock::Clock;

/// What others may ask of a worker: cheap, never blocking, from any thread.
#[derive(Clone)]
pub struct RemoteHandle {
    shared: Arc<Shared>,
}

/// What the worker and its handles meet at. No lock is held over a fetch.
///
/// The locks are the standard ones, because the worker waits here nearly always, so a fork finds it
/// waiting: those of `parking_lot` would leave it in a table of the process, where the child's
/// threads would meet what is left of it.
pub(super) struct Shared {
    clock: Arc<dyn Clock>,
    unknown_kids: UnknownKids,
    /// Somebody has named an unknown `kid` since the last fetch began.
    kid_waits: AtomicBool,
    signals: Mutex<Signals>,
    wake: Condvar,
    stats: Mutex<RemoteStats>,
}

#[derive(Default)]
struct Signals {
    woken: bool,
    refresh: bool,
    stop: bool,
    fetching: bool,
}

/// What the worker was asked since it last looked.
pub(super) enum Signal {
    None,
    UnknownKid,
    Refresh,
    Stop,
}

impl RemoteHandle {
    pub(super) fn of(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
        }
    }

    /// A token named a `kid` that no key has: maybe the issuer has new keys. Called where a token
    /// is refused, so it does no more than remember; the worker fetches within its budget.
    pub fn unknown_kid(&self, kid: &str) {
        let shared = &self.shared;
        // A fetch is waited for already: under a flood, this is all that happens.
        if shared.kid_waits.load(Ordering::Acquire) {
            return;
        }
        if !shared.unknown_kids.is_news(kid, shared.clock.monotonic()) {
            return;
        }
        if !shared.kid_waits.swap(true, Ordering::AcqRel) {
            shared.notify(|_| {});
        }
    }

    /// Asks for a fetch outside of the schedule. For operators: it has no budget.
    pub fn refresh_now(&self) {
        self.shared.notify(|signals| signals.refresh = true);
    }

    /// What has been done so far.
    #[must_use]
    pub fn stats(&self) -> RemoteStats {
        self.shared.stats().clone()
    }
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>, cooldown: Duration) -> Self {
        Self {
            clock,
            unknown_kids: UnknownKids::new(cooldown),
            kid_waits: AtomicBool::new(false),
            signals: Mutex::default(),
            wake: Condvar::new(),
            stats: Mutex::default(),
        }
    }

    pub(super) fn stats(&self) -> MutexGuard<'_, RemoteStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signals(&self) -> MutexGuard<'_, Signals> {
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Now {
        Now {
            monotonic: self.clock.monotonic(),
            wall: self.clock.now(),
        }
    }

    fn notify(&self, change: impl FnOnce(&mut Signals)) {
        let mut signals = self.signals();
        change(&mut signals);
        signals.woken = true;
        self.wake.notify_one();
    }

    /// The most pressing signal. An unknown `kid` goes on waiting until a fetch begins.
    pub(super) fn next_signal(&self) -> Signal {
        let mut signals = self.signals();
        if signals.stop {
            Signal::Stop
        } else if std::mem::take(&mut signals.refresh) {
            Signal::Refresh
        } else if self.kid_waits.load(Ordering::Acquire) {
            Signal::UnknownKid
        } else {
            Signal::None
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.signals().stop
    }

    pub(super) fn forget_unknown_kids(&self) {
        self.unknown_kids.clear();
    }

    /// `false`: stop instead.
    pub(super) fn begin_fetch(&self) -> bool {
        // Whoever asks from here on may know of keys that this fetch misses.
        self.kid_waits.store(false, Ordering::Release);
        let mut signals = self.signals();
        signals.fetching = !signals.stop;
        signals.fetching
    }

    /// `false`: stop, and drop what was fetched.
    pub(super) fn end_fetch(&self) -> bool {
        let mut signals = self.signals();
        signals.fetching = false;
        !signals.stop
    }

    /// Waits for a signal, but no longer than that. `false`: stop.
    pub(super) fn wait(&self, span: Duration) -> bool {
        let mut signals = self.signals();
        if !signals.woken && !signals.stop {
            (signals, _) = self
                .wake
                .wait_timeout(signals, span)
                .unwrap_or_else(PoisonError::into_inner);
        }
        signals.woken = false;
        !signals.stop
    }

    /// Asks for the end, and says whether a fetch is under way.
    pub(super) fn stop(&self) -> bool {
        let mut fetching = false;
        self.notify(|signals| {
            signals.stop = true;
            fetching = signals.fetching;
        });
        fetching
    }
}
