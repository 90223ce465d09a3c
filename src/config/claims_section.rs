use serde::Deserialize;

use crate::claims::{ClaimNames, KindNames};

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

impl ClaimsSection {
    pub(super) fn names(&self) -> ClaimNames {
        let mut names = ClaimNames::default();
        let set = |name: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                name.clone_from(value);
            }
        };
        set(&mut names.subject, &self.subject);
        set(&mut names.scope, &self.scope);
        set(&mut names.role, &self.role);
        set(&mut names.vip, &self.vip);
        set(&mut names.team, &self.team);
        set(&mut names.device, &self.device);
        set(&mut names.handle, &self.handle);
        set(&mut names.family, &self.family);
        set(&mut names.founded, &self.founded);
        names.kind = self.kind.as_ref().map(|kind| KindNames {
            claim: kind.claim.clone(),
            access: kind.access.clone(),
            refresh: kind.refresh.clone(),
        });
        names
    }
}
