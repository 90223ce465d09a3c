use std::collections::BTreeMap;

use serde::Deserialize;

use crate::crypto::Algorithm;
use crate::guard::Guard;

use super::audit_section::AuditSection;
use super::claims_section::ClaimsSection;
use super::devices::DevicesSection;
use super::jwks_section::JwksSection;
use super::key_section::{KeySection, LooseChoice};
use super::pat_section::PatSection;
use super::permissions_section::PermissionsSection;
use super::rate_section::RateSection;
use super::refresh_cookie::RefreshCookieSection;
use super::rotation_section::RotationSection;
use super::route_section::{RouteSection, RoutesDefault};
use super::server_section::ServerSection;
use super::sessions_section::SessionsSection;
use super::sign_section::SignSection;
use super::state_section::StateSection;
use super::values::{OneOrMany, Span, TokenPlace};

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
