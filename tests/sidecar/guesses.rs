//! Guesses at personal access tokens: how many an address has, and what they cost.

use std::time::Duration;

use bearerd::config::Environment;
use serde_json::{Value, json};

use crate::http::Answer;
use crate::world::{SECRET, World, await_that, start_with, try_start};

const LIMIT: &str = "[limits.pat]\nrate = \"1/min\"\nburst = 3";
const UNKNOWN: &str = "bearerd_pat_lookups_total{profile=\"main\",result=\"unknown\"}";
const FOUND: &str = "bearerd_pat_lookups_total{profile=\"main\",result=\"found\"}";

fn world(server: &str, limit: &str) -> World {
    start_with(|text| {
        let text = text.replacen("max_batch = 4", &format!("max_batch = 4\n{server}"), 1);
        let pat = "pat = { prefix = \"main_pat_\" }\nrotation = ";
        format!("{}\n{limit}\n", text.replacen("rotation = ", pat, 1))
    })
}

fn create(world: &World) -> String {
    let created = world.control("/v1/pats", &json!({"subject": "ada"}));
    assert_eq!(created.status, 200, "{created:?}");
    created.json()["token"].as_str().unwrap().to_owned()
}

/// Of the form, checksum and all, and known to another sidecar alone.
fn unknown() -> String {
    create(&world("", ""))
}

fn verify(world: &World, token: &str, ip: &str) -> Answer {
    world.verify(&json!({"token": token, "client": {"ip": ip}}))
}

fn limited(answer: &Answer, retry_after: &str) {
    assert_eq!(
        answer.said(),
        (429, "RATE_LIMITED".to_owned()),
        "{answer:?}"
    );
    assert_eq!(answer.header("retry-after"), Some(retry_after));
}

#[test]
fn r5_an_address_has_so_many_guesses_and_they_cost_so_many_reads() {
    let world = world("", LIMIT);
    let unknown = unknown();
    let (used, fresh) = (create(&world), create(&world));
    assert_eq!(verify(&world, &used, "192.0.2.1").status, 200);
    for guess in [&*unknown, "main_pat_x", &unknown] {
        assert_eq!(verify(&world, guess, "192.0.2.1").status, 401);
    }
    limited(&verify(&world, &unknown, "192.0.2.1"), "60");
    // Two of the guesses were of the form, and so was the one that found the bucket empty.
    assert_eq!((world.metric(UNKNOWN), world.metric(FOUND)), (3.0, 1.0));
    for guess in [&*unknown, "main_pat_x", &fresh] {
        limited(&verify(&world, guess, "192.0.2.1"), "60");
    }
    let batch = json!({"tokens": [unknown, used], "client": {"ip": "192.0.2.1"}});
    let answer = world.client().post("/v1/verify/batch", &[], &batch).json();
    assert_eq!(
        answer["results"][0],
        json!({"code": "RATE_LIMITED", "status": 429})
    );
    assert_eq!(answer["results"][1]["code"], "OK");
    let reads = (world.metric(UNKNOWN), world.metric(FOUND));
    assert_eq!(reads, (3.0, 1.0), "the store was asked");
    // What is known here goes on, and so does everybody else.
    assert_eq!(verify(&world, &used, "192.0.2.1").status, 200);
    assert_eq!(verify(&world, &unknown, "192.0.2.2").status, 401);
    assert_eq!(verify(&world, &fresh, "192.0.2.2").status, 200);
    let signed = world.token(&json!({}));
    assert_eq!(verify(&world, &signed, "192.0.2.1").status, 200);
    assert_eq!(verify(&world, "x", "192.0.2.1").status, 401);
    // And after a minute there is one more guess.
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(verify(&world, &unknown, "192.0.2.1").status, 401);
    limited(&verify(&world, &unknown, "192.0.2.1"), "60");
}

#[test]
fn a_good_token_is_never_counted() {
    let world = world("", LIMIT);
    for _ in 0..8 {
        let token = create(&world);
        for _ in 0..2 {
            assert_eq!(verify(&world, &token, "192.0.2.1").status, 200);
        }
        let guarded = json!({
            "token": token, "guard": {"roles": ["none"]}, "client": {"ip": "192.0.2.1"},
        });
        assert_eq!(world.verify(&guarded).status, 403);
        world.control("/v1/pats/revoke", &json!({"token": token}));
        let refused = verify(&world, &token, "192.0.2.1");
        assert_eq!(refused.said(), (401, "REVOKED".to_owned()));
    }
    let counted = "bearerd_limit_decisions_total{limit=\"pat\",result=\"allowed\"}";
    assert_eq!(world.metric(counted), 0.0);
    assert_eq!(verify(&world, "main_pat_x", "192.0.2.1").status, 401);
    assert_eq!(world.metric(counted), 1.0);
    // Who does not say whose guesses they are has no limit.
    for _ in 0..8 {
        assert_eq!(world.verify_token("main_pat_x").status, 401);
    }
}

fn forward(world: &World, token: &str, from: Option<&str>) -> (u16, String) {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend(from.map(|from| ("X-Forwarded-For", from)));
    let answer = world.auth("/v1/auth", &headers);
    let code = answer.header("x-bearerd-code").unwrap().to_owned();
    (answer.status, code)
}

#[test]
fn forward_auth_counts_by_the_address_that_a_trusted_proxy_tells() {
    let world = world("trusted_proxies = [\"127.0.0.1\"]", LIMIT);
    let told = Some("6.6.6.6, 203.0.113.9");
    let ask = |token: &str, from| forward(&world, token, from);
    for _ in 0..3 {
        assert_eq!(ask("main_pat_x", told), (401, "MALFORMED".to_owned()));
    }
    assert_eq!(ask("main_pat_x", told), (403, "RATE_LIMITED".to_owned()));
    let good = create(&world);
    assert_eq!(ask(&good, told), (403, "RATE_LIMITED".to_owned()));
    assert_eq!(ask(&good, Some("203.0.113.10")).0, 200);
    // The gateway's own address is everybody's.
    for _ in 0..8 {
        assert_eq!(ask("main_pat_x", None).0, 401);
    }
    let listed = || {
        let listed = world.control("/v1/pats/list", &json!({"subject": "ada"}));
        listed.json()["pats"][0].clone()
    };
    await_that("the last use", || listed()["last_used_at"] != Value::Null);
    assert_eq!(listed()["last_used_from"], "203.0.113.10");
}

#[test]
fn a_proxy_that_is_not_trusted_counts_for_nobody() {
    let world = world("", LIMIT);
    let good = create(&world);
    for _ in 0..8 {
        assert_eq!(forward(&world, "main_pat_x", Some("203.0.113.9")).0, 401);
    }
    assert_eq!(forward(&world, &good, Some("203.0.113.9")).0, 200);
}

#[test]
fn a_limit_that_could_count_nothing_is_refused_at_the_start() {
    let text = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
         keys = [{{ secret = \"{SECRET}\" }}]\n[limits.pat]\nrate = \"5/min\"\nby = [\"subject\"]\n"
    );
    let fault = try_start(&text, &Environment::empty()).unwrap_err();
    assert!(
        fault.chain().contains("limits.pat: by"),
        "{}",
        fault.chain()
    );
}
