//! Keys that change all the while, under load, on two sidecars.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bearerd::clock::{Clock, SystemClock};
use serde_json::json;

use crate::http::Client;
use crate::profiles::{kid_of, within};
use crate::sidecar::Served;
use crate::world::server::Server;

/// Rotations that are watched.
const ROTATIONS: usize = 3;
const SIGNERS: usize = 4;
/// A key signs for 3 s and is kept for 2 s more; tokens have no end of their own, so that their key
/// is all that ends them.
fn configuration(place: &str, algorithm: &str) -> String {
    format!(
        r#"
state = {{ store = "{place}", staleness = "60s" }}
[profiles.web]
algorithms = ["{algorithm}"]
expiration = "optional"
[profiles.web.sign]
access = "none"
refresh = "1s"
managed = {{ every = "3s", publish_ahead = "1500ms", keep = "2s", seal_env = "SEAL" }}
"#
    )
}

/// When each key stops verifying, in seconds rounded down, as far as anybody has heard.
#[derive(Default)]
struct Ends(Mutex<HashMap<String, i64>>);

impl Ends {
    fn read(&self, operator: &mut Client) {
        let keys = operator.get("/v1/keys", &[]).json();
        for key in keys["keys"].as_array().unwrap() {
            if let (Some(kid), Some(end)) = (key["kid"].as_str(), key["verifies_until"].as_i64()) {
                self.0.lock().unwrap().insert(kid.to_owned(), end);
            }
        }
    }

    fn of(&self, kid: &str) -> Option<i64> {
        self.0.lock().unwrap().get(kid).copied()
    }
}

fn now() -> i64 {
    Clock::now(&SystemClock).millis()
}

fn under_load(place: &str, algorithm: &str, folder: &Path) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let text = configuration(place, algorithm);
    let served = ["one", "two"].map(|name| Served::start(&text, folder, name, &clock));
    let ends = Ends::default();
    let (done, signed, ended) = (
        AtomicBool::new(false),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let wait = Duration::from_secs(60);
    within(wait, "both sign", || {
        let mut asked = served
            .iter()
            .map(|one| one.data().get("/readyz", &[]).status);
        asked.all(|status| status == 200)
    });
    let signer = |number: usize| {
        let mut operators = served.each_ref().map(Served::operator);
        let mut verifiers = served.each_ref().map(Served::data);
        // The first token of every key that was met, ended or not.
        let mut held: Vec<(String, String)> = Vec::new();
        let mut turn = number;
        while !done.load(Ordering::Relaxed) {
            turn += 1;
            let body = json!({"kind": "access", "claims": {"sub": "ada"}});
            let answer = operators[turn % 2].post("/v1/sign", &[], &body);
            assert_eq!(answer.status, 200, "{answer:?}");
            let token = answer.json()["access"].as_str().unwrap().to_owned();
            let kid = kid_of(&token);
            signed.fetch_add(1, Ordering::Relaxed);
            if held.iter().all(|(_, known)| *known != kid) {
                held.push((token.clone(), kid.clone()));
            }
            let fresh = (token, kid);
            for (token, kid) in [&fresh, &held[turn % held.len()]] {
                for verifier in &mut verifiers {
                    let before = now();
                    let answer = verifier.post("/v1/verify", &[], &json!({"token": token}));
                    let after = now();
                    let end = ends.of(kid).map(|end| end * 1_000);
                    if answer.status == 200 {
                        assert!(
                            end.is_none_or(|end| before < end + 1_000),
                            "{kid} was accepted at {before}, and ended at {end:?}"
                        );
                    } else {
                        assert_eq!(answer.said(), (401, "UNKNOWN_KEY".to_owned()));
                        assert!(
                            end.is_some_and(|end| after >= end),
                            "{kid} was refused at {after}, and ends at {end:?}"
                        );
                        ended.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut operators = served.each_ref().map(Served::operator);
            while !done.load(Ordering::Relaxed) {
                for operator in &mut operators {
                    ends.read(operator);
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let signers: Vec<_> = (0..SIGNERS)
            .map(|number| scope.spawn(move || signer(number)))
            .collect();
        within(wait, "keys rotate", || {
            ends.0.lock().unwrap().len() > ROTATIONS
                || signers.iter().any(thread::ScopedJoinHandle::is_finished)
        });
        done.store(true, Ordering::Relaxed);
    });
    let (signed, ended) = (signed.into_inner(), ended.into_inner());
    println!("{algorithm}: {signed} tokens were signed, {ended} looks at tokens that had ended");
    assert!(signed > 100 && ended > 100);
}

#[test]
fn k07_no_good_token_is_refused_and_no_retired_key_accepted_rs256() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("sqlite:{}", folder.path().join("state.db").display());
    under_load(&place, "RS256", folder.path());
}

#[test]
fn k07_no_good_token_is_refused_and_no_retired_key_accepted_hs256() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    under_load(
        &format!("unix://{}", server.socket()),
        "HS256",
        folder.path(),
    );
}
