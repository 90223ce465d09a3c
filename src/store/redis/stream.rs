use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recv, socket_with,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::url::Endpoint;
use crate::clock::{Clock, SystemClock};

/// Bytes to and from a server, with one deadline for a whole exchange and not for each read: a
/// server that sends a byte now and then is as bad as one that sends nothing.
pub(super) enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

/// The most that one reply may have. No honest one comes near it.
const LARGEST_REPLY: usize = 96 << 20;

impl Stream {
    /// Connects until `deadline`, TLS included.
    pub(super) fn connect(
        endpoint: &Endpoint,
        tls: Option<&Arc<ClientConfig>>,
        deadline: Duration,
    ) -> io::Result<Self> {
        let (host, port, secured) = match endpoint {
            Endpoint::Unix(path) => {
                let socket = Socket::Unix(connect_unix(path, deadline)?);
                return Ok(Self::Plain(Timed::new(socket, deadline)));
            }
            Endpoint::Tcp { host, port, tls } => (host, *port, *tls),
        };
        let mut timed = Timed::new(Socket::Tcp(connect_tcp(host, port, deadline)?), deadline);
        if !secured {
            return Ok(Self::Plain(timed));
        }
        let config = tls.ok_or_else(|| io::Error::other("there is no TLS configuration"))?;
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let mut session =
            ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        while session.is_handshaking() {
            session.complete_io(&mut timed)?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(session, timed))))
    }

    /// Begins an exchange that must be over at `deadline`.
    pub(super) fn begin(&mut self, deadline: Duration) {
        let timed = match self {
            Self::Plain(timed) => timed,
            Self::Tls(stream) => &mut stream.sock,
        };
        timed.deadline = deadline;
        timed.received = 0;
    }

    /// Whether the reply is larger than any reply is.
    pub(super) fn is_overrun(&self) -> bool {
        self.timed().received > LARGEST_REPLY
    }

    fn timed(&self) -> &Timed {
        match self {
            Self::Plain(timed) => timed,
            Self::Tls(stream) => &stream.sock,
        }
    }

    /// Whether nothing waits to be read: neither the end of the stream, as after a restart of the
    /// server, nor something that nobody asked for.
    pub(super) fn is_quiet(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let seen = recv(self.timed().socket.as_fd(), &mut [0_u8; 1][..], flags);
        seen.is_err_and(|error| error == rustix::io::Errno::AGAIN)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(timed) => timed.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A socket that gives up at a moment of the monotonic clock.
///
/// The operating system's clock and not the store's: it waits for another process, which knows
/// nothing of a clock that a test holds still.
pub(super) struct Timed {
    socket: Socket,
    deadline: Duration,
    received: usize,
}

impl Timed {
    fn new(socket: Socket, deadline: Duration) -> Self {
        Self {
            socket,
            deadline,
            received: 0,
        }
    }
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        set_socket_timeout(
            self.socket.as_fd(),
            Timeout::Recv,
            Some(left(self.deadline)?),
        )?;
        let read = match &mut self.socket {
            Socket::Tcp(socket) => socket.read(buffer),
            Socket::Unix(socket) => socket.read(buffer),
        };
        let read = read.map_err(timed_out)?;
        self.received = self.received.saturating_add(read);
        if self.received > LARGEST_REPLY {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "the reply has no end",
            ));
        }
        Ok(read)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        set_socket_timeout(
            self.socket.as_fd(),
            Timeout::Send,
            Some(left(self.deadline)?),
        )?;
        let written = match &mut self.socket {
            Socket::Tcp(socket) => socket.write(bytes),
            Socket::Unix(socket) => socket.write(bytes),
        };
        written.map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How long it is until `deadline`; a timeout would be off if it were zero.
fn left(deadline: Duration) -> io::Result<Duration> {
    deadline
        .checked_sub(SystemClock.monotonic())
        .filter(|left| *left >= Duration::from_millis(1))
        .ok_or_else(|| ErrorKind::TimedOut.into())
}

/// A timeout of a socket shows as "would block".
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        _ => error,
    }
}

fn connect_tcp(host: &str, port: u16, deadline: Duration) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(ErrorKind::NotFound, "the host has no address");
    for address in resolve(host, port, deadline)? {
        match TcpStream::connect_timeout(&address, left(deadline)?) {
            Ok(socket) => {
                socket.set_nodelay(true)?;
                return Ok(socket);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The system's resolver knows no deadline, so it is asked on a thread that may be left behind.
fn resolve(host: &str, port: u16, deadline: Duration) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    let (send, receive) = mpsc::channel();
    let name = (host.to_owned(), port);
    thread::Builder::new()
        .name("bearerd-resolve".to_owned())
        .spawn(move || {
            let _ = send.send(name.to_socket_addrs().map(Iterator::collect));
        })?;
    receive
        .recv_timeout(left(deadline)?)
        .map_err(|_| io::Error::from(ErrorKind::TimedOut))?
}

/// A stopped server with a full queue would block a plain connect for ever.
fn connect_unix(path: &Path, deadline: Duration) -> io::Result<UnixStream> {
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    set_socket_timeout(&socket, Timeout::Send, Some(left(deadline)?))?;
    connect(&socket, &SocketAddrUnix::new(path)?).map_err(|error| timed_out(error.into()))?;
    Ok(socket.into())
}
