//! Names that point inwards: what no test over the loopback interface can show.

use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;

use super::*;

/// Gives its answers in turn, as a name server in an attacker's hand may.
#[derive(Debug)]
struct Names(Mutex<Vec<Vec<SocketAddr>>>);

impl Resolver for Names {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in self.0.lock().unwrap().remove(0) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

fn fetch(config: &RemoteConfig, answers: &[&[SocketAddr]]) -> FetchError {
    let names = Names(Mutex::new(
        answers.iter().map(|answer| answer.to_vec()).collect(),
    ));
    HttpFetch::resolving_by(config, names)
        .unwrap()
        .fetch(None)
        .unwrap_err()
}

/// HTTP by name, so that no certificate is what stops the connection.
fn by_name() -> RemoteConfig {
    RemoteConfig {
        allow_http: true,
        ..RemoteConfig::new("http://issuer.example/jwks")
    }
}

#[test]
fn a_name_that_resolves_inwards_is_never_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let inward = listener.local_addr().unwrap();
    let public: SocketAddr = "93.184.216.34:80".parse().unwrap();
    for answer in [&[inward][..], &[inward, public], &[public, inward]] {
        let error = fetch(&by_name(), &[answer]);
        assert!(
            matches!(&error, FetchError::AddressRefused { address, .. } if *address == inward.ip()),
            "{error:?}"
        );
        assert!(error.to_string().contains("allow_private"));
    }
    assert!(listener.accept().is_err(), "nobody connected");

    let allowed = RemoteConfig {
        allow_private: true,
        timeout: Duration::from_millis(200),
        ..by_name()
    };
    let error = fetch(&allowed, &[&[inward]]);
    assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
    assert!(listener.accept().is_ok(), "and somebody would have");
}

#[test]
fn every_refused_range_is_refused_after_resolution() {
    for address in [
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
    ] {
        let answer = [SocketAddr::new(address.parse().unwrap(), 443)];
        let error = fetch(&by_name(), &[&answer]);
        assert!(
            matches!(error, FetchError::AddressRefused { .. }),
            "{address}: {error:?}"
        );
    }
}

#[test]
fn a_name_rebound_between_two_hops_is_refused_at_the_second() {
    use std::io::{Read, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        let answer = b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(answer).unwrap();
    });
    let config = RemoteConfig::new("http://localhost/jwks");
    let rebound: SocketAddr = "10.0.0.1:80".parse().unwrap();
    let error = fetch(&config, &[&[first], &[rebound]]);
    server.join().unwrap();
    assert!(
        matches!(&error, FetchError::AddressRefused { address, .. } if *address == rebound.ip()),
        "{error:?}"
    );
}
