//! Where the server listens, and where it refuses to.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use bearerd::sidecar::{Address, Listen, Plane, Server};

use crate::client::Client;
use crate::server::{Echo, start, tcp, unix};

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Starts a server that is expected not to.
fn refusal(listens: Vec<Listen>) -> String {
    match Server::new(listens, Arc::new(Echo::default())).start() {
        Err(fault) => fault.to_string(),
        Ok(running) => {
            running.drain().cut();
            panic!("started on {:?}", running.addresses());
        }
    }
}

fn served(listens: Vec<Listen>, check: impl FnOnce(&[Address])) {
    let running = Server::new(listens, Arc::new(Echo::default()))
        .start()
        .unwrap();
    check(running.addresses());
    running.drain().cut();
    assert_eq!(running.wait().unwrap().cut, 0);
}

#[test]
fn sockets_have_their_bits() {
    let server = start();
    let bits = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(bits(&server.data_socket), 0o666);
    assert_eq!(bits(&server.control_socket), 0o600);
}

#[test]
fn a_control_socket_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    for mode in [0o666, 0o660, 0o640, 0o601] {
        let refused = refusal(vec![unix(
            Plane::Control,
            &directory.path().join("s"),
            mode,
        )]);
        assert!(refused.contains("open to others"), "{refused}");
    }
}

#[test]
fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data.sock");
    drop(UnixListener::bind(&path).unwrap());
    served(vec![unix(Plane::Data, &path, 0o660)], |_| {
        let refused = refusal(vec![unix(Plane::Data, &path, 0o660)]);
        assert!(refused.contains("another process serves it"), "{refused}");
        assert_eq!(Client::unix(&path).send(GET).answer().status, 200);
    });
}

#[test]
fn links_and_files_in_its_place_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    fs::write(&target, "precious").unwrap();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for path in [&target, &link] {
        let refused = refusal(vec![unix(Plane::Data, path, 0o660)]);
        assert!(refused.contains("is in its place"), "{refused}");
        assert!(refused.contains(path.to_str().unwrap()), "{refused}");
    }
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
}

#[test]
fn others_reach_it_only_if_that_is_meant() {
    let anywhere = |allow_non_loopback| Listen {
        plane: Plane::Data,
        address: Address::Tcp(SocketAddr::from(([0, 0, 0, 0], 0))),
        allow_non_loopback,
    };
    let refused = refusal(vec![anywhere(false)]);
    assert!(refused.contains("allow_non_loopback"), "{refused}");
    served(vec![anywhere(true)], |addresses| {
        let Address::Tcp(address) = addresses[0] else {
            unreachable!()
        };
        let local = SocketAddr::from(([127, 0, 0, 1], address.port()));
        assert_eq!(Client::tcp(local).send(GET).answer().status, 200);
    });
}

#[test]
fn a_control_plane_over_tcp_needs_a_token() {
    let refused = refusal(vec![tcp(Plane::Control)]);
    assert!(refused.contains("has no token"), "{refused}");
}

#[test]
fn a_port_in_use_is_refused_whatever_the_number_of_cores() {
    let taken = start();
    for cores in [1, 2] {
        let listen = Listen {
            address: Address::Tcp(taken.data),
            ..tcp(Plane::Data)
        };
        let mut server = Server::new(vec![listen], Arc::new(Echo::default()));
        server.cores = cores;
        let refused = server.start().unwrap_err();
        assert!(
            refused.to_string().contains("another process serves it"),
            "{refused}"
        );
    }
    let shared = crate::server::start_with(|server| server.cores = 2);
    for cores in [1, 2] {
        let listen = Listen {
            address: Address::Tcp(shared.data),
            ..tcp(Plane::Data)
        };
        let mut server = Server::new(vec![listen], Arc::new(Echo::default()));
        server.cores = cores;
        assert!(server.start().is_err(), "{cores}");
    }
}

#[test]
fn nothing_is_left_behind_when_one_listener_fails() {
    let directory = tempfile::tempdir().unwrap();
    let good = directory.path().join("good");
    let bad = directory.path().join("missing").join("bad");
    let refused = refusal(vec![
        unix(Plane::Data, &good, 0o660),
        unix(Plane::Data, &bad, 0o660),
    ]);
    assert!(refused.contains("bad"), "{refused}");
    assert!(!good.exists());
}

#[test]
fn settings_that_cannot_be_are_named() {
    assert!(refusal(vec![]).contains("nowhere to listen"));
    let mut server = Server::new(vec![tcp(Plane::Data)], Arc::new(Echo::default()));
    server.cores = 0;
    assert!(server.start().unwrap_err().to_string().contains("cores"));
    let mut server = Server::new(vec![tcp(Plane::Data)], Arc::new(Echo::default()));
    server.limits.head = 100;
    assert!(server.start().unwrap_err().to_string().contains("head"));
}
