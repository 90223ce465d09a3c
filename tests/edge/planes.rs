//! Who is let in: hosts, origins, content types, the control token; and what answers look like.

use crate::client::{Answer, Client};
use crate::server::{CONTROL_TOKEN, Fixture, start, start_with};

fn ask(client: &mut Client, method: &str, headers: &str) -> Answer {
    client
        .send(format!("{method} /path?secret=1 HTTP/1.1\r\n{headers}\r\n"))
        .answer()
}

fn control(server: &Fixture, method: &str, headers: &str) -> Answer {
    let authorized =
        format!("Host: localhost\r\nAuthorization: Bearer {CONTROL_TOKEN}\r\n{headers}");
    ask(&mut Client::tcp(server.control), method, &authorized)
}

fn assert_no_cors(answer: &Answer) {
    let cors = |name: &str| name.starts_with("access-control-");
    assert!(!answer.headers.iter().any(|(name, _)| cors(name)));
}

#[test]
fn a_foreign_host_is_refused_on_both_planes() {
    let server = start_with(|server| {
        server.hosts = bearerd::sidecar::Hosts::new(["auth.internal"]);
    });
    for address in [server.data, server.control] {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io:80",
            "x@localhost",
            "",
        ] {
            let mut client = Client::tcp(address);
            let answer = ask(&mut client, "GET", &format!("Host: {host}\r\n"));
            assert_eq!(
                (answer.status, &*answer.code()),
                (403, "HOST_REFUSED"),
                "{host}"
            );
            assert_no_cors(&answer);
        }
    }
    let port = server.data.port();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]:1",
        "Auth.Internal",
        &format!("localhost:{port}"),
    ] {
        let answer = ask(&mut server.client(), "GET", &format!("Host: {host}\r\n"));
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[test]
fn there_is_exactly_one_host() {
    let server = start();
    for hosts in [
        "",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
    ] {
        let mut client = server.client();
        assert_eq!(ask(&mut client, "GET", hosts).status, 400, "{hosts}");
        client.assert_closed();
    }
    let old = server.client().send("GET / HTTP/1.0\r\n\r\n").answer();
    assert_eq!(old.code(), "HOST_REFUSED");
}

#[test]
fn any_host_will_do_on_a_unix_socket() {
    let server = start();
    let mut client = Client::unix(&server.data_socket);
    let answer = ask(&mut client, "GET", "Host: anything\r\n");
    assert_eq!(
        (answer.status, &answer.json()["plane"]),
        (200, &"data".into())
    );
    let twice = ask(&mut client, "GET", "Host: a\r\nHost: b\r\n");
    assert_eq!(twice.status, 400);
}

#[test]
fn a_foreign_page_gets_nothing_from_the_control_plane() {
    let server = start();
    for header in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost:3000",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        let answer = control(&server, "GET", &format!("{header}\r\n"));
        assert_eq!(
            (answer.status, &*answer.code()),
            (403, "HOST_REFUSED"),
            "{header}"
        );
        assert_no_cors(&answer);
        let mut owner = Client::unix(&server.control_socket);
        let answer = ask(
            &mut owner,
            "GET",
            &format!("Host: localhost\r\n{header}\r\n"),
        );
        assert_eq!(answer.status, 403, "{header}");
    }
    assert_eq!(
        control(&server, "GET", "Origin: http://localhost\r\n").status,
        200
    );
}

#[test]
fn gateways_pass_the_origin_of_others_to_the_data_plane() {
    let server = start();
    let headers =
        "Host: localhost\r\nOrigin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
    let answer = ask(&mut server.client(), "GET", headers);
    assert_eq!(answer.status, 200);
    assert_no_cors(&answer);
}

#[test]
fn a_change_of_state_is_json() {
    let server = start();
    for content_type in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
    ] {
        let answer = control(
            &server,
            "POST",
            &format!("{content_type}Content-Length: 0\r\n"),
        );
        assert_eq!((answer.status, &*answer.code()), (422, "VALIDATION_ERROR"));
        assert!(
            answer.json()["message"]
                .as_str()
                .unwrap()
                .contains("Content-Type")
        );
        assert_no_cors(&answer);
    }
    let json = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    let head = json.strip_suffix("\r\n\r\n{}").unwrap();
    let mut client = Client::unix(&server.control_socket);
    client.send(format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{{}}"));
    assert_eq!(client.answer().json()["body"], "{}");
    assert_eq!(control(&server, "DELETE", "").status, 200);
}

#[test]
fn a_preflight_is_refused_without_a_cors_header() {
    let server = start();
    let preflight = "Host: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n";
    for address in [server.data, server.control] {
        let answer = ask(&mut Client::tcp(address), "OPTIONS", preflight);
        assert_eq!((answer.status, &*answer.code()), (403, "HOST_REFUSED"));
        assert_no_cors(&answer);
    }
}

#[test]
fn the_control_plane_wants_its_token() {
    let server = start();
    let truncated = &CONTROL_TOKEN[..CONTROL_TOKEN.len() - 1];
    for authorization in [
        String::new(),
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer wrong-wrong-wrong-wrong\r\n".to_owned(),
        format!("Authorization: Bearer {truncated}\r\n"),
        format!("Authorization: Bearer {CONTROL_TOKEN}x\r\n"),
        format!("Authorization: Basic {CONTROL_TOKEN}\r\n"),
        format!("Authorization: {CONTROL_TOKEN}\r\n"),
        format!("X-Token: {CONTROL_TOKEN}\r\n"),
        format!(
            "Authorization: Bearer {CONTROL_TOKEN}\r\nAuthorization: Bearer {CONTROL_TOKEN}\r\n"
        ),
    ] {
        let mut client = Client::tcp(server.control);
        let answer = ask(
            &mut client,
            "GET",
            &format!("Host: localhost\r\n{authorization}"),
        );
        assert_eq!(
            (answer.status, &*answer.code()),
            (401, "UNAUTHORIZED"),
            "{authorization}"
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        let body = String::from_utf8(answer.body).unwrap();
        assert!(!body.contains("control-token"));
    }
    let answer = control(&server, "GET", "");
    assert_eq!(
        (answer.status, &answer.json()["plane"]),
        (200, &"control".into())
    );
}

#[test]
fn the_control_socket_is_token_enough() {
    let server = start();
    let answer = ask(
        &mut Client::unix(&server.control_socket),
        "GET",
        "Host: x\r\n",
    );
    assert_eq!(
        (answer.status, &answer.json()["plane"]),
        (200, &"control".into())
    );
}

#[test]
fn without_the_token_no_body_is_read() {
    let server = start();
    let mut client = Client::tcp(server.control);
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
    let answer = client.send(head).answer();
    assert_eq!(answer.code(), "UNAUTHORIZED");
}

#[test]
fn tokens_are_found_as_the_profile_says() {
    let server = start();
    let mut client = server.client();
    let mut token = |authorization: &str| {
        client
            .send(format!(
                "GET /token HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n"
            ))
            .answer()
    };
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = token(&format!("Authorization: {scheme} a.b.c\r\n"));
        assert_eq!(answer.json()["token"], "a.b.c");
    }
    for missing in [
        "",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Basic x\r\n",
    ] {
        let answer = token(missing);
        assert_eq!(
            (answer.status, &*answer.code()),
            (401, "MISSING_TOKEN"),
            "{missing}"
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    for malformed in [
        "Authorization: Bearer  x\r\n",
        "Authorization: Bearer\tx\r\n",
        "Authorization: Bearer x y\r\n",
        "Authorization: Bearer \u{e9}\r\n",
        "Authorization: Bearer x\r\nAuthorization: Bearer x\r\n",
    ] {
        let answer = token(malformed);
        assert_eq!(
            (answer.status, &*answer.code()),
            (401, "MALFORMED"),
            "{malformed}"
        );
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""));
    }
}

#[test]
fn request_ids_are_echoed() {
    let server = start();
    let mut client = server.client();
    let echoed = ask(
        &mut client,
        "GET",
        "Host: localhost\r\nX-Request-Id: abc-123\r\n",
    );
    assert_eq!(echoed.header("x-request-id"), Some("abc-123"));
    let plain = ask(&mut client, "GET", "Host: localhost\r\n");
    assert_eq!(plain.header("x-request-id"), None);
    let long = "x".repeat(129);
    let refused = ask(
        &mut client,
        "GET",
        &format!("Host: evil.example\r\nX-Request-Id: {long}\r\n"),
    );
    let made = refused.header("x-request-id").unwrap();
    assert_eq!(made.len(), 21);
    assert!(control(&server, "GET", "").header("x-request-id").is_some());
}

#[test]
fn a_defect_costs_one_request() {
    let server = start();
    let mut client = server.client();
    for path in ["/panic", "/panic-waiting"] {
        let answer = client
            .send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .answer();
        assert_eq!((answer.status, &*answer.code()), (500, "INTERNAL"));
        assert_eq!(ask(&mut client, "GET", "Host: localhost\r\n").status, 200);
    }
    assert_eq!(server.metric("bearerd_panics_total{plane=\"data\"}"), 2);
}

#[test]
fn every_core_serves() {
    let server = start_with(|server| server.cores = 2);
    let mut clients: Vec<_> = (0..64).map(|_| server.client()).collect();
    clients.extend((0..8).map(|_| Client::unix(&server.data_socket)));
    for client in &mut clients {
        assert_eq!(ask(client, "GET", "Host: localhost\r\n").status, 200);
    }
    assert_eq!(
        server.metric("bearerd_requests_total{plane=\"data\",status=\"200\"}"),
        72
    );
}
