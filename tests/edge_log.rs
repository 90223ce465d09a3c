//! What the edge logs at its most talkative holds nothing that a client may have put a secret in.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use bearerd::sidecar::{Address, Listen, Plane, Reply, Request, Server, Service, answer};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};

const SECRET: &str = "s3cr3t";

/// Refuses everything, so that everything is logged.
struct Refuse;

impl Service for Refuse {
    fn call(&self, _request: &Request<'_>) -> Reply {
        Reply::Now(answer::error(bearerd::error::Code::StoreUnavailable))
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn over_http1(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /{SECRET}?{SECRET}={SECRET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {SECRET}\r\nCookie: sid={SECRET}\r\nX-{SECRET}: {SECRET}\r\n\
         Content-Length: 6\r\n\r\n{SECRET}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"));
    assert!(!answer.contains(SECRET));
}

fn over_http2(address: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let executor = TokioExecutor::new();
        // The client logs what it sends: this side is not under test.
        let quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
        let handshake = hyper::client::conn::http2::handshake(executor, TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let request = hyper::Request::post(format!("http://{address}/{SECRET}?{SECRET}"))
            .header("authorization", format!("Bearer {SECRET}"))
            .body(Full::new(Bytes::from(SECRET)))
            .unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), 503);
        drop(quiet);
    });
}

#[test]
fn nothing_a_client_sent_is_logged() {
    let log = Buffer::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let listen = Listen {
        plane: Plane::Data,
        address: Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 0))),
        allow_non_loopback: false,
    };
    let running = Server::new(vec![listen], Arc::new(Refuse)).start().unwrap();
    let Address::Tcp(address) = running.addresses()[0] else {
        unreachable!()
    };
    over_http1(address);
    over_http2(address);
    running.drain().begin();
    assert_eq!(running.wait().unwrap().cut, 0);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = log.lines().filter(|line| line.contains("status=503"));
    assert_eq!(lines.count(), 2);
    let leaks: Vec<_> = log.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
