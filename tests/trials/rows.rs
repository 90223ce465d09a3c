//! Rows R1, R2, R3 and R7 over HTTP, on every store: what a client sees of it.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::redis::Server;
use crate::sidecar::{Sidecar, in_file, until};

/// Where the sidecars of a row keep their state, and what that lives on.
pub(crate) struct Place {
    state: String,
    /// Whether a second sidecar may share it.
    shared: bool,
    _on: (Option<tempfile::TempDir>, Option<Server>),
}

type Make = fn() -> Place;

fn memory() -> Place {
    Place {
        state: "\"memory\"".to_owned(),
        shared: false,
        _on: (None, None),
    }
}

fn sqlite() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place {
        state: in_file(&folder.path().join("state.db")),
        shared: true,
        _on: (Some(folder), None),
    }
}

fn redis() -> Place {
    let server = Server::start(&[]);
    Place {
        state: format!("\"unix://{}\"", server.socket()),
        shared: true,
        _on: (None, Some(server)),
    }
}

/// Each of these is a test on every store.
macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod in_memory {
            $(#[test] fn $case() { super::$case(super::memory); })*
        }
        mod in_a_file {
            $(#[test] fn $case() { super::$case(super::sqlite); })*
        }
        mod on_redis {
            $(#[test] fn $case() { super::$case(super::redis); })*
        }
    };
}

on_every_store!(
    r1_inside_and_outside_of_the_grace,
    r2_tokens_of_the_wrong_kind,
    r3_many_at_once_get_one_successor,
    r7_hostile_names_stay_apart,
);

impl Place {
    fn sidecar(&self, profile: &str) -> Sidecar {
        let sidecar = Sidecar::start(&self.state, profile);
        until("ready", || sidecar.is_ready());
        sidecar
    }

    /// As many as may share it: one or two.
    fn sidecars(&self, profile: &str) -> Vec<Sidecar> {
        let many = if self.shared { 2 } else { 1 };
        (0..many).map(|_| self.sidecar(profile)).collect()
    }
}

fn r1_inside_and_outside_of_the_grace(make: Make) {
    let place = make();
    let sidecars = place.sidecars("rotation = { grace = \"2s\" }");
    let (one, other) = (&sidecars[0], &sidecars[sidecars.len() - 1]);
    let (access, refresh) = one.pair("ann");
    let bystander = one.pair("ann").0;
    let first = one.rotate(&refresh);
    assert_eq!(first.code(), "OK");
    let again = other.rotate(&refresh);
    assert_eq!(again.body, first.body, "the same successor");
    // The grace ends by the clock of another process.
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!(other.rotate(&refresh).code(), "REUSED");
    let (next, successor) = (first.text("access"), first.text("refresh"));
    for sidecar in &sidecars {
        for token in [&access, &next] {
            until("the family is void", || sidecar.verdict(token) == "REVOKED");
        }
        assert_eq!(sidecar.rotate(&successor).code(), "REVOKED");
        assert_eq!(sidecar.verdict(&bystander), "OK");
    }
}

fn r2_tokens_of_the_wrong_kind(make: Make) {
    let place = make();
    let sidecar = place.sidecar("rotation = {}");
    let (access, refresh) = sidecar.pair("ann");
    assert_eq!(sidecar.rotate(&access).code(), "WRONG_TOKEN_KIND");
    assert_eq!(sidecar.verdict(&refresh), "WRONG_TOKEN_KIND");
    assert_eq!(sidecar.verdict(&access), "OK");
    assert_eq!(sidecar.rotate(&refresh).code(), "OK", "it was not spent");
}

fn r3_many_at_once_get_one_successor(make: Make) {
    const MANY: usize = 64;
    let place = make();
    let sidecars = place.sidecars("rotation = { grace = \"1m\" }");
    let (_, refresh) = sidecars[0].pair("ann");
    let barrier = Barrier::new(MANY);
    let successors: BTreeSet<String> = thread::scope(|scope| {
        let racers: Vec<_> = (0..MANY)
            .map(|number| {
                let (refresh, barrier) = (&refresh, &barrier);
                let sidecar = &sidecars[number % sidecars.len()];
                scope.spawn(move || {
                    barrier.wait();
                    // A store with so many at its door may turn one away, who asks again.
                    let mut answer = sidecar.rotate(refresh);
                    while answer.code() == "STORE_UNAVAILABLE" {
                        answer = sidecar.rotate(refresh);
                    }
                    answer.text("refresh")
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    assert_eq!(successors.len(), 1);
}

/// Names that are patterns, separators, or too long somewhere: each means itself and no other.
fn r7_hostile_names_stay_apart(make: Make) {
    let place = make();
    let sidecars = place.sidecars("");
    let (one, other) = (&sidecars[0], &sidecars[sidecars.len() - 1]);
    let longest = "x".repeat(512);
    let names = [
        "a:b",
        "a",
        "b",
        "a/b",
        "a%2Fb",
        "*",
        "?",
        "[a-z]",
        "{a}",
        "{bearerd}:x",
        "\\",
        "a\nb",
        "a\r\nDEL x",
        "\0",
        "%00",
        "' OR 1=1 --",
        "é",
        "e\u{301}",
        "handle",
        &longest,
    ];
    let sign = |subject: &str| one.pair(subject).0;
    let tokens: Vec<String> = names.iter().map(|name| sign(name)).collect();
    for (number, name) in names.iter().enumerate() {
        let by = json!({ "subject": name });
        assert_eq!(one.ask("/v1/revoke", &by).code(), "OK", "{name:?}");
        for sidecar in &sidecars {
            until("it is refused", || {
                sidecar.verdict(&tokens[number]) == "REVOKED"
            });
        }
        for spared in &tokens[number + 1..] {
            assert_eq!(other.verdict(spared), "OK", "{name:?} meant another");
        }
    }
    // A handle of that name is none of the subject.
    for name in names {
        let by = json!({ "handle": name });
        assert_eq!(one.ask("/v1/revoke", &by).code(), "OK", "{name:?}");
    }
    let bystander = sign("bystander");
    for member in ["subject", "handle"] {
        for long in ["x".repeat(513), "x".repeat(60_000), "\0".repeat(600)] {
            let by = json!({ member: long });
            let answer = one.ask("/v1/revoke", &by);
            assert_eq!(answer.code(), "VALIDATION_ERROR");
            assert!(!answer.text("message").contains("xxx"));
        }
    }
    assert_eq!(other.verdict(&bystander), "OK");
}
