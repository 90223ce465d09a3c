//! Who is at the other end: the client's address, and what its `User-Agent` says of it.
//!
//! A header is what anybody may write. The address is therefore that of the connection, unless it
//! comes from a proxy that the configuration trusts ([`TrustedProxies`]); the rest is for the eyes of
//! people and for statistics, and nothing is to be decided by it.

mod agent;
mod proxies;

use std::net::IpAddr;

use serde_json::{Map, Value};

pub use agent::Agent;
pub use proxies::{Hop, TrustedProxies};

/// What is known of a client. Everything may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address; one of IPv4 that is written as IPv6 has become IPv4.
    pub ip: Option<IpAddr>,
    /// What its `User-Agent` says.
    pub agent: Agent,
}

impl Client {
    /// The names that [`get`](Self::get) knows, in the order in which they are written.
    pub const MEMBERS: [&'static str; 6] = [
        "ip",
        "device",
        "system",
        "system_version",
        "browser",
        "browser_version",
    ];

    /// The member of that name; `None` where it is unknown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "ip" => self.ip.map(|ip| ip.to_string()),
            "device" => self.agent.device.map(str::to_owned),
            "system" => self.agent.system.clone(),
            "system_version" => self.agent.system_version.clone(),
            "browser" => self.agent.browser.clone(),
            "browser_version" => self.agent.browser_version.clone(),
            _ => None,
        }
    }

    /// One JSON object; what is unknown is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let known = |name: &&str| Some(((*name).to_owned(), self.get(name)?.into()));
        Value::Object(
            Self::MEMBERS
                .iter()
                .filter_map(known)
                .collect::<Map<_, _>>(),
        )
    }
}
