//! Rate limits: buckets of subjects and addresses, alone and shared, and what a refusal says.

use std::time::Duration;

use bearerd::config::Environment;
use serde_json::{Value, json};

use crate::http::Answer;
use crate::redis::Server;
use crate::world::{SECRET, World, start, start_with, try_start};

fn with(limits: &str) -> World {
    start_with(|text| format!("{text}\n{limits}\n"))
}

const LOGIN: &str = "[limits.login]\nrate = \"6/min\"\nburst = 3";

fn attempt(world: &World, name: &str, subject: &str, ip: &str) -> Answer {
    let mut body = json!({});
    for (member, value) in [("subject", subject), ("ip", ip)] {
        if !value.is_empty() {
            body[member] = value.into();
        }
    }
    world.control(&format!("/v1/limits/{name}"), &body)
}

fn allowed(answer: &Answer, remaining: u32) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({"allowed": true, "remaining": remaining})
    );
}

fn limited(answer: &Answer, retry_after: &str) {
    assert_eq!(
        answer.said(),
        (429, "RATE_LIMITED".to_owned()),
        "{answer:?}"
    );
    assert_eq!(answer.header("retry-after"), Some(retry_after));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_bucket_empties_and_fills_again() {
    let world = with(LOGIN);
    let ask = || attempt(&world, "login", "ada", "10.0.0.1");
    for remaining in [2, 1, 0] {
        allowed(&ask(), remaining);
    }
    limited(&ask(), "10");
    world.clock.advance(Duration::from_millis(9_900));
    // What was refused has taken nothing, and nobody is told to come back at once.
    limited(&ask(), "1");
    world.clock.advance(Duration::from_millis(100));
    allowed(&ask(), 0);
    limited(&ask(), "10");
    world.clock.advance(Duration::from_secs(3_600));
    for remaining in [2, 1, 0] {
        allowed(&ask(), remaining);
    }
    limited(&ask(), "10");
    let count = |result: &str| {
        world.metric(&format!(
            "bearerd_limit_decisions_total{{limit=\"login\",result=\"{result}\"}}"
        ))
    };
    assert_eq!((count("allowed"), count("limited")), (7.0, 4.0));
}

#[test]
fn a_subject_and_an_address_are_counted_apart_and_both_must_have_room() {
    let world = with(LOGIN);
    let ask = |subject: &str, ip: &str| attempt(&world, "login", subject, ip).status;
    for at in 0..3 {
        assert_eq!(ask("ada", &format!("10.0.0.{at}")), 200);
    }
    assert_eq!(ask("ada", "10.0.0.9"), 429);
    for subject in ["b", "c"] {
        assert_eq!(ask(subject, "10.0.0.9"), 200);
    }
    assert_eq!(ask("d", "10.0.0.9"), 429);
    // Who is refused by address takes nothing from a subject.
    for _ in 0..5 {
        assert_eq!(ask("eve", "10.0.0.9"), 429);
    }
    for at in 20..23 {
        assert_eq!(ask("eve", &format!("10.0.0.{at}")), 200);
    }
    // Names that would meet if they were joined do not.
    for (subject, ip) in [
        ("x", "10.0.1.1"),
        ("10.0.1.1", "10.0.1.2"),
        ("ip", "10.0.1.3"),
    ] {
        assert_eq!(ask(subject, ip), 200);
    }
}

#[test]
fn a_network_of_ipv6_is_one_address() {
    let world = with("[limits.reset]\nrate = \"1/day\"\nby = [\"ip\"]");
    let ask = |ip: &str| attempt(&world, "reset", "", ip);
    allowed(&ask("2001:db8:0:1::1"), 0);
    limited(&ask("2001:db8:0:1:ffff::2"), "86400");
    allowed(&ask("2001:db8:0:2::1"), 0);
    allowed(&ask("203.0.113.1"), 0);
    limited(&ask("::ffff:203.0.113.1"), "86400");
    allowed(&ask("203.0.113.2"), 0);
}

#[test]
fn what_a_limit_counts_by_must_be_told() {
    let world = with(&format!(
        "{LOGIN}\n[limits.one]\nrate = \"1/s\"\nby = [\"subject\"]"
    ));
    for (target, body, about) in [
        (
            "/v1/limits/login",
            json!({"subject": "ada"}),
            "ip: is missing",
        ),
        (
            "/v1/limits/login",
            json!({"ip": "10.0.0.1"}),
            "subject: is missing",
        ),
        (
            "/v1/limits/login",
            json!({"subject": "", "ip": "10.0.0.1"}),
            "subject: is missing",
        ),
        (
            "/v1/limits/login",
            json!({"subject": "a", "ip": "x"}),
            "ip: must be an address",
        ),
        (
            "/v1/limits/login",
            json!({"subject": 7}),
            "subject: must be a string",
        ),
        (
            "/v1/limits/one",
            json!({"subject": "a", "count": 2}),
            "count: is not a member",
        ),
        ("/v1/limits/nobody", json!({}), "no limit has that name"),
        ("/v1/limits/", json!({}), "no limit has that name"),
        ("/v1/limits/Login", json!({}), "no limit has that name"),
    ] {
        let answer = world.control(target, &body);
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(answer.message().contains(about), "{}", answer.message());
    }
    allowed(&attempt(&world, "one", "ada", ""), 0);
    // It is of the control plane.
    let answer = world
        .client()
        .post("/v1/limits/one", &[], &json!({"subject": "a"}));
    assert_eq!(answer.said(), (401, "UNAUTHORIZED".to_owned()));
}

#[test]
fn rotation_asks_its_limit_before_anything_is_spent() {
    let world = with("[limits.rotate]\nrate = \"1/min\"\nburst = 2");
    let (_, first) = world.pair(&json!({"sub": "ada"}));
    let (_, other) = world.pair(&json!({"sub": "bob"}));
    let rotate = |refresh: &str, ip: &str| {
        let client = json!({"ip": ip});
        world.control("/v1/rotate", &json!({"refresh": refresh, "client": client}))
    };
    let second = rotate(&first, "10.0.0.1").json()["refresh"].clone();
    let second = second.as_str().unwrap();
    let third = rotate(second, "10.0.0.2").json()["refresh"].clone();
    let third = third.as_str().unwrap();
    limited(&rotate(third, "10.0.0.3"), "60");
    let form = format!("grant_type=refresh_token&refresh_token={third}");
    let mut client = crate::http::Client::unix(&world.control_socket);
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let answer = client.ask("POST", "/oauth2/token", &[kind], form.as_bytes());
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(answer.json()["error"], "slow_down");
    // Another subject, and then the address of somebody who guesses.
    assert_eq!(rotate(&other, "10.0.0.1").status, 200);
    limited(&rotate(&other, "10.0.0.1"), "60");
    for expected in [401, 401, 429] {
        assert_eq!(rotate("no.token.here", "10.0.0.7").status, expected);
    }
    // Nothing was spent by what was refused.
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(rotate(third, "10.0.0.3").status, 200);
}

#[test]
fn a_limit_that_is_shared_is_one_for_all_processes() {
    let redis = Server::start(&[]);
    let shared = |_: ()| {
        start_with(|text| {
            format!(
                "state = \"unix://{}\"\n{text}\n{LOGIN}\nshared = true\n",
                redis.socket()
            )
        })
    };
    let (here, there) = (shared(()), shared(()));
    let ask = |world: &World| attempt(world, "login", "ada", "10.0.0.1");
    allowed(&ask(&here), 2);
    allowed(&ask(&there), 1);
    allowed(&ask(&here), 0);
    let refused = ask(&there);
    assert_eq!(refused.status, 429);
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    // One that is started later knows it, too.
    assert_eq!(ask(&shared(())).status, 429);
    assert_eq!(attempt(&there, "login", "bob", "10.0.0.2").status, 200);

    // Without the server each counts for itself, and says so.
    drop(redis);
    let fallbacks = "bearerd_limit_fallbacks_total{limit=\"login\"}";
    assert_eq!(here.metric(fallbacks), 0.0);
    for remaining in [2, 1, 0] {
        allowed(&ask(&here), remaining);
    }
    limited(&ask(&here), "10");
    // Six buckets were asked for, and the seventh that refused.
    assert_eq!(here.metric(fallbacks), 7.0);
    allowed(&ask(&there), 2);
}

#[test]
fn limits_that_cannot_be_are_refused_at_the_start() {
    for (limit, about) in [
        ("rate = \"5\"", "rate"),
        ("rate = \"5/week\"", "rate"),
        ("rate = \"/min\"", "rate"),
        ("rate = \"+5/min\"", "rate"),
        ("rate = \"-5/min\"", "rate"),
        ("rate = \"0/min\"", "rate"),
        ("rate = \"1000001/s\"", "rate"),
        ("rate = \"5/min\"\nburst = 0", "burst"),
        ("rate = \"5/min\"\nby = []", "by"),
        ("rate = \"5/min\"\nby = [\"ip\", \"ip\"]", "by"),
        ("rate = \"5/min\"\nby = [\"user\"]", "user"),
        ("rate = \"5/min\"\nshared = true", "shared: needs state"),
        ("rate = \"5/min\"\nper = 1", "per"),
        ("burst = 1", "rate"),
    ] {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{SECRET}\" }}]\n[limits.login]\n{limit}\n"
        );
        let fault = try_start(&text, &Environment::empty()).unwrap_err();
        assert!(fault.chain().contains(about), "{limit}: {}", fault.chain());
    }
}

#[test]
fn without_limits_nothing_is_limited() {
    let world = start();
    let (_, mut refresh) = world.pair(&json!({"sub": "ada"}));
    for _ in 0..20 {
        let answer = world.control("/v1/rotate", &json!({"refresh": refresh}));
        assert_eq!(answer.status, 200);
        let Value::String(next) = &answer.json()["refresh"] else {
            panic!("no refresh token");
        };
        refresh.clone_from(next);
    }
}
