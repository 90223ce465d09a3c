use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::claims::Claims;
use crate::error::Reject;
use crate::guard::permission::Rights;
use crate::guard::{Guard, RequestFacts};
use crate::state::Session;

use super::Verified;
use super::cache::{Head, Parts, Shared};
use super::entry::Entry;

/// An accepted token in one machine word, for handles that cross a language boundary: counted, so
/// that it may be kept for long and dropped by any thread, and made without allocating.
#[derive(Clone)]
pub struct Held(pub(crate) Shared<Entry>);

impl Held {
    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.entry().claims
    }

    /// As [`Verified::rights`]; where they are those of a session, as it was known to the last
    /// verification of this token.
    #[must_use]
    pub fn rights(&self) -> Option<Arc<Rights>> {
        let entry = self.entry();
        let bound = entry.session().map(ArcSwapOption::load_full);
        let of_session = bound.flatten().and_then(|bound| bound.rights.clone());
        of_session.or_else(|| entry.rights.clone())
    }

    /// As [`Verified::check`].
    ///
    /// # Errors
    /// As [`Guard::check`].
    pub fn check(&self, guard: &Guard, request: &RequestFacts<'_>) -> Result<(), Reject> {
        guard.check_with(self.claims(), self.rights().as_deref(), request)
    }

    /// As [`Verified::slot`].
    #[must_use]
    pub fn slot(&self) -> Option<u32> {
        self.head().slot()
    }

    /// As [`Verified::generation`].
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.head().generation()
    }

    /// The session that the token was last found to belong to, by whichever call: as
    /// [`Verified::session`] of the last one. It may have changed or ended since.
    #[must_use]
    pub fn session(&self) -> Option<Arc<Session>> {
        let bound = self.entry().session()?.load_full()?;
        Some(Arc::clone(&bound.session))
    }

    pub(super) fn entry(&self) -> &Entry {
        self.head().value()
    }

    fn head(&self) -> &Head<Entry> {
        self.0.head()
    }
}

impl Verified {
    /// The same in one word: see [`Held`].
    #[must_use]
    pub fn hold(self) -> Held {
        Held(self.entry.into_shared())
    }
}
