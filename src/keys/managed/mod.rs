//! Signing keys of our own: made here, kept in a store, rotated on a schedule that every process
//! which shares the store follows.
//!
//! | a key is | from | until |
//! |---|---|---|
//! | staged: verifies and is published, does not sign | it is made | its `activates` |
//! | active: signs | its `activates` | the next key's `activates` |
//! | retiring: verifies and is published | then | its `keep` later, when the longest token that it signed has ended |
//!
//! [`KeyBook`] is the record: one entry of the store for each profile, changed by compare-and-swap,
//! so that each step happens once however many processes take it. Nothing switches because of a
//! message: the moments stand in the book, and each process reads its own clock, so a key that
//! everybody has had time to learn begins to sign everywhere at once, and one whose time is over is
//! refused where the store has not answered for days.
//!
//! [`KeySchedule`] is pure: given a book and the time, what is to be done next ([`KeySchedule::next`]),
//! and what an operator's [`KeyOrder`] makes of it. [`KeyVault`] reads and writes the book and seals
//! the keys in it. A [`KeyKeeper`] does for one profile what is due, and hands every book it learns
//! to a [`BookSink`]; [`KeyKeeping`] is the thread that drives the keepers of a process.
//!
//! # When the store loses what it knew
//! No key is ever dropped from a book but by its own time or a revocation, and a revocation leaves
//! its mark there until the key would have ended anyway. So a keeper sees that a book does not
//! descend from the one that it knows (keys are missing, or revoked ones are back), and puts the two
//! together ([`KeyBook::joined`]):
//! - The store was emptied while processes ran: the first that sees it writes back what it knows;
//!   no new key is made.
//! - It was restored from a copy, or lost its last writes: what the running processes know is added
//!   to it, and what they know as revoked goes.
//! - It was emptied and a process that knows nothing came first: its new key has to wait
//!   [`KeySchedule::first_ahead`] before it signs, the others add theirs meanwhile, and the new key
//!   then waits its turn as any staged key does.
//! - Nobody runs who knows: an empty store begins anew, with a warning, and earlier tokens are
//!   refused; an old copy goes on as it stands, each key within its time. What was revoked after
//!   the copy was made has to be revoked again.

mod about;
mod book;
mod join;
mod keeper;
mod keeping;
mod order;
mod schedule;
mod seal;
mod text;
mod vault;

pub use about::{KeyState, KeyStatus};
pub use book::{KeyBook, ManagedKey, RevokedKey};
pub use keeper::{BookSink, KeeperStats, KeyKeeper};
pub use keeping::KeyKeeping;
pub use order::KeyOrder;
pub use schedule::{KeySchedule, Next};
pub use seal::SealKey;
pub use vault::KeyVault;
