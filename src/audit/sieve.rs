use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use super::event::Event;
use crate::error::Code;

/// Lets the first rejection of its kind through and counts the others, a window at a time.
///
/// Who asks never waits: where another thread stays in it, the rejection passes unsifted, and past
/// a bound of its own is only counted, under no name. Windows are closed by the thread that writes, so nobody else reads a clock.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    hash: RandomState,
    window: Mutex<Window>,
    /// Rejections that found another thread in it.
    unattended: AtomicU64,
}

#[derive(Debug, Default)]
struct Window {
    began: Option<Duration>,
    seen: HashMap<u64, Seen>,
    rows: HashMap<u64, Row>,
}

const SPINS: u32 = 64;

/// One that was let through.
#[derive(Debug)]
struct Seen {
    row: u64,
    event: Option<Event>,
    again: u64,
}

/// All of one profile and code.
#[derive(Debug)]
struct Row {
    profile: String,
    code: Code,
    different: u32,
    left_out: u64,
}

/// The way through, for the event to be remembered by, if it was sifted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass(Option<u64>);

impl Sieve {
    /// How long others like the first are only counted.
    pub(super) const WINDOW: Duration = Duration::from_secs(60);
    /// How many different ones of one profile and code are let through in a window.
    pub(super) const MOST: u32 = 32;

    /// A pass for the first of its kind; `None` for one that was counted.
    pub(super) fn pass(&self, profile: &str, code: Code, who: &[u8]) -> Option<Pass> {
        let row = self.hash.hash_one((profile, code));
        let one = self.hash.hash_one((row, who));
        let Some(mut window) = self.enter() else {
            let before = self.unattended.fetch_add(1, Ordering::Relaxed);
            return (before < u64::from(Self::MOST)).then_some(Pass(None));
        };
        let window = &mut *window;
        if let Some(seen) = window.seen.get_mut(&one) {
            seen.again += 1;
            return None;
        }
        let of_row = match window.rows.entry(row) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Row {
                profile: profile.to_owned(),
                code,
                different: 0,
                left_out: 0,
            }),
        };
        if of_row.different >= Self::MOST {
            of_row.left_out += 1;
            return None;
        }
        of_row.different += 1;
        let first = Seen {
            row,
            event: None,
            again: 0,
        };
        window.seen.insert(one, first);
        Some(Pass(Some(one)))
    }

    /// Others are in it for less than a microsecond, if they are not put off.
    fn enter(&self) -> Option<MutexGuard<'_, Window>> {
        (0..SPINS).find_map(|_| {
            let entered = self.window.try_lock();
            if entered.is_none() {
                std::hint::spin_loop();
            }
            entered
        })
    }

    /// What was let through, so that the others can be counted in its name.
    pub(super) fn remember(&self, pass: Pass, event: &Event) {
        let event = event.clone();
        let Some((one, mut window)) = pass.0.zip(self.enter()) else {
            return;
        };
        if let Some(seen) = window.seen.get_mut(&one) {
            seen.event = Some(event);
        }
    }

    /// What a window that is over has counted; of the present one, if it is the `last`.
    pub(super) fn close(&self, now: Duration, last: bool) -> Vec<Event> {
        let mut window = self.window.lock();
        if window.rows.is_empty() && self.unattended.load(Ordering::Relaxed) == 0 {
            return Vec::new();
        }
        let began = *window.began.get_or_insert(now);
        if !last && now.saturating_sub(began) < Self::WINDOW {
            return Vec::new();
        }
        let over = std::mem::take(&mut *window);
        drop(window);
        let of_row = |row: &Row| Event::rejection(row.code).profile(&row.profile);
        let again = over.seen.into_values().filter(|seen| seen.again > 0);
        let again = again.filter_map(|seen| {
            let event = seen.event.or_else(|| over.rows.get(&seen.row).map(of_row));
            Some(event?.detail("again", seen.again))
        });
        let left_out = over.rows.values().filter(|row| row.left_out > 0);
        let left_out = left_out.map(|row| of_row(row).detail("left_out", row.left_out));
        let unattended = self.unattended.swap(0, Ordering::Relaxed);
        let unattended = unattended.saturating_sub(u64::from(Self::MOST));
        let unattended = (unattended > 0).then(|| Event::unattended(unattended));
        again.chain(left_out).chain(unattended).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Mask;
    use crate::clock::UnixMillis;

    fn said(events: Vec<Event>) -> Vec<String> {
        let mut said: Vec<String> = events
            .into_iter()
            .map(|event| {
                let (record, _) = event.seal(&Mask::default(), UnixMillis::EPOCH);
                format!("{} {} {}", record.action, record.entity_id, record.detail)
            })
            .collect();
        said.sort();
        said
    }

    #[test]
    fn the_first_of_its_kind_passes_and_the_others_are_counted() {
        let sieve = Sieve::default();
        let second = Duration::from_secs(1);
        for number in 0..100_u8 {
            for _ in 0..3 {
                let pass = sieve.pass("p", Code::Revoked, &[number]);
                if let Some(pass) = pass {
                    let event = Event::rejection(Code::Revoked).on("token", "t");
                    sieve.remember(pass, &event);
                }
            }
        }
        assert!(
            sieve.pass("p", Code::Reused, &[0]).is_some(),
            "a row of its own"
        );
        assert!(
            sieve.pass("q", Code::Revoked, &[0]).is_some(),
            "a row of its own"
        );
        assert!(sieve.close(second, false).is_empty(), "it has just begun");
        let said = said(sieve.close(second + Sieve::WINDOW, false));
        assert_eq!(said.len(), Sieve::MOST as usize + 1);
        let (left_out, again) = said.split_first().unwrap();
        assert_eq!(left_out, r#"reject.revoked  {"left_out":204}"#);
        assert!(
            again
                .iter()
                .all(|one| one == r#"reject.revoked t {"again":2}"#)
        );
        assert!(
            sieve.pass("p", Code::Revoked, &[0]).is_some(),
            "a window of its own"
        );
        assert!(
            sieve.close(Duration::ZERO, true).is_empty(),
            "nothing was counted"
        );
    }

    #[test]
    fn nobody_waits_for_another() {
        let sieve = Sieve::default();
        let held = sieve.window.lock();
        let passed = (0..50).filter(|_| sieve.pass("p", Code::Revoked, b"t").is_some());
        assert_eq!(passed.count(), Sieve::MOST as usize);
        drop(held);
        let said = said(sieve.close(Duration::ZERO, true));
        assert_eq!(said, [r#"reject.unattended  {"left_out":18}"#]);
        assert!(sieve.pass("p", Code::Revoked, b"t").is_some());
    }
}
