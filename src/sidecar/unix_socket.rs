use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::Fault;

/// Binds a unix socket with exactly these permission bits.
///
/// A socket that nobody serves any more is replaced. One that is served, and anything that is not
/// a socket (a link to one included), is left alone and refused.
pub(super) fn bind(
    path: &Path,
    mode: u32,
    backlog: i32,
) -> Result<(UnixListener, SocketFile), Fault> {
    warn_of_loose_directory(path);
    clear(path)?;
    let failed = |error: io::Error| {
        Fault::config(format!("cannot listen on the socket {}", path.display())).caused_by(error)
    };
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    socket
        .bind(&SockAddr::unix(path).map_err(failed)?)
        .map_err(failed)?;
    let file = SocketFile::of(path).map_err(failed)?;
    // Before `listen`, nobody can connect: there is no moment at which the bits are too loose.
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed)?;
    socket.listen(backlog).map_err(failed)?;
    Ok((UnixListener::from(std::os::fd::OwnedFd::from(socket)), file))
}

/// The file of a socket of ours: removed on drop, unless something else has taken its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            identity: identity(path)?,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            // It may vanish between the two calls; then it is gone, as wanted.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn clear(path: &Path) -> Result<(), Fault> {
    let shown = path.display();
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Fault::config(format!("cannot look at {shown}")).caused_by(error));
        }
    };
    if !found.is_socket() {
        let what = if found.is_symlink() {
            "a symbolic link"
        } else if found.is_dir() {
            "a directory"
        } else {
            "a file"
        };
        return Err(Fault::config(format!(
            "cannot listen on {shown}: {what} is in its place; remove it or choose another path"
        )));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)
            .map_err(|error| {
                Fault::config(format!("cannot remove the stale socket {shown}")).caused_by(error)
            }),
        Ok(_) => Err(Fault::config(format!(
            "cannot listen on {shown}: another process serves it; stop it or choose another path"
        ))),
        Err(error) => Err(Fault::config(format!(
            "cannot tell whether another process serves {shown}; remove it if none does"
        ))
        .caused_by(error)),
    }
}

/// Who may write to the directory may put a socket of their own in ours' place.
fn warn_of_loose_directory(path: &Path) {
    const STICKY: u32 = 0o1000;
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let Ok(metadata) = fs::metadata(directory) else {
        return;
    };
    let mode = metadata.mode();
    if mode & 0o002 != 0 && mode & STICKY == 0 {
        tracing::warn!(
            directory = %directory.display(),
            mode = format_args!("{:04o}", mode & 0o7777),
            "anyone may replace the sockets in this directory: take write permission from others"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn the_bits_are_as_asked_whatever_the_umask() {
        let directory = tempfile::tempdir().unwrap();
        for mode in [0o600, 0o660, 0o666] {
            let path = directory.path().join(format!("{mode:o}.sock"));
            let bound = bind(&path, mode, 16).unwrap();
            assert_eq!(bits(&path), mode);
            drop(bound);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_stale_socket_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let (_listener, _file) = bind(&path, 0o600, 16).unwrap();
        UnixStream::connect(&path).unwrap();
    }

    #[test]
    fn a_live_socket_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let theirs = UnixListener::bind(&path).unwrap();
        let refused = bind(&path, 0o600, 16).unwrap_err();
        assert!(refused.to_string().contains("another process serves it"));
        drop(theirs);
        assert!(path.exists());
    }

    #[test]
    fn what_is_no_socket_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let inside = |name: &str| directory.path().join(name);
        fs::write(inside("file"), "keep me").unwrap();
        drop(UnixListener::bind(inside("stale")).unwrap());
        std::os::unix::fs::symlink(inside("stale"), inside("link")).unwrap();
        std::os::unix::fs::symlink(inside("nowhere"), inside("dangling")).unwrap();
        fs::create_dir(inside("directory")).unwrap();
        for name in ["file", "link", "dangling", "directory"] {
            let refused = bind(&inside(name), 0o600, 16).unwrap_err();
            assert!(refused.to_string().contains("is in its place"), "{refused}");
            assert!(fs::symlink_metadata(inside(name)).is_ok());
        }
        assert_eq!(fs::read_to_string(inside("file")).unwrap(), "keep me");
        assert!(!inside("nowhere").exists());
    }

    #[test]
    fn a_successor_keeps_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let (_listener, file) = bind(&path, 0o600, 16).unwrap();
        fs::rename(&path, directory.path().join("kept")).unwrap();
        let _successor = UnixListener::bind(&path).unwrap();
        drop(file);
        assert!(path.exists());
    }
}
