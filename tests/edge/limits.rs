//! Clients that are slow, silent, greedy or deaf.

use std::time::Duration;

use bearerd::clock::{Clock, SystemClock};

use crate::client::{Client, PATIENCE};
use crate::server::{Fixture, start, start_with};

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const RECEIVED: &str = "bearerd_received_bytes_total{plane=\"data\"}";
const OPEN: &str = "bearerd_connections_open{plane=\"data\"}";
const TIMED_OUT: &str = "bearerd_connections_timed_out_total{plane=\"data\"}";

/// Sends on to a server that has refused, and asserts that it is heard out. Closing at once would
/// reset the connection, and could take the refusal with it.
fn assert_heard_out(server: &Fixture, client: &mut Client) {
    client.assert_closed();
    let before = server.metric(RECEIVED);
    client.send(vec![b'x'; 50_000]);
    server.await_metric(RECEIVED, |bytes| bytes >= before + 50_000);
}

/// Lets the server's time pass until `done`, whatever the machine's load.
fn pass_time(server: &Fixture, done: impl Fn() -> bool) {
    let begun = SystemClock.monotonic();
    while !done() {
        assert!(SystemClock.monotonic() - begun < PATIENCE);
        server.clock.advance(Duration::from_secs(1));
        std::thread::yield_now();
    }
}

#[test]
fn a_head_over_its_limit_is_431() {
    let server = start_with(|server| server.limits.linger = PATIENCE);
    for head in [
        format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
            "x".repeat(64 * 1024)
        ),
        format!(
            "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "x".repeat(64 * 1024)
        ),
        format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
            "X: y\r\n".repeat(200)
        ),
    ] {
        let mut client = server.client();
        client.try_send(head);
        let answer = client.answer();
        assert_eq!(answer.status, 431);
        assert_heard_out(&server, &mut client);
    }
    let fits = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(30 * 1024)
    );
    assert_eq!(server.client().send(fits).answer().status, 200);
}

#[test]
fn a_body_over_its_limit_is_413() {
    let server = start_with(|server| {
        server.limits.body = 1_000;
        server.limits.linger = PATIENCE;
    });
    let mut announced = server.client();
    announced.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
    let answer = announced.answer();
    assert_eq!((answer.status, &*answer.code()), (413, "TOO_LARGE"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_heard_out(&server, &mut announced);

    let mut chunked = server.client();
    chunked.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..11 {
        chunked.try_send(format!("64\r\n{}\r\n", "x".repeat(100)));
    }
    assert_eq!(chunked.answer().code(), "TOO_LARGE");

    let fits = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{}",
        "x".repeat(1_000)
    );
    assert_eq!(server.client().send(fits).answer().status, 200);
}

#[test]
fn ten_megabytes_are_refused_in_time() {
    let server = start();
    let mut client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n");
    client.try_send(vec![b'x'; 10 << 20]);
    assert_eq!(client.answer().code(), "TOO_LARGE");
}

#[test]
fn all_bodies_together_have_a_limit() {
    let server = start_with(|server| server.limits.bodies = 1_500);
    let head = "POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";
    let request = format!("{head}{}", "x".repeat(1_000));
    let mut first = server.client();
    first.send(&request);
    server.echo.await_waiting(1);
    let mut second = server.client();
    assert_eq!(second.send(&request).answer().status, 503);
    second.assert_closed();
    server.echo.open_gate();
    assert_eq!(first.answer().status, 200);
    assert_eq!(server.client().send(&request).answer().status, 200);
}

#[test]
fn a_body_that_is_not_wanted_is_not_waited_for() {
    let server = start();
    let answer = server
        .client()
        .send("POST /nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
        .answer();
    assert_eq!(
        (answer.status, answer.json()["body"].clone()),
        (200, "".into())
    );
}

#[test]
fn a_slow_head_is_408_however_it_drips() {
    let server = start();
    let mut client = server.client();
    client.send("GET / HTTP/1.1\r\n");
    server.await_metric(RECEIVED, |bytes| bytes > 0);
    for _ in 0..9 {
        server.clock.advance(Duration::from_secs(1));
        let before = server.metric(RECEIVED);
        client.send("X: y\r\n");
        server.await_metric(RECEIVED, |bytes| bytes > before);
    }
    pass_time(&server, || server.metric(TIMED_OUT) == 1);
    assert_eq!(client.answer().status, 408);
    client.assert_closed();
    assert_eq!(server.metric(TIMED_OUT), 1);
    server.assert_serves();
}

#[test]
fn half_a_preface_is_a_slow_head() {
    let server = start();
    let mut client = server.client();
    client.send("PRI * HTTP/2.0\r\n\r\n");
    server.await_metric(RECEIVED, |bytes| bytes > 0);
    pass_time(&server, || server.metric(TIMED_OUT) == 1);
    assert_eq!(client.answer().status, 408);
    client.assert_closed();
}

#[test]
fn a_slow_body_is_408() {
    let server = start_with(|server| server.limits.body_timeout = Duration::from_millis(50));
    let mut client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx");
    assert_eq!(client.answer().status, 408);
    client.assert_closed();
    server.assert_serves();
}

#[test]
fn an_idle_connection_is_closed() {
    let server = start();
    let mut fresh = server.client();
    let mut used = server.client();
    assert_eq!(used.send(GET).answer().status, 200);
    server.await_metric(OPEN, |open| open == 2);
    pass_time(&server, || server.metric(OPEN) == 0);
    fresh.assert_closed();
    used.assert_closed();
}

#[test]
fn a_client_that_does_not_read_is_cut() {
    // Not for being idle.
    let server = start_with(|server| server.limits.idle_timeout = Duration::from_secs(1 << 40));
    let mut deaf = server.client();
    deaf.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(8));
    server.await_metric("bearerd_sent_bytes_total{plane=\"data\"}", |bytes| {
        bytes > 0
    });
    server.assert_serves();
    pass_time(&server, || server.metric(TIMED_OUT) == 1);
    server.await_metric(OPEN, |open| open == 0);
}

#[test]
fn connections_are_capped_and_the_planes_apart() {
    let server = start_with(|server| server.limits.connections = 3);
    let mut clients: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        assert_eq!(client.send(GET).answer().status, 200);
    }
    let mut over = server.client();
    let answer = over.answer();
    assert_eq!(
        (answer.status, answer.header("connection")),
        (503, Some("close"))
    );
    over.assert_closed();
    assert_eq!(
        server.metric("bearerd_connections_refused_total{plane=\"data\"}"),
        1
    );

    let mut operator = Client::unix(&server.control_socket);
    assert_eq!(operator.send(GET).answer().status, 200);

    drop(clients.pop());
    server.await_metric(OPEN, |open| open == 2);
    server.assert_serves();
}

#[test]
fn ten_thousand_idle_connections_leave_room_for_others() {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = usize::try_from(files.unwrap_or(u64::MAX)).unwrap();
    // Both ends are in this process, beside what other tests have open.
    let count = (files.saturating_sub(2_000) / 2).min(10_000);
    assert!(
        count >= 100,
        "the limit of open files is too low to test this"
    );
    let server = start_with(|server| server.limits.connections = count + 1);
    let idle: Vec<_> = (0..count).map(|_| server.client()).collect();
    server.await_metric(OPEN, |open| open == count as u64);
    for _ in 0..100 {
        server.await_metric(OPEN, |open| open == count as u64);
        server.assert_serves();
    }
    drop(idle);
    server.await_metric(OPEN, |open| open == 0);
}
