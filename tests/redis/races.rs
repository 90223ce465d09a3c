use std::sync::Barrier;

use bearerd::state::{Spend, SpentHandles};
use bearerd::store::Swap;

use super::*;

const RACERS: usize = 8;

/// Row R3: eight, each with connections of its own, rotate one handle at once, 200 times.
#[test]
fn one_of_eight_is_first_and_the_others_get_its_reply() {
    const ROUNDS: usize = 200;
    let server = Server::start(&[]);
    let barrier = Barrier::new(RACERS);
    let said: Vec<Vec<Option<String>>> = thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS)
            .map(|racer| {
                let (server, barrier) = (&server, &barrier);
                scope.spawn(move || {
                    let store = Arc::new(server.store(clock()));
                    let spent = SpentHandles::new(store, "web", clock());
                    let (until, grace) = (START.plus(LONG * 9), LONG);
                    (0..ROUNDS)
                        .map(|round| {
                            let (handle, mine) = (round.to_string(), format!("{round} of {racer}"));
                            barrier.wait();
                            let spend =
                                spent.spend(handle.as_bytes(), mine.as_bytes(), until, grace);
                            match spend.unwrap() {
                                Spend::First => None,
                                Spend::Again(reply) => {
                                    Some(String::from_utf8(reply.expose().to_vec()).unwrap())
                                }
                                Spend::Reused => Some("REUSED".to_owned()),
                            }
                        })
                        .collect()
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    for round in 0..ROUNDS {
        let firsts: Vec<usize> = (0..RACERS)
            .filter(|racer| said[*racer][round].is_none())
            .collect();
        let [first] = firsts[..] else {
            panic!("{} firsts in round {round}", firsts.len())
        };
        let reply = format!("{round} of {first}");
        assert!(
            said.iter()
                .flat_map(|said| &said[round])
                .all(|said| *said == reply)
        );
    }
}

/// More callers than connections: they take turns.
#[test]
fn a_few_connections_serve_many() {
    let server = Server::start(&[]);
    let mut config = server.config();
    config.connections = 2;
    let store = RedisStore::open(config, clock()).unwrap();
    put(&store, "counter");
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let mut entry = store.get(&key("counter")).unwrap().unwrap();
                    while let Swap::Lost(seen) = store
                        .compare_and_swap(&key("counter"), entry.version, b"v", UnixMillis::MAX)
                        .unwrap()
                    {
                        entry = seen.unwrap();
                    }
                }
            });
        }
    });
    let clients = server.ask(&["CLIENT", "LIST"]);
    let clients = format!("{clients:?}").matches("id=").count();
    assert!(clients <= 3, "{clients} connections, one of them asks");
}

/// A follower that waits keeps nobody from writing, with one connection for all writes.
#[test]
fn no_write_waits_for_a_follower() {
    let server = Server::start(&[]);
    let mut config = server.config();
    config.connections = 1;
    config.timeout = Duration::from_secs(2);
    let store = RedisStore::open(config, clock()).unwrap();
    let cursor = begin(&store);
    thread::scope(|scope| {
        let followers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| store.changes(Some(cursor), LONG)))
            .collect();
        eventually("followers wait", || {
            format!("{:?}", server.ask(&["CLIENT", "LIST"]))
                .matches("cmd=xread")
                .count()
                == 4
        });
        put(&store, "now");
        for follower in followers {
            let told = follower.join().unwrap().unwrap();
            assert_eq!(told.items.len(), 1);
        }
    });
}
