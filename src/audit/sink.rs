use std::fmt;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::counters::Counters;
use super::record::Record;
use crate::error::{Code, Fault};

/// Says each event as a line of JSON, on a thread of its own: whoever reads the lines may be slow,
/// and the file does not wait for him.
pub(super) struct Sink {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    text: String,
    count: usize,
    stopped: bool,
    done: bool,
}

/// The most bytes that wait to be said.
const MOST: usize = 8 << 20;
/// How long the end waits for a reader.
const PATIENCE: Duration = Duration::from_secs(2);

impl Sink {
    pub(super) fn start(
        output: Box<dyn Write + Send>,
        counters: Arc<Counters>,
    ) -> Result<Self, Fault> {
        let shared = Arc::new(Shared::default());
        let said = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("bearerd-audit-out".into())
            .spawn(move || said.run(output, &counters))
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread for the audit lines could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    pub(super) fn say(&self, records: &[&Record], counters: &Counters) {
        let mut lines = self.shared.lock();
        for record in records {
            if lines.text.len() >= MOST {
                Counters::add(&counters.unsaid, 1);
                continue;
            }
            record.append_json(&mut lines.text);
            lines.text.push('\n');
            lines.count += 1;
        }
        drop(lines);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn run(&self, mut output: Box<dyn Write + Send>, counters: &Counters) {
        loop {
            let waited = self
                .changed
                .wait_while(self.lock(), |lines| lines.text.is_empty() && !lines.stopped);
            let mut lines = waited.unwrap_or_else(PoisonError::into_inner);
            let text = std::mem::take(&mut lines.text);
            let count = std::mem::take(&mut lines.count);
            if text.is_empty() {
                lines.done = true;
                drop(lines);
                self.changed.notify_all();
                return;
            }
            drop(lines);
            let said = output.write_all(text.as_bytes());
            if let Err(error) = said.and_then(|()| output.flush()) {
                tracing::warn!(%error, count, "audit lines could not be said");
                Counters::add(&counters.unsaid, count);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
        let waited =
            self.shared
                .changed
                .wait_timeout_while(self.shared.lock(), PATIENCE, |lines| !lines.done);
        let done = waited.unwrap_or_else(PoisonError::into_inner).0.done;
        match self.thread.take() {
            Some(thread) if done => drop(thread.join()),
            _ => tracing::warn!("nobody reads the audit lines; the last of them are lost"),
        }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}
