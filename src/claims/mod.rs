//! What a token says, and the rules it must meet.
//!
//! [`Claims`] keeps the payload's text and the positions of the claims that matter, so that a
//! cached token costs its bytes and little else, and nothing is decoded until it is asked for.
//! [`ClaimMap`] gives an issuer's own spellings (`tokenType`, `roleId`, `scp`) their roles.
//! [`Rules`] are checked on every call, hit or miss: claims are remembered, verdicts never.

mod decoded;
mod map;
mod rules;
mod set;
mod value;

pub use map::{ClaimKey, ClaimMap, ClaimNames, KindNames, TokenKind};
pub use rules::{Explanation, Rules, TypeClass};
pub use set::{Claims, NotOfType, Stated};
pub use value::{Atom, Atoms};
