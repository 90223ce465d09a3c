use std::net::IpAddr;

use ipnet::IpNet;

use crate::error::Fault;

/// The proxies whose word about their client is taken: networks, and whoever connects over the unix
/// socket where `unix` is listed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

/// Who sent the request to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// From this address
    Ip(IpAddr),
    /// Over a unix socket
    Unix,
}

impl TrustedProxies {
    /// Proxies as configured: addresses, networks (`10.0.0.0/8`), and `unix`.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the entry that is none of these, or has bits set beyond its prefix.
    pub fn parse(entries: &[String]) -> Result<Self, Fault> {
        let mut proxies = Self::default();
        for entry in entries {
            if entry == "unix" {
                proxies.unix = true;
                continue;
            }
            let network = match entry.parse::<IpAddr>() {
                Ok(address) => Some(IpNet::from(address)),
                // A slip of the pen in `10.1.2.3/8` must not trust sixteen million hosts.
                Err(_) => entry
                    .parse::<IpNet>()
                    .ok()
                    .filter(|network| network.trunc() == *network),
            };
            proxies.networks.push(network.ok_or_else(|| {
                Fault::config(format!(
                    "server.trusted_proxies: {entry:?} is no address, no network such as 10.0.0.0/8 \
                     (with nothing set beyond its prefix), and not \"unix\""
                ))
            })?);
        }
        Ok(proxies)
    }

    /// The client's address: the rightmost that no trusted proxy has.
    ///
    /// Each proxy writes the address of its own client to the right of what it was sent, so from the
    /// right every address is vouched for by a trusted proxy, up to the first that is none: who writes
    /// more to the left of it has made it up. An entry that cannot be read ends the search as well,
    /// at the proxy that passed it on. `real_ip` counts where there is no `forwarded_for` at all.
    ///
    /// `None` where `peer` is a unix socket and nobody says more.
    pub fn client<'v>(
        &self,
        peer: Hop,
        forwarded_for: impl DoubleEndedIterator<Item = &'v str>,
        real_ip: Option<&str>,
    ) -> Option<IpAddr> {
        let mut client = match peer {
            Hop::Ip(ip) if !self.trusts(ip) => return Some(ip.to_canonical()),
            Hop::Ip(ip) => Some(ip.to_canonical()),
            Hop::Unix if !self.unix => return None,
            Hop::Unix => None,
        };
        let mut entries = forwarded_for
            .flat_map(|value| value.split(','))
            .rev()
            .peekable();
        if entries.peek().is_none() {
            return real_ip.and_then(address).or(client);
        }
        for entry in entries {
            let Some(ip) = address(entry) else {
                break;
            };
            client = Some(ip);
            if !self.trusts(ip) {
                break;
            }
        }
        client
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.networks.iter().any(|network| network.contains(&ip))
    }
}

/// An address as proxies write it: bare, or with a port (`1.2.3.4:56`, `[::1]:56`, `[::1]`).
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let bare = text.parse::<IpAddr>().ok();
    let bracketed = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6)
    };
    let with_port = || {
        text.parse::<std::net::SocketAddr>()
            .ok()
            .map(|both| both.ip())
    };
    bare.or_else(bracketed)
        .or_else(with_port)
        .map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], real_ip: Option<&str>) -> String {
        let trusted = ["10.0.0.0/8", "127.0.0.1", "fd00::/8"].map(str::to_owned);
        let proxies = TrustedProxies::parse(&trusted).unwrap();
        let peer = Hop::Ip(peer.parse().unwrap());
        let client = proxies.client(peer, forwarded.iter().copied(), real_ip);
        client.unwrap().to_string()
    }

    #[test]
    fn headers_count_from_a_trusted_peer_alone() {
        let forged = ["1.1.1.1"];
        assert_eq!(client("9.9.9.9", &forged, Some("1.1.1.1")), "9.9.9.9");
        assert_eq!(client("127.0.0.2", &forged, None), "127.0.0.2");
        assert_eq!(client("127.0.0.1", &forged, None), "1.1.1.1");
        assert_eq!(client("::ffff:10.1.2.3", &forged, None), "1.1.1.1");
        assert_eq!(client("fd00::1", &["2001:db8::1"], None), "2001:db8::1");
    }

    #[test]
    fn the_rightmost_that_is_not_trusted_is_the_client() {
        for (forwarded, expected) in [
            (&["1.1.1.1, 8.8.8.8"][..], "8.8.8.8"),
            (&["1.1.1.1, 8.8.8.8, 10.0.0.7"], "8.8.8.8"),
            (&["1.1.1.1", "8.8.8.8", "10.0.0.7, 10.0.0.8"], "8.8.8.8"),
            (&["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            (&["8.8.8.8:4711"], "8.8.8.8"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:8.8.8.8"], "8.8.8.8"),
            (&["  8.8.8.8\t"], "8.8.8.8"),
        ] {
            assert_eq!(
                client("127.0.0.1", forwarded, None),
                expected,
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn garbage_ends_the_search_where_it_was_passed_on() {
        for garbage in [
            "",
            "unknown",
            "_hidden",
            "1.1.1",
            "1.1.1.1.1",
            "010.1.1.1",
            "[1.1.1.1]",
            "a,",
        ] {
            let one = format!("1.1.1.1, {garbage}");
            assert_eq!(client("127.0.0.1", &[&one], None), "127.0.0.1", "{garbage}");
            let two = format!("1.1.1.1, {garbage}, 10.0.0.7");
            assert_eq!(client("127.0.0.1", &[&two], None), "10.0.0.7", "{garbage}");
            let behind = format!("{garbage}, 8.8.8.8");
            assert_eq!(
                client("127.0.0.1", &[&behind], None),
                "8.8.8.8",
                "{garbage}"
            );
        }
    }

    #[test]
    fn the_other_header_counts_where_the_first_is_absent() {
        assert_eq!(client("10.0.0.1", &[], Some("8.8.8.8")), "8.8.8.8");
        assert_eq!(client("10.0.0.1", &[], Some("x")), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["x"], Some("8.8.8.8")), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], None), "10.0.0.1");
    }

    #[test]
    fn a_unix_socket_is_trusted_where_it_is_listed() {
        let forwarded = || ["8.8.8.8"].into_iter();
        let none = TrustedProxies::default();
        assert_eq!(none.client(Hop::Unix, forwarded(), None), None);
        let unix = TrustedProxies::parse(&["unix".to_owned()]).unwrap();
        let told = unix.client(Hop::Unix, forwarded(), None);
        assert_eq!(told, "8.8.8.8".parse().ok());
        assert_eq!(unix.client(Hop::Unix, [].into_iter(), None), None);
    }

    #[test]
    fn what_is_no_network_is_named() {
        for wrong in [
            "",
            "localhost",
            "10.0.0.0/33",
            "10.1.2.3/8",
            "*",
            "10.0.0.0-10.0.0.9",
        ] {
            let refused = TrustedProxies::parse(&[wrong.to_owned()]).unwrap_err();
            assert!(
                refused.to_string().contains(&format!("{wrong:?}")),
                "{refused}"
            );
        }
    }
}
