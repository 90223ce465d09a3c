use std::time::Duration;

use super::App;
use super::limit::limited;
use super::patience::Patience;
use crate::error::{Code, Reject};
use crate::sidecar::answer;
use crate::sidecar::service::Response;
use crate::verify::{Verified, Verifier, VerifyOptions};

/// A refusal, and after how long to try again where it was one guess too many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) reject: Reject,
    retry_after: Option<Duration>,
}

impl Refusal {
    fn limited(retry_after: Duration) -> Self {
        Self {
            reject: Reject::new(Code::RateLimited),
            retry_after: Some(retry_after),
        }
    }

    pub(super) fn response(self) -> Response {
        match self.retry_after {
            Some(retry_after) => limited(retry_after),
            None => answer::error(self.reject.code()),
        }
    }
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        Self {
            reject,
            retry_after: None,
        }
    }
}

impl App {
    /// The verdict on a token; `None` where it would take a store and there is no patience for one.
    ///
    /// Where there is a limit `pat`, personal access tokens that are unknown or malformed count
    /// against their client's address. When it is used up, such a token is refused without a read
    /// of the store, unless it is in the cache: a good one is never counted, and one that was used
    /// of late goes on.
    #[inline]
    pub(super) fn judge(
        &self,
        verifier: &Verifier,
        token: &str,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Option<Result<Verified, Refusal>> {
        if self.pat_failures.is_some() && verifier.takes_as_pat(token.as_bytes()) {
            return self.judge_pat(verifier, token, options, patience);
        }
        Some(
            patience
                .verify(verifier, token, options)?
                .map_err(Into::into),
        )
    }

    fn judge_pat(
        &self,
        verifier: &Verifier,
        token: &str,
        options: &VerifyOptions<'_>,
        patience: Patience,
    ) -> Option<Result<Verified, Refusal>> {
        let failures = self.pat_failures.as_ref()?;
        let at_hand = Patience::None.verify(verifier, token, options);
        if let Some(verdict) = &at_hand
            && !is_guess(verdict)
        {
            return at_hand.map(|verdict| verdict.map_err(Into::into));
        }
        let ip = options.request.address;
        if let Some(retry_after) = failures.pause(ip) {
            return Some(Err(Refusal::limited(retry_after)));
        }
        // To count is to wait, where the limit is shared.
        if patience == Patience::None {
            return None;
        }
        let verdict = at_hand.or_else(|| patience.verify(verifier, token, options))?;
        if is_guess(&verdict)
            && let Some(retry_after) = failures.count(ip)
        {
            return Some(Err(Refusal::limited(retry_after)));
        }
        Some(verdict.map_err(Into::into))
    }
}

/// Nobody was given such a token: it is not of the form, or no record is its own.
fn is_guess(verdict: &Result<Verified, Reject>) -> bool {
    let code = verdict.as_ref().err().map(|reject| reject.code());
    matches!(code, Some(Code::Malformed | Code::InvalidSignature))
}
