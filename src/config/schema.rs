use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::crypto::Algorithm;
use crate::guard::Guard;
use crate::sign::Lifetime;

use super::audit_section::AuditSection;
use super::devices::DevicesSection;
use super::oauth_section::OauthClientSection;
use super::pat_section::PatSection;
use super::permissions_section::PermissionsSection;
use super::rate_section::RateSection;
use super::refresh_cookie::RefreshCookieSection;
use super::route_section::{RouteSection, RoutesDefault};
use super::sessions_section::SessionsSection;
use super::state_section::StateSection;
use super::values::{OneOrMany, SecretText, Span, TokenPlace};

/// The whole document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The profile for requests that name none and tokens whose issuer is not mapped. With one
    /// profile it is that one.
    pub default_profile: Option<String>,
    /// Profiles by name
    pub profiles: BTreeMap<String, ProfileSection>,
    /// Guards by name
    #[serde(default)]
    pub guards: BTreeMap<String, Guard>,
    /// Which profile serves the tokens of which `iss`
    #[serde(default)]
    pub issuers: BTreeMap<String, String>,
    /// Rate limits by name: `rotate` for refresh rotation, and the application's own
    #[serde(default)]
    pub limits: BTreeMap<String, RateSection>,
    /// For forward auth: what a method and path ask for
    #[serde(default)]
    pub routes: Vec<RouteSection>,
    /// What becomes of requests that no route is for: `deny` (the default) or `token`
    #[serde(default)]
    pub routes_default: RoutesDefault,
    /// Where revocations, spent refresh tokens and sessions are kept
    pub state: Option<StateSection>,
    /// Where it is recorded who did what
    pub audit: Option<AuditSection>,
    /// The sidecar; the library does not read it
    #[serde(default)]
    pub server: ServerSection,
    /// What the document is called in messages
    #[serde(skip)]
    pub(super) name: String,
}

/// Everything that belongs to one issuer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSection {
    /// `aws-lc-rs` (the default) or `ring`
    pub provider: Option<String>,
    /// The algorithms that a token may name; `[]` for a profile of personal access tokens alone
    pub algorithms: Vec<Algorithm>,
    /// Keys that are written down
    #[serde(default)]
    pub keys: Vec<KeySection>,
    /// Keys that an issuer publishes
    pub jwks: Option<JwksSection>,
    /// How a token's `kid` chooses among the keys: `ignore`, `optional` (the default), `required`
    #[serde(default)]
    pub kid: KidChoice,
    /// Accept RSA from 1024 bits and HMAC secrets shorter than the hash
    #[serde(default)]
    pub allow_weak_keys: bool,
    /// What is done about a key file with a private key or a secret that its group or everybody
    /// may read: `warn` (the default) or `refuse`
    #[serde(default)]
    pub loose_permissions: LooseChoice,
    /// `iss` must be one of these
    #[serde(default)]
    pub issuer: Option<OneOrMany>,
    /// `aud` must hold one of these
    #[serde(default)]
    pub audience: Option<OneOrMany>,
    /// The header's `typ` must be one of these
    #[serde(default, rename = "type")]
    pub types: Option<OneOrMany>,
    /// Claims that must be present
    #[serde(default)]
    pub require: Vec<String>,
    /// Whether `exp` must be present: `required` (the default) or `optional`
    #[serde(default)]
    pub expiration: Expiration,
    /// How far clocks may differ
    pub leeway: Option<Span>,
    /// The oldest `iat` accepted
    pub max_age: Option<Span>,
    /// The issuer's spellings of the claims
    #[serde(default)]
    pub claims: ClaimsSection,
    /// Where the token is looked for in a request, in this order; `["bearer"]` by default
    #[serde(default)]
    pub token_from: Option<Vec<TokenPlace>>,
    /// Bounds on what is looked at
    #[serde(default)]
    pub limits: LimitsSection,
    /// The claims cache
    #[serde(default)]
    pub cache: CacheSection,
    /// Signing; a profile without it verifies alone
    pub sign: Option<SignSection>,
    /// Personal access tokens, kept where `state` says
    pub pat: Option<PatSection>,
    /// Trusted devices, kept where `state` says
    pub devices: Option<DevicesSection>,
    /// Refresh rotation; needs `sign`
    pub rotation: Option<RotationSection>,
    /// The cookie that keeps the refresh token, where the application keeps it in one
    pub refresh_cookie: Option<RefreshCookieSection>,
    /// Sessions: every token must then name a live one
    pub sessions: Option<SessionsSection>,
    /// What is done about tokens while too little is known of what others have revoked, because the
    /// store does not answer: `refuse` (the default) or `accept`
    #[serde(default)]
    pub when_stale: StaleChoice,
    /// Where permissions come from; without it, guards that ask for them refuse
    pub permissions: Option<PermissionsSection>,
    /// For forward auth: response header to claim; `permission.data_scope` is the data
    /// scope
    #[serde(default)]
    pub identity_headers: BTreeMap<String, String>,
}

/// A key that is written down: exactly one of the places.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySection {
    /// The key's name, in place of the one that it brings
    pub kid: Option<String>,
    /// The one algorithm that the key is for
    pub algorithm: Option<Algorithm>,
    /// `verify`, `sign`, or both (the default, as far as the key has the means)
    #[serde(default, rename = "use")]
    pub uses: Option<Vec<KeyUse>>,
    /// A PEM file
    pub pem_file: Option<PathBuf>,
    /// PEM text
    pub pem: Option<SecretText>,
    /// A file with one JWK
    pub jwk_file: Option<PathBuf>,
    /// One JWK as text
    pub jwk: Option<SecretText>,
    /// A file with a JWK set
    pub jwks_file: Option<PathBuf>,
    /// A JWK set as text
    pub jwks: Option<SecretText>,
    /// A shared secret, its bytes being those of the text
    pub secret: Option<SecretText>,
    /// A shared secret in base64url
    pub secret_base64url: Option<SecretText>,
    /// A shared secret in hexadecimal
    pub secret_hex: Option<SecretText>,
    /// A file with a shared secret, written as `encoding` says
    pub secret_file: Option<PathBuf>,
    /// An environment variable that holds the key, written as `format` says
    pub env: Option<String>,
    /// For `env`: `pem`, `jwk`, `jwks` or `secret`
    pub format: Option<String>,
    /// For `secret_file` and `env`: `text` (the default), `base64url`, `base64` or `hex`
    pub encoding: Option<String>,
}

/// What is done about a file with a private key or a secret that others may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LooseChoice {
    /// A warning is logged
    #[default]
    Warn,
    /// The configuration is refused
    Refuse,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// To verify
    Verify,
    /// To sign
    Sign,
}

/// How a token's `kid` chooses among the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KidChoice {
    /// Not at all: every key of the algorithm is tried
    Ignore,
    /// A `kid` that is there must be a key's
    #[default]
    Optional,
    /// There must be one, and it must be a key's
    Required,
}

/// What is done about tokens while the store does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaleChoice {
    /// They are refused
    #[default]
    Refuse,
    /// They are judged by what was known last
    Accept,
}

/// Whether `exp` must be present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expiration {
    /// It must
    #[default]
    Required,
    /// It need not
    Optional,
}

/// Keys that an issuer publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwksSection {
    /// The address of the JWK set, `https:` unless `allow_http`
    pub url: String,
    /// Accept plain HTTP beyond the loopback
    #[serde(default)]
    pub allow_http: bool,
    /// Accept private and link-local addresses
    #[serde(default)]
    pub allow_private: bool,
    /// A PEM file of certificate authorities to trust beside the system's
    pub ca_file: Option<PathBuf>,
    /// The most that one fetch may take, in all
    pub timeout: Option<Span>,
    /// The largest document, in bytes
    pub max_bytes: Option<usize>,
    /// The soonest scheduled refresh
    pub min_refresh: Option<Span>,
    /// The latest scheduled refresh
    pub max_refresh: Option<Span>,
    /// The refresh where the issuer says nothing
    pub default_refresh: Option<Span>,
    /// At most one fetch in this span on account of unknown kids
    pub unknown_kid_cooldown: Option<Span>,
    /// How long after the last success the keys are trusted
    pub stale_after: Option<Span>,
    /// A directory for the last good document, so that a start needs no issuer
    pub cache_dir: Option<PathBuf>,
}

/// The issuer's spellings of the claims.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimsSection {
    /// Who the token is about; `sub`
    pub subject: Option<String>,
    /// Access or refresh
    pub kind: Option<KindSection>,
    /// Scopes; `scope`
    pub scope: Option<String>,
    /// Roles; `role`
    pub role: Option<String>,
    /// The VIP mark; `vip`
    pub vip: Option<String>,
    /// The team; `team`
    pub team: Option<String>,
    /// The device; `device_id`
    pub device: Option<String>,
    /// What the profile revokes by; `jti`
    pub handle: Option<String>,
    /// The refresh family; `family`
    pub family: Option<String>,
    /// In refresh tokens, when their family was founded; `family_iat`
    pub founded: Option<String>,
}

/// How an issuer marks the two kinds of token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSection {
    /// The claim
    pub claim: String,
    /// Its value in access tokens; `access`
    #[serde(default = "access")]
    pub access: String,
    /// Its value in refresh tokens; `refresh`
    #[serde(default = "refresh")]
    pub refresh: String,
}

fn access() -> String {
    "access".to_owned()
}

fn refresh() -> String {
    "refresh".to_owned()
}

/// Bounds on what is looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// The longest token, in bytes; 16384
    pub token: Option<usize>,
    /// The longest encoded header, in bytes; 4096
    pub header: Option<usize>,
    /// The deepest nesting; 16
    pub depth: Option<usize>,
    /// The most members and elements; 1024
    pub members: Option<usize>,
}

/// The claims cache.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSection {
    /// The most entries; 0 turns the cache off
    pub max_entries: Option<usize>,
    /// The most bytes, tokens and claims and all
    pub max_bytes: Option<usize>,
    /// The largest single entry, in bytes
    pub max_entry_bytes: Option<usize>,
    /// How long claims without `exp` are kept; 5m
    pub cap: Option<Span>,
}

/// Signing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignSection {
    /// The algorithm to sign with; the first of the profile's that a signing key fits
    pub algorithm: Option<Algorithm>,
    /// The key to sign with; the first that signs
    pub kid: Option<String>,
    /// How long access tokens live; 15m
    pub access: Option<Lifetime>,
    /// How long refresh tokens live; 7d
    pub refresh: Option<Lifetime>,
    /// The header's `typ`; `JWT`
    #[serde(rename = "type")]
    pub typ: Option<String>,
    /// Signing keys that are made here and follow one another; needs no `keys`, and those that there
    /// are verify beside them
    pub managed: Option<ManagedSection>,
}

/// Signing keys of our own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedSection {
    /// What they sign with; `sign.algorithm`, else the first of the profile's
    pub algorithm: Option<Algorithm>,
    /// How long a key signs; 30d
    pub every: Option<Span>,
    /// How long a key is published before it signs; 15m
    pub publish_ahead: Option<Span>,
    /// How long a key verifies after it has signed its last; the longest life of a token, and leeway
    pub keep: Option<Span>,
    /// A file with 32 bytes in base64url, by which the keys are sealed in the store; of several, the first
    /// seals and all of them open
    pub seal_file: Option<OneOrMany>,
    /// An environment variable with the same, or several
    pub seal_env: Option<OneOrMany>,
    /// Keep them on a server without sealing them
    #[serde(default)]
    pub unsealed: bool,
}

/// Refresh rotation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationSection {
    /// `detect` (the default): a refresh token is spent on first use; `stateless`: it is not
    #[serde(default)]
    pub reuse: RotationMode,
    /// How long a spent token's answer is repeated; 10s
    pub grace: Option<Span>,
    /// How long what descends from one sign-in may be rotated; without end
    pub family_lifetime: Option<Span>,
    /// How long a refresh token may lie unused and still rotate; as long as it lives
    pub idle: Option<Span>,
}

/// What happens to a refresh token that is presented again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RotationMode {
    /// It is refused and its family is revoked
    #[default]
    Detect,
    /// It rotates again
    Stateless,
}

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
