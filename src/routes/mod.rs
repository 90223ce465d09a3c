//! Route rules: which guard a method and path ask for.
//!
//! For gateways that ask about every request in one place, and for middleware alike: nothing here
//! knows HTTP beyond a method and the target of a request. A target is read in one way or not at
//! all ([`normalise`]); of the patterns that match it the most specific decides, whatever the order in
//! which they are written, and then one of its rules must name the method. What no rule allows is
//! refused.
//!
//! | pattern | matches |
//! |---|---|
//! | `/api/orders` | that path, with or without a slash at its end |
//! | `/api/*/items` | any one segment in place of the `*` |
//! | `/api/*` | `/api` and everything below it |
//!
//! More specific is, from left to right, a word before `*`, and both before the `*` at the end. A
//! rule for `GET` is one for `HEAD` as well, and a method that is not all capitals is refused: methods
//! are told apart by case (RFC 9110 §9.1), and not every server does so.

mod path;
mod pattern;
mod table;

pub use path::{Ambiguity, normalise};
pub use table::{Access, Denied, Otherwise, Routes, Rule};
