use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};

use super::core::Core;
use super::framing::Framing;
use super::metrics::Event;
use super::outgoing::{Outgoing, WriteHalf};
use super::seat::Seat;

/// A connection's socket, of either kind.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The socket as the HTTP machinery sees it: what was read ahead comes first, marks are left on
/// the seat, bytes are counted, raw request heads are watched, and answers are held back until
/// [`Transport::outgoing`] is flushed.
#[derive(Debug)]
pub(super) struct Transport {
    half: ReadHalf,
    outgoing: Outgoing,
    ahead: Bytes,
    /// `None` once the connection speaks HTTP/2.
    framing: Option<Framing>,
    ended: bool,
    seat: Arc<Seat>,
    core: Arc<Core>,
}

#[derive(Debug)]
enum ReadHalf {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
}

impl Stream {
    /// Says a few last words if that takes no waiting, and closes.
    pub(super) fn say(self, words: &[u8]) {
        // A client that does not hear them finds the connection closed.
        let _ = match &self {
            Self::Tcp(stream) => SockRef::from(stream).send(words),
            Self::Unix(stream) => SockRef::from(stream).send(words),
        };
    }

    fn split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            Self::Unix(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Unix(read), WriteHalf::Unix(write))
            }
        }
    }
}

impl Transport {
    pub(super) fn new(stream: Stream, seat: Arc<Seat>, core: Arc<Core>) -> Self {
        let (half, write) = stream.split();
        Self {
            half,
            outgoing: Outgoing::new(write, Arc::clone(&seat), Arc::clone(&core)),
            ahead: Bytes::new(),
            framing: Some(Framing::default()),
            ended: false,
            seat,
            core,
        }
    }

    /// The writing side, to be flushed after every turn.
    pub(super) fn outgoing(&self) -> Outgoing {
        self.outgoing.clone()
    }

    /// Has `bytes` read again.
    pub(super) fn put_back(&mut self, bytes: Bytes) {
        self.ahead = bytes;
    }

    /// Stops to look for the heads of HTTP/1 in what comes.
    pub(super) fn watch_no_heads(&mut self) {
        self.framing = None;
    }

    /// Whether the client has closed its side.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.ahead.is_empty() {
            let length = this.ahead.len().min(buffer.remaining());
            buffer.put_slice(&this.ahead[..length]);
            this.ahead.advance(length);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(match &mut this.half {
            ReadHalf::Tcp(half) => Pin::new(half).poll_read(cx, buffer),
            ReadHalf::Unix(half) => Pin::new(half).poll_read(cx, buffer),
        })?;
        let received = &buffer.filled()[before..];
        if received.is_empty() {
            this.ended = true;
            return Poll::Ready(Ok(()));
        }
        this.seat.received();
        let metrics = &this.core.shared.metrics;
        metrics.event(this.seat.plane, Event::BytesIn, received.len());
        if let Some(framing) = &mut this.framing
            && framing.conflicts_after(received)
        {
            this.seat.mark_conflict();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The driver of the connection does it, at the end of its turn.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.poll_shutdown(cx)
    }
}
