//! Who did what, to what, when and from where: events in a file of their own, which can be asked.
//!
//! - An [`Event`] is one act: of the control plane, of an application that states it, or a
//!   rejection that matters. Its fields are typed and bounded, and what looks like a token or
//!   another credential is masked before it is kept, whoever sent it.
//! - [`AuditLog`] takes events and answers a [`Query`]. Taking one is a push to a bounded queue; a
//!   thread of its own writes what has come together as one transaction. What finds the queue full
//!   is dropped and counted. [`AuditLog::record`] waits for the disk where the log is `required`.
//! - Rejections go through a sieve: the first of a token within a minute is kept as it is, the
//!   others are counted, and so is a flood of different ones. So strangers decide neither how fast
//!   the file grows, nor, since their events leave it first, what it forgets.
//!
//! The file is one of SQLite's, opened as carefully as that of the state, and processes of a host
//! may share it. It stays on its host whatever the state lives on; the lines on standard output
//! are what a fleet collects.

mod counters;
mod event;
mod file;
mod log;
mod mask;
mod options;
mod page;
mod query;
mod queue;
mod record;
mod retention;
mod sieve;
mod sink;
mod writer;

pub use counters::AuditStats;
pub use event::{Event, Source};
pub use log::{AuditConfig, AuditLog, Taken};
pub use mask::Mask;
pub use options::Options;
pub use page::Page;
pub use query::{Cursor, Query};
pub use record::Record;
pub use retention::Retention;
