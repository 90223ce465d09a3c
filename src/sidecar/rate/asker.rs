use std::net::{IpAddr, Ipv6Addr};

use crate::config::By;
use crate::crypto::Provider;

/// Whose attempt it is, as far as that is known. What is not known is not counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker<'a> {
    /// Where subjects come from: a profile's name, or nothing for the application's own
    pub realm: &'a str,
    /// The subject
    pub subject: Option<&'a str>,
    /// The address
    pub ip: Option<IpAddr>,
}

impl Asker<'_> {
    /// The name of the asker's bucket; `None` where the asker is not known that way.
    ///
    /// The same in every process, and hashed, each part with its length before it: no two askers
    /// share a bucket, and nobody can tell who asked from what the store holds without guessing.
    pub(super) fn bucket(&self, provider: Provider, limit: &str, by: By) -> Option<[u8; 16]> {
        let address;
        let (kind, who): (&str, &[u8]) = match by {
            By::Subject => ("subject", self.subject?.as_bytes()),
            By::Ip => {
                address = network(self.ip?);
                ("ip", &address)
            }
        };
        let realm = match by {
            By::Subject => self.realm,
            By::Ip => "",
        };
        let mut text = Vec::new();
        for part in [limit.as_bytes(), kind.as_bytes(), realm.as_bytes(), who] {
            text.extend_from_slice(&part.len().to_be_bytes());
            text.extend_from_slice(part);
        }
        let mut name = [0; 16];
        name.copy_from_slice(&provider.sha256(&text)[..16]);
        Some(name)
    }
}

/// An address of IPv4, or the /64 network of one of IPv6: a host may use every address of its own.
pub(super) fn network(ip: IpAddr) -> Vec<u8> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => {
            let host = u128::from(u64::MAX);
            Ipv6Addr::from_bits(ip.to_bits() & !host).octets().to_vec()
        }
    }
}
