use rusqlite::Transaction;

use super::Failure;
use crate::clock::UnixMillis;

/// What a file is for, and how it is told from others.
#[derive(Debug)]
pub(crate) struct Purpose {
    /// What it is called in messages, such as `state file`.
    pub(crate) noun: &'static str,
    /// What a new one is, for whoever thinks of beginning anew.
    pub(crate) anew: &'static str,
    /// Marks the file as one of this purpose.
    pub(crate) application: i64,
    /// Rises with every change of the tables.
    pub(crate) version: i64,
    /// Makes the tables in a file that has none.
    pub(crate) create: fn(&Transaction<'_>, UnixMillis) -> Result<(), Failure>,
}
