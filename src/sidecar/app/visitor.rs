//! The client of a request: of the one that forward auth is asked about, or of the one that an
//! application describes.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue, USER_AGENT};

use super::App;
use super::fields::{Fields, invalid};
use crate::config::ServerSection;
use crate::error::Fault;
use crate::sidecar::client::{Agent, Client, Hop, TrustedProxies};
use crate::sidecar::service::{Peer, Request};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// How clients are recognised and told of.
#[derive(Debug, Default)]
pub(super) struct Visitors {
    proxies: TrustedProxies,
    /// The headers by which forward auth tells of the client, each with its member.
    headers: Vec<(HeaderName, &'static str)>,
}

impl Visitors {
    /// # Errors
    /// `CONFIG_ERROR` naming the proxy or header.
    pub(super) fn new(section: &ServerSection) -> Result<Self, Fault> {
        let mut headers = Vec::new();
        for (name, member) in &section.client_headers {
            let known = Client::MEMBERS.iter().find(|known| *known == member);
            let member = known.ok_or_else(|| {
                Fault::config(format!(
                    "server.client_headers: {name}: {member:?} is not known of a client; there are {}",
                    Client::MEMBERS.join(", ")
                ))
            })?;
            headers.push((
                super::identity::usable("server.client_headers", name)?,
                *member,
            ));
        }
        Ok(Self {
            proxies: TrustedProxies::parse(&section.trusted_proxies)?,
            headers,
        })
    }

    pub(super) fn header_names(&self) -> impl Iterator<Item = &HeaderName> {
        self.headers.iter().map(|(name, _)| name)
    }
}

impl App {
    /// Writes the client's headers, unknown members empty. Nothing is parsed where none is
    /// configured.
    pub(super) fn describe_client(&self, request: &Request<'_>, headers: &mut HeaderMap) {
        if self.visitors.headers.is_empty() {
            return;
        }
        let client = self.client_of(request);
        for (name, member) in &self.visitors.headers {
            let value = client.get(member).unwrap_or_default();
            let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(""));
            headers.insert(name, value);
        }
    }

    /// The client that a gateway tells of, by the headers that it added to the request.
    fn client_of(&self, request: &Request<'_>) -> Client {
        Client {
            ip: self.address_of(request),
            agent: only(request, &USER_AGENT)
                .map(Agent::parse)
                .unwrap_or_default(),
        }
    }

    /// The client's address, where a trusted proxy tells it. The gateway's own would stand for all
    /// of its clients.
    pub(super) fn told_address(&self, request: &Request<'_>) -> Option<IpAddr> {
        let own = match request.peer {
            Peer::Tcp(address) => Some(address.ip().to_canonical()),
            Peer::Unix(_) => None,
        };
        self.address_of(request).filter(|ip| Some(*ip) != own)
    }

    fn address_of(&self, request: &Request<'_>) -> Option<IpAddr> {
        let peer = match request.peer {
            Peer::Tcp(address) => Hop::Ip(address.ip()),
            Peer::Unix(_) => Hop::Unix,
        };
        let forwarded = request.headers.get_all(&X_FORWARDED_FOR).iter();
        // What is not text is an entry that cannot be read.
        let forwarded = forwarded.map(|value| value.to_str().unwrap_or_default());
        let real_ip = only(request, &X_REAL_IP);
        self.visitors.proxies.client(peer, forwarded, real_ip)
    }

    /// The client that an application describes: `ip` is the address that connected to it.
    pub(super) fn described_client(&self, fields: &mut Fields) -> Result<Option<Client>, Fault> {
        let Some(mut described) = fields.nested("client")? else {
            return Ok(None);
        };
        let within = |fault: Fault| invalid(format!("client.{fault}"));
        let mut text = |name: &str| described.text(name).map_err(within);
        let ip = text("ip")?;
        let agent = text("user_agent")?;
        let forwarded = text("forwarded_for")?;
        let real_ip = text("real_ip")?;
        described
            .finish("ip, user_agent, forwarded_for, real_ip")
            .map_err(within)?;
        let peer = match ip {
            None => Hop::Unix,
            Some(text) => {
                let ip = text.parse().map_err(|_| {
                    invalid("client.ip: must be an address, such as 203.0.113.9 or 2001:db8::1")
                })?;
                Hop::Ip(ip)
            }
        };
        let ip = self.visitors.proxies.client(
            peer,
            forwarded.as_deref().into_iter(),
            real_ip.as_deref(),
        );
        Ok(Some(Client {
            ip,
            agent: agent.as_deref().map(Agent::parse).unwrap_or_default(),
        }))
    }
}

/// The text of a header that was sent once.
fn only<'r>(request: &Request<'r>, name: &HeaderName) -> Option<&'r str> {
    let mut sent = request.headers.get_all(name).iter();
    match (sent.next(), sent.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
