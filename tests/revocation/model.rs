//! The index beside a plain map.

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Handle(u8, i64),
    Family(u8, i64),
    Subject(u8, i64, i64),
    LiftHandle(u8),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let until = prop_oneof![3 => 0..50_i64, 1 => Just(i64::MAX)];
    prop_oneof![
        (0..6_u8, until.clone()).prop_map(|(value, until)| Step::Handle(value, until)),
        (0..6_u8, until.clone()).prop_map(|(value, until)| Step::Family(value, until)),
        (0..6_u8, 0..50_i64, until)
            .prop_map(|(value, mark, until)| Step::Subject(value, mark, until)),
        (0..6_u8).prop_map(Step::LiftHandle),
        (0..10_u64).prop_map(Step::Advance),
    ]
}

proptest! {
    /// Against a plain map: what has not ended is void, and after a full purge nothing else is.
    #[test]
    fn the_index_is_a_map_with_ends(steps in proptest::collection::vec(step(), 1..80)) {
        let clock = Arc::new(ManualClock::at(UnixMillis::EPOCH));
        let index = Revocations::new(&[7; 16], 100, clock.clone());
        let mut model: HashMap<(u8, u8), (i64, i64)> = HashMap::new();
        let mut now = 0;
        for step in steps {
            let mut put = |name, mark: i64, until: i64| {
                let listed = model.entry(name).or_insert((mark, until));
                *listed = (listed.0.max(mark), listed.1.max(until));
            };
            let at = UnixMillis::from_millis;
            match step {
                Step::Handle(value, until) => {
                    index.revoke_handle(&[value], at(until)).unwrap();
                    put((0, value), i64::MAX, until);
                }
                Step::Family(value, until) => {
                    index.revoke_family(&[value], at(until)).unwrap();
                    put((1, value), i64::MAX, until);
                }
                Step::Subject(value, mark, until) => {
                    index.revoke_subject(&[value], at(mark), at(until)).unwrap();
                    put((2, value), mark, until);
                }
                Step::LiftHandle(value) => {
                    index.lift(index.handle_key(&[value]));
                    model.remove(&(0, value));
                }
                Step::Advance(by) => {
                    clock.advance(Duration::from_millis(by));
                    now += i64::try_from(by).unwrap();
                }
            }
            // One millisecond is the least that an end lies ahead.
            clock.advance(Duration::from_millis(1));
            now += 1;
            index.purge(usize::MAX);
            model.retain(|_, (_, until)| *until > now);
            prop_assert_eq!(index.len(), model.len());
            for value in 0..6 {
                let void = |kind| model.get(&(kind, value));
                let handle = Subjects { handle: Some(index.handle_key(&[value])), ..Subjects::default() };
                prop_assert_eq!(index.check(&handle).is_err(), void(0).is_some());
                let family = Subjects { family: Some(index.family_key(&[value])), ..Subjects::default() };
                prop_assert_eq!(index.check(&family).is_err(), void(1).is_some());
                let subject = Subjects {
                    subject: Some(index.subject_key(&[value])),
                    issued_at: Some(at(25)),
                    ..Subjects::default()
                };
                prop_assert_eq!(index.check(&subject).is_err(), void(2).is_some_and(|(mark, _)| 25 < *mark));
            }
        }
    }
}
