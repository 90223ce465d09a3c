use std::ops::Deref;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::handle::Shared;
use super::{Fetch, KeySink, RemoteConfig, RemoteHandle, RemoteWorker};
use crate::clock::Clock;
use crate::error::{Code, Fault};
use crate::fork;

/// A remote key set that keeps itself fresh on a thread of its own.
///
/// Dropping it ends the thread: at once where it waits; where a fetch is under way, dropping does
/// not wait for the network: the thread is let go, hands nothing more to the sink, and ends within
/// the fetch's timeout. The sink is held until then, so it must not own this value.
pub struct RemoteKeys {
    handle: RemoteHandle,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Of which process the thread is.
    generation: u32,
}

impl RemoteKeys {
    /// Hands the stored document to the sink, then fetches in the background: returns without
    /// waiting for the network.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the configuration does not hold, `INTERNAL` where the system gives no
    /// thread.
    pub fn spawn(
        config: &RemoteConfig,
        fetch: Box<dyn Fetch>,
        sink: Arc<dyn KeySink>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Self, Fault> {
        let worker = RemoteWorker::new(config, fetch, sink, clock, seed)?;
        let (handle, shared) = (worker.handle(), worker.shared());
        let thread = Some(start(worker)?);
        Ok(Self {
            handle,
            shared,
            thread,
            generation: fork::generation(),
        })
    }
}

impl Deref for RemoteKeys {
    type Target = RemoteHandle;

    fn deref(&self) -> &RemoteHandle {
        &self.handle
    }
}

impl Drop for RemoteKeys {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if self.generation != fork::generation() {
            // The thread stayed with the parent, and may hold a lock in what we inherited.
            std::mem::forget(thread);
            return;
        }
        let fetching = self.shared.stop();
        // The sink may have been what held us, and be called on that very thread.
        let ourselves = thread.thread().id() == thread::current().id();
        if !fetching && !ourselves && thread.join().is_err() {
            tracing::error!("the thread of a remote key set had panicked");
        }
    }
}

/// The one place where the thread begins.
fn start(mut worker: RemoteWorker) -> Result<JoinHandle<()>, Fault> {
    let shared = worker.shared();
    let run = move || {
        loop {
            let wait = worker.step();
            if !shared.wait(wait) {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("bearerd-jwks".into())
        .spawn(run)
        .map_err(|error| {
            Fault::new(
                Code::Internal,
                "no thread for a remote key set could be started",
            )
            .caused_by(error)
        })
}
