use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use parking_lot::Mutex;

use super::limits::ServerLimits;
use super::service::Plane;

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
enum Phase {
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
    pub(super) fn new(plane: Plane, at: usize, order: Order) -> Self {
        Self {
            plane,
            at: AtomicUsize::new(at),
            phase: AtomicU8::new(Phase::Idle as u8),
            since: AtomicU64::new(UNSEEN),
            stalled: AtomicU64::new(NOT_STALLED),
            requests: AtomicU32::new(0),
            order: AtomicU8::new(order as u8),
            waker: Mutex::default(),
            multiplexed: AtomicBool::new(false),
            conflict: AtomicBool::new(false),
            unread: AtomicBool::new(false),
        }
    }

    /// Where in the roster it is.
    pub(super) fn at(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    pub(super) fn move_to(&self, at: usize) {
        self.at.store(at, Ordering::Relaxed);
    }

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

    pub(super) fn tell(&self, order: Order) {
        let before = self.order.fetch_max(order as u8, Ordering::Relaxed);
        if before < order as u8
            && let Some(waker) = &*self.waker.lock()
        {
            waker.wake_by_ref();
        }
    }

    /// What is due at the tick of `now`.
    pub(super) fn due(&self, now: u64, due: &Due) -> Order {
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

    /// Whether a request is under way.
    pub(super) fn is_unfinished(&self) -> bool {
        matches!(self.phase(), Phase::Head | Phase::Busy) || self.is_stalled()
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
