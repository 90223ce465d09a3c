//! A server that verifies nothing: `bearerd-bare ADDRESS SOCKET [NAME: VALUE]...` answers every
//! request on both with 200, those headers and no body. One thread.

use std::convert::Infallible;
use std::future::poll_fn;
use std::task::Poll;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(socket)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bearerd-bare ADDRESS SOCKET [NAME: VALUE]...".into());
    };
    let mut headers = HeaderMap::new();
    for line in arguments {
        let (name, value) = line.split_once(": ").ok_or("a header is NAME: VALUE")?;
        headers.append(
            HeaderName::from_bytes(name.as_bytes())?,
            HeaderValue::from_str(value)?,
        );
    }
    // Leaked once: shared, and never counted.
    let headers: &'static HeaderMap = Box::leak(Box::new(headers));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let (tcp, unix) = (
            TcpListener::bind(&address).await?,
            UnixListener::bind(&socket)?,
        );
        poll_fn(|cx| -> Poll<Result<(), Box<dyn std::error::Error>>> {
            while let Poll::Ready(accepted) = tcp.poll_accept(cx) {
                let stream = accepted?.0;
                stream.set_nodelay(true)?;
                serve(stream, headers);
            }
            while let Poll::Ready(accepted) = unix.poll_accept(cx) {
                serve(accepted?.0, headers);
            }
            Poll::Pending
        })
        .await
    })
}

fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, headers: &'static HeaderMap) {
    tokio::task::spawn_local(async move {
        let answer = service_fn(move |_| async move {
            let mut response = Response::new(Full::new(Bytes::new()));
            *response.headers_mut() = headers.clone();
            Ok::<_, Infallible>(response)
        });
        let mut builder = http1::Builder::new();
        builder.pipeline_flush(true).half_close(true);
        // A client that is gone is no matter.
        let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
    });
}
