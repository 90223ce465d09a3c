use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::config::Profiles;
use crate::error::{Code, Fault};

/// Wipes what has ended, at the start and then once a minute, on a thread of its own: a store may
/// make it wait. Dropping it ends the thread, once the store has answered.
#[derive(Debug)]
pub(super) struct Housekeeping {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

const EVERY: Duration = Duration::from_secs(60);
/// A write to the store does not wait for more than this, and what is left is for the next time.
const AT_ONCE: usize = 1_024;

impl Housekeeping {
    pub(super) fn start(profiles: Arc<Profiles>) -> Result<Self, Fault> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("bearerd-purge".into())
            .spawn(move || {
                while !stopped.load(Ordering::Acquire) {
                    match profiles.purge(AT_ONCE) {
                        Ok(AT_ONCE..) => {}
                        Ok(_) => thread::park_timeout(EVERY),
                        Err(fault) => {
                            tracing::debug!(
                                fault = fault.chain(),
                                "what has ended was not wiped; it is tried again in a minute"
                            );
                            thread::park_timeout(EVERY);
                        }
                    }
                }
            })
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to wipe what has ended could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread that wipes what has ended had panicked");
            }
        }
    }
}
