use std::time::Duration;

use crate::clock::UnixMillis;

/// The time up to which what has ended may be wiped.
///
/// Whether an entry is there is a matter of wall time, and right again as soon as the clock is.
/// Wiping is not: a clock that ran a year ahead for a minute would take every revocation with it.
/// So this time follows the wall clock back at once, but forward no faster than the monotonic
/// clock counts, until the two have kept step for [`Settled::STEADY`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    time: UnixMillis,
    /// The monotonic time at which that was.
    read_at: Duration,
    /// By how much wall time was ahead of monotonic time when they began to keep step.
    offset: i64,
    steady_since: Duration,
}

impl Settled {
    /// How long a wall clock that was set must go on evenly before it is believed.
    pub(crate) const STEADY: Duration = Duration::from_secs(15 * 60);
    /// How far the clocks may drift apart and still keep step, in milliseconds: more than
    /// slewing does in [`Settled::STEADY`].
    const DRIFT: u64 = 1_000;

    /// Begins at `time`, which had passed for certain: at `wall`, or earlier where only an
    /// earlier time is vouched for.
    pub(crate) fn begin(time: UnixMillis, wall: UnixMillis, monotonic: Duration) -> Self {
        Self {
            time: time.min(wall),
            read_at: monotonic,
            offset: ahead(wall, monotonic),
            steady_since: monotonic,
        }
    }

    /// The settled time, given what the clocks show.
    pub(crate) fn advance(&mut self, wall: UnixMillis, monotonic: Duration) -> UnixMillis {
        let offset = ahead(wall, monotonic);
        if offset.abs_diff(self.offset) > Self::DRIFT {
            self.offset = offset;
            self.steady_since = monotonic;
        }
        let steady = monotonic.saturating_sub(self.steady_since) >= Self::STEADY;
        let counted = self.time.plus(monotonic.saturating_sub(self.read_at));
        self.time = if steady { wall } else { wall.min(counted) };
        self.read_at = monotonic;
        self.time
    }
}

fn ahead(wall: UnixMillis, monotonic: Duration) -> i64 {
    wall.minus(monotonic).millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_700_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn goes_with_clocks_that_keep_step() {
        let mut settled = Settled::begin(NOON, NOON, HOUR);
        for step in 0..100 {
            let wall = NOON.plus(secs(step));
            assert_eq!(settled.advance(wall, HOUR + secs(step)), wall);
        }
    }

    #[test]
    fn a_jump_ahead_counts_only_once_it_has_held() {
        let mut settled = Settled::begin(NOON, NOON, HOUR);
        let jumped = NOON.plus(HOUR * 24 * 365);
        assert_eq!(settled.advance(jumped, HOUR + secs(1)), NOON.plus(secs(1)));
        let almost = Settled::STEADY - secs(1);
        let wall = jumped.plus(almost);
        assert_eq!(
            settled.advance(wall, HOUR + secs(1) + almost),
            NOON.plus(secs(1) + almost)
        );
        let wall = jumped.plus(Settled::STEADY);
        assert_eq!(
            settled.advance(wall, HOUR + secs(1) + Settled::STEADY),
            wall
        );
    }

    #[test]
    fn a_jump_ahead_and_back_leaves_nothing_behind() {
        let mut settled = Settled::begin(NOON, NOON, HOUR);
        settled.advance(UnixMillis::MAX, HOUR);
        assert_eq!(
            settled.advance(NOON.plus(secs(5)), HOUR + secs(5)),
            NOON.plus(secs(5))
        );
    }

    #[test]
    fn goes_back_at_once() {
        let mut settled = Settled::begin(NOON, NOON, HOUR);
        let back = NOON.minus(HOUR);
        assert_eq!(settled.advance(back, HOUR), back);
        assert_eq!(settled.advance(NOON, HOUR), back, "and not ahead again");
    }

    #[test]
    fn begins_at_what_is_vouched_for() {
        let vouched = NOON.minus(HOUR);
        let mut settled = Settled::begin(vouched, NOON, Duration::ZERO);
        assert_eq!(
            settled.advance(NOON.plus(secs(1)), secs(1)),
            vouched.plus(secs(1))
        );
        let wall = NOON.plus(Settled::STEADY);
        assert_eq!(settled.advance(wall, Settled::STEADY), wall);
    }
}
