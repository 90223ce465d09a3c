//! What happened to a token after it was signed: revoked, or spent.
//!
//! - [`Revocations`] answers for every verification, from memory alone: is this handle, this
//!   family or everything that this subject was issued before some moment void? One per profile.
//! - [`RevocationLog`] revokes so that it lasts, and a [`Follower`] brings what others revoked, and
//!   what was revoked before a restart, into the index.
//! - [`SpentHandles`] lets a refresh token be used once, and a caller that lost the answer ask
//!   again for a short while. It works on a [`Store`](crate::store::Store), so several processes
//!   agree; only rotation calls it.
//! - [`Sessions`] are opened by a sign-in and end all their tokens with them. Verifications find them
//!   in memory, and in the [`Store`](crate::store::Store) where memory cannot tell.
//!
//! All fail closed: what cannot be recorded is a fault for whoever wanted it recorded, and
//! nothing that was recorded is dropped before its time.

mod check;
mod follower;
mod following;
mod key;
mod log;
mod record;
mod reload;
mod revocations;
mod sessions;
mod spent;
mod table;

pub use check::{CheckedAt, Subjects};
pub use follower::{Follower, FollowerStats};
pub use following::Following;
pub use key::RevocationKey;
pub use log::RevocationLog;
pub use reload::Reload;
pub use revocations::Revocations;
pub use sessions::{
    Opening, Renewal, Session, SessionId, SessionSettings, SessionStats, Sessions, TableLimits,
};
pub use spent::{Spend, SpentHandles};
