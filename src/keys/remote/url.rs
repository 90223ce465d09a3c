use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Fault;

/// What is allowed beyond HTTPS to public addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UrlRules {
    /// Plain HTTP to any host.
    pub allow_http: bool,
    /// Addresses of loopback, private and link-local ranges.
    pub allow_private: bool,
}

/// An address that keys may come from.
///
/// Checked as text here, and once more when its name has been resolved
/// ([`allows_address`](Self::allows_address)), so that a name which points inwards does not help.
/// The grammar is narrower than RFC 3986, so that no two parsers can read one text differently.
#[derive(Clone, PartialEq, Eq)]
pub struct JwksUrl {
    text: String,
    https: bool,
    /// Lower case, IPv6 without brackets.
    host: String,
    rules: UrlRules,
}

impl JwksUrl {
    /// Reads and checks an address.
    ///
    /// # Errors
    /// `CONFIG_ERROR` that names the address, without its query, and what to change.
    pub fn parse(text: &str, rules: UrlRules) -> Result<Self, Fault> {
        let refuse = |why: &str| {
            let shown = without_query(text);
            // What stands before an @ may be a password.
            let shown = match shown.rsplit_once('@') {
                Some((_, rest)) => format!("…@{rest}"),
                None => shown.to_owned(),
            };
            Fault::config(format!("JWKS url {shown:?}: {why}"))
        };
        if text.len() > 2_048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("must be printable ASCII of at most 2048 bytes"));
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| refuse("must begin with https://"))?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(refuse(
                "must begin with https://; no other scheme is fetched",
            ));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(refuse("must not hold a user name or password"));
        }
        if path.contains(['#', '\\', '"', '<', '>', '^', '`', '{', '|', '}']) {
            return Err(refuse(
                "must not hold a fragment or characters that a URL has to escape",
            ));
        }
        let host = host_of(authority).map_err(refuse)?;
        let url = Self {
            text: text.to_owned(),
            https,
            host,
            rules,
        };
        if !https && !rules.allow_http && !url.names_loopback() {
            return Err(refuse(
                "plain http is for localhost, 127.0.0.1 and [::1] alone; use https, or set allow_http",
            ));
        }
        match url.host.parse::<IpAddr>() {
            Ok(address) if !url.allows_address(address) => Err(refuse(
                "points to a loopback, private, link-local or reserved address; set allow_private \
                 if that is meant",
            )),
            Err(_)
                if url.host == "localhost" && !url.allows_address(Ipv4Addr::LOCALHOST.into()) =>
            {
                Err(refuse(
                    "points to this machine; set allow_private if that is meant",
                ))
            }
            _ => Ok(url),
        }
    }

    /// The whole address, as it is fetched.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether a connection to that address may be made for this URL.
    #[must_use]
    pub fn allows_address(&self, address: IpAddr) -> bool {
        let range = Range::of(address);
        if !self.https && !self.rules.allow_http && range != Range::Loopback {
            return false;
        }
        match range {
            Range::Public => true,
            Range::Loopback => self.rules.allow_private || (!self.https && self.names_loopback()),
            Range::Private => self.rules.allow_private,
            Range::Never => false,
        }
    }

    /// Whether a redirect may lead there: the same host, and never from `https` to `http`.
    #[must_use]
    pub fn allows_hop(&self, scheme: &str, host: &str) -> bool {
        let https = scheme.eq_ignore_ascii_case("https");
        let web = https || scheme.eq_ignore_ascii_case("http");
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        web && (https || !self.https) && host.eq_ignore_ascii_case(&self.host)
    }

    fn names_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }
}

/// The address without its query, which may hold a secret: fit for logs.
impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_query(&self.text))
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An address cut where its query or fragment begins.
pub(super) fn without_query(url: &str) -> &str {
    url.find(['?', '#']).map_or(url, |at| &url[..at])
}

fn host_of(authority: &str) -> Result<String, &'static str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest
                .split_once(']')
                .ok_or("has an unclosed [ in its host")?;
            let address: Ipv6Addr = host.parse().map_err(|_| "has a broken IPv6 address")?;
            (address.to_string(), port)
        }
        None => {
            let at = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(at);
            (name_of(host)?, port)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port,
        None if port.is_empty() => return Ok(host),
        None => return Err("has something after its host that is no port"),
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if digits => Ok(host),
        _ => Err("has a port that is no number of 1 to 65535"),
    }
}

fn name_of(host: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
        return Err("must name a host of letters, digits, dots and hyphens");
    }
    let host = host.to_ascii_lowercase();
    // Resolvers read 2130706433, 0x7f.1 and 127.1 as addresses; only the plain form is one here.
    let last = host
        .rsplit('.')
        .find(|label| !label.is_empty())
        .unwrap_or("");
    let numeric = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err("has a number for a host; write an IPv4 address as four decimal parts");
    }
    Ok(host)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Public,
    Loopback,
    /// Private, shared, link-local (cloud metadata lives there), benchmarking, tunnels.
    Private,
    /// Unspecified, multicast, broadcast, reserved.
    Never,
}

impl Range {
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [127, ..] => Self::Loopback,
            [10, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0, _]
            | [198, 18..=19, ..] => Self::Private,
            [0 | 224..=255, ..] => Self::Never,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let v4 = |high: u16, low: u16| {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0] => Self::Never,
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            // An IPv4 address in disguise: mapped, compatible, NAT64, 6to4.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => v4(high, low),
            [0x64, 0xff9b, 1, ..]
            | [0x2001, 0, ..]
            | [0xfc00..=0xfdff, ..]
            | [0xfe80..=0xfeff, ..] => Self::Private,
            [0xff00..=0xffff, ..] => Self::Never,
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests;
