use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::record::Record;

/// Between those who record and the one that writes: bounded in number and in bytes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiting>,
    weight: usize,
    stopped: bool,
}

/// An event on its way, and who waits to hear of it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) record: Record,
    /// Monotonic.
    pub(super) since: Duration,
    pub(super) told: Option<SyncSender<Result<(), String>>>,
}

/// What was taken out.
pub(super) struct Batch {
    pub(super) waiting: Vec<Waiting>,
    pub(super) stopped: bool,
}

impl Queue {
    pub(super) const MOST: usize = 16_384;
    pub(super) const MOST_BYTES: usize = 16 << 20;

    /// False where there is no room.
    pub(super) fn push(&self, waiting: Waiting) -> bool {
        let mut state = self.lock();
        let weight = state.weight + waiting.record.weight();
        if state.stopped || state.waiting.len() >= Self::MOST || weight > Self::MOST_BYTES {
            return false;
        }
        state.weight = weight;
        state.waiting.push(waiting);
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Everything that waits, as soon as there is something; at the latest after `at_most`.
    pub(super) fn take(&self, at_most: Duration) -> Batch {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), at_most, |state| {
                state.waiting.is_empty() && !state.stopped
            });
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.weight = 0;
        Batch {
            waiting: std::mem::take(&mut state.waiting),
            stopped: state.stopped,
        }
    }

    /// Waits for `at_most`, or until it is stopped. Says whether it is.
    pub(super) fn pause(&self, at_most: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), at_most, |state| !state.stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    /// Takes nothing more.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// When the oldest one came.
    pub(super) fn oldest(&self) -> Option<Duration> {
        self.lock().waiting.first().map(|waiting| waiting.since)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
