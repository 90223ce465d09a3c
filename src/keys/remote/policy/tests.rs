use proptest::prelude::*;

use super::*;

const START: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn config() -> RemoteConfig {
    RemoteConfig::new("https://issuer.example/jwks")
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A policy, the two clocks, and a worker that ticks when it was told to.
struct World {
    policy: Policy,
    now: Now,
    wake_at: Duration,
    random: u64,
    /// What the sink was told last.
    trust_until: UnixMillis,
}

impl World {
    fn new(config: &RemoteConfig) -> Self {
        Self {
            policy: Policy::new(config),
            now: Now {
                monotonic: Duration::ZERO,
                wall: START,
            },
            wake_at: Duration::ZERO,
            random: 7,
            trust_until: UnixMillis::EPOCH,
        }
    }

    fn on(&mut self, event: Event) -> Option<Reason> {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let decision = self.policy.on(event, self.now, self.random);
        self.wake_at = decision.wake_at;
        self.trust_until = decision.trust_until.unwrap_or(self.trust_until);
        decision.fetch
    }

    fn pass(&mut self, span: Duration) {
        self.now.monotonic += span;
        self.now.wall = self.now.wall.plus(span);
    }

    fn is_trusted(&self) -> bool {
        self.now.wall < self.trust_until
    }

    /// Lets time pass, with ticks as asked for, until a fetch begins.
    fn next_fetch(&mut self, within: Duration) -> Option<(Reason, Duration)> {
        let begin = self.now.monotonic;
        let end = begin + within;
        loop {
            if let Some(reason) = self.on(Event::Tick) {
                return Some((reason, self.now.monotonic - begin));
            }
            let to = self
                .wake_at
                .max(self.now.monotonic + Duration::from_millis(1));
            if to > end {
                self.pass(end - self.now.monotonic);
                return None;
            }
            self.pass(to - self.now.monotonic);
        }
    }

    fn done(&mut self, lifetime: Option<u64>) {
        assert_eq!(self.on(Event::Done(Ok(lifetime.map(secs)))), None);
    }

    fn fail(&mut self) {
        assert_eq!(self.on(Event::Done(Err(()))), None);
    }
}

#[test]
fn a_refresh_comes_ahead_of_expiry_within_bounds() {
    for (lifetime, low, high) in [
        (None, 720, 810),
        (Some(1000), 800, 900),
        (Some(0), 48, 54),
        (Some(u64::MAX / 1_000_000), 69_120, 77_760),
    ] {
        let mut world = World::new(&config());
        assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
        world.done(lifetime);
        let (reason, after) = world.next_fetch(48 * HOUR).unwrap();
        assert_eq!(reason, Reason::Scheduled);
        assert!(
            secs(low) <= after && after <= secs(high),
            "{lifetime:?}: {after:?}"
        );
    }
}

#[test]
fn a_refresh_comes_ahead_of_staleness() {
    let mut world = World::new(&RemoteConfig {
        stale_after: HOUR,
        ..config()
    });
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(Some(24 * 3600));
    let (_, after) = world.next_fetch(48 * HOUR).unwrap();
    assert!(after < HOUR, "{after:?}");
}

#[test]
fn failures_back_off_to_a_bound_and_a_success_ends_it() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    let mut pause = secs(2);
    for _ in 0..40 {
        world.fail();
        let (reason, after) = world.next_fetch(HOUR).unwrap();
        assert_eq!(reason, Reason::Scheduled);
        assert!(
            pause / 2 <= after && after <= pause + secs(1),
            "{after:?} of {pause:?}"
        );
        pause = (pause * 2).min(secs(300));
    }
    world.done(None);
    let (_, after) = world.next_fetch(HOUR).unwrap();
    assert!(after >= secs(720), "{after:?}");
    world.fail();
    let (_, after) = world.next_fetch(HOUR).unwrap();
    assert!(after <= secs(2), "the pause begins anew: {after:?}");
}

#[test]
fn unknown_kids_are_answered_within_the_cooldown() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(Some(86_400));
    world.pass(secs(1));
    assert_eq!(world.on(Event::UnknownKid), Some(Reason::UnknownKid));
    // In flight: remembered, for the answer may be older than the key.
    assert_eq!(world.on(Event::UnknownKid), None);
    world.fail();
    let (reason, after) = world.next_fetch(HOUR).unwrap();
    assert_eq!(reason, Reason::UnknownKid);
    assert_eq!(after, secs(30), "attempts count, not successes");
    world.done(Some(86_400));
    assert_eq!(world.next_fetch(HOUR), None, "nobody asked again");
}

#[test]
fn a_scheduled_fetch_answers_unknown_kids_at_its_own_cost() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::UnknownKid), Some(Reason::Scheduled));
    world.done(Some(86_400));
    assert_eq!(world.on(Event::Tick), None);
    assert_eq!(world.on(Event::UnknownKid), Some(Reason::UnknownKid));
}

#[test]
fn failures_for_unknown_kids_do_not_touch_the_schedule() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(None);
    let due = world.policy.next;
    while world.now.monotonic + secs(30) < due {
        assert_eq!(world.on(Event::UnknownKid), Some(Reason::UnknownKid));
        world.fail();
        world.pass(secs(30));
    }
    assert_eq!(world.policy.next, due);
    let (reason, _) = world.next_fetch(secs(30)).unwrap();
    assert_eq!(reason, Reason::Scheduled);
}

#[test]
fn a_request_is_answered_at_once_or_after_the_fetch_under_way() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    assert_eq!(world.on(Event::Requested), None);
    world.done(None);
    assert_eq!(world.on(Event::Tick), Some(Reason::Requested));
    world.done(None);
    assert_eq!(world.on(Event::Tick), None);
    assert_eq!(world.on(Event::Requested), Some(Reason::Requested));
}

#[test]
fn trust_lasts_until_stale_and_returns_with_a_success_alone() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(None);
    assert_eq!(world.trust_until, START.plus(24 * HOUR));
    while let Some((_, _)) = world.next_fetch(24 * HOUR - world.now.monotonic - secs(1)) {
        assert!(world.is_trusted());
        world.fail();
    }
    assert!(world.is_trusted());
    while let Some((_, _)) = world.next_fetch(72 * HOUR - world.now.monotonic) {
        world.fail();
        assert!(!world.is_trusted() || world.now.monotonic < 24 * HOUR);
    }
    // Not even a clock that is set back revives it.
    world.now.wall = START;
    let _ = world.on(Event::Tick);
    assert!(!world.is_trusted());
    let _ = world.next_fetch(HOUR);
    world.done(None);
    assert!(world.is_trusted());
}

#[test]
fn a_restored_document_is_trusted_for_what_is_left_and_refreshed_at_once() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Restored { age: 23 * HOUR }), None);
    assert_eq!(world.trust_until, START.plus(HOUR));
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.fail();
    assert!(world.is_trusted());
    world.pass(HOUR);
    let _ = world.on(Event::Tick);
    assert!(!world.is_trusted());
}

#[test]
fn a_wall_clock_set_forward_fetches_at_once() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(None);
    world.now.wall = world.now.wall.plus(48 * HOUR);
    assert!(!world.is_trusted(), "for all we know, the machine slept");
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.fail();
    assert_eq!(world.on(Event::Tick), None, "a failure is paced as ever");
    let _ = world.next_fetch(secs(2)).unwrap();
    world.done(None);
    assert!(world.is_trusted());
}

#[test]
fn a_wall_clock_set_back_neither_prolongs_trust_nor_stops_refreshes() {
    let mut world = World::new(&config());
    assert_eq!(world.on(Event::Tick), Some(Reason::Scheduled));
    world.done(None);
    world.now.wall = world.now.wall.minus(10 * HOUR);
    assert_eq!(world.on(Event::Tick), None);
    assert_eq!(world.trust_until, world.now.wall.plus(24 * HOUR));
    assert!(world.next_fetch(secs(810)).is_some());
}

#[derive(Clone, Debug)]
enum Step {
    Pass {
        millis: u64,
    },
    UnknownKids,
    Flood {
        secs: u64,
    },
    SetWall {
        hours: i64,
    },
    /// How the fetches from here on end.
    Outcome {
        lifetime: Option<Option<u64>>,
        takes: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u64..4_000_000).prop_map(|millis| Step::Pass { millis }),
        2 => Just(Step::UnknownKids),
        2 => (1_u64..300).prop_map(|secs| Step::Flood { secs }),
        1 => (-100_i64..100).prop_map(|hours| Step::SetWall { hours }),
        2 => (proptest::option::of(proptest::option::of(0_u64..200_000)), 0_u64..5_000)
            .prop_map(|(lifetime, takes)| Step::Outcome { lifetime, takes }),
    ]
}

/// Drives a policy as the worker does, and keeps its own account of what must hold.
struct Account {
    world: World,
    lifetime: Option<Option<u64>>,
    takes: Duration,
    for_kids: Vec<Duration>,
    scheduled: Vec<Duration>,
    wall_was_set: bool,
    /// No scheduled fetch may begin later, however tokens behave.
    due: Duration,
    failing: bool,
    last_success: Option<Duration>,
}

impl Account {
    fn new() -> Self {
        Self {
            world: World::new(&config()),
            lifetime: Some(None),
            takes: Duration::ZERO,
            for_kids: Vec::new(),
            scheduled: Vec::new(),
            wall_was_set: false,
            due: Duration::ZERO,
            failing: false,
            last_success: None,
        }
    }

    fn feed(&mut self, event: Event) {
        let fetch = self.world.on(event);
        let now = self.world.now.monotonic;
        assert!(
            fetch == Some(Reason::Scheduled) || now < self.due,
            "starved at {now:?}"
        );
        if let Some(success) = self.last_success {
            let trusted = self.world.is_trusted();
            assert!(!trusted || now - success <= 24 * HOUR, "trusted too long");
        }
        let Some(reason) = fetch else { return };
        match reason {
            Reason::UnknownKid => self.for_kids.push(now),
            _ => self.scheduled.push(now),
        }
        let planned = self.world.policy.next;
        self.world.pass(self.takes);
        assert_eq!(self.world.on(Event::UnknownKid), None, "single flight");
        let now = self.world.now.monotonic;
        match self.lifetime {
            Some(lifetime) => {
                self.world.done(lifetime);
                self.last_success = Some(now);
                let clamped = secs(lifetime.unwrap_or(900)).clamp(secs(60), 24 * HOUR);
                self.due = now + clamped.mul_f64(0.9);
                if reason == Reason::UnknownKid && !self.failing && planned > now {
                    assert!(self.world.policy.next <= planned, "put off by tokens");
                    self.due = planned;
                }
                self.failing = false;
            }
            None => {
                self.world.fail();
                if reason != Reason::UnknownKid {
                    self.due = now + secs(300);
                    self.failing = true;
                } else {
                    assert_eq!(self.world.policy.next, planned, "put off by tokens");
                }
            }
        }
        // What fell due during the flight begins on the next tick.
        self.due = self.due.max(now + Duration::from_millis(1));
    }

    fn pass(&mut self, span: Duration) {
        let end = self.world.now.monotonic + span;
        loop {
            let to = self
                .world
                .wake_at
                .max(self.world.now.monotonic + Duration::from_millis(1));
            if to > end {
                break;
            }
            self.world.pass(to - self.world.now.monotonic);
            self.feed(Event::Tick);
        }
        self.world
            .pass(end.saturating_sub(self.world.now.monotonic));
        self.feed(Event::Tick);
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Pass { millis } => self.pass(Duration::from_millis(millis)),
            Step::UnknownKids => self.feed(Event::UnknownKid),
            Step::Flood { secs } => {
                for _ in 0..secs * 4 {
                    self.feed(Event::UnknownKid);
                    self.world.pass(Duration::from_millis(250));
                }
            }
            Step::SetWall { hours } => {
                self.wall_was_set = true;
                let wall = self.world.now.wall.millis() + hours * 3_600_000;
                self.world.now.wall = UnixMillis::from_millis(wall);
                self.feed(Event::Tick);
            }
            Step::Outcome { lifetime, takes } => {
                self.lifetime = lifetime;
                self.takes = Duration::from_millis(takes);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn budgets_hold_and_nothing_starves(steps in proptest::collection::vec(step(), 1..60)) {
        let mut account = Account::new();
        account.feed(Event::Tick);
        for step in &steps {
            account.run(step);
        }
        for pair in account.for_kids.windows(2) {
            prop_assert!(pair[1] - pair[0] >= secs(30), "{pair:?}");
        }
        if !account.wall_was_set {
            for pair in account.scheduled.windows(2) {
                prop_assert!(pair[1] - pair[0] >= secs(1), "{pair:?}");
            }
        }
    }
}
