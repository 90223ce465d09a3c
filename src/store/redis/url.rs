use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::Fault;
use crate::secret::Secret;

/// Where a Redis or Valkey server listens, and as whom to speak to it.
///
/// `redis://[user[:password]@]host[:port][/db]`, the same with `rediss://` for TLS, or
/// `unix://[user[:password]@]/path[?db=N]` (also `redis+unix://`). User and password are
/// percent-encoded where they hold more than letters, digits, `-`, `.`, `_` and `~`.
///
/// `Display` and `Debug` leave user and password out.
#[derive(Clone)]
pub struct RedisUrl {
    pub(super) endpoint: Endpoint,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) db: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Tcp { host: String, port: u16, tls: bool },
    Unix(PathBuf),
}

const DEFAULT_PORT: u16 = 6379;

impl RedisUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// `CONFIG_ERROR` that says what to write instead and shows nothing that may be a password.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::read(text).map_err(|why| {
            // What stands before an @ may be a password, and so may a query.
            let shown = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
            let shown = shown.split(['?', '#']).next().unwrap_or_default();
            let hidden = if shown.len() == text.len() { "" } else { "…" };
            Fault::config(format!(
                "redis url \"{hidden}{}\": {why}",
                shown.escape_debug()
            ))
        })
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        if text.len() > 2_048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be printable ASCII of at most 2048 bytes");
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("must begin with redis://, rediss:// or unix://")?;
        match scheme {
            "redis" => Self::tcp(rest, false),
            "rediss" => Self::tcp(rest, true),
            "unix" | "redis+unix" => Self::unix(rest),
            _ => Err("must begin with redis://, rediss:// or unix://"),
        }
    }

    fn tcp(rest: &str, tls: bool) -> Result<Self, &'static str> {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if rest.contains(['?', '#']) || path.contains('@') {
            return Err(
                "takes no query and no fragment; percent-encode what is special in a password",
            );
        }
        let (user, password, host) = credentials(authority)?;
        let (host, port) = match host.strip_prefix('[') {
            Some(host) => host.split_once(']').ok_or("lacks the ] of its address")?,
            None => host.split_at(host.find(':').unwrap_or(host.len())),
        };
        let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let v6 = authority.ends_with(']') || authority.contains("]:");
        let known = if v6 {
            host.parse::<Ipv6Addr>().is_ok()
        } else {
            host.bytes().all(name)
        };
        if host.is_empty() || !known {
            return Err("names no host: write redis://host:port, or [address] for IPv6");
        }
        let port = match port.strip_prefix(':') {
            Some(port) => number(port)
                .and_then(|port| u16::try_from(port).ok())
                .filter(|port| *port != 0)
                .ok_or("has a port that is none: 1 to 65535")?,
            None if port.is_empty() => DEFAULT_PORT,
            None => return Err("names no host: write redis://host:port, or [address] for IPv6"),
        };
        let db = if path.is_empty() { "0" } else { path };
        Ok(Self {
            endpoint: Endpoint::Tcp {
                host: host.to_owned(),
                port,
                tls,
            },
            user,
            password,
            db: number(db).ok_or("has a database that is no number: write redis://host/0")?,
        })
    }

    fn unix(rest: &str) -> Result<Self, &'static str> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, "db=0"));
        let start = place.find('/').unwrap_or(place.len());
        let (authority, path) = match place[..start].find('@') {
            Some(_) => place.split_at(start),
            None => ("@", place),
        };
        if !path.starts_with('/') || path.contains(['@', '#']) {
            return Err("names no socket: write unix:///path/to/redis.sock");
        }
        let (user, password, host) = credentials(authority)?;
        if !host.is_empty() {
            return Err("names a host and a path: write unix:///path/to/redis.sock");
        }
        let path =
            String::from_utf8(decode(path)?.to_vec()).map_err(|_| "has a path that is no text")?;
        Ok(Self {
            endpoint: Endpoint::Unix(path.into()),
            user: user.filter(|user| !user.is_empty()),
            password,
            db: query
                .strip_prefix("db=")
                .and_then(number)
                .ok_or("takes no query but ?db=N")?,
        })
    }
}

type Credentials<'a> = (Option<String>, Option<Secret>, &'a str);

/// User, password and what follows them.
fn credentials(authority: &str) -> Result<Credentials<'_>, &'static str> {
    let Some((both, host)) = authority.rsplit_once('@') else {
        return Ok((None, None, authority));
    };
    if both.contains('@') {
        return Err("has more than one @: percent-encode that of a password as %40");
    }
    let (user, password) = match both.split_once(':') {
        Some((user, password)) => (user, Some(Secret::new(decode(password)?.to_vec()))),
        None => (both, None),
    };
    let user =
        String::from_utf8(decode(user)?.to_vec()).map_err(|_| "has a user that is no text")?;
    Ok((Some(user).filter(|user| !user.is_empty()), password, host))
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    const WRONG: &str = "has a % that two hexadecimal digits do not follow";
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let (high, low) = (
                    hex(rest.next()).ok_or(WRONG)?,
                    hex(rest.next()).ok_or(WRONG)?,
                );
                u8::try_from(high << 4 | low).map_err(|_| WRONG)?
            }
            other => other,
        });
    }
    Ok(bytes)
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Endpoint::Tcp { host, port, tls } => {
                let scheme = if *tls { "rediss" } else { "redis" };
                let (open, close) = if host.contains(':') {
                    ("[", "]")
                } else {
                    ("", "")
                };
                write!(f, "{scheme}://{open}{host}{close}:{port}/{}", self.db)
            }
            Endpoint::Unix(path) => write!(f, "unix://{}?db={}", path.display(), self.db),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Endpoint, Option<String>, Option<Vec<u8>>, u32) {
        let url = RedisUrl::parse(text).unwrap();
        let password = url.password.map(|password| password.expose().to_vec());
        (url.endpoint, url.user, password, url.db)
    }

    fn tcp(host: &str, port: u16, tls: bool) -> Endpoint {
        Endpoint::Tcp {
            host: host.to_owned(),
            port,
            tls,
        }
    }

    #[test]
    fn what_a_url_says() {
        let some = |text: &str| Some(text.to_owned());
        let word = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(parsed("redis://h"), (tcp("h", 6379, false), None, None, 0));
        assert_eq!(
            parsed("rediss://h.x:7/3"),
            (tcp("h.x", 7, true), None, None, 3)
        );
        assert_eq!(
            parsed("redis://[::1]:7/"),
            (tcp("::1", 7, false), None, None, 0)
        );
        assert_eq!(
            parsed("redis://ann:p%40%2Fss%20@h:1/2"),
            (tcp("h", 1, false), some("ann"), word("p@/ss "), 2)
        );
        assert_eq!(
            parsed("redis://:pw@h"),
            (tcp("h", 6379, false), None, word("pw"), 0)
        );
        assert_eq!(
            parsed("redis://ann@h"),
            (tcp("h", 6379, false), some("ann"), None, 0)
        );
        for text in ["unix:///run/r.sock?db=4", "redis+unix:///run/r.sock?db=4"] {
            assert_eq!(
                parsed(text),
                (Endpoint::Unix("/run/r.sock".into()), None, None, 4)
            );
        }
        assert_eq!(
            parsed("unix://ann:pw@/run/r%20s"),
            (
                Endpoint::Unix("/run/r s".into()),
                some("ann"),
                word("pw"),
                0
            )
        );
    }

    #[test]
    fn what_is_no_url_is_refused_and_shows_no_password() {
        for text in [
            "",
            "h",
            "http://hunter2@h",
            "redis://",
            "redis://:hunter2@",
            "redis://h:0",
            "redis://h:65536",
            "redis://h:+1",
            "redis://h/x",
            "redis://h/1/2",
            "redis://h/-1",
            "redis://u:hunter2@h?x=1",
            "rediss://h#insecure",
            "redis://u:hun/ter2@h",
            "redis://u:hun@ter2@h",
            "redis://u:hunter2%@h",
            "redis://u:hunter2%zz@h",
            "redis://[::1",
            "redis://[h]",
            "redis://::1",
            "redis://h h",
            "redis://h\n",
            "unix://r.sock",
            "unix://u:hunter2@h/r.sock",
            "unix:///r.sock?password=hunter2",
            "unix:///r.sock?db=",
            "redis://a]:1",
            "redis://%68",
        ] {
            let fault = RedisUrl::parse(text).expect_err(text).to_string();
            assert!(
                !fault.contains("hunter2") && !fault.contains("ter2"),
                "{fault}"
            );
            assert!(fault.starts_with("redis url"), "{fault}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for text in ["redis://ann:hunter2@h/1", "unix://ann:hunter2@/r.sock"] {
            let url = RedisUrl::parse(text).unwrap();
            let shown = format!("{url} {url:?}");
            assert!(
                !shown.contains("hunter2") && !shown.contains("ann"),
                "{shown}"
            );
        }
    }
}
