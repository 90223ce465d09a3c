//! Requests that two readers could cut in two ways, and the ordinary ones beside them.

use crate::server::{Fixture, start};

fn refused(server: &Fixture, request: impl AsRef<[u8]>) {
    let shown = String::from_utf8_lossy(request.as_ref()).into_owned();
    let mut client = server.client();
    let answer = client.send(request.as_ref()).try_answer();
    let Some(answer) = answer else {
        panic!("no answer to {shown:?}")
    };
    assert_eq!(answer.status, 400, "{shown:?}");
    assert_eq!(answer.header("connection"), Some("close"), "{shown:?}");
    client.assert_closed();
}

#[test]
fn smuggled_lengths_are_refused_and_the_connection_closed() {
    let server = start();
    const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: chunked\r\nX: y\r\ncontent-length: 4",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: 4\r\nContent-Length: 4",
        "Content-Length: 4, 4",
        "Content-Length: +4",
        "Content-Length: -4",
        "Content-Length: 0x4",
        "Content-Length: 4 4",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Content-Length : 4",
        " Content-Length: 4",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\r\n\tfolded",
        "X: a\0b",
        "X: a\rb",
        "X: a\x0bb\x01",
        "X\0: a",
        "X Y: a",
        ": a",
        "no colon",
    ] {
        refused(
            &server,
            format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n0\r\n\r\n{SMUGGLED}"),
        );
    }
    server.assert_serves();
}

#[test]
fn transfer_encoding_is_unknown_to_http_1_0() {
    let server = start();
    refused(
        &server,
        "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
}

#[test]
fn broken_chunks_are_refused_and_the_connection_closed() {
    let server = start();
    for chunks in [
        "zz\r\n",
        "-1\r\n",
        "4\r\nabcdefgh\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "0x4\r\nabcd\r\n0\r\n\r\n",
    ] {
        refused(
            &server,
            format!(
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
            ),
        );
    }
}

#[test]
fn targets_that_are_not_paths_are_refused_and_the_connection_closed() {
    let server = start();
    for line in [
        "GET http://localhost/ HTTP/1.1",
        "GET http://evil.example/ HTTP/1.1",
        "GET https://localhost/ HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "GET * HTTP/1.1",
        "CONNECT localhost:80 HTTP/1.1",
        "GET localhost HTTP/1.1",
        "GET / HTTP/2.0",
        "GET / HTTP/3.0",
        "GET /\x01 HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET / / HTTP/1.1",
        "G\0T / HTTP/1.1",
        "\u{feff}GET / HTTP/1.1",
    ] {
        refused(&server, format!("{line}\r\nHost: localhost\r\n\r\n"));
    }
}

#[test]
fn honest_bodies_are_read() {
    let server = start();
    let mut client = server.client();
    for _ in 0..2 {
        let answer = client
            .send("POST /a?b=c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
            .answer();
        let body = answer.json();
        assert_eq!((answer.status, &body["body"]), (200, &"hello".into()));
        assert_eq!(
            (&body["path"], &body["query"]),
            (&"/a".into(), &"b=c".into())
        );
        let chunked = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\nhel\r\n2;extension=1\r\nlo\r\n0\r\nTrailer: x\r\n\r\n";
        let answer = client.send(chunked).answer();
        assert_eq!(
            (answer.status, answer.json()["body"].clone()),
            (200, "hello".into())
        );
    }
    let expecting = client
        .send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .answer();
    assert_eq!(expecting.status, 100);
    assert_eq!(client.send("ok").answer().json()["body"], "ok");
}

#[test]
fn a_body_cut_short_is_refused() {
    let server = start();
    let mut client = server.client();
    let answer = client
        .send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nshort")
        .end_writing()
        .answer();
    assert_eq!(answer.status, 400);
    client.assert_closed();
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = start();
    for size in [16, 100] {
        let mut client = server.client();
        let mut requests = String::new();
        for number in 0..size {
            if number % 2 == 0 {
                requests += &format!("GET /{number} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            } else {
                requests += &format!(
                    "POST /{number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}"
                );
            }
        }
        client.send(requests);
        for number in 0..size {
            let answer = client.answer();
            assert_eq!(answer.json()["path"], format!("/{number}"));
        }
    }
}

#[test]
fn an_answer_does_not_wait_for_the_next_request() {
    let server = start();
    let mut client = server.client();
    client.send("GET /one HTTP/1.1\r\nHost: localhost\r\n\r\nGET /two HTTP/1.1\r\n");
    assert_eq!(client.answer().json()["path"], "/one");
    client.send("Host: localhost\r\n\r\nnot HTTP\r\n\r\n");
    assert_eq!(client.answer().json()["path"], "/two");
    assert_eq!(client.answer().status, 400);
    client.assert_closed();
}

#[test]
fn an_upgrade_is_not_taken_up() {
    let server = start();
    for connection in ["upgrade", "upgrade, close"] {
        let mut client = server.client();
        let answer = client
            .send(format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: {connection}\r\n\r\n"
            ))
            .answer();
        assert_eq!((answer.status, answer.header("upgrade")), (200, None));
    }
}

#[test]
fn a_half_closed_client_is_answered() {
    let server = start();
    let mut client = server.client();
    client
        .send("GET /one HTTP/1.1\r\nHost: localhost\r\n\r\nGET /two HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .end_writing();
    assert_eq!(client.answer().json()["path"], "/one");
    assert_eq!(client.answer().json()["path"], "/two");
    client.assert_closed();
}

#[test]
fn http_1_0_closes_unless_asked_to_stay() {
    let server = start();
    let mut client = server.client();
    let stay = "GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(client.send(stay).answer().status, 200);
    let close = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
    assert_eq!(client.send(close).answer().status, 200);
    client.assert_closed();
}
