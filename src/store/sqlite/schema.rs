use rusqlite::{Connection, TransactionBehavior};

use super::failure::Failure;
use crate::clock::UnixMillis;
use crate::error::Fault;

/// Marks the file as ours: `brrd`.
const APPLICATION: i64 = 0x6272_7264;
/// Rises with every change of the tables.
const VERSION: i64 = 1;

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

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Empty: nothing was ever written to it.
    Fresh,
    /// Of this version.
    Current,
}

/// Reads what the file is, without changing it.
pub(super) fn examine(connection: &Connection, name: &str) -> Result<Found, Failure> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let wrong = |what: String| Err(Fault::config(format!("{name}: the state file {what}")).into());
    match (application, version) {
        (0, 0) if tables == 0 => Ok(Found::Fresh),
        (APPLICATION, VERSION) => Ok(Found::Current),
        (APPLICATION, newer) if newer > VERSION => wrong(format!(
            "was written by a newer bearerd (version {newer} of its tables, this one knows \
             {VERSION}); run that one, or name another file"
        )),
        (APPLICATION, older) => wrong(format!(
            "has tables of version {older}, which no bearerd writes; put a backup in its place"
        )),
        _ => wrong("is the database of another program; give bearerd a file of its own".to_owned()),
    }
}

/// Makes the tables, unless another process was first.
pub(super) fn create(
    connection: &mut Connection,
    name: &str,
    now: UnixMillis,
) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if examine(&transaction, name)? == Found::Fresh {
        transaction.execute_batch(TABLES)?;
        transaction.execute(
            "INSERT INTO changes (key, deleted, nonce, settled) VALUES ('', 0, random(), ?1)",
            [now.millis()],
        )?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}
