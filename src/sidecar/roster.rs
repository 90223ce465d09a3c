use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::limits::ServerLimits;
use super::service::Plane;

/// The connections of one core, and who among them has been slow for too long.
///
/// Connections leave marks (a phase that has begun) and the core looks at all of them at every
/// tick, from which on their time counts. A request so costs no timer and no reading of a clock, and
/// a core that stood still for a while holds nothing of that against whoever came meanwhile.
#[derive(Debug)]
pub(super) struct Roster {
    seats: Mutex<Vec<Arc<Seat>>>,
    empty: Notify,
    leaving: AtomicBool,
}

/// One connection's marks. Orderings are relaxed throughout: a connection and its core's tick run
/// on one thread, except for streams that wait elsewhere, whose marks may come a tick late.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) plane: Plane,
    at: AtomicUsize,
    phase: AtomicU8,
    /// The first tick that found the phase begun, in milliseconds on the monotonic clock.
    since: AtomicU64,
    /// The first tick that found the client taking nothing of what is to be written.
    stalled: AtomicU64,
    requests: AtomicU32,
    order: AtomicU8,
    waker: Mutex<Option<Waker>>,
    multiplexed: AtomicBool,
    conflict: AtomicBool,
    unread: AtomicBool,
}

/// A mark that no tick has seen yet.
const UNSEEN: u64 = u64::MAX;
/// No mark.
const NOT_STALLED: u64 = u64::MAX - 1;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Between requests.
    Idle,
    /// Some of a request's head is here.
    Head,
    /// A request is being answered, or its body awaited.
    Busy,
    /// Refused, and left to read why.
    Lingering,
}

/// What a connection is told to do. A later one outweighs an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Order {
    /// Nothing.
    Stay,
    /// Close when no request is under way.
    Leave,
    /// Answer that the head came too slowly, and close.
    Late,
    /// Close now.
    Cut,
}

impl Roster {
    pub(super) fn new() -> Self {
        Self {
            seats: Mutex::default(),
            empty: Notify::new(),
            leaving: AtomicBool::new(false),
        }
    }

    pub(super) fn take_seat(&self, plane: Plane) -> Arc<Seat> {
        let order = if self.leaving.load(Ordering::Relaxed) {
            Order::Leave
        } else {
            Order::Stay
        };
        let mut seats = self.seats.lock();
        let seat = Arc::new(Seat {
            plane,
            at: AtomicUsize::new(seats.len()),
            phase: AtomicU8::new(Phase::Idle as u8),
            since: AtomicU64::new(UNSEEN),
            stalled: AtomicU64::new(NOT_STALLED),
            requests: AtomicU32::new(0),
            order: AtomicU8::new(order as u8),
            waker: Mutex::default(),
            multiplexed: AtomicBool::new(false),
            conflict: AtomicBool::new(false),
            unread: AtomicBool::new(false),
        });
        seats.push(Arc::clone(&seat));
        seat
    }

    pub(super) fn leave_seat(&self, seat: &Seat) {
        let mut seats = self.seats.lock();
        let at = seat.at.load(Ordering::Relaxed);
        seats.swap_remove(at);
        if let Some(moved) = seats.get(at) {
            moved.at.store(at, Ordering::Relaxed);
        }
        if seats.is_empty() {
            self.empty.notify_waiters();
        }
    }

    /// The time is `now`: gives the orders that are due.
    pub(super) fn tick(&self, now: u64, limits: &Due) {
        for seat in self.seats.lock().iter() {
            let order = seat.due(now, limits);
            if order > Order::Stay {
                seat.tell(order);
            }
        }
    }

    /// Tells all that are here, and all that come, to leave.
    pub(super) fn dismiss(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        for seat in self.seats.lock().iter() {
            seat.tell(Order::Leave);
        }
    }

    /// Returns once nobody is left.
    pub(super) async fn emptied(&self) {
        loop {
            let emptied = self.empty.notified();
            if self.seats.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    /// How many have a request under way.
    pub(super) fn unfinished(&self) -> usize {
        self.seats
            .lock()
            .iter()
            .filter(|seat| matches!(seat.phase(), Phase::Head | Phase::Busy) || seat.is_stalled())
            .count()
    }
}

/// The timeouts in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    head: u64,
    idle: u64,
    write: u64,
}

impl Due {
    pub(super) fn new(limits: &ServerLimits) -> Self {
        let millis =
            |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            head: millis(limits.header_timeout),
            idle: millis(limits.idle_timeout),
            write: millis(limits.write_timeout),
        }
    }
}

impl Seat {
    /// Bytes came in.
    pub(super) fn received(&self) {
        if self.phase() == Phase::Idle && !self.multiplexed.load(Ordering::Relaxed) {
            self.enter(Phase::Head);
        }
    }

    /// The client took some of what was to be written.
    pub(super) fn sent(&self) {
        self.stalled.store(NOT_STALLED, Ordering::Relaxed);
    }

    /// The client takes nothing more for now.
    pub(super) fn blocked(&self) {
        if !self.is_stalled() {
            self.stalled.store(UNSEEN, Ordering::Relaxed);
        }
    }

    pub(super) fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.unread.store(false, Ordering::Relaxed);
        self.enter(Phase::Busy);
    }

    pub(super) fn end(&self) {
        if self.requests.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.enter(Phase::Idle);
        }
    }

    pub(super) fn linger(&self) {
        self.sent();
        self.enter(Phase::Lingering);
    }

    /// From now on requests come side by side, over HTTP/2.
    pub(super) fn multiplex(&self) {
        self.multiplexed.store(true, Ordering::Relaxed);
        self.enter(Phase::Idle);
    }

    /// A request's length can be read in two ways.
    pub(super) fn mark_conflict(&self) {
        self.conflict.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_conflict(&self) -> bool {
        self.conflict.load(Ordering::Relaxed)
    }

    /// The request was answered before all of it was read.
    pub(super) fn mark_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.order() >= Order::Leave
    }

    /// Whether leaving loses nothing.
    pub(super) fn may_leave(&self) -> bool {
        self.multiplexed.load(Ordering::Relaxed) || self.phase() == Phase::Idle
    }

    pub(super) fn order(&self) -> Order {
        match self.order.load(Ordering::Relaxed) {
            0 => Order::Stay,
            1 => Order::Leave,
            2 => Order::Late,
            _ => Order::Cut,
        }
    }

    pub(super) fn listen(&self, waker: &Waker) {
        *self.waker.lock() = Some(waker.clone());
    }

    fn tell(&self, order: Order) {
        let before = self.order.fetch_max(order as u8, Ordering::Relaxed);
        if before < order as u8
            && let Some(waker) = &*self.waker.lock()
        {
            waker.wake_by_ref();
        }
    }

    fn due(&self, now: u64, due: &Due) -> Order {
        if self.is_stalled() && seen(&self.stalled, now) >= due.write {
            return Order::Cut;
        }
        let elapsed = seen(&self.since, now);
        match self.phase() {
            Phase::Head if elapsed >= due.head => Order::Late,
            // A peer that is gone never confirms an orderly end.
            Phase::Idle if elapsed >= due.idle.saturating_add(due.write) => Order::Cut,
            Phase::Idle if elapsed >= due.idle => Order::Leave,
            _ => Order::Stay,
        }
    }

    fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Relaxed) != NOT_STALLED
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Idle,
            1 => Phase::Head,
            2 => Phase::Busy,
            _ => Phase::Lingering,
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.since.store(UNSEEN, Ordering::Relaxed);
    }
}

/// For how long a mark has been seen, this tick included. Where a new one takes its place meanwhile,
/// that one waits for the next tick.
fn seen(mark: &AtomicU64, now: u64) -> u64 {
    match mark.compare_exchange(UNSEEN, now, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) | Err(NOT_STALLED) => 0,
        Err(since) => now.saturating_sub(since),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn due() -> Due {
        Due::new(&ServerLimits {
            header_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(2),
            ..ServerLimits::default()
        })
    }

    #[test]
    fn dripping_bytes_do_not_buy_time() {
        let roster = Roster::new();
        let seat = roster.take_seat(Plane::Data);
        seat.received();
        for now in (0..=900).step_by(100) {
            roster.tick(now, &due());
            seat.received();
            assert_eq!(seat.order(), Order::Stay, "{now}");
        }
        roster.tick(1_000, &due());
        assert_eq!(seat.order(), Order::Late);
    }

    #[test]
    fn silence_ends_in_leave_and_then_in_cut() {
        let roster = Roster::new();
        let seat = roster.take_seat(Plane::Data);
        roster.tick(100, &due());
        roster.tick(5_000, &due());
        assert_eq!(seat.order(), Order::Stay);
        roster.tick(5_100, &due());
        assert_eq!(seat.order(), Order::Leave);
        roster.tick(7_100, &due());
        assert_eq!(seat.order(), Order::Cut);
    }

    #[test]
    fn an_answer_that_is_not_taken_is_cut() {
        let roster = Roster::new();
        let seat = roster.take_seat(Plane::Data);
        seat.begin();
        seat.blocked();
        roster.tick(0, &due());
        roster.tick(1_900, &due());
        seat.sent();
        seat.blocked();
        roster.tick(2_000, &due());
        roster.tick(3_900, &due());
        assert_eq!(seat.order(), Order::Stay);
        roster.tick(4_000, &due());
        assert_eq!(seat.order(), Order::Cut);
    }

    #[test]
    fn a_request_under_way_is_not_hurried() {
        let roster = Roster::new();
        let seat = roster.take_seat(Plane::Data);
        seat.received();
        seat.begin();
        roster.tick(0, &due());
        roster.tick(1_000_000, &due());
        assert_eq!(seat.order(), Order::Stay);
        roster.dismiss();
        assert!(seat.is_leaving() && !seat.may_leave());
        assert_eq!(roster.unfinished(), 1);
        seat.end();
        assert!(seat.may_leave());
        assert_eq!(roster.unfinished(), 0);
    }

    #[test]
    fn who_comes_while_a_core_stands_still_is_not_late() {
        let roster = Roster::new();
        let old = roster.take_seat(Plane::Data);
        roster.tick(0, &due());
        // An hour passes without a tick, and within it somebody comes.
        let new = roster.take_seat(Plane::Data);
        new.received();
        new.blocked();
        roster.tick(3_600_000, &due());
        assert_eq!(old.order(), Order::Cut);
        assert_eq!(new.order(), Order::Stay);
        roster.tick(3_602_000, &due());
        assert_eq!(new.order(), Order::Cut);
    }

    #[test]
    fn seats_are_left_in_any_order() {
        let roster = Roster::new();
        let seats: Vec<_> = (0..5).map(|_| roster.take_seat(Plane::Data)).collect();
        for at in [1, 4, 0, 3] {
            roster.leave_seat(&seats[at]);
        }
        roster.dismiss();
        assert!(seats[2].is_leaving());
        assert!(!seats[1].is_leaving());
        assert!(roster.take_seat(Plane::Data).is_leaving());
    }
}
