use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::SessionId;
use crate::clock::UnixMillis;
use crate::json::{self, Bounds};
use crate::limits::Limits;

/// A session as it was when it was looked up. Shareable between threads.
pub struct Session {
    id: SessionId,
    subject: Arc<str>,
    pub(super) times: Times,
    attributes: Box<str>,
    /// No longer the last word: it has ended, or memory holds another state of it, or none.
    over: AtomicBool,
    /// Found by somebody since memory last had to choose who leaves.
    used: AtomicBool,
}

/// When things happened to a session, and will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) created: UnixMillis,
    pub(super) renewed: UnixMillis,
    pub(super) expires: UnixMillis,
}

impl Session {
    pub(super) fn new(
        id: SessionId,
        subject: Arc<str>,
        times: Times,
        attributes: Box<str>,
    ) -> Self {
        Self {
            id,
            subject,
            times,
            attributes,
            over: AtomicBool::new(false),
            used: AtomicBool::new(false),
        }
    }

    /// Its `sid`.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the user signed in.
    #[must_use]
    pub fn created(&self) -> UnixMillis {
        self.times.created
    }

    /// When it was last renewed; at first, when it was created.
    #[must_use]
    pub fn renewed(&self) -> UnixMillis {
        self.times.renewed
    }

    /// When it ends unless it is renewed.
    #[must_use]
    pub fn expires(&self) -> UnixMillis {
        self.times.expires
    }

    /// Its attributes, one JSON object.
    #[must_use]
    pub fn attributes(&self) -> &str {
        &self.attributes
    }

    /// The JSON of one attribute; `None` where there is none. Reads through the attributes once and
    /// copies nothing.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let text = self.attributes.as_bytes();
        let bounds = Bounds {
            depth: Limits::MAX_DEPTH,
            members: usize::MAX,
        };
        let mut found = None;
        json::scan(text, bounds, |member| {
            if *member.name == *name.as_bytes() {
                let quote = usize::from(member.kind == json::Kind::String);
                found = Some((member.start - quote, member.end + quote));
            }
        })
        .ok()?;
        let (start, end) = found?;
        self.attributes.get(start..end)
    }

    /// Whether it is the last word of this process on the session.
    #[inline]
    #[expect(
        dead_code,
        reason = "for those who follow the store, and for the cache"
    )]
    pub(crate) fn is_current(&self) -> bool {
        !self.over.load(Ordering::Acquire)
    }

    pub(super) fn supersede(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// Whether it was asked for since this was last called.
    pub(super) fn was_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    /// The bytes that it occupies beside its own struct.
    pub(super) fn heap(&self) -> usize {
        self.attributes.len()
    }
}

/// Names neither whose it is nor what it holds.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
