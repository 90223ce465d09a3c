//! What other processes do.

use std::env;
use std::time::Duration;

use bearerd::clock::SystemClock;

use super::other::{lines, say};
use super::*;

#[test]
#[ignore = "no test: a part in other tests, which they start themselves"]
fn plays_a_part() {
    let place = env::var_os("TEST_PATH").expect("other tests start this one");
    let place = place.into_string().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let profiles = try_build(&configuration(&place, races::LINES), &clock).unwrap();
    let api = profiles.get(None).unwrap();
    say("ready");
    for line in lines() {
        // At one moment in all processes; the ticks of this clock are the same for all.
        let (refresh, at) = line.split_once(' ').unwrap();
        let at = Duration::from_millis(at.parse().unwrap());
        while clock.monotonic() < at {
            std::thread::yield_now();
        }
        match api.rotate(refresh, &ClaimChange::default(), None) {
            Ok(rotated) => say(&rotated.refresh),
            Err(failure) => say(failure.code().name()),
        }
    }
}
