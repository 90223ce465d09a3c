//! Personal access tokens: opaque, long-lived, of one profile, and known by a record in a store.
//!
//! - [`PatFormat`] makes tokens and tells, without a store, what cannot be one.
//! - [`PatStore`] finds the record of a token: what a verification asks.
//! - [`Pats`] creates, lists and revokes: what an application asks.
//! - [`LastUses`] writes down, in the background and now and then, when and from where a token was
//!   used last.
//!
//! # What is kept
//! A token's text is shown once and kept nowhere. Its SHA-256 is: the first half of it, in
//! hexadecimal, is the token's public id and the name of its record, and the whole of it stands in
//! the record and is compared. So a look-up is by hash and its time tells nothing about a token, and
//! who reads the store can neither use what is there nor guess what it was made from (256 random
//! bits).
//!
//! # Two writes, and a crash between them
//! The entry by which a subject's tokens are listed is written before the record, so a token that
//! exists is listed. What a crash leaves is an entry without a record, which a list passes over.
//! Revoking turns the record into one that says so, and removes the entry last; where there is no
//! record yet, it writes that one, and whoever was creating the token finds its place taken.

mod book;
mod draft;
mod find;
mod format;
mod last_use;
mod record;

pub use book::{CreatedPat, PatPage, Pats, PreparedPat};
pub use draft::NewPat;
pub use find::{PatSettings, PatStats, PatStore};
pub use format::PatFormat;
pub use last_use::{LastUses, LastUsesThread, PatUse};
pub use record::Pat;
