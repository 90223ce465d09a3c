use super::query::Cursor;
use super::record::Record;

/// A part of what a query found, newest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The events.
    pub records: Vec<Record>,
    /// How many there are in all, where that was asked.
    pub total: Option<u64>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}
