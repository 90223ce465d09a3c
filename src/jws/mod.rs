//! JWS compact serialisation (RFC 7515 §7.1): its three parts and its header.
//!
//! Everything here happens before a signature is checked, on bytes that a stranger chose, so it
//! copies nothing it need not, and costs no more than the [`Limits`](crate::limits::Limits) allow.

mod compact;
mod header;

pub use compact::Compact;
pub use header::Header;
