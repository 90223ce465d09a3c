use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use bearerd::store::{RedisConfig, RedisUrl};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

struct Secured {
    server: Server,
    port: u16,
    ca: PathBuf,
}

/// A server with a certificate for localhost, and an authority of its own.
fn secured() -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let pair = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&pair, &authority)
        .unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let ca = file("ca.pem", authority.pem());
    let certificate = file("server.pem", certificate.pem()).display().to_string();
    let pair = file("server.key", pair.serialize_pem())
        .display()
        .to_string();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let number = port.to_string();
    let authority = ca.display().to_string();
    let options = [
        "--bind",
        "127.0.0.1",
        "--tls-port",
        &number,
        "--tls-auth-clients",
        "no",
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &pair,
        "--tls-ca-cert-file",
        &authority,
    ];
    Secured {
        server: Server::start_in(folder, &options),
        port,
        ca,
    }
}

impl Secured {
    fn config(&self, scheme: &str, host: &str) -> RedisConfig {
        let url = format!("{scheme}://{host}:{}", self.port);
        let mut config = RedisConfig::new(RedisUrl::parse(&url).unwrap());
        config.timeout = LONG;
        config.connect_timeout = LONG;
        config
    }
}

#[test]
fn tls_is_verified() {
    let mut secured = secured();
    let mut config = secured.config("rediss", "localhost");
    config.ca_file = Some(secured.ca.clone());
    let store = RedisStore::open(config, clock()).unwrap();
    let cursor = begin(&store);
    put(&store, "some");
    for (name, answer) in calls(&store) {
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert!(!told.gap);
    let large = vec![b'x'; 1 << 20];
    let _ = store
        .put_if_absent(&key("large"), &large, UnixMillis::MAX)
        .unwrap();
    assert_eq!(
        store.get(&key("large")).unwrap().unwrap().value.expose(),
        large
    );
    secured.server.kill();
    secured.server.restart();
    assert!(store.get(&key("some")).unwrap().is_none());

    // Another name than the certificate's.
    let mut config = secured.config("rediss", "127.0.0.1");
    config.ca_file = Some(secured.ca.clone());
    let store = RedisStore::open(config, clock()).unwrap();
    unavailable(store.get(&key("some")), "certificate");

    // Another authority than ours.
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let path = secured.server.folder.path().join("other.pem");
    fs::write(&path, other.cert.pem()).unwrap();
    let mut config = secured.config("rediss", "localhost");
    config.ca_file = Some(path.clone());
    let store = RedisStore::open(config, clock()).unwrap();
    unavailable(store.get(&key("some")), "certificate");

    // Plain text to the port of TLS.
    let store = RedisStore::open(secured.config("redis", "localhost"), clock()).unwrap();
    unavailable(store.get(&key("some")), "closed the connection");
    for text in [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        fs::write(&path, text).unwrap();
        let mut config = secured.config("rediss", "localhost");
        config.ca_file = Some(path.clone());
        let fault = RedisStore::open(config, clock()).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(fault.to_string().contains("other.pem"), "{fault}");
    }
}
