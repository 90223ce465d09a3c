use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::CONNECTION;
use hyper::http::request::Parts;
use hyper::http::{Method, StatusCode, Version};

use super::answer::{self, Refusal};
use super::body::{Held, Spoiled};
use super::browser::{self, Taken};
use super::core::Core;
use super::host::{self, Verdict};
use super::metrics::Event;
use super::oauth_error::OauthError;
use super::protection;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::seat::Seat;
use super::service::{Peer, Plane, Reply, Request, Response};
use crate::error::Code;

/// One connection's side of every exchange: lets a request in or refuses it, gathers its body,
/// asks the service, and finishes the answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) core: Arc<Core>,
    pub(super) seat: Arc<Seat>,
    pub(super) peer: Peer,
    /// The address that the connection came in on; none over a unix socket.
    pub(super) local: Option<IpAddr>,
}

type Wire = hyper::Response<Full<Bytes>>;

impl hyper::service::Service<hyper::Request<Incoming>> for Exchange {
    type Response = Wire;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: hyper::Request<Incoming>) -> Answering {
        let (parts, body) = request.into_parts();
        self.seat.begin();
        let id = self.core.ids.of(&parts.headers);
        let bodyless = body.is_end_stream();
        let early = match self.admit(&parts, bodyless) {
            Err(refusal) => {
                self.tell_refused(&self.request(&parts, &[], &id), refusal);
                Some(refusal.response())
            }
            Ok(()) if bodyless || !self.wants_body(&parts, &id) => {
                match self.ask(&self.request(&parts, &[], &id)) {
                    Reply::Now(response) => Some(response),
                    Reply::Wait => None,
                }
            }
            Ok(()) if self.is_oversized(&parts, &body) => Some(too_large()),
            Ok(()) => return self.gather(parts, body, id),
        };
        match early {
            Some(response) => {
                if !bodyless {
                    self.seat.mark_unread();
                }
                let response = self.finish(&parts, &id, response);
                self.seat.end();
                Answering::Ready(Some(response))
            }
            None => {
                let busy = Busy(self.clone());
                Answering::Later(Box::pin(async move {
                    let (parts, id, response) = busy.0.wait(parts, Bytes::new(), id).await;
                    busy.0.finish(&parts, &id, response)
                }))
            }
        }
    }
}

impl Exchange {
    /// The plane of a request: its listener's, or over TCP the one that its path belongs to.
    fn plane(&self, parts: &Parts) -> Plane {
        let shared = &self.core.shared;
        let serves_both = self.local.is_some() && shared.control_tokens.is_some();
        if self.seat.plane == Plane::Data && serves_both {
            shared.service.plane(parts.uri.path())
        } else {
            self.seat.plane
        }
    }

    /// Everything that is decided by the head alone.
    fn admit(&self, parts: &Parts, bodyless: bool) -> Result<(), Refusal> {
        if self.seat.has_conflict() {
            return Err(Refusal::BadRequest);
        }
        let absolute = parts.version < Version::HTTP_2 && parts.uri.authority().is_some();
        if absolute || parts.method == Method::CONNECT || !parts.uri.path().starts_with('/') {
            return Err(Refusal::BadRequest);
        }
        let shared = &self.core.shared;
        let host = match host::check(
            &shared.hosts,
            self.local,
            parts.version,
            &parts.uri,
            &parts.headers,
        ) {
            Verdict::Ours(host) => host,
            Verdict::Foreign => return Err(Refusal::Code(Code::HostRefused)),
            Verdict::Broken => return Err(Refusal::BadRequest),
        };
        let plane = self.plane(parts);
        let oauth = plane == Plane::Control && shared.service.is_oauth(parts.uri.path());
        let taken = if oauth { Taken::Form } else { Taken::Json };
        browser::check(plane, &parts.method, host, &parts.headers, bodyless, taken)?;
        // Whoever can open the control socket is its owner.
        if plane == Plane::Control && self.local.is_some() {
            let admitted = shared
                .control_tokens
                .as_ref()
                .is_some_and(|tokens| tokens.admit(&parts.headers));
            let clients = shared.oauth_clients.as_ref().filter(|_| oauth);
            if !admitted && !clients.is_some_and(|clients| clients.admit(&parts.headers)) {
                return Err(if oauth {
                    let wrong = "The client's secret, or the control token, is missing or wrong.";
                    Refusal::Oauth(OauthError::InvalidClient, wrong)
                } else {
                    Refusal::Code(Code::Unauthorized)
                });
            }
        }
        Ok(())
    }

    fn request<'a>(&self, parts: &'a Parts, body: &'a [u8], id: &'a RequestId) -> Request<'a> {
        Request {
            plane: self.plane(parts),
            peer: self.peer,
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query(),
            headers: &parts.headers,
            body,
            id,
        }
    }

    fn wants_body(&self, parts: &Parts, id: &RequestId) -> bool {
        let request = self.request(parts, &[], id);
        let service = &self.core.shared.service;
        catch_unwind(AssertUnwindSafe(|| service.wants_body(&request))).unwrap_or(false)
    }

    fn ask(&self, request: &Request<'_>) -> Reply {
        let service = &self.core.shared.service;
        catch_unwind(AssertUnwindSafe(|| service.call(request)))
            .unwrap_or_else(|_| Reply::Now(self.panicked()))
    }

    #[cold]
    fn tell_refused(&self, request: &Request<'_>, refusal: Refusal) {
        if let Refusal::Code(code) | Refusal::Explained(code, _) = refusal {
            let service = &self.core.shared.service;
            // A defect there is reported by its hook, and the answer is the same.
            let _ = catch_unwind(AssertUnwindSafe(|| service.refused(request, code)));
        }
    }

    /// A defect answers 500 and costs one request: the panic itself has been reported by its hook.
    #[cold]
    fn panicked(&self) -> Response {
        self.core
            .shared
            .metrics
            .event(self.seat.plane, Event::Panicked, 1);
        answer::error(Code::Internal)
    }

    fn body_limit(&self, parts: &Parts) -> usize {
        match self.plane(parts) {
            Plane::Data => self.core.shared.limits.body,
            Plane::Control => self.core.shared.limits.control_body,
        }
    }

    fn is_oversized(&self, parts: &Parts, body: &Incoming) -> bool {
        body.size_hint().lower() > self.body_limit(parts) as u64
    }

    fn gather(&self, parts: Parts, body: Incoming, id: RequestId) -> Answering {
        let busy = Busy(self.clone());
        Answering::Later(Box::pin(async move {
            let this = &busy.0;
            let limits = &this.core.shared.limits;
            let mut held = Held::new(&this.core.shared);
            let whole = held.collect(body, this.body_limit(&parts));
            let whole = tokio::time::timeout(limits.body_timeout, whole);
            let refusal = match whole.await {
                Ok(Ok(body)) => {
                    return match this.ask(&this.request(&parts, &body, &id)) {
                        Reply::Now(response) => this.finish(&parts, &id, response),
                        Reply::Wait => {
                            let (parts, id, response) = this.wait(parts, body, id).await;
                            this.finish(&parts, &id, response)
                        }
                    };
                }
                Ok(Err(Spoiled::TooLarge)) => too_large(),
                Ok(Err(Spoiled::Broken)) => answer::bad_request(),
                Ok(Err(Spoiled::NoRoom)) => answer::bare(StatusCode::SERVICE_UNAVAILABLE),
                Err(_late) => answer::bare(StatusCode::REQUEST_TIMEOUT),
            };
            this.seat.mark_unread();
            this.finish(&parts, &id, refusal)
        }))
    }

    /// Asks on a thread that may wait. Gives back what it borrowed.
    async fn wait(&self, parts: Parts, body: Bytes, id: RequestId) -> (Parts, RequestId, Response) {
        let this = self.clone();
        // Kept, in case the other thread takes the originals down with it.
        let spare = (parts.clone(), id.clone());
        let waiting = tokio::task::spawn_blocking(move || {
            let request = this.request(&parts, &body, &id);
            let response = this.core.shared.service.wait(&request);
            (parts, id, response)
        });
        match waiting.await {
            Ok(done) => done,
            Err(_) => (spare.0, spare.1, self.panicked()),
        }
    }

    fn finish(&self, parts: &Parts, id: &RequestId, response: Response) -> Wire {
        let plane = self.plane(parts);
        let status = response.status();
        self.core.shared.metrics.request(plane, status.as_u16());
        let has_body = !response.body().is_empty();
        let mut response = response.map(Full::new);
        let headers = response.headers_mut();
        if has_body {
            protection::add(headers);
        }
        // An id of ours tells something only where there is a line in a log to go with it.
        if id.is_inbound() || !status.is_success() || plane == Plane::Control {
            headers.insert(X_REQUEST_ID, id.to_header());
        }
        if parts.version >= Version::HTTP_2 {
            headers.remove(CONNECTION);
        } else if self.seat.is_leaving() {
            headers.insert(CONNECTION, answer::CLOSE);
        }
        if !status.is_success() {
            log(plane, parts, status, id);
        }
        response
    }
}

/// The path is left out, like everything else that a client may have put a token in.
#[cold]
fn log(plane: Plane, parts: &Parts, status: StatusCode, id: &RequestId) {
    let (plane, method, status_code) = (plane.as_str(), &parts.method, status.as_u16());
    if status.is_server_error() {
        tracing::warn!(plane, %method, status = status_code, request_id = %id, "failed");
    } else {
        tracing::debug!(plane, %method, status = status_code, request_id = %id, "refused");
    }
}

fn too_large() -> Response {
    let mut response = answer::error(Code::TooLarge);
    response.headers_mut().insert(CONNECTION, answer::CLOSE);
    response
}

/// Ends the exchange's mark on its seat however the exchange ends.
struct Busy(Exchange);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.seat.end();
    }
}

/// An answer that is here, or one that needs a body or a wait. The first allocates nothing.
pub(super) enum Answering {
    Ready(Option<Wire>),
    Later(Pin<Box<dyn Future<Output = Wire> + Send>>),
}

impl Future for Answering {
    type Output = Result<Wire, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(response) => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending,
            },
            Self::Later(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}
