//! A case against a whole sidecar, over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment};
use bearerd::error::Code;
use bearerd::sidecar::{Address, Sidecar};
use serde_json::{Value, json};

use crate::act::Act;
use crate::client::{Answer, Client};
use crate::file::Case;
use crate::judge::judge;
use crate::kept::Kept;

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
        let (mut wrong, mut kept) = (Vec::new(), Kept::default());
        let mut data = Client::tcp(self.address);
        for (at, step) in case.steps.iter().enumerate() {
            let (act, given) = (step.act(&kept), kept.fill(&step.given));
            for time in 1..=if act.repeats() { 2 } else { 1 } {
                let place = format!("{}, step {at}, over HTTP, time {time}", case.name);
                let answer = self.put(&mut data, &act, &given);
                let said = said(&answer);
                let expected = (step.code.status(), step.code.name().to_owned());
                if said != expected {
                    wrong.push(format!("{place}: {said:?}, not {expected:?}"));
                } else if step.code == Code::Ok {
                    let faults = judge(step, &Ok(answer.json()), &mut kept);
                    let here = |fault: String| format!("{place}: {fault}");
                    wrong.extend(faults.into_iter().map(here));
                }
            }
        }
        wrong
    }

    /// The members of a step are those of a body.
    fn put(&self, data: &mut Client, act: &Act, given: &Value) -> Answer {
        let path = match act {
            Act::Verify(_) => return data.post("/v1/verify", &[], given),
            Act::Authorization(ask) => {
                let mut body = given.clone();
                body.as_object_mut().unwrap().remove("value");
                let sent = [("Authorization", ask.value.as_str())];
                return data.post("/v1/verify", &sent, &body);
            }
            Act::Revoke(_) => "/v1/revoke",
            Act::SignIn(_) => "/v1/sessions",
            Act::EndSession(_) => "/v1/sessions/end",
            Act::ChangeSession(_) => "/v1/sessions/attributes",
            Act::CreatePat(_) => "/v1/pats",
            Act::RevokePat(_) => "/v1/pats/revoke",
            Act::Sign(_) => "/v1/sign",
            Act::Rotate(_) => "/v1/rotate",
        };
        Client::unix(&self.control_socket).post(path, &[], given)
    }
}

/// The status, and the code in the body; that of an accepted token has none.
fn said(answer: &Answer) -> (u16, String) {
    match answer.status {
        200 => (200, Code::Ok.name().to_owned()),
        _ => answer.said(),
    }
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
