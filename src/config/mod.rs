//! One strict schema for the sidecar, the library and the command line.
//!
//! A [`Config`] is a document in TOML, or the same in JSON: `profiles`, `guards`, `issuers`, and
//! `server` for the sidecar. An unknown key, a duplicate and a wrong type are errors that name
//! file, line and key. [`Config::build`] turns it into [`Profiles`]: every key file is read and
//! every guard compiled before anything is served.
//!
//! Environment variables stand in for a document ([`Config::from_jwt_environment`]) or override
//! single keys of one (`BEARERD_PROFILES__DEFAULT__LEEWAY=30s`). They are passed in as an
//! [`Environment`], so that nothing below the edge reads the process's own.

mod audit_section;
mod build;
mod claims_section;
mod devices;
mod environment;
mod issuer;
mod jwks_section;
mod jwt_environment;
mod key_section;
mod lint;
mod managed;
mod managed_section;
mod oauth_section;
mod parse;
mod pat_section;
mod pats;
mod permissions_section;
mod placeholder;
mod profile;
mod profiles;
mod published;
mod rate_section;
mod refresh_cookie;
mod revoke;
mod rotation_section;
mod route_section;
mod schema;
mod server_section;
mod sessions_section;
mod shared_state;
mod sign_in;
mod sign_section;
mod state_section;
mod values;

pub use audit_section::AuditSection;
pub use claims_section::ClaimsSection;
pub use devices::DevicesSection;
pub use environment::Environment;
pub use jwks_section::JwksSection;
pub use key_section::KeySection;
pub use managed::SigningKeysReading;
pub use managed_section::ManagedSection;
pub use oauth_section::OauthClientSection;
pub use pat_section::PatSection;
pub use permissions_section::{DataScopeSection, PermissionsSection, RightsFrom};
pub use profile::Profile;
pub use profiles::{Profiles, ReloadReport};
pub use rate_section::{By, RateLimit, RateSection};
pub use refresh_cookie::{RefreshCookie, RefreshCookieSection, SameSite, SecureChoice};
pub use revoke::Revoked;
pub use rotation_section::{RotationMode, RotationSection};
pub use route_section::{RouteSection, RoutesDefault};
pub use schema::{CacheSection, Config, LimitsSection, ProfileSection};
pub use server_section::ServerSection;
pub use sessions_section::SessionsSection;
pub use sign_in::{SignIn, SignInTokens, SignedIn};
pub use sign_section::SignSection;
pub use state_section::StateSection;
pub use values::{OneOrMany, SecretText, Span, TokenPlace};
