use std::net::IpAddr;

use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::http::{HeaderMap, Uri, Version};

/// The names under which a listener is called.
///
/// A browser that was led here by a DNS name of an attacker's (DNS rebinding) still sends that
/// name: whatever is not listed is refused. `localhost`, `127.0.0.1`, `::1` and the address that
/// the connection came in on are always listed; any port will do.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// The configured names beside the built-in ones: without a port, compared without regard to
    /// case. An IPv6 address may stand in brackets or not.
    #[must_use]
    pub fn new<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names = names
            .into_iter()
            .map(Into::into)
            .map(|name| unbracketed(&name).to_ascii_lowercase())
            .collect();
        Self { names }
    }

    fn allow(&self, host: &str, local: IpAddr) -> bool {
        let Some(name) = name_of(host) else {
            return false;
        };
        name == "127.0.0.1"
            || name.eq_ignore_ascii_case("localhost")
            || name == "::1"
            || self
                .names
                .iter()
                .any(|ours| ours.eq_ignore_ascii_case(name))
            || name.parse::<IpAddr>().is_ok_and(|address| address == local)
    }
}

/// What to do with a request on account of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict<'a> {
    /// Ours: the host as it was sent, if it was.
    Ours(Option<&'a str>),
    /// Well formed, and of another name.
    Foreign,
    /// None where there must be one, more than one, or two that differ: not HTTP.
    Broken,
}

/// Looks at `Host` and `:authority`. `local` is the address that the connection came in on; over
/// a unix socket there is none, and any name will do, since no browser gets there.
pub(super) fn check<'a>(
    hosts: &Hosts,
    local: Option<IpAddr>,
    version: Version,
    uri: &'a Uri,
    headers: &'a HeaderMap,
) -> Verdict<'a> {
    let mut sent = headers.get_all(HOST).iter();
    let header = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some(value), None) => match value.to_str() {
            Ok(text) => Some(text),
            Err(_) => return Verdict::Broken,
        },
        (Some(_), Some(_)) => return Verdict::Broken,
    };
    let host = match (uri.authority().map(Authority::as_str), header) {
        (Some(authority), Some(header)) if authority != header => return Verdict::Broken,
        (Some(authority), _) => Some(authority),
        (None, header) => header,
    };
    let Some(local) = local else {
        return Verdict::Ours(host);
    };
    match host {
        Some(host) if hosts.allow(host, local) => Verdict::Ours(Some(host)),
        // HTTP/1.0 knows no Host; browsers do not speak it, and neither do we without one.
        None if version == Version::HTTP_10 => Verdict::Foreign,
        None => Verdict::Broken,
        Some(_) => Verdict::Foreign,
    }
}

/// The name in `name`, `name:port` or `[v6]:port`; `None` for anything else, user information
/// and empty ports included.
fn name_of(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (name, after) = rest.split_once(']')?;
            let port = match after {
                "" => None,
                after => Some(after.strip_prefix(':')?),
            };
            (name, port)
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let port_holds = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    (port_holds && !name.is_empty() && !name.contains('@')).then_some(name)
}

fn unbracketed(name: &str) -> &str {
    name.strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn allowed(host: &str) -> bool {
        Hosts::new(["Auth.internal", "[fd00::5]"]).allow(host, "10.1.2.3".parse().unwrap())
    }

    #[test]
    fn our_names_are_allowed_with_any_port() {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:65535",
            "[::1]",
            "[::1]:80",
            "auth.internal",
            "AUTH.INTERNAL:9000",
            "[fd00::5]:1",
            "10.1.2.3:8080",
        ] {
            assert!(allowed(host), "{host}");
        }
    }

    #[test]
    fn every_other_name_is_refused() {
        for host in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "evil.example:localhost",
            "localhost@evil.example",
            "evil@localhost",
            "localhost:",
            "localhost:80:80",
            "localhost:99999",
            "localhost:+80",
            "localhost.",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "10.1.2.4",
            "[::1",
            "[::1]80",
            "::1:80",
            "[::1]:x",
        ] {
            assert!(!allowed(host), "{host}");
        }
    }

    #[test]
    fn one_host_and_no_more() {
        let hosts = Hosts::default();
        let uri: Uri = "/".parse().unwrap();
        let verdict = |values: &[&'static str], local, version| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HOST, value.parse().unwrap());
            }
            match check(&hosts, local, version, &uri, &headers) {
                Verdict::Ours(_) => "ours",
                Verdict::Foreign => "foreign",
                Verdict::Broken => "broken",
            }
        };
        let tcp = Some(LOOPBACK);
        assert_eq!(verdict(&["localhost"], tcp, Version::HTTP_11), "ours");
        assert_eq!(verdict(&["evil.example"], tcp, Version::HTTP_11), "foreign");
        assert_eq!(verdict(&[], tcp, Version::HTTP_11), "broken");
        assert_eq!(verdict(&[], tcp, Version::HTTP_10), "foreign");
        let twice = ["localhost", "localhost"];
        assert_eq!(verdict(&twice, tcp, Version::HTTP_11), "broken");
        assert_eq!(verdict(&twice, None, Version::HTTP_11), "broken");
        assert_eq!(verdict(&["evil.example"], None, Version::HTTP_11), "ours");
    }

    #[test]
    fn authority_and_host_must_agree() {
        let uri: Uri = "http://localhost:80/".parse().unwrap();
        let hosts = Hosts::default();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "evil.example".parse().unwrap());
        assert_eq!(
            check(&hosts, Some(LOOPBACK), Version::HTTP_2, &uri, &headers),
            Verdict::Broken
        );
    }
}
