use crate::error::Reject;
use crate::verify::{Verified, Verifier, VerifyOptions};

/// Whether a verdict may wait for a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// On the core's own thread.
    None,
    /// On one that may wait.
    Store,
}

impl Patience {
    /// The verdict; `None` where it would take a store and there is no patience for one.
    #[inline]
    pub(super) fn verify(
        self,
        verifier: &Verifier,
        token: &str,
        options: &VerifyOptions<'_>,
    ) -> Option<Result<Verified, Reject>> {
        match self {
            Self::None => verifier.verify_at_hand(token, options),
            Self::Store => Some(verifier.verify(token, options)),
        }
    }
}
