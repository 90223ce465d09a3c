use memchr::{memchr_iter, memmem};

/// The head of an answer, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Where the body begins.
    pub(super) start: usize,
    /// How long the body is.
    pub(super) body: usize,
}

/// What is at the front of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Whole(Head),
    /// More is needed.
    Part,
    /// No answer that is understood here: not HTTP/1, or of a length that is not said beforehand.
    Strange,
}

const NAME: &[u8] = b"content-length:";
/// The longest head of an answer.
const LONGEST_HEAD: usize = 64 << 10;

/// Looks at the answer that the bytes begin with.
#[inline]
pub(super) fn look(bytes: &[u8]) -> Seen {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        let begins = bytes.len().min(7);
        let strange = bytes[..begins] != b"HTTP/1."[..begins] || bytes.len() > LONGEST_HEAD;
        return if strange { Seen::Strange } else { Seen::Part };
    };
    let Some(head) = read(&bytes[..end + 2]) else {
        return Seen::Strange;
    };
    if bytes.len() - head.start < head.body {
        return Seen::Part;
    }
    Seen::Whole(head)
}

fn read(lines: &[u8]) -> Option<Head> {
    let rest = lines.strip_prefix(b"HTTP/1.")?;
    let status = number(rest.get(2..5)?).and_then(|status| u16::try_from(status).ok())?;
    let mut body = (status == 204 || status == 304).then_some(0);
    for end in memchr_iter(b'\n', lines) {
        let line = &lines[end + 1..];
        let name = line.get(..NAME.len());
        if name.is_some_and(|name| name.eq_ignore_ascii_case(NAME)) {
            let value = &line[NAME.len()..memchr::memchr(b'\r', line)?];
            body = Some(number(value.trim_ascii())?);
            break;
        }
    }
    Some(Head {
        status,
        start: lines.len() + 2,
        body: body?,
    })
}

fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0_usize, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + usize::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer =
            b"HTTP/1.1 401 Unauthorized\r\na: b\r\nContent-LENGTH: 3\r\ndate: x\r\n\r\nabcHTTP/1.1";
        let head = Head {
            status: 401,
            start: 63,
            body: 3,
        };
        for length in 0..answer.len() {
            let seen = look(&answer[..length]);
            if length < 66 {
                assert_eq!(seen, Seen::Part, "{length}");
            } else {
                assert_eq!(seen, Seen::Whole(head), "{length}");
            }
        }
    }

    #[test]
    fn an_answer_without_a_body_needs_no_length() {
        let seen = look(b"HTTP/1.1 204 No Content\r\ndate: today\r\n\r\n");
        assert_eq!(
            seen,
            Seen::Whole(Head {
                status: 204,
                start: 40,
                body: 0
            })
        );
    }

    #[test]
    fn what_is_not_understood_is_strange() {
        for strange in [
            &b"SSH-2.0-x"[..],
            b"HTTP/2 200\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 2x0 OK\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
        ] {
            assert_eq!(
                look(strange),
                Seen::Strange,
                "{:?}",
                strange.escape_ascii().to_string()
            );
        }
        assert_eq!(look(&[b'x'; 3]), Seen::Strange);
        assert_eq!(look(b"HTTP/1.1 200 OK\r\ncontent-len"), Seen::Part);
    }
}
