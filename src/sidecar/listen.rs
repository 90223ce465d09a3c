use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;

use socket2::{Domain, Protocol, Type};

use super::service::Plane;
use super::unix_socket::{self, SocketFile};
use crate::error::Fault;

/// Where to listen.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A TCP address. Port 0 takes a free one.
    Tcp(SocketAddr),
    /// A unix socket at a path, with its permission bits.
    Unix {
        /// The path. What is in its place is replaced only if it is a socket that nobody serves.
        path: PathBuf,
        /// The permission bits, such as `0o666`. A control socket allows its owner alone.
        mode: u32,
    },
}

/// A wish for a listener.
#[derive(Clone, Debug)]
pub struct Listen {
    /// What is served there.
    pub plane: Plane,
    /// Where.
    pub address: Address,
    /// Whether an address that others can reach is meant. Without it, loopback alone is bound.
    pub allow_non_loopback: bool,
}

/// The bits of a control socket: its owner's.
const OWNER_ONLY: u32 = 0o600;

/// A bound listener: one socket a core over TCP, one shared socket otherwise.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) plane: Plane,
    /// The address as bound, the port included.
    pub(super) address: Address,
    /// One a core.
    pub(super) sockets: Vec<Socket>,
    /// Removes the socket's file when dropped.
    pub(super) file: Option<Arc<SocketFile>>,
}

/// A listening socket that does not block.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Binds all of `listens`, for `cores` cores, or none.
pub(super) fn bind_all(
    listens: &[Listen],
    cores: usize,
    backlog: u16,
) -> Result<Vec<Bound>, Fault> {
    listens
        .iter()
        .map(|listen| bind(listen, cores, backlog))
        .collect()
}

fn bind(listen: &Listen, cores: usize, backlog: u16) -> Result<Bound, Fault> {
    match &listen.address {
        Address::Tcp(address) => {
            if !listen.allow_non_loopback && !address.ip().is_loopback() {
                return Err(Fault::config(format!(
                    "cannot listen on {address}: it is not a loopback address, and others could \
                     call it; set allow_non_loopback if that is meant"
                )));
            }
            let (address, sockets) = tcp(*address, cores, backlog)?;
            Ok(Bound {
                plane: listen.plane,
                address: Address::Tcp(address),
                sockets: sockets.into_iter().map(Socket::Tcp).collect(),
                file: None,
            })
        }
        Address::Unix { path, mode } => {
            if listen.plane == Plane::Control && mode & !OWNER_ONLY != 0 {
                return Err(Fault::config(format!(
                    "cannot listen on {}: a control socket of mode {mode:04o} is open to others; \
                     use 0600",
                    path.display()
                )));
            }
            let (socket, file) = unix_socket::bind(path, *mode, i32::from(backlog))?;
            let mut sockets = Vec::with_capacity(cores);
            for _ in 1..cores {
                sockets.push(socket.try_clone().map_err(|error| {
                    Fault::config(format!("cannot share the socket {}", path.display()))
                        .caused_by(error)
                })?);
            }
            sockets.push(socket);
            Ok(Bound {
                plane: listen.plane,
                address: listen.address.clone(),
                sockets: sockets.into_iter().map(Socket::Unix).collect(),
                file: Some(Arc::new(file)),
            })
        }
    }
}

/// One socket a core on the same port. The kernel spreads connections over them, so that what
/// one core touches no other core does.
fn tcp(
    wanted: SocketAddr,
    cores: usize,
    backlog: u16,
) -> Result<(SocketAddr, Vec<TcpListener>), Fault> {
    let failed = |error: std::io::Error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "; another process serves it: stop it or choose another port"
            }
            std::io::ErrorKind::PermissionDenied => "; ports below 1024 take a privilege",
            _ => "",
        };
        Fault::config(format!("cannot listen on {wanted}{hint}")).caused_by(error)
    };
    if cores > 1 && wanted.port() != 0 {
        // A port that is shared among our cores could silently be shared with an older process
        // of the same user too. Taking it alone for a moment finds that out.
        drop(tcp_socket(wanted, false, backlog).map_err(failed)?);
    }
    let first = tcp_socket(wanted, cores > 1, backlog).map_err(failed)?;
    let address = first.local_addr().map_err(failed)?;
    let mut sockets = vec![first];
    for _ in 1..cores {
        sockets.push(tcp_socket(address, true, backlog).map_err(failed)?);
    }
    Ok((address, sockets))
}

fn tcp_socket(address: SocketAddr, shared: bool, backlog: u16) -> std::io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() {
        // One family a listener: what `[::]` accepts must not depend on a system setting.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::from(backlog))?;
    Ok(socket.into())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix { path, .. } => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
