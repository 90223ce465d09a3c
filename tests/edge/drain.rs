//! The way out: what was begun is finished, what is idle is closed, what does not end is cut.

use std::net::TcpStream;
use std::time::Duration;

use bearerd::sidecar::{CaughtSignals, Report};

use crate::client::Client;
use crate::server::{start, start_with};

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const RECEIVED: &str = "bearerd_received_bytes_total{plane=\"data\"}";

fn cut(report: Report) -> usize {
    report.cut
}

#[test]
fn requests_under_way_finish_and_idle_connections_close() {
    let server = start();
    let address = server.data;
    let mut idle = server.client();
    assert_eq!(idle.send(GET).answer().status, 200);
    let mut waiting = server.client();
    waiting.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    server.echo.await_waiting(1);
    let mut sending = server.client();
    sending.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(sending.answer().status, 100);
    let mut begun = server.client();
    assert_eq!(begun.send(GET).answer().status, 200);
    let before = server.metric(RECEIVED);
    begun.send("GET /begun HTTP/1.1\r\n");
    server.await_metric(RECEIVED, |bytes| bytes > before);

    assert!(server.readiness.is_ready());
    server.drain.begin();
    idle.assert_closed();
    assert_eq!(server.readiness.reasons(), ["draining"]);
    assert!(TcpStream::connect(address).is_err());

    let sent = sending.send("ok").answer();
    assert_eq!(
        (sent.status, sent.header("connection")),
        (200, Some("close"))
    );
    sending.assert_closed();
    let finished = begun.send("Host: localhost\r\n\r\n").answer();
    assert_eq!(finished.json()["path"], "/begun");
    begun.assert_closed();
    server.echo.open_gate();
    let waited = waiting.answer();
    assert_eq!(
        (waited.status, waited.header("connection")),
        (200, Some("close"))
    );
    waiting.assert_closed();
    assert_eq!(cut(server.wait()), 0);
}

#[test]
fn what_stood_in_line_is_served() {
    for round in 0..20 {
        let server = start();
        let mut clients: Vec<_> = (0..20).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send(GET);
        }
        server.drain.begin();
        for client in &mut clients {
            assert_eq!(client.answer().status, 200, "round {round}");
        }
        assert_eq!(cut(server.wait()), 0);
    }
}

#[test]
fn the_deadline_cuts_and_says_how_many() {
    let server = start_with(|server| server.limits.drain = Duration::from_millis(100));
    let mut clients: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    server.echo.await_waiting(3);
    server.drain.begin();
    for client in &mut clients {
        client.assert_closed();
    }
    let echo = std::sync::Arc::clone(&server.echo);
    assert_eq!(cut(server.wait()), 3);
    echo.open_gate();
}

#[test]
fn a_second_order_cuts_at_once() {
    let server = start_with(|server| server.limits.drain = Duration::from_secs(3_600));
    let mut client = server.client();
    client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    server.echo.await_waiting(1);
    server.drain.begin();
    server.drain.cut();
    client.assert_closed();
    let echo = std::sync::Arc::clone(&server.echo);
    assert_eq!(cut(server.wait()), 1);
    echo.open_gate();
}

#[test]
fn sockets_are_gone_afterwards() {
    let server = start_with(|server| server.cores = 2);
    let path = server.data_socket.clone();
    assert_eq!(Client::unix(&path).send(GET).answer().status, 200);
    server.drain.begin();
    assert_eq!(cut(server.wait()), 0);
    assert!(!path.exists());
}

#[test]
fn signals_reload_and_drain() {
    let server = start();
    let (reloaded, reloads) = std::sync::mpsc::channel();
    let signals = CaughtSignals::new()
        .unwrap()
        .listen(server.drain.clone(), move || reloaded.send(()).unwrap())
        .unwrap();
    let myself = rustix::process::getpid();
    rustix::process::kill_process(myself, rustix::process::Signal::HUP).unwrap();
    reloads.recv_timeout(crate::client::PATIENCE).unwrap();
    server.assert_serves();
    rustix::process::kill_process(myself, rustix::process::Signal::TERM).unwrap();
    assert_eq!(cut(server.wait()), 0);
    drop(signals);
}
