//! Remote JWKS: keys that an issuer publishes over HTTPS.
//!
//! A thread of its own fetches the document ahead of its expiry and hands it to a [`KeySink`];
//! a request never waits for the network. What goes wrong out there (an outage, an error page, an
//! empty set) leaves the keys as they are until [`RemoteConfig::stale_after`] has passed since the
//! last success; from then on the sink knows that nothing may be trusted, and verification answers
//! `KEYS_UNAVAILABLE`.
//!
//! A token with an unknown `kid` may bring a fetch forward, under a cool-down that counts attempts.
//! That budget is apart from the scheduled refresh: random `kid`s cannot storm the issuer, and
//! cannot keep a real rotation from being seen within one cool-down.
//!
//! | part | what it is |
//! |---|---|
//! | [`Fetch`] | the parameter that gets the document; [`HttpFetch`] is the real one |
//! | [`JwksUrl`] | where it may be got from, checked as text and again as connected addresses |
//! | `policy` | when to fetch: a pure state machine |
//! | [`RemoteWorker`] | one step of the work, for whoever drives it |
//! | [`RemoteKeys`] | the thread that drives it |

mod config;
mod disk;
mod fetch;
mod handle;
#[cfg(feature = "remote")]
mod http;
#[cfg(feature = "remote")]
mod lifetime;
mod policy;
mod sink;
mod stats;
mod thread;
mod unknown_kids;
mod url;
mod worker;

pub use config::RemoteConfig;
pub use fetch::{Fetch, FetchError, Fetched};
pub use handle::RemoteHandle;
#[cfg(feature = "remote")]
pub use http::HttpFetch;
pub use sink::{Accepted, KeySink};
pub use stats::RemoteStats;
pub use thread::RemoteKeys;
pub use url::{JwksUrl, UrlRules};
pub use worker::RemoteWorker;
