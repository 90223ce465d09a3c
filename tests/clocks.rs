//! The clock that is read first may lag behind the one that tokens are issued by.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::error::Code;
use bearerd::verify::VerifyOptions;

const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);
const LAG: Duration = Duration::from_millis(4);

struct Lagging(Arc<ManualClock>);

impl Clock for Lagging {
    fn now(&self) -> UnixMillis {
        self.0.now().minus(LAG)
    }

    fn precise(&self) -> UnixMillis {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

fn profiles(clock: &Arc<dyn Clock>) -> Profiles {
    let text = "[profiles.a]\nalgorithms = [\"HS256\"]\n\
                keys = [{ secret_base64url = \"vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM\" }]\n\
                [profiles.a.sign]\naccess = \"1h\"\n";
    let none = Environment::empty();
    let config = Config::from_text(text, "test", &none).unwrap();
    config.build(&none, clock).unwrap()
}

fn verdict(profiles: &Profiles, token: &str) -> Code {
    let verifier = profiles.get(None).unwrap().verifier();
    match verifier.verify(token, &VerifyOptions::default()) {
        Ok(_) => Code::Ok,
        Err(reject) => reject.code(),
    }
}

/// Issued in the first millisecond of a second, and looked at at once.
#[test]
fn a_token_of_this_very_moment_is_valid() {
    let exact = Arc::new(ManualClock::at(START));
    let issuer = profiles(&(Arc::clone(&exact) as _));
    let verifier = profiles(&(Arc::new(Lagging(Arc::clone(&exact))) as _));
    let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
    let sign = || {
        let profile = issuer.get(None).unwrap();
        profile
            .sign(TokenKind::Access, &claims, None)
            .unwrap()
            .token
    };
    let token = sign();
    for _ in 0..2 {
        assert_eq!(verdict(&verifier, &token), Code::Ok);
    }
    // Of the next second it is from the future, by a millisecond, and no clock says otherwise.
    exact.set(START.plus(Duration::from_secs(1)));
    let future = sign();
    exact.set(START.plus(Duration::from_millis(999)));
    for _ in 0..2 {
        assert_eq!(verdict(&verifier, &future), Code::NotYetValid);
    }
}

#[test]
fn the_system_clock_lags_by_its_tick_at_most() {
    let clock = SystemClock;
    for _ in 0..1_000 {
        let (before, now, after) = (clock.precise(), clock.now(), clock.precise());
        assert!(now <= after, "{now:?} {after:?}");
        assert!(
            now.plus(Duration::from_millis(20)) >= before,
            "{now:?} {before:?}"
        );
    }
}
