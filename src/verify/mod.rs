//! Verification: the claims cache, and what fills it.

pub(crate) mod cache;
