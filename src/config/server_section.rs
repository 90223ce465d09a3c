use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::oauth_section::OauthClientSection;
use super::values::Span;

/// The sidecar.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    /// TCP addresses of the data plane, and of the control plane for holders of its token;
    /// `127.0.0.1:8611`
    pub listen: Option<Vec<String>>,
    /// A unix socket for the data plane
    pub data_socket: Option<PathBuf>,
    /// A unix socket (mode 0600) for the control plane
    pub control_socket: Option<PathBuf>,
    /// A file that holds the control token
    pub control_token_file: Option<PathBuf>,
    /// Listen beyond the loopback. Whoever reaches the port may then verify tokens.
    #[serde(default)]
    pub allow_non_loopback: bool,
    /// Host names that requests may name, beside the loopback's
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whom the clients of the OAuth endpoints know this server as: an `https:` URL. With it, RFC
    /// 8414 metadata is served
    pub oauth_issuer: Option<String>,
    /// Who may call the OAuth endpoints beside the holder of the control token
    #[serde(default)]
    pub oauth_clients: Vec<OauthClientSection>,
    /// Proxies that are believed about the address of their client: addresses, networks, and
    /// `unix` for whoever connects to the data socket
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// For forward auth: response header to what is known of the client (`ip`, `device`, `system`,
    /// `system_version`, `browser`, `browser_version`)
    #[serde(default)]
    pub client_headers: BTreeMap<String, String>,
    /// Threads that serve; 1
    pub threads: Option<usize>,
    /// The most tokens in one batch; 256
    pub max_batch: Option<usize>,
    /// The most connections at once
    pub max_connections: Option<usize>,
    /// The largest request body, in bytes
    pub max_body: Option<usize>,
    /// How long a shutdown waits for requests in flight
    pub drain: Option<Span>,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter
    pub log: Option<String>,
    /// `text` or `json`
    pub log_format: Option<String>,
}
