use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use tokio::net::{tcp, unix};

use super::core::Core;
use super::metrics::Event;
use super::seat::Seat;

/// What is held back at most, and from which size on a write is not worth holding back.
const HELD: usize = 16 * 1_024;

/// A connection's writing side, which holds small answers back until the end of a turn.
///
/// Sixteen pipelined requests are so answered with one system call instead of sixteen. The HTTP
/// machinery can do this too (`pipeline_flush`), but then loses what it held back if the last of
/// the requests turns out to be malformed, and holds the other answers back until it is complete.
/// Here, whoever drives the connection flushes after every turn, whatever became of it.
#[derive(Clone, Debug)]
pub(super) struct Outgoing(Arc<Mutex<Writer>>);

#[derive(Debug)]
struct Writer {
    half: WriteHalf,
    held: Vec<u8>,
    /// How much of `held` is written.
    written: usize,
    seat: Arc<Seat>,
    core: Arc<Core>,
}

#[derive(Debug)]
pub(super) enum WriteHalf {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
}

impl Outgoing {
    pub(super) fn new(half: WriteHalf, seat: Arc<Seat>, core: Arc<Core>) -> Self {
        Self(Arc::new(Mutex::new(Writer {
            half,
            held: Vec::new(),
            written: 0,
            seat,
            core,
        })))
    }

    /// Takes bytes, to be written now or at the next flush.
    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut writer = self.0.lock();
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        if writer.held.len() + length > HELD {
            ready!(writer.poll_flush(cx))?;
        }
        if length > HELD {
            return writer.poll_send(cx, |half, cx| half.poll_write_vectored(cx, slices));
        }
        for slice in slices {
            writer.held.extend_from_slice(slice);
        }
        Poll::Ready(Ok(length))
    }

    /// Writes what is held.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_flush(cx)
    }

    /// Whether anything is held.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().held.is_empty()
    }

    /// Writes what is held, and closes this side.
    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut writer = self.0.lock();
        ready!(writer.poll_flush(cx))?;
        writer.half.as_write().poll_shutdown(cx)
    }
}

impl Writer {
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.held.len() {
            let (held, from) = (std::mem::take(&mut self.held), self.written);
            let sent = self.poll_send(cx, |half, cx| half.poll_write(cx, &held[from..]));
            self.held = held;
            match ready!(sent)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => self.written += sent,
            }
        }
        self.held.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        send: impl FnOnce(
            Pin<&mut (dyn AsyncWrite + Unpin)>,
            &mut Context<'_>,
        ) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let sent = send(self.half.as_write(), cx);
        match &sent {
            Poll::Pending => self.seat.blocked(),
            Poll::Ready(Ok(length)) => {
                self.seat.sent();
                let metrics = &self.core.shared.metrics;
                metrics.event(self.seat.plane, Event::BytesOut, *length);
            }
            Poll::Ready(Err(_)) => {}
        }
        sent
    }
}

impl WriteHalf {
    fn as_write(&mut self) -> Pin<&mut (dyn AsyncWrite + Unpin)> {
        Pin::new(match self {
            Self::Tcp(half) => half as _,
            Self::Unix(half) => half as _,
        })
    }
}
