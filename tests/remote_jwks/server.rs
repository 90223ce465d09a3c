use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// Nothing, for as long as somebody waits.
    Silence,
    /// These bytes, then one more now and then, for as long as somebody listens.
    Drip(Vec<u8>),
    /// These bytes, then blanks without end.
    Endless(Vec<u8>),
}

impl Answer {
    /// A status with headers and a body.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!(
            "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("connection: close\r\n\r\n");
        text.push_str(body);
        Self::Bytes(text.into_bytes())
    }

    /// A document with 200.
    pub(crate) fn ok(body: &str) -> Self {
        Self::new(200, &[], body)
    }

    /// A redirect.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::new(302, &[("location", to)], "")
    }
}

/// A request: its first line and its headers, in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) head: String,
}

type Script = Arc<Mutex<Box<dyn FnMut(&Request) -> Answer + Send>>>;

/// A server on a loopback port that answers by script and keeps what it was asked.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    script: Script,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script: Script = Arc::new(Mutex::new(Box::new(|_| Answer::new(503, &[], ""))));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (script, requests, stop) = (script.clone(), requests.clone(), stop.clone());
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that goes away is what many of these tests are about.
                    let _ = serve(stream.unwrap(), tls.clone(), &script, &requests);
                }
            }
        });
        Self {
            address,
            script,
            requests,
            stop,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    pub(crate) fn answers(&self, script: impl FnMut(&Request) -> Answer + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    pub(crate) fn answer(&self, answer: Answer) {
        self.answers(move |_| answer.clone());
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    script: &Script,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    match tls {
        None => converse(stream, script, requests),
        Some(config) => {
            let connection = ServerConnection::new(config).unwrap();
            converse(StreamOwned::new(connection, stream), script, requests)
        }
    }
}

fn converse(
    mut stream: impl Read + Write,
    script: &Script,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(&mut stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = Request {
        path,
        head: head.to_ascii_lowercase(),
    };
    requests.lock().unwrap().push(request.clone());
    let answer = script.lock().unwrap()(&request);
    match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes)?,
        Answer::Silence => drop(stream.read(&mut [0; 64])?),
        Answer::Drip(bytes) => {
            stream.write_all(&bytes)?;
            loop {
                stream.flush()?;
                thread::sleep(Duration::from_millis(20));
                stream.write_all(b" ")?;
            }
        }
        Answer::Endless(bytes) => {
            stream.write_all(&bytes)?;
            loop {
                stream.write_all(&[b' '; 16_384])?;
            }
        }
    }
    stream.flush()
}

/// An authority of a test's own, and what it vouches for.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self {
            pem: issuer.pem(),
            issuer,
        }
    }

    /// A server's side of TLS, with a certificate for that name.
    pub(crate) fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
