use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{START, World};
use crate::{audited, invalid};

/// Sixty events, one a second: event `n` is of action `a{n % 3}`, entity `e{n % 2}`, actor
/// `u{n % 5}`.
fn filled() -> World {
    let world = audited("required = true");
    for number in 0..60 {
        let answer = world.tell(&json!({
            "action": format!("a{}", number % 3), "entity": format!("e{}", number % 2),
            "entity_id": format!("id-{number:02}"), "actor": format!("u{}", number % 5),
            "profile": if number % 4 == 0 { "es" } else { "main" },
            "detail": {"note": format!("Number {number:02} of \"sixty\" für alle")},
        }));
        assert_eq!(answer.status, 200, "{answer:?}");
        world.clock.advance(Duration::from_secs(1));
    }
    world
}

fn ids(page: &Value) -> Vec<u64> {
    let number = |event: &Value| event["entity_id"].as_str().unwrap()[3..].parse().unwrap();
    page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(number)
        .collect()
}

/// All that fit, over all pages, as the model has it.
fn expect(world: &World, query: &Value, fits: impl Fn(u64) -> bool) {
    let expected: Vec<u64> = (0..60).rev().filter(|number| fits(*number)).collect();
    let mut with = query.clone();
    with["limit"] = json!(7);
    let mut found = Vec::new();
    for page in 1.. {
        with["page"] = json!(page);
        let answer = world.query(&with);
        assert_eq!(answer["total"], expected.len(), "{query}");
        assert_eq!(answer["pages"], expected.len().div_ceil(7), "{query}");
        assert_eq!(answer["page"], page);
        found.extend(ids(&answer));
        if answer["next"].is_null() {
            break;
        }
    }
    assert_eq!(found, expected, "by pages: {query}");
    let mut found = Vec::new();
    let mut with = query.clone();
    with["limit"] = json!(7);
    loop {
        let answer = world.query(&with);
        found.extend(ids(&answer));
        if answer["next"].is_null() {
            break;
        }
        with["cursor"] = answer["next"].clone();
    }
    assert_eq!(found, expected, "by cursor: {query}");
}

#[test]
fn every_filter_alone_and_with_others() {
    let world = filled();
    expect(&world, &json!({}), |_| true);
    expect(&world, &json!({"action": "a1"}), |n| n % 3 == 1);
    expect(&world, &json!({"entity": "e1"}), |n| n % 2 == 1);
    expect(
        &world,
        &json!({"entity": "e1", "entity_id": "id-07"}),
        |n| n == 7,
    );
    expect(&world, &json!({"entity_id": "id-07"}), |n| n == 7);
    expect(&world, &json!({"actor": "u2"}), |n| n % 5 == 2);
    expect(&world, &json!({"profile": "es"}), |n| n % 4 == 0);
    expect(&world, &json!({"source": "application"}), |_| true);
    expect(&world, &json!({"source": "control"}), |_| false);
    expect(
        &world,
        &json!({"from": START + 10, "to": START + 20}),
        |n| (10..20).contains(&n),
    );
    expect(
        &world,
        &json!({"action": "a1", "actor": "u2", "from": START + 10}),
        |n| n % 3 == 1 && n % 5 == 2 && n >= 10,
    );
    let all = json!({
        "action": "a1", "entity": "e1", "actor": "u2", "profile": "main", "text": "number",
        "source": "application", "caller": crate::uid(), "from": START, "to": START + 60,
    });
    expect(&world, &all, |n| n % 30 == 7);
    for nobody in [
        json!({"action": "a"}),
        json!({"actor": "U2"}),
        json!({"action": "a1' OR '1'='1"}),
        json!({"text": "nowhere"}),
        json!({"ip": "127.0.0.1"}),
    ] {
        expect(&world, &nobody, |_| false);
    }
}

#[test]
fn a_text_is_found_wherever_it_occurs() {
    let world = filled();
    for (text, fits) in [
        ("number 17", 17),
        ("umber 17 o", 17),
        ("NUMBER 17", 17),
        ("id-17", 17),
        ("17", 17),
        ("17 of \\\"six", 17),
    ] {
        expect(&world, &json!({"text": text}), |n| n == fits);
    }
    for everywhere in [
        "für",
        "ü",
        "u",
        "\\\"sixty\\\"",
        "ER ",
        "e OR x".get(..2).unwrap(),
    ] {
        let expected = match everywhere {
            "e " => continue,
            _ => 60,
        };
        assert_eq!(
            world.query(&json!({"text": everywhere}))["total"],
            expected,
            "{everywhere}"
        );
    }
    for nowhere in [
        "FÜR",
        "18 of 17",
        "\" OR \"",
        "number*",
        "id-17\u{0}",
        "numbernumber",
    ] {
        assert_eq!(
            world.query(&json!({"text": nowhere}))["total"],
            0,
            "{nowhere}"
        );
    }
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let world = audited("");
    for (body, about) in [
        (json!({"limit": 0}), "limit"),
        (json!({"limit": 501}), "limit"),
        (json!({"limit": "10"}), "limit"),
        (json!({"page": 0}), "page"),
        (json!({"page": 1, "cursor": "1.1"}), "cursor"),
        (json!({"cursor": "hidden"}), "cursor"),
        (json!({"from": -1}), "from"),
        (json!({"to": "now"}), "to"),
        (json!({"total": 1}), "total"),
        (json!({"source": "hidden"}), "source"),
        (json!({"text": "x".repeat(257)}), "text"),
        (json!({"action": ["a"]}), "action"),
        (json!({"actions": "a"}), "actions"),
    ] {
        let answer = world.control("/v1/audit/query", &body);
        invalid(&answer, about);
        assert!(!answer.text().contains("hidden"), "{answer:?}");
    }
    let deep = world.query(&json!({"page": u32::MAX}));
    assert_eq!((&deep["total"], &deep["events"]), (&json!(0), &json!([])));
    let counted = world.query(&json!({"total": false}));
    assert_eq!(counted["total"], Value::Null);
}

#[test]
fn the_options_are_what_occurs() {
    let world = filled();
    let options = || world.control("/v1/audit/options", &json!({})).json();
    assert_eq!(
        options(),
        json!({
            "actions": ["a0", "a1", "a2"], "entities": ["e0", "e1"],
            "actors": ["u0", "u1", "u2", "u3", "u4"], "profiles": ["es", "main"],
            "sources": ["control", "rejection", "application"], "cut": false,
        })
    );
    invalid(
        &world.control("/v1/audit/options", &json!({"x": 1})),
        "no member",
    );
}
