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
mod environment;
mod jwks_section;
mod jwt_environment;
mod key_section;
mod lint;
mod parse;
mod placeholder;
mod profile;
mod profiles;
mod published;
mod revoke;
mod schema;
mod shared_state;
mod sign_section;
mod state_section;
mod values;

pub use audit_section::AuditSection;
pub use environment::Environment;
pub use profile::Profile;
pub use profiles::{Profiles, ReloadReport};
pub use revoke::Revoked;
pub use schema::{
    CacheSection, ClaimsSection, Config, JwksSection, KeySection, LimitsSection, ProfileSection,
    RotationMode, RotationSection, ServerSection, SignSection,
};
pub use state_section::StateSection;
pub use values::{OneOrMany, SecretText, Span, TokenPlace};
