//! Sessions: what a sign-in opens and a sign-out ends, whatever tokens there are.
//!
//! [`Sessions`] of a profile works on a [`Store`](crate::store::Store), so that processes that share
//! it agree, and answers verifications from memory.

mod id;
mod record;
mod registry;
mod session;
mod settings;
mod table;

pub use id::SessionId;
pub use registry::Sessions;
pub use session::Session;
pub use settings::SessionSettings;
pub use table::TableLimits;
