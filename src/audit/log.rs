use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::counters::{AuditStats, Counters};
use super::event::Event;
use super::file::AuditFile;
use super::mask::Mask;
use super::options::Options;
use super::page::Page;
use super::query::Query;
use super::queue::{Queue, Waiting};
use super::retention::Retention;
use super::sieve::Sieve;
use super::sink::Sink;
use super::writer::Writer;
use crate::clock::Clock;
use crate::error::{Code, Fault};

/// What a log is made of.
#[non_exhaustive]
pub struct AuditConfig {
    /// The file; without one, there is nothing to ask.
    pub file: Option<PathBuf>,
    /// How long events are kept, and how many.
    pub retention: Retention,
    /// Whether [`AuditLog::record`] waits until the event is on the disk.
    pub required: bool,
    /// Where each event is said as a line of JSON, too.
    pub lines: Option<Box<dyn Write + Send>>,
    /// What is never kept.
    pub mask: Mask,
    /// How long a step waits for another process that holds the file.
    pub wait: Duration,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            file: None,
            retention: Retention::default(),
            required: false,
            lines: None,
            mask: Mask::default(),
            wait: Duration::from_secs(5),
        }
    }
}

/// Takes events, writes them on a thread of its own, and answers what is asked about them.
///
/// It may be used by any thread. Dropping it writes what is under way and ends the thread.
///
/// # Forks
/// The thread stays with the parent. A child that records calls [`after_fork`](Self::after_fork)
/// first; until then its events are dropped, or refused where they are required.
pub struct AuditLog {
    shared: Arc<Shared>,
    running: ArcSwap<Running>,
}

/// What was done with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// Something in it looked like a credential and was masked.
    pub masked: bool,
    /// It is on the disk, and not only on its way.
    pub durable: bool,
}

/// What the writer and those who record have in common.
pub(super) struct Shared {
    pub(super) file: Option<AuditFile>,
    pub(super) sieve: Sieve,
    pub(super) counters: Arc<Counters>,
    pub(super) mask: Mask,
    pub(super) clock: Arc<dyn Clock>,
    required: bool,
    wait: Duration,
    /// Since when the oldest event is held, in milliseconds of monotonic time.
    held_since: AtomicU64,
}

/// The thread, and of which process it is.
struct Running {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
    born_in: u32,
}

const NOTHING_HELD: u64 = u64::MAX;

impl AuditLog {
    /// Opens the file, or makes it, and starts the thread.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where there is neither file nor lines, where events are required and there is
    /// no file, or where the file is not one that may be used; `STORE_UNAVAILABLE` where it is
    /// damaged, or locked for longer than the wait; `INTERNAL` where the system gives no thread.
    pub fn open(config: AuditConfig, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        if config.file.is_none() && (config.required || config.lines.is_none()) {
            return Err(Fault::config(
                "an audit log needs a file, or, where nothing is required, standard output: name \
                 a file",
            ));
        }
        let file = config
            .file
            .as_deref()
            .map(|path| AuditFile::open(path, config.retention, config.wait, Arc::clone(&clock)));
        let shared = Arc::new(Shared {
            file: file.transpose()?,
            sieve: Sieve::default(),
            counters: Arc::default(),
            mask: config.mask,
            clock,
            required: config.required,
            wait: config.wait,
            held_since: AtomicU64::new(NOTHING_HELD),
        });
        let sink = config
            .lines
            .map(|lines| Sink::start(lines, Arc::clone(&shared.counters)));
        let running = Running::start(&shared, sink.transpose()?)?;
        Ok(Self {
            shared,
            running: ArcSwap::from_pointee(running),
        })
    }

    /// Records an event. Where the log is required, waits for the disk; else it only queues, which
    /// takes a short lock and no I/O.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where a required event is not on the disk, or the queue is full. A
    /// required event stays in the queue all the same, since what it tells of may have happened.
    pub fn record(&self, event: Event) -> Result<Taken, Fault> {
        let (record, masked) = event.seal(&self.shared.mask, self.shared.clock.now());
        let running = self.running.load();
        if !running.is_ours() {
            return Err(self.dropped("the process has forked, and nobody has told the audit log"));
        }
        let waits = self.shared.required && !self.is_in_trouble();
        let (told, heard) = match waits.then(|| mpsc::sync_channel(1)) {
            Some((told, heard)) => (Some(told), Some(heard)),
            None => (None, None),
        };
        let since = self.shared.clock.monotonic();
        let waiting = Waiting {
            record,
            since,
            told,
        };
        if !running.queue.push(waiting) {
            return Err(
                self.dropped("the queue is full or closed; see its log lines for the cause")
            );
        }
        if !self.shared.required {
            let durable = false;
            return Ok(Taken { masked, durable });
        }
        let Some(heard) = heard else {
            return Err(unavailable("its file could not be written the last time"));
        };
        // The batch before it may take as long as its own.
        let patience = (self.shared.wait + Duration::from_secs(5)) * 2;
        match heard.recv_timeout(patience) {
            Ok(Ok(())) => Ok(Taken {
                masked,
                durable: true,
            }),
            Ok(Err(why)) => Err(unavailable(&why)),
            Err(_) => Err(unavailable("its file does not answer")),
        }
    }

    /// Takes note of a rejection of `code`, whose event is made only if it is the first of `who`
    /// (the token, say) within a minute. Never waits, and never fails: what is not recorded is
    /// counted.
    pub fn rejected(
        &self,
        profile: &str,
        code: Code,
        who: &[u8],
        event: impl FnOnce(Event) -> Event,
    ) {
        let running = self.running.load();
        let pass = running
            .is_ours()
            .then(|| self.shared.sieve.pass(profile, code, who));
        let Some(pass) = pass.flatten() else {
            Counters::add(&self.shared.counters.coalesced, 1);
            return;
        };
        let event = event(Event::rejection(code).profile(profile));
        self.shared.sieve.remember(pass, &event);
        let (record, _) = event.seal(&self.shared.mask, self.shared.clock.now());
        let waiting = Waiting {
            record,
            since: self.shared.clock.monotonic(),
            told: None,
        };
        if !running.queue.push(waiting) {
            Counters::add(&self.shared.counters.dropped, 1);
        }
    }

    /// What fits a query, newest first; for a search, in the order of recording. What was recorded
    /// and is still queued is not among it.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where there is no file to ask, `STORE_UNAVAILABLE` where it does not
    /// answer.
    pub fn query(&self, query: &Query) -> Result<Page, Fault> {
        self.file()?.page(query)
    }

    /// What occurs in the log, for filter menus. Costs a step a value, however many events.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn options(&self) -> Result<Options, Fault> {
        self.file()?.options()
    }

    /// Whether [`record`](Self::record) waits for the disk.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.shared.required
    }

    /// Whether the file could not be written the last time.
    #[must_use]
    pub fn is_in_trouble(&self) -> bool {
        self.shared.counters.in_trouble.load(Ordering::Relaxed)
    }

    /// The file, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.shared.file.as_ref().map(AuditFile::path)
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> AuditStats {
        let held = self.shared.held_since.load(Ordering::Relaxed);
        let running = self.running.load();
        let queued = running.is_ours().then(|| running.queue.oldest()).flatten();
        let held = (held != NOTHING_HELD).then(|| Duration::from_millis(held));
        let now = self.shared.clock.monotonic();
        let oldest = held.into_iter().chain(queued).min();
        let lag = oldest.map_or(Duration::ZERO, |oldest| now.saturating_sub(oldest));
        self.shared.counters.read(lag)
    }

    /// Starts anew in a child of a fork. What the parent had queued is the parent's to write, and
    /// the lines stay with it.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread.
    pub fn after_fork(&self) -> Result<(), Fault> {
        if !self.running.load().is_ours() {
            self.running
                .store(Arc::new(Running::start(&self.shared, None)?));
        }
        Ok(())
    }

    /// Writes what is under way and ends the thread. What is recorded from now on is dropped.
    pub fn close(&self) {
        self.running.load().end();
    }

    fn file(&self) -> Result<&AuditFile, Fault> {
        self.shared.file.as_ref().ok_or_else(|| {
            Fault::new(
                Code::ValidationError,
                "the audit log is written to standard output alone; set audit.file to ask it here",
            )
        })
    }

    #[cold]
    fn dropped(&self, why: &str) -> Fault {
        Counters::add(&self.shared.counters.dropped, 1);
        unavailable(why)
    }
}

#[cold]
fn unavailable(why: &str) -> Fault {
    Fault::new(
        Code::StoreUnavailable,
        format!("the event could not be recorded in the audit log: {why}"),
    )
}

impl Shared {
    pub(super) fn note_held(&self, since: Option<Duration>) {
        let millis = since.map_or(NOTHING_HELD, |since| {
            u64::try_from(since.as_millis()).unwrap_or(NOTHING_HELD - 1)
        });
        self.held_since.store(millis, Ordering::Relaxed);
    }
}

impl Running {
    fn start(shared: &Arc<Shared>, sink: Option<Sink>) -> Result<Self, Fault> {
        let queue = Arc::new(Queue::default());
        let writer = Writer {
            shared: Arc::clone(shared),
            queue: Arc::clone(&queue),
            sink,
            held: Vec::new(),
            purge_at: Duration::ZERO,
            since_purge: 0,
        };
        let thread = thread::Builder::new()
            .name("bearerd-audit".into())
            .spawn(move || writer.run())
            .map_err(|error| {
                Fault::new(
                    Code::Internal,
                    "no thread to write the audit log could be started",
                )
                .caused_by(error)
            })?;
        Ok(Self {
            queue,
            thread: Mutex::new(Some(thread)),
            born_in: process::id(),
        })
    }

    fn is_ours(&self) -> bool {
        self.born_in == process::id()
    }

    fn end(&self) {
        if !self.is_ours() {
            return;
        }
        self.queue.stop();
        let Some(thread) = self.thread.lock().take() else {
            return;
        };
        if thread.join().is_err() {
            tracing::error!("the thread that writes the audit log had panicked");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_ours() {
            self.end();
        } else {
            // The thread stayed with the parent.
            std::mem::forget(self.thread.get_mut().take());
        }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog")
            .field("path", &self.path())
            .field("required", &self.is_required())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
