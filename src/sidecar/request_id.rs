use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

/// The header's name.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const LONGEST: usize = 128;

/// What ties one request to its log lines, here and upstream.
///
/// An id that the client sent is kept if it is 1 to 128 visible ASCII characters, and echoed.
/// Anything else is replaced by one of ours, which costs nothing until it is written out.
#[derive(Clone, Debug)]
pub struct RequestId(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Theirs(HeaderValue),
    Ours { process: u32, number: u64 },
}

impl RequestId {
    /// Whether the client chose it.
    #[must_use]
    pub fn is_inbound(&self) -> bool {
        matches!(self.0, Inner::Theirs(_))
    }

    /// As a header, to echo.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        match &self.0 {
            Inner::Theirs(value) => value.clone(),
            Inner::Ours { .. } => HeaderValue::from_str(&self.to_string())
                .unwrap_or_else(|_| HeaderValue::from_static("-")),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Theirs(value) => f.write_str(value.to_str().unwrap_or("-")),
            Inner::Ours { process, number } => write!(f, "{process:08x}-{number:012x}"),
        }
    }
}

/// Where ids of ours come from: a number a request under a prefix a process.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: u32,
    next: AtomicU64,
}

impl RequestIds {
    /// `core` keeps the numbers of different cores apart.
    pub(super) fn new(process: u32, core: usize) -> Self {
        Self {
            process,
            next: AtomicU64::new((core as u64) << 40),
        }
    }

    /// A prefix that two runs of the process are unlikely to share. It need not be secret.
    pub(super) fn process() -> u32 {
        let random = RandomState::new().build_hasher().finish();
        u32::try_from(random >> 32).unwrap_or(0)
    }

    pub(super) fn of(&self, headers: &HeaderMap) -> RequestId {
        let mut sent = headers.get_all(X_REQUEST_ID).iter();
        match (sent.next(), sent.next()) {
            (Some(value), None) if well_formed(value.as_bytes()) => {
                RequestId(Inner::Theirs(value.clone()))
            }
            _ => RequestId(Inner::Ours {
                process: self.process,
                number: self.next.fetch_add(1, Ordering::Relaxed),
            }),
        }
    }
}

fn well_formed(value: &[u8]) -> bool {
    (1..=LONGEST).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(values: &[&[u8]]) -> RequestId {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(X_REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
        }
        RequestIds::new(0xabcd, 0).of(&headers)
    }

    #[test]
    fn a_well_formed_id_is_kept() {
        assert_eq!(id_for(&[b"abc-1"]).to_string(), "abc-1");
        assert_eq!(id_for(&[&[b'x'; 128]]).to_string(), "x".repeat(128));
    }

    #[test]
    fn anything_else_is_replaced() {
        for sent in [
            vec![],
            vec![&b""[..]],
            vec![b"two words"],
            vec![&[b'x'; 129][..]],
            vec!["naïve".as_bytes()],
            vec![b"one", b"two"],
        ] {
            let id = id_for(&sent);
            assert!(!id.is_inbound());
            assert_eq!(id.to_string(), "0000abcd-000000000000");
            assert_eq!(id.to_header(), "0000abcd-000000000000");
        }
    }

    #[test]
    fn ours_differ() {
        let ids = RequestIds::new(1, 3);
        let headers = HeaderMap::new();
        assert_ne!(ids.of(&headers).to_string(), ids.of(&headers).to_string());
    }
}
