//! The keys of a profile: where they come from, how they are chosen, when they stop counting.
//!
//! - A [`KeySet`] is parsed once, immutable, and swapped whole. Every key in it is bound to one
//!   algorithm.
//! - A [`KeyRing`] holds the current set of one profile. A key that leaves the ring is marked dead
//!   in the same call, and everything that remembers a token signed with it asks for that mark, so
//!   no cached claims outlive their key.
//! - A [`KeySource`] reads keys from configuration text, a file or an environment variable, and
//!   can be read again; [`remote`] keeps those that an issuer publishes up to date.
//! - [`managed`] makes signing keys of our own and rotates them, over a store that processes share.

mod fetched;
pub mod managed;
mod prepared;
pub mod remote;
mod ring;
mod set;
mod signing;
mod source;

pub use prepared::PreparedKey;
pub use ring::KeyRing;
pub use set::{KeySet, KeySpec, KidPolicy};
pub use signing::SigningKey;
pub use source::{KeyFormat, KeyOrigin, KeySource, LoosePermissions};
