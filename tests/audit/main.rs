//! Who did what: through the sidecar over HTTP with a real file, and at the log itself where its
//! clock, its end or another process matters.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]
#![expect(
    dead_code,
    reason = "the sidecar's suite uses the rest of what is shared"
)]

mod acts;
mod application;
mod asked;
mod durability;
mod flood;
#[path = "../sidecar/http.rs"]
mod http;
mod kept;
mod log;
mod many;
mod part;
mod rejections;
mod retention;
mod secrets;
mod trouble;
#[path = "../sidecar/world.rs"]
mod world;

use std::path::PathBuf;

use serde_json::{Value, json};

use http::Answer;
use world::{World, await_that, start_with};

/// A sidecar with a log whose section goes on with `more`.
fn audited(more: &str) -> World {
    start_with(|text| {
        let folder = text
            .lines()
            .find_map(|line| {
                line.strip_prefix("data_socket = \"")?
                    .strip_suffix("/data.sock\"")
            })
            .unwrap()
            .to_owned();
        format!("{text}\n[audit]\nfile = \"{folder}/audit.db\"\n{more}\n")
    })
}

impl World {
    fn audit_file(&self) -> PathBuf {
        self.directory.path().join("audit.db")
    }

    fn query(&self, query: &Value) -> Value {
        let answer = self.control("/v1/audit/query", query);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The events that fit, newest first, once there are as many.
    fn events(&self, query: &Value, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        await_that(&format!("{count} events of {query}"), || {
            events = self.query(query)["events"].as_array().unwrap().clone();
            events.len() >= count
        });
        assert_eq!(events.len(), count, "{events:?}");
        events
    }

    fn one(&self, query: &Value) -> Value {
        self.events(query, 1).remove(0)
    }

    fn tell(&self, event: &Value) -> Answer {
        self.control("/v1/audit", event)
    }
}

/// The members of an event that are named, for comparing.
fn members(event: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), event[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn uid() -> String {
    format!("uid:{}", rustix::process::getuid().as_raw())
}

fn invalid(answer: &Answer, about: &str) {
    assert_eq!(
        answer.said(),
        (422, "VALIDATION_ERROR".to_owned()),
        "{answer:?}"
    );
    assert!(answer.message().contains(about), "{}", answer.message());
}

fn empty() -> Value {
    json!({})
}
