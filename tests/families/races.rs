use std::path::Path;

use bearerd::clock::SystemClock;

use super::other::Part;
use super::server::Server;
use super::*;

/// A grace that no busy machine reaches.
pub(crate) const LINES: &str =
    "rotation = { grace = \"10m\", family_lifetime = \"30d\", idle = \"7d\" }";
const PROCESSES: usize = 8;
const ROUNDS: usize = 200;

/// Row R3: eight processes rotate one token at once, again and again: each round every one of them
/// gives out the same successor, which is then the next to be rotated.
fn one_successor_a_round(place: &str) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let profiles = try_build(&configuration(place, LINES), &clock).unwrap();
    let api = profiles.get(None).unwrap();
    let mut refresh = api.sign_pair(&ada(), None).unwrap().refresh.token;
    let mut parts: Vec<Part> = (0..PROCESSES)
        .map(|_| Part::play("rotate", Path::new(place), ""))
        .collect();
    for part in &mut parts {
        assert_eq!(part.hear().as_deref(), Some("ready"));
    }
    for round in 0..ROUNDS {
        let at = clock.monotonic().as_millis() + 20;
        for part in &mut parts {
            part.tell(&format!("{refresh} {at}"));
        }
        let said: Vec<String> = parts.iter_mut().map(|part| part.hear().unwrap()).collect();
        assert!(
            said.iter().all(|each| *each == said[0]),
            "round {round}: {:?}",
            said.iter().map(String::len).collect::<Vec<_>>()
        );
        assert!(said[0].contains('.'), "round {round}: {}", said[0]);
        assert_ne!(said[0], refresh);
        refresh.clone_from(&said[0]);
    }
    assert!(api.rotate(&refresh, &ClaimChange::default(), None).is_ok());
}

#[test]
fn r3_one_successor_of_eight_processes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    one_successor_a_round(&format!("sqlite:{}", file.display()));
}

#[test]
fn r3_one_successor_of_eight_processes_on_redis() {
    let server = Server::start(&[]);
    one_successor_a_round(&format!("unix://{}", server.socket()));
}

/// In memory, where no other process comes to: eight threads.
#[test]
fn r3_one_successor_of_eight_threads_in_memory() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let profiles = try_build(&configuration("memory", LINES), &clock).unwrap();
    let api = profiles.get(None).unwrap();
    let mut refresh = api.sign_pair(&ada(), None).unwrap().refresh.token;
    for _ in 0..ROUNDS {
        let barrier = std::sync::Barrier::new(PROCESSES);
        let rotate = || {
            barrier.wait();
            let rotated = api.rotate(&refresh, &ClaimChange::default(), None);
            rotated.unwrap().refresh
        };
        let said: Vec<String> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(rotate)).collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        assert!(said.iter().all(|each| *each == said[0]));
        assert_ne!(said[0], refresh);
        refresh.clone_from(&said[0]);
    }
}
