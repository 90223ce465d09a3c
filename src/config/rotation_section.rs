use serde::Deserialize;

use super::values::Span;

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
