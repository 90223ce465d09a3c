//! A case against a whole sidecar, over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment};
use bearerd::error::Code;
use bearerd::sidecar::{Address, Sidecar};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::file::{Act, Case, Options, Revoke};

pub(crate) struct Replay {
    sidecar: Option<Sidecar>,
    address: SocketAddr,
    control_socket: PathBuf,
    _directory: tempfile::TempDir,
}

impl Replay {
    pub(crate) fn of(document: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let control_socket = directory.path().join("control.sock");
        let mut document = document.clone();
        document["server"] = json!({
            "listen": ["127.0.0.1:0"], "control_socket": control_socket.to_str().unwrap(),
        });
        let (environment, clock) = (
            Environment::empty(),
            Arc::new(SystemClock) as Arc<dyn Clock>,
        );
        let sidecar = Config::from_text(&document.to_string(), "cases.json", &environment)
            .and_then(|config| Sidecar::start(&config, &environment, &clock))
            .unwrap_or_else(|fault| panic!("{}", fault.chain()));
        let address = sidecar
            .addresses()
            .iter()
            .find_map(|address| match address {
                Address::Tcp(address) => Some(*address),
                Address::Unix { .. } => None,
            });
        Self {
            address: address.unwrap(),
            sidecar: Some(sidecar),
            control_socket,
            _directory: directory,
        }
    }

    /// What came out otherwise than it should.
    pub(crate) fn run(&self, case: &Case) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut data = Client::tcp(self.address);
        for (at, step) in case.steps.iter().enumerate() {
            for time in 1..=2 {
                let place = format!("{}, step {at}, over HTTP, time {time}", case.name);
                let answer = match &step.act {
                    Act::Verify { token, options } => {
                        let mut body = members(options);
                        body["token"] = token.as_str().into();
                        data.post("/v1/verify", &[], &body)
                    }
                    Act::Authorization { value, options } => {
                        let sent = [("Authorization", value.as_str())];
                        data.post("/v1/verify", &sent, &members(options))
                    }
                    Act::Revoke(revoke) => self.revoke(revoke),
                };
                let said = said(&answer);
                let expected = (step.code.status(), step.code.name().to_owned());
                if said != expected {
                    wrong.push(format!("{place}: {said:?}, not {expected:?}"));
                } else if let Some(expected) = &step.claims
                    && *expected != answer.json()["claims"]
                {
                    wrong.push(format!("{place}: {}, not {expected}", answer.text()));
                }
            }
        }
        wrong
    }

    fn revoke(&self, revoke: &Revoke) -> Answer {
        let mut body = json!({});
        let texts = [
            ("token", &revoke.token),
            ("handle", &revoke.handle),
            ("subject", &revoke.subject),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                body[name] = text.as_str().into();
            }
        }
        if let Some(seconds) = revoke.issued_before {
            body["issued_before"] = seconds.into();
        }
        Client::unix(&self.control_socket).post("/v1/revoke", &[], &body)
    }
}

/// The status, and the code in the body; that of an accepted token has none.
fn said(answer: &Answer) -> (u16, String) {
    match answer.status {
        200 => (200, Code::Ok.name().to_owned()),
        _ => answer.said(),
    }
}

fn members(options: &Options) -> Value {
    let mut body = json!({});
    let texts = [
        ("profile", &options.profile),
        ("audience", &options.audience),
        ("device", &options.device),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            body[name] = text.as_str().into();
        }
    }
    if let Some(guard) = &options.guard {
        body["guard"] = guard.clone();
    }
    body
}

impl Drop for Replay {
    fn drop(&mut self) {
        if let Some(sidecar) = self.sidecar.take() {
            sidecar.drain().cut();
            let ended = sidecar.wait();
            if !std::thread::panicking() {
                let _ = ended.unwrap();
            }
        }
    }
}
