use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::SessionId;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::json::{self, Bounds};

/// A session as it was when it was looked up. Shareable between threads.
pub struct Session {
    id: SessionId,
    subject: Arc<str>,
    times: Times,
    attributes: Box<str>,
    version: u64,
    /// No longer the last word: it has ended, or memory holds another state of it, or none.
    over: AtomicBool,
    /// Asked for since memory last had to choose who leaves.
    used: AtomicBool,
    /// From when on a use of it asks for a renewal, in milliseconds since the epoch.
    renew_from: AtomicI64,
}

/// When things happened to a session, and will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) created: UnixMillis,
    pub(super) renewed: UnixMillis,
    pub(super) expires: UnixMillis,
}

/// The version of the next state of a session that this process learns of.
static NEXT_VERSION: AtomicU64 = AtomicU64::new(1);

/// After a use asked for a renewal, the next that asks again.
const ASK_AGAIN: Duration = Duration::from_secs(10);

impl Session {
    pub(super) fn new(
        id: SessionId,
        subject: Arc<str>,
        times: Times,
        attributes: Box<str>,
        renew_from: UnixMillis,
    ) -> Self {
        Self {
            id,
            subject,
            times,
            attributes,
            version: NEXT_VERSION.fetch_add(1, Ordering::Relaxed),
            over: AtomicBool::new(false),
            used: AtomicBool::new(false),
            renew_from: AtomicI64::new(renew_from.millis()),
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

    /// Which state of a session it is: a number that no other one, of any session, has or will have
    /// in this process. Whoever keeps what was made of a session knows by it when to make it anew.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The session as HTTP bodies show it: `sid`, `subject`, `attributes`, `created_at`,
    /// `renewed_at`, `expires_at`, times in seconds since the epoch.
    ///
    /// # Errors
    /// `INTERNAL` where its attributes are not what was written.
    pub fn to_json(&self) -> Result<Value, Fault> {
        let attributes: Value = serde_json::from_str(&self.attributes).map_err(|error| {
            Fault::new(Code::Internal, "attributes could not be read").caused_by(error)
        })?;
        Ok(serde_json::json!({
            "sid": self.id.to_string(),
            "subject": *self.subject,
            "attributes": attributes,
            "created_at": self.times.created.secs(),
            "renewed_at": self.times.renewed.secs(),
            "expires_at": self.times.expires.secs(),
        }))
    }

    /// The JSON of one attribute; `None` where there is none. Reads through the attributes once and
    /// copies nothing.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = None;
        json::scan(self.attributes.as_bytes(), BOUNDS, |member| {
            if *member.name == *name.as_bytes() {
                let quote = usize::from(member.kind == json::Kind::String);
                found = Some((member.start - quote, member.end + quote));
            }
        })
        .ok()?;
        let (start, end) = found?;
        self.attributes.get(start..end)
    }

    /// Whether a token of it may be accepted now: it lives, and is the last word of this process.
    #[inline]
    pub(crate) fn is_good(&self, now: UnixMillis) -> bool {
        !self.over.load(Ordering::Acquire) && now < self.times.expires
    }

    /// Notes that it was asked for.
    #[inline]
    pub(crate) fn mark_used(&self) {
        // Most hits find it set, and then write to no line that other threads read.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    /// Whether this use is the one that should ask for a renewal.
    #[inline]
    pub(super) fn is_due(&self, now: UnixMillis) -> bool {
        now.millis() >= self.renew_from.load(Ordering::Relaxed) && self.takes_turn(now)
    }

    #[cold]
    fn takes_turn(&self, now: UnixMillis) -> bool {
        let from = self.renew_from.load(Ordering::Relaxed);
        let next = now.plus(ASK_AGAIN).millis();
        let relaxed = Ordering::Relaxed;
        now.millis() >= from
            && self
                .renew_from
                .compare_exchange(from, next, relaxed, relaxed)
                .is_ok()
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

/// What attributes may be.
pub(super) const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 1_024,
};

/// Names neither whose it is nor what it holds.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
