//! A database of SQLite's in one file, opened so that it is safe: what the stores and logs that
//! live in files have in common.
//!
//! [`DatabaseFile`] is the path and what must be true of it, [`Purpose`] what the file is for,
//! [`Access`] the connections and when they may be used, [`Failure`] why a step did not succeed.

mod access;
mod connection;
mod failure;
mod file;
mod purpose;
mod room;
mod schema;

pub(crate) use access::Access;
pub(crate) use failure::{Failure, unavailable};
pub(crate) use file::DatabaseFile;
pub(crate) use purpose::Purpose;
pub(crate) use room::Room;
