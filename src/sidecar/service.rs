use std::net::SocketAddr;

use bytes::Bytes;
use hyper::{HeaderMap, Method};

use super::request_id::RequestId;
use crate::error::Code;

/// What a plane answers. One instance a process, shared by all cores.
pub trait Service: Send + Sync + 'static {
    /// Which plane a path belongs to on a TCP listener of the data plane, which serves both where
    /// there is a control token: a control request then needs it. Unix sockets serve their own
    /// plane alone.
    fn plane(&self, path: &str) -> Plane {
        let _ = path;
        Plane::Data
    }

    /// Whether a path of the control plane is a standard OAuth endpoint: it takes a form in place of
    /// JSON, and [`OauthClients`](super::OauthClients) beside the holder of the control token.
    fn is_oauth(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Whether the body matters. Asked with the head alone; on `false` the call comes at once,
    /// with an empty body, and what the client sends is not waited for.
    fn wants_body(&self, head: &Request<'_>) -> bool {
        let _ = head;
        true
    }

    /// Answers from memory. Runs on the core's own thread, so it must never wait for a disk, a
    /// network or a lock that is held over either: what would wait returns [`Reply::Wait`].
    fn call(&self, request: &Request<'_>) -> Reply;

    /// Hears of a request that the edge refused by its head alone, with what is said of it.
    /// Must not wait, as [`Service::call`].
    fn refused(&self, request: &Request<'_>, code: Code) {
        let _ = (request, code);
    }

    /// Answers what [`Service::call`] put off, on a thread that may wait.
    fn wait(&self, request: &Request<'_>) -> Response {
        let _ = request;
        super::answer::error(Code::Internal)
    }
}

/// An answer: status, headers and a whole body. Length, date, request id and connection handling
/// are the edge's.
pub type Response = hyper::Response<Bytes>;

/// Whether the answer is here.
#[derive(Debug)]
pub enum Reply {
    /// It is.
    Now(Response),
    /// It takes a store or another slow thing: call [`Service::wait`]. Nothing has been counted.
    Wait,
}

/// Who may call a listener, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plane {
    /// Any process of the host: verify, forward auth, JWKS, health, metrics.
    Data,
    /// The holder of the control token or of the control socket: sign, revoke, reload.
    Control,
}

impl Plane {
    /// Both, in the order of their metrics.
    pub const ALL: [Plane; 2] = [Plane::Data, Plane::Control];

    /// The name in labels and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Control => "control",
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// The other end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Over TCP.
    Tcp(SocketAddr),
    /// Over a unix socket; the user id where the kernel told it.
    Unix(Option<u32>),
}

/// One request, its body whole and within its limit.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The plane of the listener that took it.
    pub plane: Plane,
    /// Who sent it.
    pub peer: Peer,
    /// The method.
    pub method: &'a Method,
    /// The path as it was sent: neither decoded nor normalised.
    pub path: &'a str,
    /// What followed `?`.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// The client's request id, or one of ours.
    pub id: &'a RequestId,
}
