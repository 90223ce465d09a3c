//! What can go wrong, as three types.
//!
//! - [`Reject`] is a verdict on a token: small, `Copy`, built without allocating, because attackers
//!   make them at line rate. It never holds a byte of the token.
//! - [`Fault`] is ours: a file, a key, a URL, a store. It is rare and rich, and chains its causes.
//! - [`Code`] is the one append-only table behind both, the same number and name in every language
//!   and over HTTP.

mod code;
mod fault;
mod reject;

pub use code::Code;
pub use fault::Fault;
pub use reject::{ClaimName, Detail, GuardMember, Malformed, Reject};
