use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any wait that is meant to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one socket, whose server may be gone at any moment.
pub(crate) struct Client {
    path: PathBuf,
    stream: Option<UnixStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Null where it is no JSON.
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The code of an error, `OK` where there is none.
    pub(crate) fn code(&self) -> &str {
        match self.body.get("code") {
            Some(code) => code.as_str().unwrap(),
            None if self.status == 200 => "OK",
            None => panic!("{self:?}"),
        }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let text = self.body[name].as_str();
        text.unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .to_owned()
    }
}

impl Client {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            stream: None,
        }
    }

    /// `None` where the answer was lost; whether the request was carried out, nobody knows.
    pub(crate) fn post(&mut self, target: &str, body: &Value) -> Option<Answer> {
        self.ask("POST", target, body.to_string().as_bytes())
    }

    pub(crate) fn get(&mut self, target: &str) -> Option<Answer> {
        self.ask("GET", target, b"")
    }

    fn ask(&mut self, method: &str, target: &str, body: &[u8]) -> Option<Answer> {
        let answer = self.exchange(method, target, body);
        if answer.is_none() {
            self.stream = None;
        }
        answer
    }

    fn exchange(&mut self, method: &str, target: &str, body: &[u8]) -> Option<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = UnixStream::connect(&self.path).ok()?;
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                none.insert(stream)
            }
        };
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.write_all(&request).ok()?;
        let mut read = Vec::new();
        let head = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            more(stream, &mut read)?;
        };
        let text = std::str::from_utf8(&read[..head]).unwrap().to_owned();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse::<usize>().unwrap());
        while read.len() < head + length {
            more(stream, &mut read)?;
        }
        let bytes = read[head..head + length].to_vec();
        Some(Answer {
            status: text[9..12].parse().unwrap(),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
        })
    }

    pub(crate) fn verify(&mut self, token: &str) -> Option<Answer> {
        self.post("/v1/verify", &json!({ "token": token }))
    }
}

/// Reads on; `None` where the other side has gone.
fn more(stream: &mut UnixStream, read: &mut Vec<u8>) -> Option<()> {
    let mut space = [0; 16_384];
    match stream.read(&mut space) {
        Ok(0) => None,
        Ok(length) => {
            read.extend_from_slice(&space[..length]);
            Some(())
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            panic!("no answer within {PATIENCE:?}")
        }
        Err(_) => None,
    }
}
