use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::core::Core;
use super::framing::Framing;
use super::metrics::Event;
use super::roster::Seat;

/// A connection's socket, of either kind.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The socket as the HTTP machinery sees it: what was read ahead comes first, marks are left on
/// the seat, bytes are counted, and raw request heads are watched.
#[derive(Debug)]
pub(super) struct Transport {
    stream: Stream,
    ahead: Bytes,
    /// `None` once the connection speaks HTTP/2.
    framing: Option<Framing>,
    ended: bool,
    seat: Arc<Seat>,
    core: Arc<Core>,
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
}

impl Transport {
    pub(super) fn new(stream: Stream, seat: Arc<Seat>, core: Arc<Core>) -> Self {
        Self {
            stream,
            ahead: Bytes::new(),
            framing: Some(Framing::default()),
            ended: false,
            seat,
            core,
        }
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
        ready!(match &mut this.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        })?;
        let received = &buffer.filled()[before..];
        if received.is_empty() {
            this.ended = true;
        } else {
            let core = &this.core;
            this.seat.received(core.roster.now());
            core.shared
                .metrics
                .event(this.seat.plane, Event::BytesIn, received.len());
            if let Some(framing) = &mut this.framing
                && framing.conflicts_after(received)
            {
                this.seat.mark_conflict();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Transport {
    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &result {
            Poll::Pending => self.seat.blocked(self.core.roster.now()),
            Poll::Ready(Ok(length)) => {
                self.seat.sent();
                self.core
                    .shared
                    .metrics
                    .event(self.seat.plane, Event::BytesOut, *length);
            }
            Poll::Ready(Err(_)) => {}
        }
        result
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = match &mut this.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        this.wrote(result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = match &mut this.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Stream::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        this.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Sockets have no buffer of their own to flush.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
