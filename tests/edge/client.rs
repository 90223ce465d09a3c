//! A client that sends exactly the bytes it is given.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Longer than any wait that a test expects to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

trait Stream: Read + Write {
    fn end_writing(&self);
}

impl Stream for TcpStream {
    fn end_writing(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

impl Stream for UnixStream {
    fn end_writing(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(sent, _)| sent == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} twice");
        Some(value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        let body = self.json();
        assert_eq!(body["status"], self.status);
        body["code"].as_str().unwrap().to_owned()
    }
}

impl Client {
    pub(crate) fn tcp(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: Box::new(stream),
            unread: Vec::new(),
        }
    }

    pub(crate) fn unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: Box::new(stream),
            unread: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Sends to a server that may have hung up.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    pub(crate) fn end_writing(&mut self) -> &mut Self {
        self.stream.end_writing();
        self
    }

    /// The next answer, whole.
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer().expect("closed before an answer")
    }

    /// The next answer, or `None` if the connection was closed instead.
    pub(crate) fn try_answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more() {
                assert!(self.unread.is_empty(), "closed within an answer");
                return None;
            }
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap();
        assert!(status.starts_with("HTTP/1."), "{status}");
        let status = status[9..12].parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        assert_eq!(answer.header("transfer-encoding"), None);
        let length = match answer.header("content-length") {
            Some(length) => length.parse().unwrap(),
            None => 0,
        };
        while self.unread.len() < length {
            assert!(self.more(), "closed within a body");
        }
        answer.body = self.unread.drain(..length).collect();
        Some(answer)
    }

    /// Waits until the server has closed, and asserts that it said nothing before.
    pub(crate) fn assert_closed(&mut self) {
        while self.more() {}
        assert!(
            self.unread.is_empty(),
            "{:?}",
            String::from_utf8_lossy(&self.unread)
        );
    }

    /// Everything until the server closes, as it came.
    pub(crate) fn rest(mut self) -> Vec<u8> {
        while self.more() {}
        self.unread
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

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
