use memchr::memchr_iter;

/// Watches raw bytes for a request whose length could be read in two ways.
///
/// The HTTP parser resolves `Content-Length` beside `Transfer-Encoding`, and a `Content-Length`
/// that is repeated with one value, and leaves no trace of either. Both are how a request is
/// smuggled past a gateway that resolves them differently, so both are refused here. All that is
/// needed is which of the two headers occurred since the last empty line; a body that imitates
/// them is refused as well, which no honest body does.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// The beginning of a line that the last read ended in.
    partial: [u8; LONGEST],
    length: usize,
    has_length: bool,
    has_encoding: bool,
}

const CONTENT_LENGTH: &[u8] = b"content-length:";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding:";
const LONGEST: usize = TRANSFER_ENCODING.len();

impl Framing {
    /// Takes the next bytes. `true` if the lengths conflict.
    pub(super) fn conflicts_after(&mut self, bytes: &[u8]) -> bool {
        let mut conflict = false;
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            conflict |= self.line(&bytes[start..end]);
            start = end + 1;
        }
        self.keep(&bytes[start..]);
        conflict
    }

    fn line(&mut self, rest: &[u8]) -> bool {
        if self.length == 0 {
            return self.judge(rest);
        }
        self.keep(rest);
        let partial = self.partial;
        let length = std::mem::take(&mut self.length);
        self.judge(&partial[..length])
    }

    fn keep(&mut self, rest: &[u8]) {
        let taken = rest.len().min(LONGEST - self.length);
        self.partial[self.length..self.length + taken].copy_from_slice(&rest[..taken]);
        self.length += taken;
    }

    fn judge(&mut self, line: &[u8]) -> bool {
        match line {
            [] | [b'\r'] => {
                self.has_length = false;
                self.has_encoding = false;
                false
            }
            [b'c' | b'C', ..] if begins_with(line, CONTENT_LENGTH) => {
                let conflict = self.has_length || self.has_encoding;
                self.has_length = true;
                conflict
            }
            [b't' | b'T', ..] if begins_with(line, TRANSFER_ENCODING) => {
                self.has_encoding = true;
                self.has_length
            }
            _ => false,
        }
    }
}

fn begins_with(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole, and cut at every place: the answer must be the same.
    fn conflicts(text: &str) -> bool {
        let whole = Framing::default().conflicts_after(text.as_bytes());
        for at in 0..=text.len() {
            let mut framing = Framing::default();
            let (head, tail) = text.as_bytes().split_at(at);
            let cut = framing.conflicts_after(head) | framing.conflicts_after(tail);
            assert_eq!(cut, whole, "cut at {at}: {text:?}");
        }
        let mut framing = Framing::default();
        let bytewise = text
            .bytes()
            .fold(false, |seen, byte| framing.conflicts_after(&[byte]) | seen);
        assert_eq!(bytewise, whole, "byte by byte: {text:?}");
        whole
    }

    #[test]
    fn two_lengths_conflict() {
        assert!(conflicts(
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
        assert!(conflicts(
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nHost: x\r\nCONTENT-LENGTH: 5\r\n\r\n"
        ));
        assert!(conflicts(
            "POST / HTTP/1.1\nContent-Length: 5\nContent-Length: 5\n\n"
        ));
    }

    #[test]
    fn one_length_a_request_does_not() {
        assert!(!conflicts(
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        ));
        assert!(!conflicts(
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        ));
        assert!(!conflicts(
            "POST / HTTP/1.1\r\nX-Content-Length: 2\r\nContent-Length: 2\r\nTransfer-Encodings: x\r\n\r\n"
        ));
        assert!(!conflicts(
            "POST / HTTP/1.1\nContent-Length: 2\n\nGET / HTTP/1.1\nTransfer-Encoding: chunked\n\n"
        ));
    }
}
