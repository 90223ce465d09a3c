//! A client that sends exactly what it is told and reads whole answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// Longer than any wait that a test expects to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Client {
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(sent, _)| sent == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} twice");
        Some(value)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.bytes(name)
            .map(|value| std::str::from_utf8(value).unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The code of an error's body, which must repeat the status.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        body["code"].as_str().unwrap().to_owned()
    }

    /// Status and code together.
    pub(crate) fn said(&self) -> (u16, String) {
        (self.status, self.code())
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}

impl Client {
    pub(crate) fn tcp(address: SocketAddr) -> Self {
        Self::try_tcp(address).unwrap()
    }

    /// `None` where nobody listens any more.
    pub(crate) fn try_tcp(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Some(Self {
            stream: Box::new(stream),
            unread: Vec::new(),
        })
    }

    pub(crate) fn unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: Box::new(stream),
            unread: Vec::new(),
        }
    }

    /// One exchange. `Host` and `Content-Length` are added, everything else is the caller's.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> Answer {
        self.try_ask(method, target, headers, body)
            .expect("closed before an answer")
    }

    /// As [`ask`](Self::ask); `None` where the server closed without a word.
    pub(crate) fn try_ask(
        &mut self,
        method: &str,
        target: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> Option<Answer> {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            head.push_str("Host: localhost\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        // A server that refuses by the head alone may hang up while we still write.
        let _ = self.stream.write_all(&bytes);
        self.answer(method == "HEAD")
    }

    pub(crate) fn post(&mut self, target: &str, headers: Headers<'_>, body: &Value) -> Answer {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend_from_slice(headers);
        self.ask("POST", target, &all, body.to_string().as_bytes())
    }

    pub(crate) fn get(&mut self, target: &str, headers: Headers<'_>) -> Answer {
        self.ask("GET", target, headers, b"")
    }

    /// Sends the beginning of a request.
    pub(crate) fn start(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// Sends the end of a request and reads its answer.
    pub(crate) fn finish(&mut self, text: &str) -> Answer {
        self.start(text);
        self.answer(false).expect("closed before an answer")
    }

    fn answer(&mut self, bodyless: bool) -> Option<Answer> {
        let end = loop {
            let head = self.unread.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(at) = head {
                break at + 4;
            }
            if !self.more() {
                assert!(self.unread.is_empty(), "closed within an answer");
                return None;
            }
        };
        let head: Vec<u8> = self.unread.drain(..end).collect();
        let mut lines = head[..end - 4].split(|byte| *byte == b'\n');
        let status = std::str::from_utf8(lines.next().unwrap()).unwrap();
        assert!(status.starts_with("HTTP/1."), "{status}");
        let status = status[9..12].parse().unwrap();
        let headers = lines
            .map(|line| {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let colon = line.iter().position(|byte| *byte == b':').unwrap();
                let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
                (name, line[colon + 1..].trim_ascii().to_vec())
            })
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        let length = answer
            .header("content-length")
            .filter(|_| !bodyless)
            .map_or(0, |length| length.parse().unwrap());
        while self.unread.len() < length {
            assert!(self.more(), "closed within a body");
        }
        answer.body = self.unread.drain(..length).collect();
        Some(answer)
    }

    /// `false` once the server has closed, in order or by a reset.
    fn more(&mut self) -> bool {
        let mut space = [0; 16_384];
        match self.stream.read(&mut space) {
            Ok(0) => false,
            Ok(length) => {
                self.unread.extend_from_slice(&space[..length]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("no answer within {PATIENCE:?}: {error}"),
        }
    }
}
