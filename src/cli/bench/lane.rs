use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};

use super::address::PATIENCE;
use super::link::{Link, Waiting};
use super::load::{Order, Outcome, Prepared, Shared};
use super::stopwatch;

/// One thread of the load: its connections, all waited for at once.
///
/// Without a rate the loop is closed: a connection asks again when it is answered. With a rate a
/// request is due every so often, whoever is free sends it, and it is timed from when it was due.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    requests: &'a [Prepared],
    poll: std::os::fd::OwnedFd,
    links: Vec<Link>,
    pipeline: usize,
    next: usize,
    /// Nanoseconds between requests.
    interval: Option<f64>,
    time: u64,
    outcome: Outcome,
}

/// A wait that is shorter is spun away: the system wakes a sleeper no more exactly.
const SPIN: u64 = 100_000;
/// What a request that was due may take beyond the time, with a hundredth of it.
const GRACE: u64 = 100_000_000;
/// The longest wait before it is looked whether to stop.
const TICK: u64 = 50_000_000;

impl<'a> Lane<'a> {
    pub(super) fn connect(order: &Order<'a>, number: usize, of: usize) -> Result<Self, String> {
        let failed = |error: rustix::io::Errno| format!("epoll: {error}");
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?;
        let count = order.connections / of + usize::from(number < order.connections % of);
        let mut links = Vec::with_capacity(count);
        for at in 0..count {
            let link = Link::connect(order.address)?;
            let data = epoll::EventData::new_u64(at as u64);
            epoll::add(&poll, &link.stream, data, epoll::EventFlags::IN).map_err(failed)?;
            links.push(link);
        }
        #[expect(clippy::cast_precision_loss, reason = "a handful of threads")]
        let interval = order.rate.map(|rate| 1e9 * of as f64 / rate);
        Ok(Self {
            requests: order.requests,
            poll,
            links,
            pipeline: order.pipeline,
            next: order.requests.len() * number / of,
            interval,
            time: u64::try_from(order.time.as_nanos()).unwrap_or(u64::MAX),
            outcome: Outcome::default(),
        })
    }

    pub(super) fn run(mut self, shared: &Shared) -> Result<Outcome, String> {
        let own = stopwatch::thread_time();
        let start = stopwatch::now();
        let end = start.saturating_add(self.time);
        let mut pace = self.interval.map(|interval| Pace::new(start, interval));
        // One entry for each request that could be sent now.
        let mut free: VecDeque<usize> = (0..self.pipeline)
            .flat_map(|_| 0..self.links.len())
            .collect();
        let mut events = Vec::with_capacity(self.links.len());
        let mut now = start;
        let mut last_answer = start;
        loop {
            self.dispatch(pace.as_mut(), &mut free, now)?;
            self.wait(&mut events, pace.as_ref(), !free.is_empty())?;
            now = stopwatch::now();
            if now >= end || shared.stop.load(Ordering::Relaxed) {
                break;
            }
            let mut answers = 0;
            for event in &events {
                // The index that was given to epoll.
                let at = usize::try_from(event.data.u64()).unwrap_or_default();
                answers += self.serve(at, pace.is_none(), &mut free, event.flags)?;
            }
            events.clear();
            if answers > 0 {
                shared.answers.fetch_add(answers, Ordering::Relaxed);
                last_answer = now;
            } else if now - last_answer > u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX)
                && self.links.iter().any(|link| !link.waiting.is_empty())
            {
                return Err(format!("no answer came for {} seconds", PATIENCE.as_secs()));
            }
        }
        // With a rate, whatever was due by the end counts, and nothing after it: a thread that wakes
        // late has not had longer.
        self.outcome.time = if pace.is_some() {
            self.time.min(now - start)
        } else {
            now - start
        };
        self.outcome.own_time = stopwatch::thread_time() - own;
        if let Some(pace) = pace {
            self.catch_up(pace, &mut free, end)?;
        }
        Ok(self.outcome)
    }

    /// With a rate, what was due within the time is given a little longer: a moment's delay at the
    /// end is no missed target, and a server that cannot keep up has fallen back by more.
    fn catch_up(
        &mut self,
        mut pace: Pace,
        free: &mut VecDeque<usize>,
        end: u64,
    ) -> Result<(), String> {
        let last = stopwatch::now() + GRACE + self.time / 100;
        let mut events = Vec::with_capacity(self.links.len());
        loop {
            let now = stopwatch::now();
            let overdue = pace.overdue(end);
            let waiting = self.links.iter().any(|link| !link.waiting.is_empty());
            if now >= last || (overdue == 0 && !waiting) {
                break;
            }
            self.dispatch(Some(&mut pace), free, end)?;
            self.collect(&mut events, 1_000_000)?;
            for event in &events {
                let at = usize::try_from(event.data.u64()).unwrap_or_default();
                self.serve(at, false, free, event.flags)?;
            }
        }
        self.close_the_books(pace, end);
        Ok(())
    }

    /// Sends what is due over the connections that are free.
    #[inline]
    fn dispatch(
        &mut self,
        mut pace: Option<&mut Pace>,
        free: &mut VecDeque<usize>,
        now: u64,
    ) -> Result<(), String> {
        let mut touched = Vec::new();
        while let Some(at) = free.front().copied() {
            let since = match &mut pace {
                None => now,
                Some(pace) => match pace.due(now) {
                    Some(due) => due,
                    None => break,
                },
            };
            free.pop_front();
            self.push(at, since);
            if touched.last() != Some(&at) {
                touched.push(at);
            }
        }
        touched.into_iter().try_for_each(|at| self.flush(at))
    }

    #[inline]
    fn push(&mut self, at: usize, since: u64) {
        let request = self.next;
        self.next = if request + 1 == self.requests.len() {
            0
        } else {
            request + 1
        };
        self.links[at].push(&self.requests[request].bytes, Waiting { since, request });
    }

    #[inline]
    fn flush(&mut self, at: usize) -> Result<(), String> {
        if self.links[at].flush()? {
            return Ok(());
        }
        self.watch(at, epoll::EventFlags::IN | epoll::EventFlags::OUT)
    }

    #[cold]
    fn watch(&self, at: usize, flags: epoll::EventFlags) -> Result<(), String> {
        let data = epoll::EventData::new_u64(at as u64);
        epoll::modify(&self.poll, &self.links[at].stream, data, flags)
            .map_err(|error| format!("epoll: {error}"))
    }

    /// Waits for answers, or until the next request is due.
    #[inline]
    fn wait(
        &self,
        events: &mut Vec<epoll::Event>,
        pace: Option<&Pace>,
        may_send: bool,
    ) -> Result<(), String> {
        let now = stopwatch::now();
        let mut rest = match pace {
            Some(pace) if may_send => pace.next().saturating_sub(now).min(TICK),
            _ => TICK,
        };
        if pace.is_some() && rest < TICK {
            // epoll counts in milliseconds, poll in nanoseconds.
            if rest > SPIN {
                let mut fds = [PollFd::new(&self.poll, PollFlags::IN)];
                match poll(&mut fds, Some(&span(rest - SPIN))) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(format!("poll: {error}")),
                }
            }
            rest = 0;
        }
        self.collect(events, rest)
    }

    /// What has come, or comes within so many nanoseconds.
    #[inline]
    fn collect(&self, events: &mut Vec<epoll::Event>, within: u64) -> Result<(), String> {
        events.clear();
        let space = rustix::buffer::spare_capacity(events);
        match epoll::wait(&self.poll, space, Some(&span(within))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(format!("epoll: {error}")),
        }
    }

    /// Takes the answers that came on a connection, and in a closed loop asks as often again.
    #[inline]
    fn serve(
        &mut self,
        at: usize,
        again: bool,
        free: &mut VecDeque<usize>,
        flags: epoll::EventFlags,
    ) -> Result<u64, String> {
        if flags.contains(epoll::EventFlags::OUT) && self.links[at].flush()? {
            self.watch(at, epoll::EventFlags::IN)?;
        }
        if !flags
            .intersects(epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR)
            || !self.links[at].fill()?
        {
            return Ok(0);
        }
        let now = stopwatch::now();
        let (outcome, requests) = (&mut self.outcome, self.requests);
        let mut answers = 0;
        self.links[at].answers(|head, waiting| {
            answers += 1;
            outcome.take(
                &requests[waiting.request],
                head.status,
                head.body,
                now - waiting.since,
            );
        })?;
        for _ in 0..answers {
            if again {
                self.push(at, now);
            } else {
                free.push_back(at);
            }
        }
        if again {
            self.flush(at)?;
        }
        Ok(answers)
    }

    /// What was never answered counts with what it had waited when the time was over, or a server
    /// that stands still would look fast.
    fn close_the_books(&mut self, mut pace: Pace, end: u64) {
        let mut late: Vec<Waiting> = Vec::new();
        for link in &self.links {
            late.extend(&link.waiting);
        }
        let mut unanswered = 0;
        for waiting in late {
            self.outcome
                .latencies(&self.requests[waiting.request])
                .add(end.saturating_sub(waiting.since));
            unanswered += 1;
        }
        let overdue = pace.overdue(end);
        // A rate beyond all sense would leave more than can be counted one by one.
        let step = overdue / 100_000 + 1;
        let mut left = overdue;
        while left > 0 {
            let count = left.min(step);
            let waited = end.saturating_sub(pace.next());
            self.outcome.good.add_many(waited, count);
            pace.sent += count;
            left -= count;
        }
        unanswered += overdue;
        self.outcome.unanswered = unanswered;
    }
}

impl Outcome {
    #[inline]
    fn take(&mut self, request: &Prepared, status: u16, body: usize, latency: u64) {
        if let Some(count) = self.statuses.get_mut(usize::from(status)) {
            *count += 1;
        }
        if status != request.status || body != request.body {
            self.wrong += 1;
            self.first_wrong.get_or_insert((status, request.status));
        }
        self.latencies(request).add(latency);
    }

    #[inline]
    fn latencies(&mut self, request: &Prepared) -> &mut super::latencies::Latencies {
        if request.good {
            &mut self.good
        } else {
            &mut self.bad
        }
    }
}

/// When requests are due.
#[derive(Debug)]
struct Pace {
    start: u64,
    interval: f64,
    sent: u64,
}

impl Pace {
    fn new(start: u64, interval: f64) -> Self {
        Self {
            start,
            interval,
            sent: 0,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "nanoseconds of a run"
    )]
    fn next(&self) -> u64 {
        self.start + (self.sent as f64 * self.interval) as u64
    }

    /// How many requests are due and were not sent.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "nanoseconds of a run"
    )]
    fn overdue(&self, now: u64) -> u64 {
        (((now - self.start) as f64 / self.interval) as u64).saturating_sub(self.sent)
    }

    /// When the next request was due, if it is.
    fn due(&mut self, now: u64) -> Option<u64> {
        let next = self.next();
        (next <= now).then(|| {
            self.sent += 1;
            next
        })
    }
}

fn span(nanoseconds: u64) -> Timespec {
    // A tick at most.
    Timespec {
        tv_sec: 0,
        tv_nsec: i64::try_from(nanoseconds.min(999_999_999)).unwrap_or_default(),
    }
}
