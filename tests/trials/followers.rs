//! What one sidecar revokes, the one beside it refuses, and how soon.

use std::time::{Duration, Instant};

use crate::redis::Server;
use crate::sidecar::{Sidecar, in_file};

const REVOCATIONS: usize = 200;
const LIMIT: Duration = Duration::from_secs(1);

#[test]
fn beside_each_other_on_redis() {
    let server = Server::start(&[]);
    run("Redis", &format!("\"unix://{}\"", server.socket()));
}

#[test]
fn beside_each_other_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    run("SQLite", &in_file(&folder.path().join("state.db")));
}

fn run(store: &str, state: &str) {
    let (here, there) = (Sidecar::start(state, ""), Sidecar::start(state, ""));
    let mut data = there.data();
    let mut code = |token: &str| data.verify(token).expect("an answer").code().to_owned();
    let mut lags: Vec<Duration> = (0..REVOCATIONS)
        .map(|number| {
            let token = here.pair(&format!("user {number}")).0;
            assert_eq!(code(&token), "OK");
            assert_eq!(here.revoke(&token).code(), "OK");
            let answered = Instant::now();
            while code(&token) != "REVOKED" {
                assert!(answered.elapsed() < LIMIT, "not within {LIMIT:?}");
            }
            assert_eq!(here.verdict(&token), "REVOKED");
            answered.elapsed()
        })
        .collect();
    lags.sort_unstable();
    println!(
        "{store}: lag of {REVOCATIONS} revocations: median {:?}, p99 {:?}, longest {:?}",
        lags[REVOCATIONS / 2],
        lags[REVOCATIONS * 99 / 100],
        lags[REVOCATIONS - 1]
    );
}
