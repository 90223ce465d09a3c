//! What anybody on the host may read: JWKS, health, metrics.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::http::Client;
use crate::world::{SECRET, World, new_pem, start, start_with, write_private};

#[test]
fn the_key_set_has_public_keys_alone() {
    let world = start();
    let answer = world.client().get("/.well-known/jwks.json", &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(
        answer
            .header("cache-control")
            .unwrap()
            .starts_with("public, max-age=")
    );
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(
        keys.len(),
        1,
        "the shared secret of `main` is not among them"
    );
    let members: BTreeSet<&str> = keys[0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"])
    );
    assert_eq!(
        (&keys[0]["kid"], &keys[0]["alg"]),
        (&json!("e1"), &json!("ES256"))
    );
    assert!(!answer.text().contains(SECRET));
    let head = world
        .client()
        .ask("HEAD", "/.well-known/jwks.json", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn a_verifier_elsewhere_can_use_the_key_set() {
    let world = start();
    let jwks = world.client().get("/.well-known/jwks.json", &[]).text();
    let token = world.token_for("es", &json!({}), "15m");
    let path = world.directory.path().join("elsewhere.json");
    std::fs::write(&path, jwks).unwrap();
    let other = start_with(|text| {
        let pem = text
            .lines()
            .find(|line| line.contains("es.pem"))
            .unwrap()
            .to_owned();
        let jwks = format!("keys = [{{ jwks_file = \"{}\" }}]", path.display());
        text.replace(&pem, &jwks).replacen("sign = {}", "", 1)
    });
    assert_eq!(other.verify_token(&token).status, 200);
}

#[test]
fn a_key_that_is_replaced_is_published_at_once() {
    let world = start();
    let keys = || world.client().get("/.well-known/jwks.json", &[]).json();
    let before = keys();
    write_private(&world.es_file, &new_pem());
    assert_eq!(world.control("/v1/keys/reload", &json!({})).status, 200);
    assert_ne!(keys()["keys"][0]["x"], before["keys"][0]["x"]);
}

#[test]
fn health_is_told_to_whoever_asks() {
    let world = start();
    for (client, place) in [
        (world.client(), "tcp"),
        (Client::unix(&world.data_socket), "socket"),
    ] {
        let mut client = client;
        assert_eq!(client.get("/livez", &[]).text(), "ok\n", "{place}");
        let ready = client.get("/readyz", &[]);
        assert_eq!(ready.status, 200);
        assert_eq!(ready.json(), json!({"ready": true, "missing": []}));
    }
}

#[test]
fn a_sidecar_that_drains_is_alive_and_not_ready() {
    let world = start();
    let mut client = world.client();
    assert_eq!(client.get("/readyz", &[]).status, 200);
    // A request under way keeps its connection: its body is still to come.
    let mut slow = world.client();
    slow.start("POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n");
    crate::world::await_that("the slow request is counted", || {
        world.metric("bearerd_connections_open{plane=\"data\"}") >= 2.0
    });
    world.sidecar.as_ref().unwrap().drain().begin();
    crate::world::await_that("readiness falls", || !world.is_ready());
    assert_eq!(slow.finish("{}").code(), "MISSING_TOKEN");
}

/// `metric{labels} value` lines by metric, with every rule of the text format that a scraper
/// holds us to.
fn parse(text: &str) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut types = BTreeMap::new();
    let mut samples: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, kind) = described.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert!(
                types.insert(name.to_owned(), kind.to_owned()).is_none(),
                "{line} twice"
            );
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
            None => (series, ""),
        };
        let is_name = |name: &str| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        assert!(is_name(name), "{line}");
        let known = samples.entry(name.to_owned()).or_default();
        assert!(
            known.iter().all(|(other, _)| other != labels),
            "{line} twice"
        );
        known.push((labels.to_owned(), value));
        assert!(
            types.contains_key(name) || types.contains_key(name.trim_end_matches("_total")),
            "{line} has no type"
        );
    }
    samples
}

fn live(world: &World) {
    let (good, admin) = (
        world.token(&json!({})),
        world.token(&json!({"role": "admin"})),
    );
    for token in [&good, &good, &admin, &"x".to_owned()] {
        world.verify_token(token);
    }
    world.verify(&json!({"token": good, "guard": "admin"}));
    world.auth("/v1/auth", &[("X-Token", &admin)]);
    world.control("/v1/keys/reload", &json!({}));
}

#[test]
fn verdicts_and_look_ups_are_counted() {
    let world = start();
    live(&world);
    for (name, value) in [
        (
            "verdicts_total{profile=\"main\",route=\"verify\",code=\"OK\"}",
            3.0,
        ),
        (
            "verdicts_total{profile=\"main\",route=\"verify\",code=\"FORBIDDEN\"}",
            1.0,
        ),
        (
            "verdicts_total{profile=\"main\",route=\"verify\",code=\"MALFORMED\"}",
            1.0,
        ),
        (
            "verdicts_total{profile=\"main\",route=\"auth\",code=\"OK\"}",
            1.0,
        ),
        ("cache_inserts_total{profile=\"main\"}", 2.0),
        ("cache_entries{profile=\"main\"}", 2.0),
        ("cache_entries{profile=\"es\"}", 0.0),
        ("reloads_total{result=\"success\"}", 1.0),
        ("reloads_total{result=\"failure\"}", 0.0),
        ("panics_total{plane=\"data\"}", 0.0),
    ] {
        assert_eq!(world.metric(&format!("bearerd_{name}")), value, "{name}");
    }
    assert!(world.metric("bearerd_cache_lookups_total{profile=\"main\",result=\"hit\"}") >= 3.0);
    assert!(world.metric("bearerd_cache_bytes{profile=\"main\"}") > 0.0);
}

#[test]
fn both_text_formats_parse_and_say_the_same() {
    let world = start();
    live(&world);
    let scrape = |accept: &str| {
        let headers: &[_] = if accept.is_empty() {
            &[]
        } else {
            &[("Accept", accept)]
        };
        let answer = world.client().get("/metrics", headers);
        assert_eq!(answer.status, 200);
        (
            answer.header("content-type").unwrap().to_owned(),
            answer.text(),
        )
    };
    const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
    const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    for accept in [
        "",
        "*/*",
        "text/plain",
        "text/plain;version=0.0.4",
        "application/json",
    ] {
        let (kind, text) = scrape(accept);
        assert_eq!(kind, TEXT, "{accept}");
        assert!(!text.contains("# EOF"));
        assert!(text.contains("\n# TYPE bearerd_verdicts_total counter\n"));
    }
    // What Prometheus 3 sends.
    let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let (kind, open) = scrape(prometheus);
    assert_eq!(kind, OPEN);
    assert!(open.ends_with("# EOF\n"));
    assert!(open.contains("\n# TYPE bearerd_verdicts counter\n"));
    let (_, text) = scrape("");
    let names = |text: &str| parse(text).into_keys().collect::<BTreeSet<_>>();
    assert_eq!(names(&open), names(&text));
    let verdicts = |text: &str| parse(text)["bearerd_verdicts_total"].clone();
    assert_eq!(verdicts(&open), verdicts(&text));
    // 0.0.4: a type is that of the very name of its samples.
    for name in names(&text) {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
}

#[test]
fn names_of_profiles_cannot_break_the_metrics() {
    let world = start_with(|text| {
        text.replace("[profiles.es]", "[profiles.\"e\\\"s\\\\{}\\n\"]")
            .replace("\"https://es.example\" = \"es\"", "")
    });
    let text = world.client().get("/metrics", &[]).text();
    let entries = text
        .lines()
        .filter(|line| line.starts_with("bearerd_cache_entries{"))
        .count();
    assert_eq!(entries, 2);
    assert!(text.contains(r#"profile="e\"s\\{}\n""#), "{text}");
}

/// Every metric that the dashboard asks for is one that a live sidecar has.
#[test]
fn the_dashboard_asks_for_metrics_that_exist() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/grafana/bearerd.json");
    let dashboard: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut expressions = Vec::new();
    collect(&dashboard, &mut expressions);
    let asked: BTreeSet<String> = expressions
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with("bearerd_"))
        .map(str::to_owned)
        .collect();
    assert!(asked.len() >= 8, "{asked:?}");
    let world = start();
    live(&world);
    let live: BTreeSet<String> = parse(&world.client().get("/metrics", &[]).text())
        .into_keys()
        .collect();
    let missing: Vec<_> = asked.difference(&live).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn collect(value: &serde_json::Value, expressions: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value
                    .as_str()
                    .filter(|_| ["expr", "query", "definition"].contains(&name.as_str()))
                {
                    Some(text) => expressions.push(text.to_owned()),
                    None => collect(value, expressions),
                }
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect(value, expressions)),
        _ => {}
    }
}
