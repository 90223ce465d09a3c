use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::purpose::Purpose;
use crate::error::Fault;

/// The path of a database, and what must be true of the file there before SQLite sees it.
///
/// Nothing here opens a file that exists. POSIX locks belong to the process and go with the first
/// descriptor of the file that it closes, so a look inside would cost the connections of this very
/// process their locks.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    purpose: &'static Purpose,
}

/// Which file was at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

/// What SQLite keeps beside a database, by the ending of the name.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

impl DatabaseFile {
    /// The file at `path`, whose folder must be there. Its links are resolved here, once; the
    /// file's own name must be none.
    pub(crate) fn new(path: &Path, purpose: &'static Purpose) -> Result<Self, Fault> {
        let noun = purpose.noun;
        let Some(name) = path.file_name() else {
            return Err(Fault::config(format!(
                "{}: names no file; a {noun} of its own is needed",
                path.display()
            )));
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().map_err(|error| {
            Fault::config(format!(
                "{}: the folder of the {noun} cannot be used; create it, with mode 0700",
                folder.display()
            ))
            .caused_by(error)
        })?;
        let file = Self {
            path: folder.join(name),
            purpose,
        };
        if let Ok(metadata) = folder.metadata()
            && metadata.mode() & 0o022 != 0
        {
            tracing::warn!(
                folder = %folder.display(),
                "others than its owner may write to the folder of the {noun}; chmod go-w it"
            );
        }
        Ok(file)
    }

    /// Absolute and free of links, so SQLite can neither take it for a URI nor for memory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it is for.
    pub(super) fn purpose(&self) -> &'static Purpose {
        self.purpose
    }

    /// Which file is there now, if there is one.
    pub(super) fn identity(&self) -> Option<Identity> {
        identity(&self.path)
    }

    /// Which files lie beside it.
    pub(super) fn beside(&self) -> [Option<Identity>; 3] {
        BESIDE.map(|ending| identity(&self.beside_path(ending)))
    }

    /// Creates the file, empty and for its owner alone, if there is none.
    pub(super) fn create(&self) -> Result<(), Fault> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.path);
        match made {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => {
                return Err(self
                    .wrong("cannot be created; check the permissions of its folder")
                    .caused_by(error));
            }
            Ok(_) => {}
        }
        // Else a loss of power could take the file with all that was answered out of it.
        let folder = self.path.parent().unwrap_or(&self.path);
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| {
                self.wrong("was created, but its folder cannot be synced to disk; check the disk")
                    .caused_by(error)
            })
    }

    /// Whether the file, and what lies beside it, may be opened.
    pub(super) fn check(&self) -> Result<Identity, Fault> {
        let metadata = fs::symlink_metadata(&self.path).map_err(|error| {
            let what = match error.kind() {
                ErrorKind::NotFound => {
                    let anew = self.purpose.anew;
                    format!("is gone; put it back, or restart to begin with {anew}")
                }
                _ => "cannot be examined; check path and permissions".to_owned(),
            };
            self.wrong(&what).caused_by(error)
        })?;
        let kind = metadata.file_type();
        if kind.is_symlink() {
            return Err(self.wrong("is a symbolic link; name the file that it leads to"));
        }
        if kind.is_dir() {
            return Err(self.wrong("is a folder; name a file in it"));
        }
        if !kind.is_file() {
            return Err(self.wrong("is no regular file; name another"));
        }
        if metadata.nlink() != 1 {
            // Each name would have a log of its own, and the two would overwrite each other.
            return Err(self.wrong("has a second name (a hard link); remove one of the two"));
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(self.wrong(
                "holds secrets, and others than its owner may touch it; chmod 600 it, \
                 and what lies beside it",
            ));
        }
        for ending in BESIDE {
            self.check_beside(ending, &metadata)?;
        }
        Ok(Identity::of(&metadata))
    }

    /// SQLite believes what is in a log, so one that somebody else could put there is refused.
    fn check_beside(&self, ending: &str, database: &Metadata) -> Result<(), Fault> {
        let path = self.beside_path(ending);
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            return Ok(());
        };
        let ours = metadata.is_file()
            && metadata.uid() == database.uid()
            && metadata.mode() & 0o077 == 0
            && metadata.nlink() <= 1;
        if ours {
            return Ok(());
        }
        Err(Fault::config(format!(
            "{}: lies beside the {} and is not its owner's alone; find out who put it \
             there, then remove it or chmod 600 it",
            path.display(),
            self.purpose.noun
        )))
    }

    fn beside_path(&self, ending: &str) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(ending);
        path.into()
    }

    #[cold]
    fn wrong(&self, what: &str) -> Fault {
        Fault::config(format!("{self} {what}"))
    }
}

impl fmt::Display for DatabaseFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the {}", self.path.display(), self.purpose.noun)
    }
}

fn identity(path: &Path) -> Option<Identity> {
    fs::symlink_metadata(path)
        .ok()
        .map(|metadata| Identity::of(&metadata))
}
