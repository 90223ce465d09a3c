//! Signing and refresh rotation.
//!
//! A [`Signer`] makes the tokens of one profile. What makes a token trustworthy is ours: `iss`,
//! `aud`, `iat`, `exp`, `jti`, the kind and the refresh family are set here, and a caller that
//! names one of them is told so rather than silently overruled.
//!
//! A [`Rotation`] spends a refresh token for a new pair (RFC 9700 §4.14.2).

mod acceptable;
mod change;
mod failure;
mod family;
mod lifetime;
mod payload;
mod random_ids;
mod rotation;
mod signer;

pub use change::ClaimChange;
pub use failure::Failure;
pub use family::FamilyLimits;
pub use lifetime::Lifetime;
pub use rotation::{Reuse, Rotated, Rotation};
pub use signer::{Pair, Signed, Signer, SignerSettings};

/// A set of claims by name, in order.
pub type ClaimValues = serde_json::Map<String, serde_json::Value>;
