use rusqlite::{Connection, TransactionBehavior};

use super::failure::Failure;
use super::file::DatabaseFile;
use crate::clock::UnixMillis;
use crate::error::Fault;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Empty: nothing was ever written to it.
    Fresh,
    /// Of this version.
    Current,
}

/// Reads what the file is, without changing it.
pub(super) fn examine(connection: &Connection, file: &DatabaseFile) -> Result<Found, Failure> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let ours = file.purpose().version;
    let wrong = |what: String| Err(Fault::config(format!("{file} {what}")).into());
    if application == 0 && version == 0 && tables == 0 {
        return Ok(Found::Fresh);
    }
    if application != file.purpose().application {
        return wrong(
            "is the database of another program, or of another purpose; give bearerd a file of \
             its own for this"
                .to_owned(),
        );
    }
    if version == ours {
        return Ok(Found::Current);
    }
    if version > ours {
        return wrong(format!(
            "was written by a newer bearerd (version {version} of its tables, this one knows \
             {ours}); run that one, or name another file"
        ));
    }
    wrong(format!(
        "has tables of version {version}, which no bearerd writes; put a backup in its place"
    ))
}

/// Makes the tables, unless another process was first.
pub(super) fn create(
    connection: &mut Connection,
    file: &DatabaseFile,
    now: UnixMillis,
) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if examine(&transaction, file)? == Found::Fresh {
        let purpose = file.purpose();
        (purpose.create)(&transaction, now)?;
        transaction.pragma_update(None, "application_id", purpose.application)?;
        transaction.pragma_update(None, "user_version", purpose.version)?;
    }
    transaction.commit()?;
    Ok(())
}
