//! Whole profiles on one store: the library, with its threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock};
use bearerd::config::{Config, Environment, Profile, Profiles};
use bearerd::error::{Code, Fault, Reject};
use bearerd::keys::managed::{KeyOrder, KeyState};
use bearerd::sign::{ClaimChange, ClaimValues};
use bearerd::verify::VerifyOptions;

use crate::world::{START, server::Server};

const LIMIT: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn configuration(place: &str, algorithm: &str, lines: &str) -> String {
    format!(
        r#"
state = {{ store = "{place}", staleness = "5s" }}
[profiles.web]
algorithms = ["{algorithm}"]
when_stale = "accept"
claims.kind = {{ claim = "kind" }}
rotation = {{}}
[profiles.web.sign]
access = "15m"
refresh = "1h"
managed = {{ every = "1d", publish_ahead = "10m", seal_env = "SEAL" }}
{lines}
"#
    )
}

pub(crate) fn environment() -> Environment {
    let seal = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
    Environment::from([("SEAL", seal)])
}

fn try_build(text: &str, clock: &Arc<ManualClock>) -> Result<Profiles, Fault> {
    let clock: Arc<dyn Clock> = clock.clone();
    Config::from_text(text, "test", &environment())?.build(&environment(), &clock)
}

fn web(profiles: &Profiles) -> &Profile {
    profiles.get(None).unwrap()
}

fn verdict(profiles: &Profiles, token: &str) -> Code {
    let verdict = web(profiles)
        .verifier()
        .verify(token, &VerifyOptions::default());
    verdict.map_or_else(Reject::code, |_| Code::Ok)
}

fn sign(profiles: &Profiles) -> String {
    let claims = ClaimValues::new();
    let signed = web(profiles).sign(TokenKind::Access, &claims, None);
    signed.unwrap().token
}

fn states(profiles: &Profiles) -> Vec<KeyState> {
    let keys = web(profiles).signing_keys().unwrap();
    keys.iter().map(|key| key.state).collect()
}

/// The `kid` in a token's header.
pub(crate) fn kid_of(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header = bearerd::base64url::decode(header.as_bytes()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what another process takes is measured"
)]
pub(crate) fn within(limit: Duration, what: &str, mut wanted: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !wanted() {
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    start.elapsed()
}

/// What the second needs to know of the first, it knows within the bound of revocations.
fn two_on(place: &str, algorithm: &str) {
    let clock = Arc::new(ManualClock::at(START));
    let text = configuration(place, algorithm, "");
    let (one, other) = (
        try_build(&text, &clock).unwrap(),
        try_build(&text, &clock).unwrap(),
    );
    let claims = ClaimValues::new();
    let fault = web(&one)
        .sign(TokenKind::Access, &claims, None)
        .unwrap_err();
    assert_eq!(
        fault.code(),
        Code::KeysUnavailable,
        "others may not know it yet"
    );
    clock.advance(LIMIT);
    let first = sign(&one);
    for profiles in [&one, &other] {
        assert_eq!(verdict(profiles, &first), Code::Ok);
        assert_eq!(verdict(profiles, &sign(&other)), Code::Ok);
        assert_eq!(states(profiles), [KeyState::Active]);
        assert_eq!(profiles.jwks(), one.jwks());
        assert_eq!(profiles.jwks().contains("kid"), algorithm != "HS256");
    }
    let second = web(&one).order_signing_keys(&KeyOrder::Stage).unwrap();
    within(LIMIT, "staged beside", || {
        states(&other) == [KeyState::Active, KeyState::Staged]
    });
    assert_eq!(other.jwks(), one.jwks());
    assert_eq!(one.jwks().contains(&second), algorithm != "HS256");
    clock.advance(HOUR);
    let activate = KeyOrder::Activate {
        kid: None,
        force: false,
    };
    web(&other).order_signing_keys(&activate).unwrap();
    let (by_second, refresh) = {
        let pair = web(&other).sign_pair(&claims, None).unwrap();
        (pair.access.token, pair.refresh.token)
    };
    assert_eq!(
        verdict(&one, &by_second),
        Code::Ok,
        "it knew it while it was staged"
    );
    within(LIMIT, "activated beside", || {
        states(&one) == [KeyState::Retiring, KeyState::Active]
    });
    assert!(
        web(&one)
            .rotate(&refresh, &ClaimChange::default(), None)
            .is_ok()
    );
    // An emergency: at once here, in no time there, cached or not.
    assert_eq!(verdict(&other, &by_second), Code::Ok);
    let revoke = KeyOrder::Revoke {
        kid: second.clone(),
    };
    web(&one).order_signing_keys(&revoke).unwrap();
    assert_eq!(verdict(&one, &by_second), Code::UnknownKey);
    let took = within(LIMIT, "revoked beside", || {
        verdict(&other, &by_second) == Code::UnknownKey
    });
    println!(
        "{algorithm} on {}: {took:?}",
        place.split(':').next().unwrap()
    );
    clock.advance(LIMIT);
    let third = sign(&one);
    within(LIMIT, "replaced beside", || {
        verdict(&other, &third) == Code::Ok
    });
    assert!(!one.jwks().contains(&second));
}

#[test]
fn two_processes_follow_each_other_on_sqlite() {
    for algorithm in ["ES256", "HS256"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db");
        two_on(&format!("sqlite:{}", file.display()), algorithm);
    }
}

#[test]
fn two_processes_follow_each_other_on_redis() {
    for algorithm in ["EdDSA", "HS256"] {
        let server = Server::start(&[]);
        two_on(&format!("unix://{}", server.socket()), algorithm);
    }
}

/// The store is gone for good: the moments are known, so keys still change, and end.
#[test]
fn without_a_store_keys_go_on_in_their_time_and_no_further() {
    let mut server = Server::start(&[]);
    let clock = Arc::new(ManualClock::at(START));
    let place = format!("unix://{}", server.socket());
    let profiles = try_build(&configuration(&place, "ES256", ""), &clock).unwrap();
    clock.advance(LIMIT);
    let first = web(&profiles).signing_keys().unwrap()[0].kid.clone();
    let second = web(&profiles).order_signing_keys(&KeyOrder::Stage).unwrap();
    server.kill();
    let kid = |token: &str| kid_of(token);
    clock.set(START.plus(HOUR * 23));
    assert_eq!(kid(&sign(&profiles)), first);
    let turn = START.plus(LIMIT + HOUR * 24);
    clock.set(turn.minus(Duration::from_millis(1)));
    let last = web(&profiles).sign_pair(&ClaimValues::new(), None).unwrap();
    assert_eq!(kid(&last.refresh.token), first);
    clock.set(turn);
    assert_eq!(kid(&sign(&profiles)), second);
    let refresh = VerifyOptions::default().kind(TokenKind::Refresh);
    let verify = |at: Duration| {
        clock.set(turn.plus(at));
        let verdict = web(&profiles)
            .verifier()
            .verify(&last.refresh.token, &refresh);
        verdict.map_or_else(Reject::code, |_| Code::Ok)
    };
    assert_eq!(verify(HOUR - Duration::from_secs(2)), Code::Ok);
    assert_ne!(verify(HOUR), Code::Ok);
    assert!(!profiles.jwks().contains(&first), "and it is not published");
    // Overdue, and still signing: a key that everybody knows is better than one that nobody does.
    clock.set(turn.plus(HOUR * 24 * 9));
    assert_eq!(kid(&sign(&profiles)), second);
    within(Duration::from_secs(20), "said", || {
        let reading = web(&profiles).signing_keys_reading().unwrap();
        reading.is_overdue && reading.signs && reading.stats.failures_in_a_row > 0
    });
    assert!(web(&profiles).order_signing_keys(&KeyOrder::Stage).is_err());
}

/// A key's time is read off the clock on the hit path: nothing has to happen for it to end.
#[test]
fn a_cached_token_dies_with_its_key() {
    let clock = Arc::new(ManualClock::at(START));
    let text = configuration("memory", "ES256", "")
        .replace("access = \"15m\"", "access = \"none\"")
        .replace("every = \"1d\"", "every = \"1d\", keep = \"2h\"")
        .replace("when_stale", "expiration = \"optional\"\nwhen_stale");
    let profiles = try_build(&text, &clock).unwrap();
    let token = sign(&profiles);
    web(&profiles).order_signing_keys(&KeyOrder::Stage).unwrap();
    let turn = START.plus(HOUR * 24);
    for before in [HOUR, Duration::from_millis(1)] {
        clock.set(turn.plus(HOUR * 2).minus(before));
        assert_eq!(verdict(&profiles, &token), Code::Ok);
    }
    clock.set(turn.plus(HOUR * 2));
    assert_eq!(verdict(&profiles, &token), Code::UnknownKey);
    assert!(web(&profiles).verifier().authentic(&token).is_err());
}

#[test]
fn no_token_may_outlive_the_key_that_signs_it() {
    let clock = Arc::new(ManualClock::at(START));
    let profiles = try_build(&configuration("memory", "HS256", ""), &clock).unwrap();
    let sign = |ttl: &str| {
        let claims = ClaimValues::new();
        web(&profiles).sign(TokenKind::Access, &claims, Some(ttl.parse().unwrap()))
    };
    assert!(sign("1h").is_ok());
    for ttl in ["61m", "10000d", "none"] {
        let fault = sign(ttl).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError, "{ttl}");
    }
    let endless = configuration("memory", "HS256", "")
        .replace("\"15m\"", "\"none\"")
        .replace("when_stale", "expiration = \"optional\"\nwhen_stale");
    let fault = try_build(&endless, &clock).unwrap_err();
    assert!(
        fault.chain().contains("sign.managed.keep"),
        "{}",
        fault.chain()
    );
}

/// Keys that are written down verify beside those that are made, and do not sign.
#[test]
fn fixed_keys_verify_besides() {
    let clock = Arc::new(ManualClock::at(START));
    let secret = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
    let key = format!("[[profiles.web.keys]]\nkid = \"old\"\nsecret = \"{secret}\"");
    let fixed = format!(
        "[profiles.web]\nalgorithms = [\"HS256\"]\nclaims.kind = {{ claim = \"kind\" }}\nsign = {{}}\n{key}"
    );
    let old = sign(&try_build(&fixed, &clock).unwrap());
    let text = configuration("memory", "HS256", &key);
    let profiles = try_build(&text, &clock).unwrap();
    assert_eq!(verdict(&profiles, &old), Code::Ok);
    let new = sign(&profiles);
    assert_ne!(kid_of(&new), "old");
    let report = profiles.reload_keys().unwrap();
    assert_eq!(report.keys["web"], 2);
    for token in [&old, &new] {
        assert_eq!(verdict(&profiles, token), Code::Ok);
    }
}

/// In a process of its own the generation is the process's: here only what it starts anew.
#[test]
fn a_child_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("sqlite:{}", folder.path().join("state.db").display());
    let clock = Arc::new(ManualClock::at(START));
    let text = configuration(&place, "HS256", "");
    let (one, other) = (
        try_build(&text, &clock).unwrap(),
        try_build(&text, &clock).unwrap(),
    );
    clock.advance(LIMIT);
    one.after_fork().unwrap();
    web(&other).order_signing_keys(&KeyOrder::Stage).unwrap();
    within(LIMIT, "follows", || states(&one).len() == 2);
}
