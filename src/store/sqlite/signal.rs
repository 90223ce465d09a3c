use std::process;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::fork;

/// Wakes the followers of this process when it has written.
///
/// In a forked child the lock may be one that nobody will ever release; there, and there alone,
/// followers only wait until they look again.
pub(super) struct Signal {
    born_in: u32,
    count: Mutex<u64>,
    told: Condvar,
}

impl Signal {
    pub(super) fn new() -> Self {
        Self {
            born_in: process::id(),
            count: Mutex::new(0),
            told: Condvar::new(),
        }
    }

    pub(super) fn tell(&self) {
        if self.is_ours() {
            let _undivided = fork::undivided();
            *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            self.told.notify_all();
        }
    }

    /// How often it was told. Take this before looking.
    pub(super) fn heard(&self) -> u64 {
        if !self.is_ours() {
            return 0;
        }
        let _undivided = fork::undivided();
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is told more than was `heard`, or for `at_most`. Says how much of a wait
    /// that was: none, if it was told.
    pub(super) fn wait(&self, heard: u64, at_most: Duration) -> Duration {
        if !self.is_ours() {
            thread::sleep(at_most);
            return at_most;
        }
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .told
            .wait_timeout_while(count, at_most, |count| *count == heard);
        let (count, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(count);
        if timeout.timed_out() {
            at_most
        } else {
            Duration::ZERO
        }
    }

    fn is_ours(&self) -> bool {
        self.born_in == process::id()
    }
}
