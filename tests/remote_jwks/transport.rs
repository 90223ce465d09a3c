//! What the client refuses, and that every refusal is bounded and named.

use std::time::Duration;

use bearerd::keys::remote::{Fetch, FetchError, Fetched, HttpFetch, RemoteConfig};

use crate::server::{Answer, Authority, Server};
use crate::world::jwks;

fn fetch(config: &RemoteConfig) -> Result<Fetched, FetchError> {
    HttpFetch::new(config).unwrap().fetch(None)
}

fn refused(server: &Server, answer: Answer) -> FetchError {
    server.answer(answer);
    fetch(&RemoteConfig::new(server.url())).unwrap_err()
}

fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes()
}

#[test]
fn a_document_over_the_limit_is_refused() {
    let server = Server::start(None);
    for answer in [
        Answer::ok(&" ".repeat(10_000_000)),
        Answer::Endless(head("content-length: 10000000\r\n")),
        Answer::Endless(head("connection: close\r\n")),
        Answer::ok(&" ".repeat(512 * 1024 + 1)),
    ] {
        let error = refused(&server, answer);
        assert!(
            matches!(error, FetchError::TooLarge { limit: 524_288, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("max_bytes"));
    }
    server.answer(Answer::ok(&" ".repeat(512 * 1024)));
    let whole = fetch(&RemoteConfig::new(server.url())).unwrap();
    assert!(matches!(whole, Fetched::Document { body, .. } if body.len() == 512 * 1024));
}

#[test]
fn a_header_section_without_end_is_refused() {
    let server = Server::start(None);
    let error = refused(&server, Answer::Endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec()));
    assert!(matches!(error, FetchError::Exchange { .. }), "{error:?}");
}

#[test]
fn a_slow_answer_meets_the_timeout_wherever_it_dawdles() {
    let server = Server::start(None);
    for answer in [
        Answer::Silence,
        Answer::Drip(b"HTTP/1.1 200 O".to_vec()),
        Answer::Drip(b"HTTP/1.1 200 OK\r\nx-slow:".to_vec()),
        Answer::Drip(head("content-length: 100000\r\n")),
        Answer::Drip(head("connection: close\r\n")),
        Answer::Drip(
            head("transfer-encoding: chunked\r\n")[..]
                .iter()
                .copied()
                .chain(*b"ffff\r\n")
                .collect(),
        ),
        Answer::Drip(
            b"HTTP/1.1 302 Found\r\nlocation: /jwks\r\ncontent-length: 100000\r\n\r\n".to_vec(),
        ),
    ] {
        server.answer(answer);
        let config = RemoteConfig {
            timeout: Duration::from_millis(300),
            ..RemoteConfig::new(server.url())
        };
        let error = fetch(&config).unwrap_err();
        assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
    }
}

#[test]
fn redirects_stay_on_the_host_and_are_few() {
    let elsewhere = Server::start(None);
    elsewhere.answer(Answer::ok(&jwks(&["evil"])));
    let server = Server::start(None);
    let port = elsewhere.address.port();
    for target in [
        format!("http://localhost:{port}/jwks"),
        format!("http://127.0.0.2:{port}/jwks?secret=1"),
        format!("//localhost:{port}/jwks"),
        format!("http://127.0.0.1@localhost:{port}/jwks"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let error = refused(&server, Answer::redirect(&target));
        assert!(
            matches!(error, FetchError::RedirectRefused { .. }),
            "{target}: {error:?}"
        );
        assert!(!error.to_string().contains("secret"));
    }
    let error = refused(
        &server,
        Answer::redirect(&format!("http://localhost:{port}/jwks")),
    );
    assert!(
        error
            .to_string()
            .contains(&format!("http://localhost:{port}/jwks")),
        "{error}"
    );
    assert!(elsewhere.requests().is_empty());
    // The client takes this for a path; what matters is that no file is read.
    assert!(matches!(
        refused(&server, Answer::redirect("file:///etc/passwd")),
        FetchError::TooManyRedirects { .. } | FetchError::RedirectRefused { .. }
    ));

    let before = server.requests().len();
    let error = refused(&server, Answer::redirect("/again"));
    assert!(
        matches!(error, FetchError::TooManyRedirects { most: 3, .. }),
        "{error:?}"
    );
    assert_eq!(server.requests().len() - before, 4);

    server.answers(|request| match request.path.as_str() {
        "/jwks" => Answer::redirect("/moved"),
        _ => Answer::ok(&jwks(&["a"])),
    });
    assert!(fetch(&RemoteConfig::new(server.url())).is_ok());
}

#[test]
fn odd_statuses_are_named_and_survived() {
    let server = Server::start(None);
    for status in [201, 204, 300, 304, 307, 401, 404, 429, 500, 503] {
        let error = refused(&server, Answer::new(status, &[], ""));
        assert!(!error.to_string().is_empty());
        if !matches!(status, 300 | 307) {
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
    }
    let odd =
        Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello".to_vec());
    assert!(matches!(
        refused(&server, odd),
        FetchError::Status { status: 304, .. }
    ));
}

#[test]
fn nobody_listening_is_named() {
    let url = Server::start(None).url();
    let error = fetch(&RemoteConfig::new(url.clone())).unwrap_err();
    assert!(matches!(error, FetchError::Exchange { .. }), "{error:?}");
    assert!(error.to_string().contains(&url));
}

/// A TLS server whose certificate is for that name, and a client that trusts `trusted`.
fn over_tls(server: &Server, trusted: &Authority) -> Result<Fetched, FetchError> {
    let directory = tempfile::tempdir().unwrap();
    let ca_file = directory.path().join("ca.pem");
    std::fs::write(&ca_file, &trusted.pem).unwrap();
    fetch(&RemoteConfig {
        allow_private: true,
        ca_file: Some(ca_file),
        ..RemoteConfig::new(format!("https://{}/jwks", server.address))
    })
}

#[test]
fn tls_is_checked_against_the_named_authority_and_the_host() {
    let ours = Authority::new();
    let server = Server::start(Some(ours.server("127.0.0.1")));
    server.answer(Answer::ok(&jwks(&["a"])));
    assert!(over_tls(&server, &ours).is_ok());
    let error = over_tls(&server, &Authority::new()).unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    assert!(error.to_string().contains("ca_file"));

    let other = Server::start(Some(ours.server("issuer.example")));
    other.answer(Answer::ok(&jwks(&["a"])));
    let error = over_tls(&other, &ours).unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    assert!(
        other.requests().is_empty(),
        "nothing is said before the certificate is checked"
    );
}

#[test]
fn plain_text_where_tls_is_due_is_refused() {
    let server = Server::start(None);
    server.answer(Answer::ok(&jwks(&["a"])));
    let error = over_tls(&server, &Authority::new()).unwrap_err();
    assert!(
        matches!(error, FetchError::Tls { .. } | FetchError::Exchange { .. }),
        "{error:?}"
    );
}

#[test]
fn https_never_redirects_to_http() {
    let ours = Authority::new();
    let plain = Server::start(None);
    plain.answer(Answer::ok(&jwks(&["evil"])));
    let server = Server::start(Some(ours.server("127.0.0.1")));
    server.answer(Answer::redirect(&plain.url()));
    let error = over_tls(&server, &ours).unwrap_err();
    assert!(
        matches!(&error, FetchError::RedirectRefused { target, .. } if *target == plain.url()),
        "{error:?}"
    );
    assert!(plain.requests().is_empty());
}

/// K6: refused when the configuration is read; nothing is ever sent.
#[test]
fn addresses_that_point_inwards_are_refused_unless_allowed() {
    for url in [
        "file:///etc/passwd",
        "ftp://issuer.example/jwks",
        "https://user:hunter2@issuer.example/jwks",
        "http://issuer.example/jwks",
        "https://localhost/jwks",
        "https://127.0.0.1/jwks",
        "https://[::1]/jwks",
        "https://10.1.2.3/jwks",
        "https://192.168.0.1/jwks",
        "https://169.254.169.254/jwks",
        "https://[fe80::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
        "https://2130706433/jwks",
    ] {
        let fault = HttpFetch::new(&RemoteConfig::new(url)).unwrap_err();
        assert_eq!(fault.code().name(), "CONFIG_ERROR", "{url}");
        assert!(!fault.chain().contains("hunter2"));
    }
}

#[test]
fn a_broken_ca_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let fault = |content: Option<&str>| {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let config = RemoteConfig {
            ca_file: Some(path.clone()),
            ..RemoteConfig::new("https://issuer.example/jwks")
        };
        HttpFetch::new(&config).unwrap_err().chain()
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for content in [None, Some(""), Some("hello"), Some(broken)] {
        let chain = fault(content);
        assert!(chain.contains("ca.pem"), "{chain}");
    }
}
