use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout, RustlsConnector, TcpConnector};

use super::lifetime::Freshness;
use super::url::without_query;
use super::{Fetch, FetchError, Fetched, JwksUrl, RemoteConfig};
use crate::error::Fault;

/// The document over HTTP(S), by a blocking client.
///
/// Time, size and redirects are bounded. Every hop passes through a resolver of ours, which checks
/// host, scheme and the very addresses that are then connected to. Proxies named in the
/// environment are not used, for they would resolve names out of our sight. TLS is rustls with
/// aws-lc-rs, passed explicitly; it trusts the system's authorities (`SSL_CERT_FILE` and
/// `SSL_CERT_DIR` move them, as everywhere) and those of `ca_file`.
#[derive(Debug)]
pub struct HttpFetch {
    agent: Agent,
    url: JwksUrl,
    timeout: Duration,
    max_bytes: usize,
}

const MAX_REDIRECTS: u32 = 3;
const MAX_HEADER_SECTION: usize = 32 * 1024;
const MAX_ETAG: usize = 512;

impl HttpFetch {
    /// A client for the one address that the configuration names. Nothing is fetched yet.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the configuration does not hold, `ca_file` cannot be read, or the
    /// system has no certificate authorities and none is named.
    pub fn new(config: &RemoteConfig) -> Result<Self, Fault> {
        Self::resolving_by(config, DefaultResolver::default())
    }

    fn resolving_by(config: &RemoteConfig, names: impl Resolver) -> Result<Self, Fault> {
        let url = config.check()?;
        let roots = trusted(&url, config.ca_file.as_deref())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build();
        let settings = Agent::config_builder()
            .tls_config(tls)
            .https_only(url.is_https())
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(Some(config.timeout))
            .max_response_header_size(MAX_HEADER_SECTION)
            // A fetch every few minutes gains nothing from a kept connection.
            .max_idle_connections(0)
            .user_agent(concat!("bearerd/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        let resolver = CheckedResolver {
            url: url.clone(),
            names,
        };
        Ok(Self {
            agent: Agent::with_parts(settings, connector, resolver),
            url,
            timeout: config.timeout,
            max_bytes: config.max_bytes,
        })
    }

    fn exchange(&self, etag: Option<&str>) -> Result<Fetched, ureq::Error> {
        let mut request = self
            .agent
            .get(self.url.as_str())
            .header("accept", "application/jwk-set+json, application/json");
        if let Some(etag) = etag {
            request = request.header("if-none-match", etag);
        }
        let mut response = request.call()?;
        let lifetime = lifetime(response.headers());
        match response.status().as_u16() {
            200 => {}
            304 if etag.is_some() => return Ok(Fetched::NotModified { lifetime }),
            status => return Err(ureq::Error::StatusCode(status)),
        }
        let etag = response
            .headers()
            .get("etag")
            .and_then(|value| value.to_str().ok())
            .filter(|etag| etag.len() <= MAX_ETAG)
            .map(str::to_owned);
        let limit = u64::try_from(self.max_bytes).unwrap_or(u64::MAX);
        if response
            .body()
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(ureq::Error::BodyExceedsLimit(limit));
        }
        let reader = response
            .body_mut()
            .with_config()
            .limit(limit.saturating_add(1));
        let body = reader.read_to_vec()?;
        if body.len() > self.max_bytes {
            return Err(ureq::Error::BodyExceedsLimit(limit));
        }
        Ok(Fetched::Document {
            body,
            etag,
            lifetime,
        })
    }

    fn explain(&self, error: ureq::Error) -> FetchError {
        let url = self.url.to_string();
        match error {
            ureq::Error::StatusCode(status) => FetchError::Status { url, status },
            ureq::Error::BodyExceedsLimit(_) => FetchError::TooLarge {
                url,
                limit: self.max_bytes,
            },
            ureq::Error::Timeout(_) => FetchError::Timeout {
                url,
                limit: self.timeout,
            },
            ureq::Error::TooManyRedirects => FetchError::TooManyRedirects {
                url,
                most: MAX_REDIRECTS,
            },
            // Our own address was checked, so these speak of one that we were sent to.
            ureq::Error::RequireHttpsOnly(target) | ureq::Error::BadUri(target) => {
                let target = without_query(&target).to_owned();
                FetchError::RedirectRefused { url, target }
            }
            ureq::Error::Other(source) => match source.downcast::<Refused>() {
                Ok(refused) => match *refused {
                    Refused::Hop(target) => FetchError::RedirectRefused { url, target },
                    Refused::Address(address) => FetchError::AddressRefused { url, address },
                },
                Err(source) => FetchError::Exchange { url, source },
            },
            ureq::Error::Rustls(source) => FetchError::Tls {
                url,
                source: source.into(),
            },
            ureq::Error::Io(source) if is_tls(&source) => FetchError::Tls {
                url,
                source: source.into(),
            },
            source => FetchError::Exchange {
                url,
                source: source.into(),
            },
        }
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, etag: Option<&str>) -> Result<Fetched, FetchError> {
        self.exchange(etag).map_err(|error| self.explain(error))
    }
}

fn is_tls(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some())
}

fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let one = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let cache_control: Vec<&str> = headers
        .get_all("cache-control")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    Freshness {
        cache_control: Some(&cache_control.join(",")),
        age: one("age"),
        expires: one("expires"),
        date: one("date"),
    }
    .lifetime()
}

fn trusted(url: &JwksUrl, ca_file: Option<&Path>) -> Result<Vec<Certificate<'static>>, Fault> {
    let mut roots = Vec::new();
    if let Some(path) = ca_file {
        roots.append(&mut authorities(path)?);
    }
    if url.is_https() {
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "a certificate authority of the system was not read");
        }
        roots.extend(system.certs);
        if roots.is_empty() {
            return Err(Fault::config(format!(
                "{url} needs certificate authorities, and the system has none; install \
                 ca-certificates, or name a PEM file as ca_file"
            )));
        }
    }
    Ok(roots
        .iter()
        .map(|der| Certificate::from_der(der).to_owned())
        .collect())
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let refuse = |why: &str| Fault::config(format!("ca_file {}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| refuse("cannot be read").caused_by(error))?;
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| refuse("is not PEM").caused_by(error))?;
    if certificates.is_empty() {
        return Err(refuse("holds no certificate"));
    }
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|error| refuse("holds a broken certificate").caused_by(error))?;
    }
    Ok(certificates)
}

/// Looks at each hop before a name is resolved, and at each address before it is connected to.
struct CheckedResolver<R> {
    url: JwksUrl,
    names: R,
}

impl<R: Resolver> Resolver for CheckedResolver<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let scheme = uri.scheme_str().unwrap_or_default();
        if !self.url.allows_hop(scheme, uri.host().unwrap_or_default()) {
            let target = without_query(&uri.to_string()).to_owned();
            return Err(Refused::Hop(target).into());
        }
        let addresses = self.names.resolve(uri, config, timeout)?;
        // One bad address among good ones is an attack or an error; neither is worth a guess.
        match addresses
            .iter()
            .find(|address| !self.url.allows_address(address.ip()))
        {
            Some(address) => Err(Refused::Address(address.ip()).into()),
            None => Ok(addresses),
        }
    }
}

impl<R> fmt::Debug for CheckedResolver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CheckedResolver").field(&self.url).finish()
    }
}

#[derive(Debug)]
enum Refused {
    Hop(String),
    Address(IpAddr),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hop(target) => write!(f, "a redirect to {target} is not followed"),
            Self::Address(address) => write!(f, "the address {address} is not allowed"),
        }
    }
}

impl Error for Refused {}

impl From<Refused> for ureq::Error {
    fn from(refused: Refused) -> Self {
        Self::Other(Box::new(refused))
    }
}

#[cfg(test)]
mod tests;
