use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::address::Address;
use super::lane::Lane;
use super::latencies::Latencies;
use super::stopwatch;

/// A request that is ready to be sent, and the answer that it must get.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) bytes: Box<[u8]>,
    /// Whether the answer says yes.
    pub(super) good: bool,
    /// Learned before anything is timed.
    pub(super) status: u16,
    /// Length of the body, learned likewise.
    pub(super) body: usize,
}

/// What load to make.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) address: &'a Address,
    pub(super) requests: &'a [Prepared],
    pub(super) threads: usize,
    pub(super) connections: usize,
    /// Requests on their way at once on each connection.
    pub(super) pipeline: usize,
    /// Requests a second. Without it each connection asks again as soon as it is answered.
    pub(super) rate: Option<f64>,
    pub(super) time: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Answers, right or wrong, by status.
    pub(super) statuses: Box<[u64; 1_000]>,
    /// Answers that were not as learned before, and the first of them: status had, status expected.
    pub(super) wrong: u64,
    pub(super) first_wrong: Option<(u16, u16)>,
    /// Requests that were due within the time and not answered, not even a little later.
    pub(super) unanswered: u64,
    pub(super) good: Latencies,
    pub(super) bad: Latencies,
    /// Nanoseconds that it went on.
    pub(super) time: u64,
    /// Processor time that making the load took, in nanoseconds.
    pub(super) own_time: u64,
}

impl Outcome {
    pub(super) fn answers(&self) -> u64 {
        self.statuses.iter().sum()
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.statuses.iter_mut().zip(other.statuses.iter()) {
            *ours += theirs;
        }
        self.wrong += other.wrong;
        self.first_wrong = self.first_wrong.or(other.first_wrong);
        self.unanswered += other.unanswered;
        self.good.merge(&other.good);
        self.bad.merge(&other.bad);
        self.time = self.time.max(other.time);
        self.own_time += other.own_time;
    }
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            statuses: Box::new([0; 1_000]),
            wrong: 0,
            first_wrong: None,
            unanswered: 0,
            good: Latencies::default(),
            bad: Latencies::default(),
            time: 0,
            own_time: 0,
        }
    }
}

/// What the threads of a load share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) answers: AtomicU64,
    pub(super) stop: AtomicBool,
}

/// How often whoever watches is told.
const TICK: Duration = Duration::from_millis(100);

/// Makes the load, and tells `watch` nanoseconds and answers so far, ten times a second.
pub(super) fn run(order: &Order<'_>, mut watch: impl FnMut(u64, u64)) -> Result<Outcome, String> {
    let shared = Shared::default();
    let threads = order.threads.min(order.connections);
    let mut lanes = Vec::with_capacity(threads);
    for number in 0..threads {
        lanes.push(Lane::connect(order, number, threads)?);
    }
    std::thread::scope(|scope| {
        let start = stopwatch::now();
        let running: Vec<_> = lanes
            .into_iter()
            .map(|lane| {
                let shared = &shared;
                scope.spawn(move || {
                    let outcome = lane.run(shared);
                    if outcome.is_err() {
                        shared.stop.store(true, Ordering::Relaxed);
                    }
                    outcome
                })
            })
            .collect();
        while running.iter().any(|lane| !lane.is_finished()) {
            std::thread::park_timeout(TICK);
            watch(
                stopwatch::now() - start,
                shared.answers.load(Ordering::Relaxed),
            );
        }
        let mut total = Outcome::default();
        for lane in running {
            let outcome = lane.join().map_err(|_| "a thread of the load panicked")?;
            total.merge(&outcome?);
        }
        Ok(total)
    })
}
