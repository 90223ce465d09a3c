//! Whatever is sent: no 5xx, and the next client is served.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::client::Client;
use crate::server::{CONTROL_TOKEN, Fixture, start_with};

static SERVER: LazyLock<Fixture> = LazyLock::new(|| {
    start_with(|server| {
        let moment = std::time::Duration::from_millis(50);
        server.limits.linger = moment;
        server.limits.body_timeout = moment;
    })
});

fn assert_harmless(mut client: Client, sent: &[u8]) {
    if client.try_send(sent) {
        client.end_writing();
    }
    let received = client.rest();
    for line in received.split(|byte| *byte == b'\n') {
        if let Some(status) = line.strip_prefix(b"HTTP/1.") {
            assert_ne!(status.get(2), Some(&b'5'), "{sent:?}");
        }
    }
    SERVER.assert_serves();
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let line = "(GET|POST|OPTIONS|DELETE|PUT|BREW) /[ -~]{0,30} HTTP/1\\.[01]";
    let header = "(Host: localhost|Content-Length: [0-9]{1,3}|Transfer-Encoding: chunked|\
        Expect: 100-continue|Connection: (close|keep-alive|upgrade)|Upgrade: h2c|Origin: null|\
        Content-Type: application/json|Authorization: Bearer [!-~]{0,20}|[!-~]{1,10}: [ -~]{0,30})";
    let body = prop::collection::vec(any::<u8>(), 0..100);
    (line, prop::collection::vec(header, 0..8), body).prop_map(|(line, headers, body)| {
        let mut bytes = format!("{line}\r\nHost: localhost\r\n").into_bytes();
        for header in headers {
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        bytes
    })
}

/// A few bytes replaced, or the whole cut short.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let wounds = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (
        request(),
        wounds,
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(mut bytes, wounds, end, cut)| {
            for (at, byte) in wounds {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_is_harmless(sent in prop::collection::vec(any::<u8>(), 0..2_000)) {
        assert_harmless(SERVER.client(), &sent);
    }

    #[test]
    fn noise_over_http2_is_harmless(noise in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let sent = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", &noise[..]].concat();
        assert_harmless(SERVER.client(), &sent);
    }

    #[test]
    fn damaged_requests_are_harmless(sent in damaged()) {
        assert_harmless(SERVER.client(), &sent);
    }

    #[test]
    fn damaged_requests_are_harmless_on_the_control_plane(sent in damaged()) {
        let mut client = Client::tcp(SERVER.control);
        let first = format!("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {CONTROL_TOKEN}\r\n\r\n");
        client.send(first);
        assert_harmless(client, &sent);
    }
}
