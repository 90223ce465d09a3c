use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};

use super::address::{Address, Stream};
use super::answer::{self, Head, Seen};

/// A request on its way: since when it is waited for, and which it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) since: u64,
    pub(super) request: usize,
}

/// One connection, with what is still to be written and what has been read.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) stream: Stream,
    pub(super) waiting: VecDeque<Waiting>,
    out: Vec<u8>,
    written: usize,
    input: Box<[u8]>,
    filled: usize,
    answered: u64,
}

impl Link {
    pub(super) fn connect(address: &Address) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{address}: cannot be connected to: {error}");
        let stream = address.connect().map_err(failed)?;
        stream.set_nonblocking().map_err(failed)?;
        Ok(Self {
            stream,
            waiting: VecDeque::new(),
            out: Vec::new(),
            written: 0,
            input: vec![0; 16 << 10].into(),
            filled: 0,
            answered: 0,
        })
    }

    /// Has a request written with the next [`flush`](Self::flush).
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8], waiting: Waiting) {
        self.out.extend_from_slice(bytes);
        self.waiting.push_back(waiting);
    }

    /// Writes what can be written; false where something is left.
    #[inline]
    pub(super) fn flush(&mut self) -> Result<bool, String> {
        while self.written < self.out.len() {
            match self.stream.write(&self.out[self.written..]) {
                Ok(0) => return Err(self.lost("it takes nothing more")),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.lost(&error.to_string())),
            }
        }
        self.out.clear();
        self.written = 0;
        Ok(true)
    }

    /// Reads once what has come. True where something has.
    #[inline]
    pub(super) fn fill(&mut self) -> Result<bool, String> {
        if self.filled == self.input.len() {
            let mut longer = std::mem::take(&mut self.input).into_vec();
            longer.resize(longer.len() * 2, 0);
            self.input = longer.into();
        }
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => Err(self.lost("it was closed")),
            Ok(count) => {
                self.filled += count;
                Ok(true)
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Ok(false)
            }
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    /// Hands over every answer that is whole.
    #[inline]
    pub(super) fn answers(&mut self, mut take: impl FnMut(Head, Waiting)) -> Result<(), String> {
        let mut start = 0;
        while start < self.filled {
            match answer::look(&self.input[start..self.filled]) {
                Seen::Part => break,
                Seen::Whole(head) => {
                    let Some(waiting) = self.waiting.pop_front() else {
                        return Err("an answer came that nobody asked for".to_owned());
                    };
                    self.answered += 1;
                    start += head.start + head.body;
                    take(head, waiting);
                }
                Seen::Strange => return Err(STRANGE.to_owned()),
            }
        }
        if start > 0 {
            self.input.copy_within(start..self.filled, 0);
            self.filled -= start;
        }
        Ok(())
    }

    #[cold]
    fn lost(&self, why: &str) -> String {
        format!(
            "a connection was lost after {} answers on it: {why}; is the server still running?",
            self.answered
        )
    }
}

pub(super) const STRANGE: &str =
    "an answer is not HTTP/1.1 with a Content-Length; is this a bearerd sidecar?";
