use std::sync::{Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::failure::{Failure, unavailable};
use super::file::{DatabaseFile, Identity};
use super::room::Room;
use super::schema::{self, Found};
use crate::clock::UnixMillis;
use crate::fork;

/// A connection, and the file that it is to.
#[derive(Debug)]
pub(crate) struct Open {
    connection: Connection,
    database: Identity,
    beside: [Option<Identity>; 3],
}

/// One at a time: closing the descriptor that created a file would release the locks that another
/// thread had just got on it.
static OPENING: Mutex<()> = Mutex::new(());

/// The log is cut back to this size when it begins anew. It grows to about 4 MB between two
/// checkpoints.
const LARGEST_LOG: i64 = 8 << 20;

impl Open {
    /// Opens the file, and makes a new one where there is none and `may_create` says so.
    pub(super) fn new(
        file: &DatabaseFile,
        room: Room,
        may_create: bool,
        now: UnixMillis,
    ) -> Result<Self, Failure> {
        // Here as well as in whoever calls: a child that found this locked would wait for ever.
        let _undivided = fork::undivided();
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        if may_create {
            file.create()?;
        }
        let database = file.check()?;
        // No CREATE: what vanishes after the check is not silently begun anew.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let mut connection = Connection::open_with_flags(file.path(), flags)?;
        // We wait ourselves, outside of every lock.
        connection.busy_timeout(std::time::Duration::ZERO)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // Before anything is set: a file that is not ours is left as it is. All of one moment, else
        // one that another process is just filling would look like nobody's.
        let moment = connection.transaction()?;
        let found = schema::examine(&moment, file)?;
        moment.finish()?;
        if found == Found::Fresh && !may_create {
            let what = format!(
                "has become empty; put a backup in its place, or restart to begin with {}",
                file.purpose().anew
            );
            return Err(unavailable(file, &what).into());
        }
        if connection.is_readonly("main")? {
            let what = "cannot be written; check its permissions, and whether its disk is \
                        mounted read-only";
            return Err(unavailable(file, what).into());
        }
        settings(&connection, file, room)?;
        if found == Found::Fresh {
            schema::create(&mut connection, file, now)?;
        }
        if file.identity() != Some(database) {
            let what = "was replaced while it was opened; try again";
            return Err(unavailable(file, what).into());
        }
        Ok(Self {
            connection,
            database,
            beside: file.beside(),
        })
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Whether the file at the path still is the one that this connection is to.
    pub(super) fn is_current(&self, file: &DatabaseFile) -> bool {
        file.identity() == Some(self.database)
    }

    /// Whether a file that took this one's place would find the log of this one beside it, and
    /// take it for its own.
    pub(super) fn left_its_log(&self, file: &DatabaseFile) -> bool {
        let now = file.beside();
        let mut pairs = self.beside.iter().zip(&now);
        pairs.any(|(old, now)| old.is_some() && old == now)
    }

    /// Closes without a checkpoint, which would take long, and would remove by name a log that
    /// may be another file's by now.
    pub(super) fn abandon(self) {
        let quick = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        if self.connection.set_db_config(quick, true).is_err() {
            // Better a connection that leaks than a log that is gone.
            std::mem::forget(self.connection);
        }
    }

    /// Neither used nor closed: it is another process's, of which this one is a copy.
    pub(super) fn leak(self) {
        std::mem::forget(self.connection);
    }
}

/// - `synchronous=FULL`: the log is synced before a commit returns. `NORMAL` syncs it only at a
///   checkpoint, so a loss of power would take back what was already answered.
/// - `secure_delete`: what is removed is overwritten with zeros.
/// - `temp_store`: nothing is ever spilled to a folder for temporary files.
fn settings(connection: &Connection, file: &DatabaseFile, room: Room) -> Result<(), Failure> {
    let set = |pragma: &str, value: &str| {
        let sql = format!("PRAGMA {pragma} = {value}");
        connection.query_row(&sql, [], |row| row.get::<_, rusqlite::types::Value>(0))
    };
    let mode = set("journal_mode", "WAL")?;
    if mode != rusqlite::types::Value::Text("wal".to_owned()) {
        let what = "cannot have a write-ahead log; is it on a file system that has no shared \
                    memory? Put it on a local disk";
        return Err(unavailable(file, what).into());
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cell_size_check = ON;",
    )?;
    set("secure_delete", "ON")?;
    set("journal_size_limit", &LARGEST_LOG.to_string())?;
    let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    set("max_page_count", &room.pages(page).to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::Purpose;

    static ANY: Purpose = Purpose {
        noun: "file",
        anew: "nothing",
        application: 1,
        version: 1,
        create: |transaction, _| Ok(transaction.execute_batch("CREATE TABLE t (a INT) STRICT")?),
    };

    /// No kill shows what only a loss of power would take, so the settings are asked for.
    #[test]
    fn every_connection_has_its_settings() {
        // Other tests fork, and SQLite has locks of its own.
        let _undivided = fork::undivided();
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&folder.path().join("any.db"), &ANY).unwrap();
        let room = Room {
            bytes: 1 << 20,
            wait: std::time::Duration::ZERO,
        };
        for _ in 0..2 {
            let mut open = Open::new(&file, room, true, UnixMillis::EPOCH).unwrap();
            for (pragma, expected) in [
                ("synchronous", 2),
                ("fullfsync", 1),
                ("checkpoint_fullfsync", 1),
                ("secure_delete", 1),
                ("temp_store", 2),
                ("cell_size_check", 1),
                ("trusted_schema", 0),
                ("max_page_count", 256),
                ("journal_size_limit", LARGEST_LOG),
                ("busy_timeout", 0),
            ] {
                let sql = format!("PRAGMA {pragma}");
                let value = open.connection().query_row(&sql, [], |row| row.get(0));
                assert_eq!(value, Ok(expected), "{pragma}");
            }
        }
    }
}
