use std::time::Duration;

use rusqlite::{Error, ErrorCode};

use super::file::DatabaseFile;
use crate::error::{Code, Fault};

/// Why a step on a connection did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite's answer.
    Sqlite(Error),
    /// An answer of ours.
    Fault(Fault),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Failure {
    /// A column of the wrong type: somebody else wrote it.
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sqlite(error.into())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failure {
    /// Whether another connection holds a lock, so that the same step may succeed in a moment.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    /// Whether there was no room.
    pub(crate) fn is_full(&self) -> bool {
        self.code() == Some(ErrorCode::DiskFull)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Fault(_) => None,
        }
    }

    /// What the caller is told. SQLite's messages name tables and never values.
    #[cold]
    pub(crate) fn fault(self, file: &DatabaseFile, waited: Duration) -> Fault {
        let code = self.code();
        let error = match self {
            Self::Fault(fault) => return fault,
            Self::Sqlite(error) => error,
        };
        let what = match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
                "has been locked by another process for {} ms; find it with `fuser` and let it \
                 finish",
                waited.as_millis()
            ),
            Some(ErrorCode::DiskFull) => {
                "cannot grow, because its disk is full; make room on the disk".to_owned()
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                "is damaged; stop every process that uses it and put a backup in its place, \
                 without the files -wal and -shm beside it"
                    .to_owned()
            }
            Some(ErrorCode::NotADatabase) => {
                "is no SQLite database; is it the right file?".to_owned()
            }
            Some(ErrorCode::ReadOnly) => {
                "cannot be written; check its permissions, and whether its disk is mounted \
                 read-only"
                    .to_owned()
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "cannot be opened; check the permissions of the file and of its folder, and \
                 whether its disk is mounted read-only"
                    .to_owned()
            }
            Some(ErrorCode::SystemIoFailure) => {
                "cannot be read or written; check its disk".to_owned()
            }
            Some(ErrorCode::TooBig) => "cannot take a value that large; shorten it".to_owned(),
            _ => "does not hold what it should; did another program write to it? Put a backup \
                  in its place"
                .to_owned(),
        };
        unavailable(file, &what).caused_by(error)
    }
}

/// `STORE_UNAVAILABLE`, for a file.
#[cold]
pub(crate) fn unavailable(file: &DatabaseFile, what: &str) -> Fault {
    Fault::new(Code::StoreUnavailable, format!("{file} {what}"))
}
