//! The HTTP edge of the sidecar: listeners, limits, planes, and the way out.
//!
//! The edge takes bytes from strangers and hands whole, bounded requests to one [`Service`]; it
//! knows nothing of tokens' contents. In order, a request meets
//!
//! 1. its **listener**: loopback or a unix socket, unless told otherwise in so many words, and a
//!    cap on connections a plane;
//! 2. the **connection**: HTTP/1.1 or HTTP/2 with prior knowledge, every wait and every size
//!    bounded by [`ServerLimits`]; a length that could be read in two ways is refused;
//! 3. the **gate**, by its head alone: the target's form, the `Host` (DNS rebinding), what a
//!    foreign page could have sent, and on the control plane over TCP the control token;
//! 4. the **service**, which answers from memory on the core's own thread, or asks for a thread
//!    that may wait.
//!
//! Each core is one thread with its own runtime, sockets, connections and counters; cores share
//! the service and little else. [`run`] serves until its [`Drain`] is ordered and reports what it
//! had to cut. Failures of the configuration come out of [`Server::start`], before any request.

mod acceptor;
pub mod answer;
pub mod app;
mod body;
mod browser;
pub mod client;
mod connection;
mod control_token;
mod core;
mod drain;
mod exchange;
pub mod extract;
mod framing;
mod host;
mod housekeeping;
mod limits;
mod listen;
pub mod log;
pub mod metrics;
mod oauth_clients;
mod oauth_error;
mod openapi;
mod outgoing;
mod protection;
pub mod rate;
mod readiness;
mod request_id;
mod roster;
mod seat;
mod server;
mod service;
mod setup;
mod signals;
mod transport;
mod unix_socket;

pub use control_token::ControlTokens;
pub use drain::Drain;
pub use host::Hosts;
pub use limits::ServerLimits;
pub use listen::{Address, Listen};
pub use metrics::Metrics;
pub use oauth_clients::OauthClients;
pub use readiness::{Latch, Readiness};
pub use request_id::{RequestId, X_REQUEST_ID};
pub use server::{Report, Running, Server, run};
pub use service::{Peer, Plane, Reply, Request, Response, Service};
pub use setup::{Prepared, Sidecar};
pub use signals::{CaughtSignals, Signals};
