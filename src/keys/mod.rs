//! Verification keys and where they come from.

pub mod remote;
