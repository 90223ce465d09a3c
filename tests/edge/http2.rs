//! HTTP/2 with prior knowledge, through hyper's own client.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::client::PATIENCE;
use crate::server::{CONTROL_TOKEN, Fixture, start, start_with};

type Sender = SendRequest<Full<Bytes>>;

/// Runs a client; the connection is driven beside it.
fn with_client<F>(address: std::net::SocketAddr, client: impl FnOnce(Sender) -> F)
where
    F: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        let driven = tokio::spawn(connection);
        client(sender).await;
        driven.abort();
    });
}

fn request(uri: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(uri).body(Full::new(body.into())).unwrap()
}

async fn json(response: hyper::Response<hyper::body::Incoming>) -> serde_json::Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

fn data(server: &Fixture, path: &str) -> String {
    format!("http://127.0.0.1:{}{path}", server.data.port())
}

#[test]
fn many_streams_share_a_connection() {
    let server = start();
    with_client(server.data, |sender| {
        let server = &server;
        async move {
            let mut asked = Vec::new();
            for number in 0..50 {
                let mut sender = sender.clone();
                let request = request(&data(server, &format!("/{number}?q")), "hello");
                asked.push(tokio::spawn(
                    async move { sender.send_request(request).await },
                ));
            }
            for (number, asked) in asked.into_iter().enumerate() {
                let response = asked.await.unwrap().unwrap();
                assert_eq!(response.status(), StatusCode::OK);
                let body = json(response).await;
                assert_eq!(body["path"], format!("/{number}"));
                assert_eq!(
                    (&body["query"], &body["body"]),
                    (&"q".into(), &"hello".into())
                );
            }
        }
    });
    assert_eq!(
        server.metric("bearerd_connections_total{plane=\"data\"}"),
        1
    );
}

#[test]
fn the_gate_is_the_same() {
    let server = start_with(|server| server.limits.body = 100);
    with_client(server.data, |mut sender| {
        let server = &server;
        async move {
            let foreign = request("http://evil.example/", "");
            let response = sender.send_request(foreign).await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            assert_eq!(json(response).await["code"], "HOST_REFUSED");

            let mut two = request(&data(server, "/"), "");
            two.headers_mut()
                .insert("host", "evil.example".parse().unwrap());
            let response = sender.send_request(two).await.unwrap();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);

            let large = request(&data(server, "/"), vec![b'x'; 101]);
            let response = sender.send_request(large).await.unwrap();
            assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);

            let fine = request(&data(server, "/"), vec![b'x'; 100]);
            let response = sender.send_request(fine).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    });
}

#[test]
fn the_control_plane_wants_its_token() {
    let server = start();
    with_client(server.control, |mut sender| {
        let uri = format!("http://localhost:{}/", server.control.port());
        async move {
            let with_json = || {
                let mut request = request(&uri, "{}");
                let headers = request.headers_mut();
                headers.insert("content-type", "application/json".parse().unwrap());
                request
            };
            let response = sender.send_request(with_json()).await.unwrap();
            assert_eq!(json(response).await["code"], "UNAUTHORIZED");
            let mut authorized = with_json();
            let token = format!("Bearer {CONTROL_TOKEN}").parse().unwrap();
            authorized.headers_mut().insert("authorization", token);
            let response = sender.send_request(authorized).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    });
}

#[test]
fn a_stream_under_way_survives_the_drain() {
    let server = start();
    with_client(server.data, |mut sender| {
        let server = &server;
        async move {
            let waiting = sender.send_request(request(&data(server, "/wait"), "x"));
            let waiting = tokio::spawn(waiting);
            let echo = std::sync::Arc::clone(&server.echo);
            tokio::task::spawn_blocking(move || echo.await_waiting(1))
                .await
                .unwrap();
            server.drain.begin();
            server.echo.open_gate();
            let response = waiting.await.unwrap().unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(json(response).await["body"], "x");
        }
    });
    assert_eq!(server.wait().cut, 0);
}

#[test]
fn an_idle_connection_is_closed() {
    let server = start();
    with_client(server.data, |mut sender| {
        let server = &server;
        async move {
            let response = sender.send_request(request(&data(server, "/"), "")).await;
            assert_eq!(response.unwrap().status(), StatusCode::OK);
            let closed = async {
                while sender.ready().await.is_ok() {
                    server.clock.advance(std::time::Duration::from_secs(1));
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(PATIENCE, closed).await.unwrap();
        }
    });
    server.await_metric("bearerd_connections_open{plane=\"data\"}", |open| open == 0);
}
