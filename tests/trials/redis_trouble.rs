//! Redis stopped, paused, refusing and emptied, under load: row R6.

use std::fs;

use rustix::process::Signal;
use serde_json::json;

use crate::load::{Load, under_load};
use crate::redis::Server;
use crate::sidecar::{Sidecar, until};

/// Two sidecars on one server: one that refuses while it knows too little, one that accepts.
struct World {
    closed: Sidecar,
    open: Sidecar,
    live: String,
}

fn state(server: &Server) -> String {
    format!(
        "{{ store = \"unix://{}\", staleness = \"1s\" }}",
        server.socket()
    )
}

fn world(server: &Server) -> World {
    let closed = Sidecar::start(&state(server), "rotation = {}");
    let open = Sidecar::start(&state(server), "rotation = {}\nwhen_stale = \"accept\"");
    for sidecar in [&closed, &open] {
        until("ready", || sidecar.is_ready());
    }
    let live = closed.pair("live").0;
    World { closed, open, live }
}

impl World {
    /// Under load, with a token that both refuse: one of them revoked it.
    fn under_load(&self, trouble: impl FnOnce(&Load<'_>)) {
        let revoked = self.closed.pair("revoked").0;
        assert_eq!(self.closed.revoke(&revoked).code(), "OK");
        until("known to both", || self.open.verdict(&revoked) == "REVOKED");
        under_load(&[&self.closed, &self.open], |load| {
            load.refuses(0, &revoked);
            load.refuses(1, &revoked);
            until("it is under load", || {
                (0..2).all(|number| load.answered_revocations(number) > 3)
            });
            self.is_well();
            trouble(load);
            self.is_well();
        });
    }

    fn is_well(&self) {
        for sidecar in [&self.closed, &self.open] {
            until("it accepts again", || sidecar.verdict(&self.live) == "OK");
            until("it is ready", || {
                let ready = sidecar.ready();
                ready.body == json!({"ready": true, "missing": []})
            });
            until("it revokes again", || {
                let token = sidecar.pair("another").0;
                sidecar.revoke(&token).code() == "OK"
            });
        }
    }

    /// Each says what it was configured to say, and `/readyz` tells.
    fn is_cut_off(&self) {
        let unknown = json!(["revocations of profile main"]);
        until("it is refused", || {
            self.closed.verdict(&self.live) == "STORE_UNAVAILABLE"
        });
        let ready = self.closed.ready();
        assert_eq!(
            (ready.status, ready.body),
            (503, json!({"ready": false, "missing": unknown}))
        );
        assert_eq!(self.open.verdict(&self.live), "OK");
        until("it tells", || self.open.ready().body["stale"] == unknown);
        assert!(self.open.is_ready());
        for sidecar in [&self.closed, &self.open] {
            let (access, refresh) = sidecar.pair("nobody");
            assert_eq!(sidecar.revoke(&access).code(), "STORE_UNAVAILABLE");
            assert_ne!(sidecar.rotate(&refresh).code(), "OK");
            if sidecar.verdict(&self.live) == "OK" {
                assert_eq!(sidecar.verdict(&access), "OK", "it was not revoked");
            }
        }
    }
}

#[test]
fn redis_is_killed_and_comes_back() {
    let mut server = Server::durable();
    let world = world(&server);
    world.under_load(|_| {
        server.kill();
        world.is_cut_off();
        server.restart();
    });
}

#[test]
fn redis_is_paused() {
    let server = Server::start(&[]);
    let world = world(&server);
    world.under_load(|_| {
        server.signal(Signal::STOP);
        world.is_cut_off();
        server.signal(Signal::CONT);
    });
}

#[test]
fn redis_refuses_every_key() {
    let server = Server::start(&[]);
    let world = world(&server);
    world.under_load(|_| {
        server.ask(&["ACL", "SETUSER", "default", "resetkeys"]);
        world.is_cut_off();
        server.ask(&["ACL", "SETUSER", "default", "~*"]);
    });
}

/// As with `MISCONF`: it reads and does not write. Who verifies needs no more.
#[test]
fn redis_takes_no_writes() {
    let server = Server::start(&[]);
    let world = world(&server);
    world.under_load(|_| {
        server.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
        for sidecar in [&world.closed, &world.open] {
            let (access, refresh) = sidecar.pair("nobody");
            until("it does not revoke", || {
                sidecar.revoke(&access).code() == "STORE_UNAVAILABLE"
            });
            assert_eq!(sidecar.rotate(&refresh).code(), "STORE_UNAVAILABLE");
        }
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        for sidecar in [&world.closed, &world.open] {
            assert_eq!(sidecar.verdict(&world.live), "OK");
            assert!(sidecar.ready().body.get("stale").is_none());
            assert!(sidecar.is_ready());
        }
        server.ask(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
    });
}

/// It lost everything. What a process knows it keeps, and says how much of it the server lacks.
#[test]
fn redis_comes_back_empty() {
    let mut server = Server::durable();
    let world = world(&server);
    world.under_load(|load| {
        server.kill();
        let known = [0, 1].map(|number| load.answered_revocations(number));
        fs::remove_dir_all(server.folder.path().join("appendonlydir")).unwrap();
        server.restart();
        says_what_is_missing(&world, known);
    });
}

/// The same without a word: the connections stay.
#[test]
fn redis_is_flushed() {
    let server = Server::start(&[]);
    let world = world(&server);
    world.under_load(|_| {
        server.ask(&["FLUSHALL"]);
        says_what_is_missing(&world, [1, 1]);
    });
}

fn says_what_is_missing(world: &World, at_least: [usize; 2]) {
    for (sidecar, at_least) in [&world.closed, &world.open].into_iter().zip(at_least) {
        until("it has noticed", || {
            sidecar.log().contains("the store lacks")
        });
        let missing = sidecar.metric("bearerd_state_revocations_missing{}");
        let at_least = f64::from(u32::try_from(at_least).unwrap());
        assert!(missing >= at_least, "{missing} of {at_least}");
    }
}
