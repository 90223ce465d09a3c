use rusqlite::Transaction;

use super::Failure;
use crate::clock::UnixMillis;
use crate::store::database::Purpose;

/// A file of state.
pub(super) static STATE: Purpose = Purpose {
    noun: "state file",
    anew: "an empty state, in which nothing is revoked",
    // `brrd`
    application: 0x6272_7264,
    version: 1,
    create,
};

/// Keys are compared byte by byte, which is the order of [`StoreKey`](super::StoreKey). Strict
/// tables, so that a value of another type is an error where it is written.
///
/// A change holds no value, and its `nonce` is drawn at random: a cursor that names both belongs
/// to this very past, and not to that of a backup that went on differently. `settled` is the time
/// that had certainly passed. The first change stands for the beginning and names no key.
const TABLES: &str = "
    CREATE TABLE entries (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL,
        version INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_by_expiry ON entries (expires);
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        nonce INTEGER NOT NULL,
        settled INTEGER NOT NULL
    ) STRICT;
";

fn create(transaction: &Transaction<'_>, now: UnixMillis) -> Result<(), Failure> {
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO changes (key, deleted, nonce, settled) VALUES ('', 0, random(), ?1)",
        [now.millis()],
    )?;
    Ok(())
}
