use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

use super::stats::Counters;
use super::{Renewal, SessionId, Sessions};
use crate::error::{Code, Fault};
use crate::fork;

/// Renews sessions on a thread of its own. Dropping it ends the thread with the renewal at hand.
pub(super) struct Renewer {
    queue: Option<SyncSender<SessionId>>,
    thread: Option<JoinHandle<()>>,
    /// Of which process the thread is.
    generation: u32,
}

/// How many renewals may wait for the store. One that finds no room is dropped; the next use asks
/// again.
const WAITING: usize = 4_096;

impl Renewer {
    pub(super) fn start(sessions: &Arc<Sessions>) -> Result<Self, Fault> {
        let (queue, waiting) = sync_channel(WAITING);
        let sessions = Arc::downgrade(sessions);
        let thread = thread::Builder::new()
            .name("bearerd-renewal".into())
            .spawn(move || run(&sessions, &waiting))
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to renew sessions could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            generation: fork::generation(),
        })
    }

    /// Never waits. False where there is no room, or in the child of a fork that has not started
    /// its own.
    pub(super) fn ask(&self, id: SessionId) -> bool {
        // The parent's thread may have held the queue's lock when the process forked.
        if self.generation != fork::generation() {
            return false;
        }
        let _undivided = fork::undivided();
        self.queue
            .as_ref()
            .is_some_and(|queue| queue.try_send(id).is_ok())
    }
}

fn run(sessions: &Weak<Sessions>, waiting: &Receiver<SessionId>) {
    let mut failed = false;
    while let Ok(id) = waiting.recv() {
        let Some(sessions) = sessions.upgrade() else {
            return;
        };
        let counters = &sessions.counters;
        match sessions.renew(id) {
            Ok(renewal) => {
                failed = false;
                match renewal {
                    Renewal::Done => Counters::one(&counters.renewed),
                    Renewal::NotDue => Counters::one(&counters.not_due),
                    Renewal::Ended => Counters::one(&counters.too_late),
                }
            }
            Err(fault) => {
                Counters::one(&counters.dropped);
                if !failed {
                    tracing::warn!(fault = fault.chain(), "sessions cannot be renewed");
                }
                failed = true;
            }
        }
    }
}

impl Drop for Renewer {
    fn drop(&mut self) {
        let (queue, thread) = (self.queue.take(), self.thread.take());
        if self.generation != fork::generation() {
            // Both stayed with the parent.
            std::mem::forget((queue, thread));
            return;
        }
        drop(queue);
        let Some(thread) = thread else {
            return;
        };
        // The thread itself drops the sessions where nobody else holds them any more.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the thread that renews sessions had panicked");
        }
    }
}
