use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::counters::Counters;
use super::log::Shared;
use super::queue::{Queue, Waiting};
use super::record::Record;
use super::sink::Sink;
use crate::error::Fault;

/// The thread that writes.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: Arc<Queue>,
    pub(super) sink: Option<Sink>,
    /// What could not be written yet.
    pub(super) held: Vec<Waiting>,
    /// When there is something to remove at the latest, by monotonic time.
    pub(super) purge_at: Duration,
    pub(super) since_purge: usize,
}

/// How often it looks for what nobody pushes: the end of a window, the age of an event.
const TICK: Duration = Duration::from_millis(250);
/// Between two tries while the file cannot be written.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two steps of a purge, so that others get at the file.
const BREATH: Duration = Duration::from_millis(20);
/// The most events in one transaction.
const BATCH: usize = 1_024;
/// How often it looks for what is too old, and after how many events for what is too many.
const PURGE_EVERY: Duration = Duration::from_secs(60);
const PURGE_AFTER: usize = 1_000;

impl Writer {
    pub(super) fn run(mut self) {
        let mut tick = TICK;
        loop {
            let stopped = if self.held.is_empty() {
                let batch = self.queue.take(tick);
                self.held = batch.waiting;
                batch.stopped
            } else {
                self.queue.pause(PAUSE)
            };
            self.take_more();
            self.close_window(stopped);
            self.note_lag();
            let written = self.write();
            self.note_lag();
            if stopped {
                return self.end();
            }
            tick = if written && self.purge() {
                BREATH
            } else {
                TICK
            };
        }
    }

    /// What came while the file could not be written: who waits for it must not wait for long.
    fn take_more(&mut self) {
        if self.held.len() < Queue::MOST {
            self.held
                .append(&mut self.queue.take(Duration::ZERO).waiting);
        }
    }

    fn end(mut self) {
        while !self.held.is_empty() || self.queue.oldest().is_some() {
            self.held
                .append(&mut self.queue.take(Duration::ZERO).waiting);
            if !self.write() {
                let lost = self.held.len();
                Counters::add(&self.shared.counters.dropped, lost);
                tracing::error!(lost, "audit events are lost: the file cannot be written");
                return;
            }
        }
    }

    /// What the sieve has counted joins what is to be written.
    fn close_window(&mut self, last: bool) {
        let shared = &self.shared;
        let since = shared.clock.monotonic();
        for event in shared.sieve.close(since, last) {
            let (record, _) = event.seal(&shared.mask, shared.clock.now());
            self.held.push(Waiting {
                record,
                since,
                told: None,
            });
        }
    }

    fn note_lag(&self) {
        let oldest = self.held.first().map(|waiting| waiting.since);
        self.shared.note_held(oldest);
    }

    /// Whether everything that was held is written.
    fn write(&mut self) -> bool {
        while !self.held.is_empty() {
            let batch = &self.held[..self.held.len().min(BATCH)];
            let records: Vec<&Record> = batch.iter().map(|waiting| &waiting.record).collect();
            let outcome = match &self.shared.file {
                Some(file) => file.write(&records),
                None => Ok(()),
            };
            self.note(&outcome);
            if let Err(fault) = outcome {
                // Who waits is told; the event stays, since what it tells of may have happened.
                for waiting in &mut self.held {
                    if let Some(told) = waiting.told.take() {
                        let _ = told.send(Err(fault.chain()));
                    }
                }
                return false;
            }
            Counters::add(&self.shared.counters.written, records.len());
            if let Some(sink) = &self.sink {
                sink.say(&records, &self.shared.counters);
            }
            let count = records.len();
            self.since_purge += count;
            for waiting in self.held.drain(..count) {
                if let Some(told) = waiting.told {
                    let _ = told.send(Ok(()));
                }
            }
        }
        true
    }

    /// The first failure of a row is worth a line.
    fn note(&self, outcome: &Result<(), Fault>) {
        let in_trouble = &self.shared.counters.in_trouble;
        let before = in_trouble.swap(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Err(fault) if !before => {
                tracing::error!(fault = fault.chain(), "audit events cannot be written");
            }
            Ok(()) if before => tracing::info!("audit events are written again"),
            _ => {}
        }
    }

    /// One step. Whether there may be more to remove.
    fn purge(&mut self) -> bool {
        let Some(file) = &self.shared.file else {
            return false;
        };
        let now = self.shared.clock.monotonic();
        if now < self.purge_at && self.since_purge < PURGE_AFTER {
            return false;
        }
        match file.purge() {
            Ok(0) => {}
            Ok(purged) => {
                Counters::add(&self.shared.counters.purged, purged);
                return true;
            }
            Err(fault) => {
                tracing::warn!(fault = fault.chain(), "old audit events cannot be removed");
            }
        }
        self.purge_at = now + PURGE_EVERY;
        self.since_purge = 0;
        false
    }
}
