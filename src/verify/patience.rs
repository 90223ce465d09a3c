use crate::error::{Code, Reject};

/// Whether a verification may wait for a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// For a store.
    Store,
}

/// Why a token is not accepted, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// By a verdict.
    Rejected(Reject),
    /// It takes a store to tell, and there was no patience for one.
    NotAtHand,
}

impl Refused {
    /// The verdict, for whoever had patience.
    #[cold]
    pub(super) fn for_good(self) -> Reject {
        match self {
            Self::Rejected(reject) => reject,
            Self::NotAtHand => Reject::new(Code::StoreUnavailable),
        }
    }

    /// The verdict, where there is one.
    #[inline]
    pub(super) fn if_decided<T>(verdict: Result<T, Self>) -> Option<Result<T, Reject>> {
        match verdict {
            Ok(accepted) => Some(Ok(accepted)),
            Err(Self::Rejected(reject)) => Some(Err(reject)),
            Err(Self::NotAtHand) => None,
        }
    }
}

impl From<Reject> for Refused {
    fn from(reject: Reject) -> Self {
        Self::Rejected(reject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_stays_small() {
        assert!(size_of::<Refused>() <= 8);
    }
}
