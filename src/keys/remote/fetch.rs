use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How a document is got. Blocking: it is called on the worker's thread and nowhere else.
pub trait Fetch: Send + 'static {
    /// Gets the document, or word that it is still the one with that `ETag`.
    ///
    /// # Errors
    /// [`FetchError`], within bounded time and memory, whatever the other side does.
    fn fetch(&self, etag: Option<&str>) -> Result<Fetched, FetchError>;
}

/// What the issuer answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A document; nobody has looked into it yet.
    Document {
        /// its bytes
        body: Vec<u8>,
        /// its `ETag`, to be sent with the next fetch
        etag: Option<String>,
        /// how long the issuer lets it be kept; `None` where it does not say
        lifetime: Option<Duration>,
    },
    /// The document with the `ETag` that was sent is still the current one.
    NotModified {
        /// how long the issuer lets it be kept
        lifetime: Option<Duration>,
    },
}

/// Why there is no document. Addresses appear without their query, which may hold a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// A status other than 200 (and 304 where an `ETag` was sent).
    Status {
        /// what was asked
        url: String,
        /// the answer
        status: u16,
    },
    /// A document over the limit.
    TooLarge {
        /// what was asked
        url: String,
        /// in bytes
        limit: usize,
    },
    /// The whole exchange took longer than it may.
    Timeout {
        /// what was asked
        url: String,
        /// what it may take
        limit: Duration,
    },
    /// A redirect to another host, to plain HTTP, or to what is no web address.
    RedirectRefused {
        /// what was asked
        url: String,
        /// where it pointed
        target: String,
    },
    /// One redirect more than are followed.
    TooManyRedirects {
        /// what was asked
        url: String,
        /// how many are followed
        most: u32,
    },
    /// The name resolved to an address of a range that is not allowed.
    AddressRefused {
        /// what was asked
        url: String,
        /// what the name resolved to
        address: IpAddr,
    },
    /// The server's certificate or the handshake was not accepted.
    Tls {
        /// what was asked
        url: String,
        /// the reason
        source: Box<dyn Error + Send + Sync>,
    },
    /// Name resolution, connection or the HTTP exchange failed.
    Exchange {
        /// what was asked
        url: String,
        /// the reason
        source: Box<dyn Error + Send + Sync>,
    },
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { url, status } => {
                write!(f, "{url} answered with status {status}; it should be 200")
            }
            Self::TooLarge { url, limit } => write!(
                f,
                "{url} sent more than {limit} bytes; if its key set is so large, raise max_bytes"
            ),
            Self::Timeout { url, limit } => write!(
                f,
                "{url} took longer than {limit:?}; if it is so slow, raise timeout"
            ),
            Self::RedirectRefused { url, target } => write!(
                f,
                "{url} redirects to {target}; only the same host is followed, and never from https \
                 to http: name the final address in the configuration"
            ),
            Self::TooManyRedirects { url, most } => write!(
                f,
                "{url} redirects more than {most} times; name the final address in the configuration"
            ),
            Self::AddressRefused { url, address } => write!(
                f,
                "{url} resolves to {address}, which is not allowed; set allow_private (or, for plain \
                 http, allow_http) if that is meant"
            ),
            Self::Tls { url, .. } => write!(
                f,
                "the TLS connection to {url} was refused; name its authority in ca_file if that is \
                 a private one"
            ),
            Self::Exchange { url, .. } => write!(f, "{url} could not be fetched"),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Tls { source, .. } | Self::Exchange { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}
