use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use super::{Follower, FollowerStats};
use crate::error::{Code, Fault};
use crate::fork;

/// A [`Follower`] on a thread of its own. Dropping it ends the thread within the wait.
pub struct Following {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Of which process the thread is.
    generation: u32,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    stats: Mutex<FollowerStats>,
}

/// How long a store is asked to wait for a change: as long as a shutdown may take to be seen.
const WAIT: Duration = Duration::from_millis(250);
/// Between two tries while the store does not answer.
const PAUSE: Duration = Duration::from_millis(100);

impl Following {
    /// Reads everything once, if the store answers, and then follows on a thread.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread. A store that does not answer is no error: it
    /// may come.
    pub fn start(mut follower: Follower) -> Result<Self, Fault> {
        let shared = Arc::new(Shared::default());
        step(&mut follower, &shared, Duration::ZERO);
        let driven = Arc::clone(&shared);
        let run = move || {
            while !driven.stop.load(Ordering::Acquire) {
                if !step(&mut follower, &driven, WAIT) {
                    thread::park_timeout(PAUSE);
                }
            }
        };
        let thread = thread::Builder::new()
            .name("bearerd-state".into())
            .spawn(run)
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to follow the store could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            shared,
            thread: Some(thread),
            generation: fork::generation(),
        })
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> FollowerStats {
        *self.shared.stats.lock()
    }
}

/// Whether the store answered. The first failure of a row is worth a line.
fn step(follower: &mut Follower, shared: &Shared, wait: Duration) -> bool {
    let before = follower.stats().failures_in_a_row;
    let result = follower.step(wait);
    let stats = follower.stats();
    *shared.stats.lock() = stats;
    match result {
        Ok(()) => {
            if before > 0 {
                tracing::info!("the store answers again");
            }
            true
        }
        Err(fault) => {
            if before == 0 {
                tracing::warn!(fault = fault.chain(), "the store does not answer");
            }
            false
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if self.generation != fork::generation() {
            // The thread stayed with the parent.
            std::mem::forget(thread);
            return;
        }
        self.shared.stop.store(true, Ordering::Release);
        thread.thread().unpark();
        if thread.join().is_err() {
            tracing::error!("the thread that follows the store had panicked");
        }
    }
}

impl std::fmt::Debug for Following {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Following").finish_non_exhaustive()
    }
}
