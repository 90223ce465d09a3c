use std::fmt;

use crate::error::{Code, Fault, Reject};

/// Why a rotation gave no tokens: the token was refused, or we failed.
#[derive(Debug)]
pub enum Failure {
    /// The refresh token was refused.
    Reject(Reject),
    /// The request or something of ours was wrong.
    Fault(Fault),
}

impl Failure {
    /// The row of the table.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Reject(reject) => reject.code(),
            Self::Fault(fault) => fault.code(),
        }
    }
}

impl From<Reject> for Failure {
    fn from(reject: Reject) -> Self {
        Self::Reject(reject)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reject(reject) => reject.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Reject(_) => None,
            Self::Fault(fault) => fault.source(),
        }
    }
}
