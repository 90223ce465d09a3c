//! Who leaves a full set.
//!
//! The least used entry leaves, uses being counted up to a small number and halved as entries
//! come. A newcomer starts at no uses at all, so tokens that are seen once push each other out and
//! leave the rest alone. A set also remembers the tags of eight entries that it lost: a token that
//! comes back while it is remembered starts ahead of newcomers. Measured against W-TinyLFU
//! (`cargo bench --bench cache`), this holds as many of the tokens that return.

use std::sync::atomic::{AtomicU8, Ordering};

use super::set::WAYS;
use crate::clock::UnixMillis;

/// Where counting stops. A hit on an entry that is there writes nothing.
const MOST_USES: u8 = 7;
/// What a remembered token starts with.
const RETURNED: u8 = 2;
/// How many entries leave a full set before its counts are halved.
const HALVE_AFTER: u8 = 128;
const GHOSTS: usize = 8;
/// Expiry is noted in units of 2^16 ms, about a minute, counted in a circle of 49 days.
const UNIT_BITS: u32 = 16;
const HALF_CIRCLE: u16 = 1 << 15;

/// How often each entry of a set was used. Lost updates between threads are harmless.
#[derive(Default)]
pub(super) struct Uses([AtomicU8; WAYS]);

impl Uses {
    /// Counts a use, without writing once the count is full.
    #[inline]
    pub(super) fn bump(&self, way: usize) {
        let uses = self.get(way);
        if uses < MOST_USES {
            self.set(way, uses + 1);
        }
    }

    fn get(&self, way: usize) -> u8 {
        self.0[way].load(Ordering::Relaxed)
    }

    fn set(&self, way: usize, uses: u8) {
        self.0[way].store(uses, Ordering::Relaxed);
    }

    fn age(&self, by: impl Fn(u8) -> u8) {
        (0..WAYS).for_each(|way| self.set(way, by(self.get(way))));
    }
}

/// What a set knows about its entries besides their uses; readers never look at it.
#[derive(Default)]
pub(super) struct Policy {
    /// When each entry is expired, never too early unless it lasts for weeks; for eviction alone.
    expires: [u16; WAYS],
    ghosts: [u16; GHOSTS],
    next_ghost: u8,
    hand: u8,
    left: u8,
}

impl Policy {
    /// Notes a new entry.
    pub(super) fn enter(
        &mut self,
        way: usize,
        tag: u16,
        expires_at: UnixMillis,
        now: UnixMillis,
        uses: &Uses,
    ) {
        let ghost = self.ghosts.iter_mut().find(|ghost| **ghost == tag);
        let returned = ghost.map(|ghost| *ghost = 0).is_some();
        uses.set(way, if returned { RETURNED } else { 0 });
        self.expires[way] = noted(expires_at, now);
    }

    /// Remembers an entry that had to leave before its time.
    pub(super) fn remember(&mut self, tag: u16) {
        let at = usize::from(self.next_ghost) % GHOSTS;
        self.ghosts[at] = tag;
        self.next_ghost = self.next_ghost.wrapping_add(1);
    }

    /// An entry whose time has passed.
    pub(super) fn expired(
        &self,
        mut occupied: impl Iterator<Item = usize>,
        now: UnixMillis,
    ) -> Option<usize> {
        let now = on_circle(now.millis() >> UNIT_BITS);
        occupied.find(|way| now.wrapping_sub(self.expires[*way]) < HALF_CIRCLE)
    }

    /// The entry of a full set that makes room for a newcomer.
    pub(super) fn victim(&mut self, uses: &Uses) -> usize {
        self.left += 1;
        if self.left >= HALVE_AFTER {
            self.left = 0;
            uses.age(|uses| uses / 2);
        }
        // Starting behind the last victim, so that equals leave in turn.
        let hand = usize::from(self.hand);
        let victim = (0..WAYS)
            .map(|step| (hand + step) % WAYS)
            .min_by_key(|way| uses.get(*way))
            .unwrap_or(hand);
        self.hand = u8::try_from((victim + 1) % WAYS).unwrap_or(0);
        victim
    }

    /// An entry not used since bytes were last wanted from this set; the others lose a use.
    pub(super) fn unused(
        &self,
        mut occupied: impl Iterator<Item = usize>,
        uses: &Uses,
    ) -> Option<usize> {
        let unused = occupied.find(|way| uses.get(*way) == 0);
        if unused.is_none() {
            uses.age(|uses| uses.saturating_sub(1));
        }
        unused
    }
}

/// The first unit in which an entry is expired; within half a circle of `now`, so that the two can
/// be compared.
fn noted(expires_at: UnixMillis, now: UnixMillis) -> u16 {
    let first = now.millis() >> UNIT_BITS;
    let last = first + i64::from(HALF_CIRCLE);
    // Shifting rounds towards the past; the unit after that is never too early.
    let unit = (expires_at.millis().saturating_sub(1) >> UNIT_BITS) + 1;
    on_circle(unit.clamp(first, last))
}

fn on_circle(unit: i64) -> u16 {
    let [low, high, ..] = unit.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_noticed_within_two_units_and_never_early() {
        let unit = 1_i64 << UNIT_BITS;
        // Across several turns of the circle, and before the epoch.
        for start in (-3..8).map(|turn| turn * 0xffff * unit / 2 + 12_345) {
            let now = UnixMillis::from_millis(start);
            for ttl in [
                -unit,
                -1,
                0,
                1,
                unit - 1,
                unit,
                unit + 1,
                900_000,
                20_000 * unit,
            ] {
                let mut policy = Policy::default();
                let expires_at = UnixMillis::from_millis(start + ttl);
                policy.enter(0, 1, expires_at, now, &Uses::default());
                let expired = |at: i64| {
                    let at = UnixMillis::from_millis(at);
                    policy.expired(0..1, at).is_some()
                };
                assert!(!expired(start + ttl - 1) || ttl <= 0, "{start} {ttl}");
                assert!(expired(start + ttl.max(0) + 2 * unit), "{start} {ttl}");
            }
        }
    }

    #[test]
    fn far_from_now_is_still_told_from_past() {
        let now = UnixMillis::from_secs(1_700_000_000);
        let days = |days: u64| std::time::Duration::from_secs(days * 86_400);
        for far in [30, 40, 50, 100, 200_000] {
            for (expires_at, expected) in
                [(now.plus(days(far)), false), (now.minus(days(far)), true)]
            {
                let mut policy = Policy::default();
                policy.enter(0, 1, expires_at, now, &Uses::default());
                assert_eq!(
                    policy.expired(0..1, now).is_some(),
                    expected,
                    "{far} {expected}"
                );
            }
        }
    }
}
