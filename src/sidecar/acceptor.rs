use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection::{self, Guest, Protocols};
use super::core::Core;
use super::drain::{Drain, Stage};
use super::listen::Socket;
use super::metrics::Event;
use super::readiness::Readiness;
use super::seat::Due;
use super::service::{Peer, Plane};
use super::transport::Stream;
use super::unix_socket::SocketFile;

/// What a client over the cap is told, if it can be told without waiting.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\
    content-length: 0\r\nretry-after: 1\r\n\r\n";

/// One core's share of a listener.
pub(super) struct Listener {
    plane: Plane,
    socket: Registered,
    /// Removed from the file system when the last core lets go of it.
    _file: Option<Arc<SocketFile>>,
}

enum Registered {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Serves on `listeners` until told to stop, and drains. Returns how many connections were cut
/// with a request under way.
pub(super) async fn run(
    core: Arc<Core>,
    listeners: Vec<Listener>,
    drain: &Drain,
    readiness: &Readiness,
) -> usize {
    let limits = &core.shared.limits;
    let protocols = Arc::new(Protocols::new(limits));
    tokio::spawn(keep_time(Arc::clone(&core)));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(
            Arc::clone(&core),
            Arc::clone(&protocols),
            listener,
            drain.watch(),
        ));
    }
    let mut stage = drain.watch();
    until(&mut stage, Stage::Draining).await;
    readiness.fall("draining");
    // Connections that the kernel had already taken are served; then the sockets close.
    while accepting.join_next().await.is_some() {}
    core.roster.dismiss();
    tokio::select! {
        () = core.roster.emptied() => {}
        () = tokio::time::sleep(limits.drain) => {}
        () = until(&mut stage, Stage::Cutting) => {}
    }
    let cut = core.roster.unfinished();
    if cut > 0 {
        tracing::warn!(cut, "connections were cut with a request under way");
    }
    cut
}

async fn until(stage: &mut watch::Receiver<Stage>, reached: Stage) {
    // The sender lives as long as the server, so waiting does not fail.
    let _ = stage.wait_for(|stage| *stage >= reached).await;
}

async fn keep_time(core: Arc<Core>) {
    let limits = &core.shared.limits;
    let due = Due::new(limits);
    loop {
        tokio::time::sleep(limits.tick()).await;
        core.roster.tick(core.shared.millis(), &due);
    }
}

async fn accept(
    core: Arc<Core>,
    protocols: Arc<Protocols>,
    listener: Listener,
    mut stage: watch::Receiver<Stage>,
) {
    let mut starved = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = until(&mut stage, Stage::Draining) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => {
                starved = false;
                admit(&core, &protocols, listener.plane, accepted);
            }
            // The client gave up before it was its turn.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                if !starved {
                    tracing::error!(%error, "connections cannot be accepted: is the limit of open files reached?");
                }
                starved = true;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Lets the system report what has arrived: connections that nobody has taken yet, and
    // requests on connections that would else pass for idle ones.
    tokio::task::yield_now().await;
    while let Some(Ok(accepted)) = listener.accept_waiting().await {
        admit(&core, &protocols, listener.plane, accepted);
    }
}

struct Accepted {
    stream: Stream,
    peer: Peer,
    local: Option<IpAddr>,
}

fn admit(core: &Arc<Core>, protocols: &Arc<Protocols>, plane: Plane, accepted: Accepted) {
    let metrics = &core.shared.metrics;
    if !core.shared.enter(plane) {
        metrics.event(plane, Event::Refused, 1);
        accepted.stream.say(FULL);
        return;
    }
    metrics.event(plane, Event::Accepted, 1);
    // Seated before anyone can count who is left.
    let guest = Guest::new(Arc::clone(core), plane);
    tokio::spawn(connection::serve(
        guest,
        Arc::clone(protocols),
        accepted.stream,
        accepted.peer,
        accepted.local,
    ));
}

impl Listener {
    /// Takes over a socket that does not block. Called within the runtime that will serve it.
    pub(super) fn register(
        plane: Plane,
        socket: Socket,
        file: Option<Arc<SocketFile>>,
    ) -> io::Result<Self> {
        let socket = match socket {
            Socket::Tcp(socket) => Registered::Tcp(TcpListener::from_std(socket)?),
            Socket::Unix(socket) => Registered::Unix(UnixListener::from_std(socket)?),
        };
        Ok(Self {
            plane,
            socket,
            _file: file,
        })
    }

    async fn accept(&self) -> io::Result<Accepted> {
        std::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// A connection that is already there, if any.
    async fn accept_waiting(&self) -> Option<io::Result<Accepted>> {
        std::future::poll_fn(|cx| match self.poll_accept(cx) {
            Poll::Ready(accepted) => Poll::Ready(Some(accepted)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        match &self.socket {
            Registered::Tcp(listener) => {
                let (stream, peer) = ready!(listener.poll_accept(cx))?;
                // A small answer must not wait for the acknowledgement of the one before.
                stream.set_nodelay(true)?;
                let local = stream.local_addr()?.ip();
                Poll::Ready(Ok(Accepted {
                    stream: Stream::Tcp(stream),
                    peer: Peer::Tcp(peer),
                    local: Some(local),
                }))
            }
            Registered::Unix(listener) => {
                let (stream, _unnamed) = ready!(listener.poll_accept(cx))?;
                let user = stream.peer_cred().ok().map(|peer| peer.uid());
                Poll::Ready(Ok(Accepted {
                    stream: Stream::Unix(stream),
                    peer: Peer::Unix(user),
                    local: None,
                }))
            }
        }
    }
}
