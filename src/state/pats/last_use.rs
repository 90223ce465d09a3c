use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use super::record::key;
use super::{Pat, PatStore};
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::fork;
use crate::store::Swap;

/// Writes down when and from where personal access tokens were used last, on a thread of its own.
///
/// A verification only puts a use into a bounded queue, once in the profile's span at most for each
/// token that is in the cache. What the queue has no room for is dropped and counted, like what the
/// store did not take: the next use tells again. A write never brings back a token that was revoked
/// meanwhile: it replaces the record that was read or nothing.
pub struct LastUses {
    queue: Mutex<Vec<PatUse>>,
    written: AtomicU64,
    dropped: AtomicU64,
}

/// The use of a token.
#[derive(Clone)]
#[non_exhaustive]
pub struct PatUse {
    pub(super) pats: Arc<PatStore>,
    pub(super) id: Box<str>,
    pub(super) at: UnixMillis,
    pub(super) from: Option<IpAddr>,
}

/// The thread. Dropping it ends the thread, after a last look at the queue.
pub struct LastUsesThread {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Of which process the thread is.
    generation: u32,
}

/// How many uses may wait.
const ROOM: usize = 4_096;
/// Between two looks at the queue.
const PAUSE: Duration = Duration::from_millis(250);

impl LastUses {
    /// An empty queue that nobody works on yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: Mutex::default(),
            written: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        })
    }

    /// Begins to work on a thread.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread.
    pub fn start(self: &Arc<Self>) -> Result<LastUsesThread, Fault> {
        let stop = Arc::new(AtomicBool::new(false));
        let (uses, stopped) = (Arc::clone(self), Arc::clone(&stop));
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                uses.write_all();
                thread::park_timeout(PAUSE);
            }
            uses.write_all();
        };
        let thread = thread::Builder::new()
            .name("bearerd-pats".into())
            .spawn(run)
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to write down last uses could be started",
                )
                .caused_by(error)
            })?;
        Ok(LastUsesThread {
            stop,
            thread: Some(thread),
            generation: fork::generation(),
        })
    }

    /// Puts a use into the queue, if there is room.
    pub fn note(&self, used: PatUse) {
        let _undivided = fork::undivided();
        let mut queue = self.queue.lock();
        if queue.len() < ROOM {
            queue.push(used);
        } else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes down what is in the queue, waiting for the store. A thread does it; a test may.
    pub fn write_all(&self) {
        let noted = {
            let _undivided = fork::undivided();
            std::mem::take(&mut *self.queue.lock())
        };
        let mut store_answers = true;
        for used in noted {
            // One that does not answer is asked once a round, and not for every use.
            let written = if store_answers {
                used.write()
            } else {
                Ok(false)
            };
            store_answers &= written.is_ok();
            match written {
                Ok(true) => self.written.fetch_add(1, Ordering::Relaxed),
                Ok(false) | Err(_) => self.dropped.fetch_add(1, Ordering::Relaxed),
            };
        }
    }

    /// How many uses were written down.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How many were not: for want of room, because the store did not answer, or because somebody
    /// else was quicker.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl PatUse {
    /// Whether it was written down.
    fn write(&self) -> Result<bool, Fault> {
        let PatStore {
            profile,
            store,
            settings,
            ..
        } = &*self.pats;
        let key = key(profile, &self.id)?;
        let Some(entry) = store.get(&key)? else {
            return Ok(false);
        };
        let (mut pat, digest) = Pat::read(&self.id, &entry)?;
        let told = pat
            .last_used_at
            .is_some_and(|last| self.at < last.plus(settings.last_used_every));
        if told || pat.revoked_at.is_some() {
            return Ok(false);
        }
        pat.last_used_at = Some(self.at);
        pat.last_used_from = self.from;
        let bytes = pat.write(&digest)?;
        let swap = store.compare_and_swap(&key, entry.version, &bytes, entry.expires)?;
        Ok(matches!(swap, Swap::Stored(_)))
    }
}

impl Drop for LastUsesThread {
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
            tracing::error!("the thread that writes down last uses had panicked");
        }
    }
}

impl fmt::Debug for LastUses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastUses")
            .field("written", &self.written())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LastUsesThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastUsesThread")
    }
}

impl fmt::Debug for PatUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatUse")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
