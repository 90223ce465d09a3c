use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

/// How much a file may hold, and how long a step waits for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// The most bytes of the file, its log not counted.
    pub(crate) bytes: u64,
    /// How long a step waits for another process that holds a lock.
    pub(crate) wait: Duration,
}

impl Room {
    /// The limit in pages, of which SQLite counts up to 2³² − 2.
    pub(super) fn pages(self, page: i64) -> u64 {
        (self.bytes / page.unsigned_abs().max(512)).clamp(16, 0xFFFF_FFFE)
    }

    /// Tells a file at its limit from a full disk.
    pub(crate) fn is_used_up(connection: &Connection) -> bool {
        let number = |pragma: &str| {
            connection
                .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
                .optional()
                .ok()
                .flatten()
        };
        match (number("page_count"), number("max_page_count")) {
            // A step needs a page or two more than there are.
            (Some(used), Some(most)) => used >= most - 8,
            _ => false,
        }
    }
}
