use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};

use super::core::Core;
use super::exchange::Exchange;
use super::limits::ServerLimits;
use super::metrics::Event;
use super::outgoing::Outgoing;
use super::seat::{Order, Seat};
use super::service::{Peer, Plane};
use super::transport::{Stream, Transport};

/// How a client begins that knows beforehand that we speak HTTP/2 (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const TOO_LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The machinery of both protocols, set up once a core.
#[derive(Clone, Debug)]
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn new(limits: &ServerLimits) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .half_close(true)
            .max_buf_size(limits.head)
            // The roster does this without a timer a request.
            .header_read_timeout(None);
        if limits.headers != 100 {
            // The parser's own bound is the same and keeps the lines off the heap.
            http1.max_headers(limits.headers);
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
            .initial_stream_window_size(65_535)
            .initial_connection_window_size(1 << 20)
            .max_send_buf_size(64 * 1_024);
        Self { http1, http2 }
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(
    guest: Guest,
    protocols: Arc<Protocols>,
    stream: Stream,
    peer: Peer,
    local: Option<IpAddr>,
) {
    let Guest { core, seat } = &guest;
    let mut transport = Transport::new(stream, Arc::clone(seat), Arc::clone(core));
    let exchange = Exchange {
        core: Arc::clone(core),
        seat: Arc::clone(seat),
        peer,
        local,
    };
    match opening(&mut transport, seat).await {
        Ok(Opening::Http1(bytes)) => {
            transport.put_back(bytes);
            over_http1(&protocols.http1, transport, exchange).await;
        }
        Ok(Opening::Http2(bytes)) => {
            transport.put_back(bytes);
            transport.watch_no_heads();
            seat.multiplex();
            over_http2(&protocols.http2, transport, exchange).await;
        }
        Ok(Opening::Late) => too_late(transport, &exchange).await,
        // Closed or broken before it said anything.
        Ok(Opening::Over) | Err(_) => {}
    }
}

/// A connection's place in the counts, given back however it ends.
pub(super) struct Guest {
    core: Arc<Core>,
    seat: Arc<Seat>,
}

impl Guest {
    /// Takes a connection in that the plane has room for.
    pub(super) fn new(core: Arc<Core>, plane: Plane) -> Self {
        let seat = core.roster.take_seat(plane);
        Self { core, seat }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.core.roster.leave_seat(&self.seat);
        self.core.shared.leave(self.seat.plane);
    }
}

enum Opening {
    Http1(Bytes),
    Http2(Bytes),
    Late,
    Over,
}

/// Reads until it is clear which protocol the client speaks.
async fn opening(transport: &mut Transport, seat: &Seat) -> io::Result<Opening> {
    let mut bytes = BytesMut::new();
    let mut listening = false;
    std::future::poll_fn(|cx| {
        loop {
            let mut space = [0; 2_048];
            let mut buffer = ReadBuf::new(&mut space);
            if Pin::new(&mut *transport)
                .poll_read(cx, &mut buffer)?
                .is_pending()
            {
                if !listening {
                    seat.listen(cx.waker());
                    listening = true;
                }
                return match seat.order() {
                    Order::Stay => Poll::Pending,
                    Order::Leave if !seat.may_leave() => Poll::Pending,
                    Order::Late => Poll::Ready(Ok(Opening::Late)),
                    Order::Leave | Order::Cut => Poll::Ready(Ok(Opening::Over)),
                };
            }
            if buffer.filled().is_empty() && bytes.is_empty() {
                return Poll::Ready(Ok(Opening::Over));
            }
            let ended = buffer.filled().is_empty();
            bytes.extend_from_slice(buffer.filled());
            let compared = bytes.len().min(PREFACE.len());
            if ended || bytes[..compared] != PREFACE[..compared] {
                return Poll::Ready(Ok(Opening::Http1(bytes.split().freeze())));
            }
            if compared == PREFACE.len() {
                return Poll::Ready(Ok(Opening::Http2(bytes.split().freeze())));
            }
        }
    })
    .await
}

async fn over_http1(builder: &http1::Builder, transport: Transport, exchange: Exchange) {
    let seat = Arc::clone(&exchange.seat);
    let outgoing = transport.outgoing();
    let mut connection = builder.serve_connection(TokioIo::new(transport), exchange.clone());
    let mut listening = false;
    let end = std::future::poll_fn(|cx| {
        let turn = Pin::new(&mut connection).poll(cx).map(End::Itself);
        let turn = match seat.order() {
            _ if turn.is_ready() => turn,
            Order::Leave if seat.may_leave() => {
                Pin::new(&mut connection).graceful_shutdown();
                Pin::new(&mut connection).poll(cx).map(End::Itself)
            }
            Order::Stay | Order::Leave => turn,
            Order::Late => Poll::Ready(End::Late),
            Order::Cut => Poll::Ready(End::Cut),
        };
        rest(turn, cx, &outgoing, &seat, &mut listening)
    })
    .await;
    if matches!(end, End::Itself(_)) && !outgoing.is_empty() {
        // A request to upgrade ends without the last flush.
        let flushed = std::future::poll_fn(|cx| outgoing.poll_shutdown(cx));
        // A client that does not take it is closed without.
        let _ = tokio::time::timeout(exchange.core.shared.limits.write_timeout, flushed).await;
    }
    let transport = connection.into_parts().io.into_inner();
    match end {
        End::Itself(Ok(())) if !seat.is_unread() => {}
        End::Itself(Ok(())) => linger(transport, &exchange).await,
        End::Itself(Err(error)) if error.is_parse() => {
            count(&exchange, Event::Protocol);
            linger(transport, &exchange).await;
        }
        End::Itself(Err(_)) | End::Broken => {}
        End::Late => too_late(transport, &exchange).await,
        End::Cut => count(&exchange, Event::TimedOut),
    }
}

enum End {
    Itself(hyper::Result<()>),
    /// The client is gone.
    Broken,
    Late,
    Cut,
}

async fn over_http2(
    builder: &http2::Builder<TokioExecutor>,
    transport: Transport,
    exchange: Exchange,
) {
    let seat = Arc::clone(&exchange.seat);
    let outgoing = transport.outgoing();
    let mut connection = builder.serve_connection(TokioIo::new(transport), exchange.clone());
    let mut listening = false;
    let mut leaving = false;
    let end = std::future::poll_fn(|cx| {
        let turn = Pin::new(&mut connection).poll(cx).map(End::Itself);
        let turn = match seat.order() {
            _ if turn.is_ready() => turn,
            Order::Leave if !leaving => {
                leaving = true;
                Pin::new(&mut connection).graceful_shutdown();
                Pin::new(&mut connection).poll(cx).map(End::Itself)
            }
            Order::Stay | Order::Leave => turn,
            Order::Late | Order::Cut => Poll::Ready(End::Cut),
        };
        rest(turn, cx, &outgoing, &seat, &mut listening)
    })
    .await;
    match end {
        End::Itself(Ok(())) | End::Broken => {}
        End::Itself(Err(_)) => count(&exchange, Event::Protocol),
        End::Late | End::Cut => count(&exchange, Event::TimedOut),
    }
}

/// The end of a turn: writes what the turn held back, and sees to it that orders wake the task.
fn rest(
    turn: Poll<End>,
    cx: &mut Context<'_>,
    outgoing: &Outgoing,
    seat: &Seat,
    listening: &mut bool,
) -> Poll<End> {
    if turn.is_ready() {
        return turn;
    }
    if !std::mem::replace(listening, true) {
        seat.listen(cx.waker());
        // An order may have been given while nobody listened.
        if seat.order() > Order::Stay {
            cx.waker().wake_by_ref();
        }
    }
    match outgoing.poll_flush(cx) {
        Poll::Ready(Err(_)) => Poll::Ready(End::Broken),
        Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
    }
}

async fn too_late(mut transport: Transport, exchange: &Exchange) {
    count(exchange, Event::TimedOut);
    // If it cannot be told, it is closed all the same.
    let told = async {
        transport.write_all(TOO_LATE).await?;
        transport.shutdown().await
    };
    if let Ok(Ok(())) = tokio::time::timeout(exchange.core.shared.limits.linger, told).await {
        linger(transport, exchange).await;
    }
}

/// Reads and drops what a refused client still sends. To close a socket with unread bytes in it
/// resets the connection, and the client would lose the refusal.
async fn linger(mut transport: Transport, exchange: &Exchange) {
    if transport.has_ended() {
        return;
    }
    exchange.seat.linger();
    let drained = async {
        let mut space = vec![0; 8_192];
        while let Ok(1..) = transport.read(&mut space).await {}
    };
    // Too long is as good as done.
    let _ = tokio::time::timeout(exchange.core.shared.limits.linger, drained).await;
}

fn count(exchange: &Exchange, event: Event) {
    exchange
        .core
        .shared
        .metrics
        .event(exchange.seat.plane, event, 1);
}
