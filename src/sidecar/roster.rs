use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::seat::{Due, Order, Seat};
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
        let seat = Arc::new(Seat::new(plane, seats.len(), order));
        seats.push(Arc::clone(&seat));
        seat
    }

    pub(super) fn leave_seat(&self, seat: &Seat) {
        let mut seats = self.seats.lock();
        let at = seat.at();
        seats.swap_remove(at);
        if let Some(moved) = seats.get(at) {
            moved.move_to(at);
        }
        if seats.is_empty() {
            self.empty.notify_waiters();
        }
    }

    /// The time is `now`: gives the orders that are due.
    pub(super) fn tick(&self, now: u64, due: &Due) {
        for seat in self.seats.lock().iter() {
            let order = seat.due(now, due);
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
            .filter(|seat| seat.is_unfinished())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sidecar::limits::ServerLimits;

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
