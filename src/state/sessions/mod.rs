//! Sessions: what a sign-in opens and a sign-out ends, whatever tokens there are.
//!
//! [`Sessions`] of a profile works on a [`Store`](crate::store::Store), so that processes that share
//! it agree, and answers verifications from memory.
//!
//! - **One record a user.** It holds all of his sessions, so opening one and ending the oldest,
//!   ending all, or changing the attributes of all is one compare-and-swap; there is no second
//!   record that a crash could leave behind. A `sid` names the record beside the session.
//! - **Memory first.** A verification finds its session in memory. What memory does not know is read
//!   from the store and written back; what has ended is remembered as ended. A read that a change
//!   has overtaken is never written back.
//! - **The feed.** A [`Follower`](crate::state::Follower) has the records that it names read anew, so
//!   what another process ends or changes is known here within the same bound as a revocation. After
//!   a gap everything is forgotten and read as it is asked for.
//! - **Renewal** slides the end of a session that is used. It is throttled, done on a thread of its
//!   own, and replaces only the very record that it has read: an ended session stays ended.
//!
//! Whatever only the store could tell is refused with `STORE_UNAVAILABLE` while it does not answer.

mod change;
mod ending;
mod id;
mod opening;
mod record;
mod registry;
mod renewal;
mod renewer;
mod session;
mod settings;
mod stats;
mod table;

pub use id::SessionId;
pub use opening::Opening;
pub use registry::Sessions;
pub use renewal::Renewal;
pub use session::Session;
pub use settings::SessionSettings;
pub use stats::SessionStats;
pub use table::TableLimits;
