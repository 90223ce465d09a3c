use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{KeyKeeper, ManagedKey};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Fault};
use crate::fork;
use crate::store::{Cursor, Store};

/// The thread that drives the keepers of a process: it hears of changes through the store's feed and
/// does what is due. Keys are made on a thread of their own meanwhile, so that a revocation never
/// waits for one. Dropping it ends the thread within the wait.
pub struct KeyKeeping {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Of which process the thread is.
    generation: u32,
}

/// How long a store is asked to wait for a change: as long as a shutdown may take to be seen.
const WAIT: Duration = Duration::from_millis(250);
/// Between two tries while the store does not answer, or holds what does not open.
const PAUSE: Duration = Duration::from_millis(250);

struct Driver {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    driven: Vec<Driven>,
    cursor: Option<Cursor>,
}

struct Driven {
    keeper: Arc<KeyKeeper>,
    /// It may have changed since it was last read.
    is_dirty: bool,
    has_failed: bool,
    making: Option<Receiver<Result<ManagedKey, Fault>>>,
}

impl KeyKeeping {
    /// Drives keepers of one store.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        keepers: Vec<Arc<KeyKeeper>>,
    ) -> Result<Self, Fault> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let driven = keepers.into_iter().map(Driven::new).collect();
        let mut driver = Driver {
            store,
            clock,
            driven,
            cursor: None,
        };
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                driver.step();
            }
        };
        let thread = thread::Builder::new()
            .name("bearerd-keys".into())
            .spawn(run)
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to keep the signing keys could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            stop,
            thread: Some(thread),
            generation: fork::generation(),
        })
    }
}

impl Driver {
    fn step(&mut self) {
        let heard = self.hear();
        let mut failed = heard.is_err();
        for driven in &mut self.driven {
            failed |= !driven.step(self.clock.now());
        }
        if failed {
            thread::park_timeout(PAUSE);
        }
    }

    /// Waits for a change, and marks what it names.
    fn hear(&mut self) -> Result<(), Fault> {
        let wait = match self.cursor {
            None => Duration::ZERO,
            Some(_) => self.wait(),
        };
        let changes = self.store.changes(self.cursor, wait)?;
        for driven in &mut self.driven {
            let key = driven.keeper.vault().key();
            let named = || changes.items.iter().any(|change| change.key() == key);
            driven.is_dirty |= changes.gap || named();
        }
        self.cursor = Some(changes.next);
        Ok(())
    }

    fn wait(&self) -> Duration {
        if self.driven.iter().any(|driven| driven.making.is_some()) {
            return Duration::from_millis(20);
        }
        let now = self.clock.now();
        let due = self.driven.iter().map(|driven| driven.keeper.due()).min();
        let left = due
            .unwrap_or(UnixMillis::MAX)
            .millis()
            .saturating_sub(now.millis());
        WAIT.min(Duration::from_millis(
            u64::try_from(left).unwrap_or(0).max(1),
        ))
    }
}

impl Driven {
    fn new(keeper: Arc<KeyKeeper>) -> Self {
        Self {
            keeper,
            is_dirty: true,
            has_failed: false,
            making: None,
        }
    }

    /// Whether all is well.
    fn step(&mut self, now: UnixMillis) -> bool {
        let made = match self.made() {
            None if self.is_dirty || self.keeper.due() <= now => None,
            None => return true,
            Some(made) => Some(made),
        };
        // A key that is being made will be staged in a later step.
        let result = made
            .transpose()
            .and_then(|made| self.keeper.step(made.as_ref()));
        let is_well = match result {
            Ok(wants_a_key) => {
                self.is_dirty = false;
                !wants_a_key || self.making.is_some() || self.make()
            }
            Err(fault) => {
                if !self.has_failed {
                    tracing::warn!(
                        profile = self.keeper.vault().profile(),
                        fault = fault.chain(),
                        "the signing keys could not be kept; they go on as they are known"
                    );
                }
                false
            }
        };
        self.has_failed = !is_well;
        is_well
    }

    /// A key that was made meanwhile.
    fn made(&mut self) -> Option<Result<ManagedKey, Fault>> {
        let made = match self.making.as_ref()?.try_recv() {
            Ok(made) => Some(made),
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => None,
        };
        self.making = None;
        made
    }

    fn make(&mut self) -> bool {
        let (done, made) = mpsc::channel();
        let keeper = Arc::clone(&self.keeper);
        let run = move || {
            let _ = done.send(keeper.make());
        };
        let thread = thread::Builder::new()
            .name("bearerd-keygen".into())
            .spawn(run);
        if thread.is_ok() {
            self.making = Some(made);
        }
        thread.is_ok()
    }
}

impl Drop for KeyKeeping {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if self.generation != fork::generation() {
            // The thread stayed with the parent.
            std::mem::forget(thread);
            return;
        }
        self.stop.store(true, Ordering::Release);
        thread.thread().unpark();
        if thread.join().is_err() {
            tracing::error!("the thread that keeps the signing keys had panicked");
        }
    }
}

impl std::fmt::Debug for KeyKeeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyKeeping").finish_non_exhaustive()
    }
}
