//! When to fetch, as a state machine without clock, thread or network.

use std::time::Duration;

use super::RemoteConfig;
use crate::clock::UnixMillis;

/// Why a document is fetched. Each reason has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The start, the refresh ahead of expiry, a retry after a failure.
    Scheduled,
    /// A token named a `kid` that no key has.
    UnknownKid,
    /// Somebody with the right to do so asked for it.
    Requested,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A stored document was accepted, which had been fetched `age` ago.
    Restored { age: Duration },
    /// Time passed.
    Tick,
    /// A token named a `kid` that no key has.
    UnknownKid,
    /// A refresh was asked for.
    Requested,
    /// The fetch that a decision called for has ended: with good keys, new or unchanged, and the
    /// lifetime that the issuer gives them, or in failure.
    Done(Result<Option<Duration>, ()>),
}

/// Time as the policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now {
    pub(super) monotonic: Duration,
    pub(super) wall: UnixMillis,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) struct Decision {
    /// Fetch at once, and report with [`Event::Done`].
    pub(super) fetch: Option<Reason>,
    /// Tick again then at the latest, by monotonic time.
    pub(super) wake_at: Duration,
    /// The keys may be trusted until then: a change that the sink is to be told.
    pub(super) trust_until: Option<UnixMillis>,
}

/// A wall clock that is set is noticed within this time.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Wall and monotonic time may drift this far apart before trust is shortened by it.
const DRIFT: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Policy {
    min_refresh: Duration,
    max_refresh: Duration,
    default_refresh: Duration,
    first_retry: Duration,
    max_retry: Duration,
    cooldown: Duration,
    stale_after: Duration,

    in_flight: Option<Reason>,
    failures: u32,
    /// The next scheduled fetch, by monotonic time.
    next: Duration,
    /// The same by wall time, which alone notices a suspended machine. Holds while nothing fails:
    /// a retry is paced by monotonic time.
    next_wall: Option<UnixMillis>,
    requested: bool,
    unknown_kid: bool,
    /// No fetch for unknown `kid`s before that.
    cool_at: Duration,
    trust: Option<Trust>,
}

/// Trust ends when either clock says so.
#[derive(Clone, Copy, Debug)]
struct Trust {
    ends: Duration,
    announced: UnixMillis,
}

impl Policy {
    /// A policy whose first fetch is due at once.
    pub(super) fn new(config: &RemoteConfig) -> Self {
        Self {
            min_refresh: config.min_refresh,
            max_refresh: config.max_refresh,
            default_refresh: config.default_refresh,
            first_retry: config.first_retry,
            max_retry: config.max_retry,
            cooldown: config.unknown_kid_cooldown,
            stale_after: config.stale_after,
            in_flight: None,
            failures: 0,
            next: Duration::ZERO,
            next_wall: None,
            requested: false,
            unknown_kid: false,
            cool_at: Duration::ZERO,
            trust: None,
        }
    }

    /// Takes an event in. `random` spreads what would otherwise fall on one moment.
    pub(super) fn on(&mut self, event: Event, now: Now, random: u64) -> Decision {
        let mut trust_until = None;
        match event {
            Event::Tick => {}
            Event::UnknownKid => self.unknown_kid = true,
            Event::Requested => self.requested = true,
            Event::Restored { age } => {
                trust_until = self.trust_for(self.stale_after.saturating_sub(age), now);
            }
            Event::Done(Ok(lifetime)) => {
                trust_until = self.trust_for(self.stale_after, now);
                self.succeeded(lifetime, now, random);
            }
            Event::Done(Err(())) => self.failed(now, random),
        }
        // The end of one fetch never begins the next: what is due then is due on the next tick.
        let fetch = match event {
            Event::Done(_) | Event::Restored { .. } => None,
            Event::Tick | Event::UnknownKid | Event::Requested => self.choose(now),
        };
        Decision {
            fetch,
            wake_at: self.wake_at(now),
            trust_until: trust_until.or_else(|| self.shorten_trust(now)),
        }
    }

    /// Picks what is due, and counts it as attempted.
    fn choose(&mut self, now: Now) -> Option<Reason> {
        if self.in_flight.is_some() {
            return None;
        }
        let overdue = self.next_wall.is_some_and(|at| now.wall >= at);
        let reason = if self.requested {
            Reason::Requested
        } else if now.monotonic >= self.next || overdue {
            Reason::Scheduled
        } else if self.unknown_kid && now.monotonic >= self.cool_at {
            self.cool_at = now.monotonic.saturating_add(self.cooldown);
            Reason::UnknownKid
        } else {
            return None;
        };
        // Any fetch answers everyone who asked before it began, whoever pays for it.
        self.requested = false;
        self.unknown_kid = false;
        self.in_flight = Some(reason);
        Some(reason)
    }

    fn succeeded(&mut self, lifetime: Option<Duration>, now: Now, random: u64) {
        let reason = self.in_flight.take();
        // Ahead of staleness too, else keys that the issuer lets live long would lapse.
        let lifetime = lifetime
            .unwrap_or(self.default_refresh)
            .clamp(self.min_refresh, self.max_refresh)
            .min(self.stale_after);
        let tenth = lifetime / 10;
        let pause = between(tenth * 8, tenth * 9, random);
        let next = now.monotonic.saturating_add(pause);
        let next_wall = now.wall.plus(pause);
        // An unknown `kid` may bring the schedule forward, never put it off.
        let pending = self.failures == 0 && self.next > now.monotonic;
        if reason == Some(Reason::UnknownKid) && pending {
            self.next = self.next.min(next);
            self.next_wall = Some(self.next_wall.map_or(next_wall, |at| at.min(next_wall)));
        } else {
            self.next = next;
            self.next_wall = Some(next_wall);
        }
        self.failures = 0;
    }

    fn failed(&mut self, now: Now, random: u64) {
        // Were the schedule to follow these failures, tokens could drive the retries.
        if self.in_flight.take() == Some(Reason::UnknownKid) {
            return;
        }
        let doubled = 2_u32.checked_pow(self.failures).unwrap_or(u32::MAX);
        let pause = self.first_retry.saturating_mul(doubled).min(self.max_retry);
        self.failures = self.failures.saturating_add(1);
        self.next_wall = None;
        self.next = now
            .monotonic
            .saturating_add(between(pause / 2, pause, random));
    }

    fn trust_for(&mut self, span: Duration, now: Now) -> Option<UnixMillis> {
        let announced = now.wall.plus(span);
        self.trust = Some(Trust {
            ends: now.monotonic.saturating_add(span),
            announced,
        });
        Some(announced)
    }

    /// A wall clock set back would let stale keys live on: monotonic time bounds them as well.
    fn shorten_trust(&mut self, now: Now) -> Option<UnixMillis> {
        let trust = self.trust.as_mut()?;
        if now.monotonic >= trust.ends {
            self.trust = None;
            return Some(UnixMillis::EPOCH);
        }
        let until = now.wall.plus(trust.ends.saturating_sub(now.monotonic));
        if until.plus(DRIFT) >= trust.announced {
            return None;
        }
        trust.announced = until;
        Some(until)
    }

    fn wake_at(&self, now: Now) -> Duration {
        let mut at = now.monotonic.saturating_add(HEARTBEAT);
        if let Some(trust) = self.trust {
            at = at.min(trust.ends);
        }
        if self.in_flight.is_none() {
            at = at.min(self.next);
            if self.unknown_kid {
                at = at.min(self.cool_at);
            }
        }
        at.max(now.monotonic)
    }
}

/// A moment between the two, chosen by `random`.
fn between(low: Duration, high: Duration, random: u64) -> Duration {
    let width = high.saturating_sub(low).as_nanos();
    let part = (width >> 16).saturating_mul(u128::from(random >> 48));
    low.saturating_add(Duration::from_nanos(
        u64::try_from(part).unwrap_or(u64::MAX),
    ))
}

#[cfg(test)]
mod tests;
