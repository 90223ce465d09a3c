use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;
use serde::{Deserialize, Serialize};

use super::JwksUrl;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};

/// The last good document in a file, for a start while the issuer is down.
///
/// One line of JSON about the document, then the document as it came. The file is replaced whole,
/// readable by its owner alone; one that others may touch is not read.
#[derive(Debug)]
pub(super) struct LastGood {
    path: PathBuf,
    url: String,
    max_bytes: usize,
}

/// A document with what its age and its next fetch are judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) document: Vec<u8>,
    pub(super) etag: Option<String>,
    pub(super) fetched_at: UnixMillis,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    url: String,
    fetched_at: i64,
    etag: Option<String>,
    length: usize,
}

const VERSION: u32 = 1;
const MAX_HEADER: usize = 8 * 1024;

impl LastGood {
    /// The file of that address; its name is a hash of the whole address.
    pub(super) fn new(directory: &Path, url: &JwksUrl, max_bytes: usize) -> Self {
        let name = format!("jwks-{:016x}.cache", fnv1a(url.as_str().as_bytes()));
        Self {
            path: directory.join(name),
            url: url.to_string(),
            max_bytes,
        }
    }

    /// The stored document; `None` where there is none.
    ///
    /// # Errors
    /// Where the file is loose, broken, or of another address.
    pub(super) fn load(&self) -> Result<Option<Stored>, Fault> {
        // Neither a link nor a pipe in the file's place is followed or waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::open(&self.path, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(self.fault("cannot be opened").caused_by(error)),
        };
        let io = |error: std::io::Error| self.fault("cannot be read").caused_by(error);
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(self.fault("is no regular file"));
        }
        if metadata.uid() != geteuid().as_raw() || metadata.mode() & 0o077 != 0 {
            return Err(self.fault("may be touched by others; it should be ours with mode 0600"));
        }
        let most = self.max_bytes.saturating_add(MAX_HEADER);
        let mut bytes = Vec::new();
        let mut bounded = file.take(u64::try_from(most).unwrap_or(u64::MAX));
        bounded.read_to_end(&mut bytes).map_err(io)?;
        self.parse(&bytes).map(Some)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Stored, Fault> {
        let broken = || self.fault("is broken");
        let end = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(broken)?;
        let (line, rest) = bytes.split_at(end);
        let header: Header =
            serde_json::from_slice(line).map_err(|error| broken().caused_by(error))?;
        let document = rest.get(1..).unwrap_or_default();
        if header.version != VERSION || header.length != document.len() {
            return Err(broken());
        }
        if header.url != self.url {
            return Err(self.fault("belongs to another address"));
        }
        Ok(Stored {
            document: document.to_vec(),
            etag: header.etag,
            fetched_at: UnixMillis::from_millis(header.fetched_at),
        })
    }

    /// Replaces the stored document, atomically.
    ///
    /// # Errors
    /// Where the directory cannot be made or written to. The old file then stays.
    pub(super) fn save(&self, stored: &Stored) -> Result<(), Fault> {
        static SAVES: AtomicU64 = AtomicU64::new(0);
        let turn = SAVES.fetch_add(1, Ordering::Relaxed);
        let temporary = self
            .path
            .with_extension(format!("{}-{turn}.tmp", std::process::id()));
        let written = self
            .write(&temporary, stored)
            .and_then(|()| std::fs::rename(&temporary, &self.path));
        written.map_err(|error| {
            // It may never have come to be; the error that matters is the first.
            let _ = std::fs::remove_file(&temporary);
            self.fault("cannot be written").caused_by(error)
        })
    }

    fn write(&self, path: &Path, stored: &Stored) -> std::io::Result<()> {
        let header = Header {
            version: VERSION,
            url: self.url.clone(),
            fetched_at: stored.fetched_at.millis(),
            etag: stored.etag.clone(),
            length: stored.document.len(),
        };
        let mut bytes = serde_json::to_vec(&header)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&stored.document);
        let mut file = match create(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let directory = path.parent().unwrap_or(Path::new("."));
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(directory)?;
                create(path)?
            }
            file => file?,
        };
        file.write_all(&bytes)?;
        file.sync_all()
    }

    fn fault(&self, what: &str) -> Fault {
        let path = self.path.display();
        Fault::new(
            Code::KeysUnavailable,
            format!("the stored key set {path} {what}"),
        )
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// FNV-1a: a stable name. Nobody but the operator chooses what it is made of.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
