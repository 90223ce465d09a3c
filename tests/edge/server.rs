//! A server to test against: it echoes, and it can be held.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use bearerd::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use bearerd::extract::Places;
use bearerd::secret::Secret;
use bearerd::sidecar::{
    Address, ControlTokens, Drain, Listen, Metrics, Plane, Readiness, Reply, Report, Request,
    Response, Running, Server, Service, answer, extract::Read,
};
use serde_json::json;

use crate::client::{Client, PATIENCE};

pub(crate) const CONTROL_TOKEN: &str = "control-token-0123456789abcdef";

/// Answers by path: `/wait` waits at the gate, `/big` is 4 MiB, `/panic` panics, `/token` says
/// the token, `/nobody` does not want its body, everything else is echoed.
#[derive(Default)]
pub(crate) struct Echo {
    gate: Gate,
}

#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    open: bool,
    waiting: usize,
}

impl Service for Echo {
    fn wants_body(&self, head: &Request<'_>) -> bool {
        head.path != "/nobody"
    }

    fn call(&self, request: &Request<'_>) -> Reply {
        match request.path {
            "/wait" | "/panic-waiting" => return Reply::Wait,
            "/panic" => panic!("as asked"),
            "/big" => return Reply::Now(Response::new(vec![b'x'; 4 << 20].into())),
            "/token" => {
                return Reply::Now(match Places::default().token(&Read(request.headers)) {
                    Ok(token) => answer::json(json!({ "token": token }).to_string()),
                    Err(reject) => answer::error(reject.code()),
                });
            }
            _ => {}
        }
        let body = json!({
            "plane": request.plane.as_str(),
            "method": request.method.as_str(),
            "path": request.path,
            "query": request.query,
            "body": String::from_utf8_lossy(request.body),
        });
        Reply::Now(answer::json(body.to_string()))
    }

    fn wait(&self, request: &Request<'_>) -> Response {
        assert_ne!(request.path, "/panic-waiting");
        let mut state = self.gate.state.lock().unwrap();
        state.waiting += 1;
        self.gate.changed.notify_all();
        let state = self
            .gate
            .changed
            .wait_while(state, |state| !state.open)
            .unwrap();
        drop(state);
        answer::json(json!({ "body": String::from_utf8_lossy(request.body) }).to_string())
    }
}

impl Echo {
    pub(crate) fn open_gate(&self) {
        self.gate.state.lock().unwrap().open = true;
        self.gate.changed.notify_all();
    }

    /// Returns once `count` requests wait at the gate.
    pub(crate) fn await_waiting(&self, count: usize) {
        let state = self.gate.state.lock().unwrap();
        let (state, late) = self
            .gate
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.waiting < count)
            .unwrap();
        drop(state);
        assert!(!late.timed_out());
    }
}

/// A running server; it is stopped at the end of its test.
pub(crate) struct Fixture {
    pub(crate) echo: Arc<Echo>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) readiness: Readiness,
    pub(crate) drain: Drain,
    pub(crate) data: SocketAddr,
    pub(crate) control: SocketAddr,
    pub(crate) data_socket: PathBuf,
    pub(crate) control_socket: PathBuf,
    running: Option<Running>,
    _directory: tempfile::TempDir,
}

pub(crate) fn start() -> Fixture {
    start_with(|_| {})
}

/// All four kinds of listener, with `change`d settings and a clock that stands still.
pub(crate) fn start_with(change: impl FnOnce(&mut Server)) -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let echo = Arc::new(Echo::default());
    let clock = Arc::new(ManualClock::at(UnixMillis::EPOCH));
    let data_socket = directory.path().join("data.sock");
    let control_socket = directory.path().join("control.sock");
    let listens = vec![
        tcp(Plane::Data),
        tcp(Plane::Control),
        unix(Plane::Data, &data_socket, 0o666),
        unix(Plane::Control, &control_socket, 0o600),
    ];
    let mut server = Server::new(listens, Arc::clone(&echo) as _);
    server.clock = Arc::clone(&clock) as _;
    server.control_tokens =
        Some(ControlTokens::new(vec![Secret::new(CONTROL_TOKEN.into())]).unwrap());
    change(&mut server);
    let (metrics, readiness) = (Arc::clone(&server.metrics), server.readiness.clone());
    let running = server.start().unwrap();
    let port = |at: usize| match &running.addresses()[at] {
        Address::Tcp(address) => *address,
        Address::Unix { .. } => unreachable!(),
    };
    Fixture {
        data: port(0),
        control: port(1),
        drain: running.drain(),
        echo,
        clock,
        metrics,
        readiness,
        data_socket,
        control_socket,
        running: Some(running),
        _directory: directory,
    }
}

pub(crate) fn tcp(plane: Plane) -> Listen {
    Listen {
        plane,
        address: Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 0))),
        allow_non_loopback: false,
    }
}

pub(crate) fn unix(plane: Plane, path: &Path, mode: u32) -> Listen {
    Listen {
        plane,
        address: Address::Unix {
            path: path.to_owned(),
            mode,
        },
        allow_non_loopback: false,
    }
}

impl Fixture {
    pub(crate) fn client(&self) -> Client {
        Client::tcp(self.data)
    }

    /// The value of a metric, by its whole name with labels.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        self.metrics
            .scrape()
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Returns once a metric satisfies `condition`.
    pub(crate) fn await_metric(&self, name: &str, condition: impl Fn(u64) -> bool) {
        let begun = SystemClock.monotonic();
        while !condition(self.metric(name)) {
            assert!(
                SystemClock.monotonic() - begun < PATIENCE,
                "{name} is {}",
                self.metric(name)
            );
            std::thread::yield_now();
        }
    }

    /// Asserts that a newcomer is served.
    pub(crate) fn assert_serves(&self) {
        let answer = self
            .client()
            .send("GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .answer();
        assert_eq!(answer.status, 200);
    }

    pub(crate) fn wait(mut self) -> Report {
        self.running.take().unwrap().wait().unwrap()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.echo.open_gate();
            self.drain.cut();
            let ended = running.wait();
            if !std::thread::panicking() {
                assert!(ended.is_ok());
            }
        }
    }
}
