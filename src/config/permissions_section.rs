use serde::Deserialize;

use crate::error::Fault;
use crate::guard::Name;
use crate::guard::permission::{DataScopes, PermissionNames, PermissionRules, RightsSource};

use super::schema::ProfileSection;

/// Where a profile's permissions come from: which claims hold them, and what its levels mean.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionsSection {
    /// What holds them: the token's `claims` (the default), or the attributes of its `session`
    #[serde(default)]
    pub from: RightsFrom,
    /// The position's grants; `permissions`
    pub grants: Option<String>,
    /// The modules of its department. Where this is set, a permission must be of one of them.
    pub modules: Option<String>,
    /// Its level; `level`
    pub level: Option<String>,
    /// Its code; `position`
    pub position: Option<String>,
    /// Whom it manages; `subordinates`
    pub subordinates: Option<String>,
    /// Whether it is at headquarters; `headquarters`
    pub headquarters: Option<String>,
    /// Its projects; `project`
    pub project: Option<String>,
    /// Where the guards' `team` is read, in place of `claims.team`
    pub team: Option<String>,
    /// The levels that are allowed everything
    #[serde(default)]
    pub bypass_levels: Option<Vec<Name>>,
    /// The levels of each data scope
    pub data_scope: Option<DataScopeSection>,
}

/// What holds a profile's permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RightsFrom {
    /// The token's claims
    #[default]
    Claims,
    /// The attributes of its session
    Session,
}

/// The levels of each data scope; all others see their own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataScopeSection {
    /// They see everything
    #[serde(default)]
    pub all: Vec<Name>,
    /// They see their projects
    #[serde(default)]
    pub project: Vec<Name>,
    /// They see their group
    #[serde(default)]
    pub group: Vec<Name>,
    /// They see their own
    #[serde(default, rename = "self")]
    pub own: Vec<Name>,
}

impl ProfileSection {
    pub(super) fn permission_rules(&self) -> Result<Option<PermissionRules>, Fault> {
        let permissions = self.permissions.as_ref();
        let of_session = permissions.is_some_and(|section| section.from == RightsFrom::Session);
        if of_session && self.sessions.is_none() {
            return Err(wrong(
                "they are read from sessions, and the profile has none; add a [sessions] section, or say from = \"claims\"",
            ));
        }
        permissions.map(PermissionsSection::rules).transpose()
    }
}

impl PermissionsSection {
    fn rules(&self) -> Result<PermissionRules, Fault> {
        let bypass_levels = match &self.bypass_levels {
            Some(levels) if levels.is_empty() => {
                return Err(wrong(
                    "bypass_levels is empty; name a level, or leave it out",
                ));
            }
            levels => levels.clone().unwrap_or_default(),
        };
        let data_scope = self.data_scope.as_ref().map(DataScopeSection::scopes);
        let rules = PermissionRules {
            source: match self.from {
                RightsFrom::Claims => RightsSource::Claims,
                RightsFrom::Session => RightsSource::Session,
            },
            names: self.names()?,
            bypass_levels,
            data_scope: data_scope.transpose()?,
        };
        if self.level.is_some() && rules.bypass_levels.is_empty() && rules.data_scope.is_none() {
            return Err(wrong(
                "level is named and means nothing; add bypass_levels or data_scope, or leave it out",
            ));
        }
        Ok(rules)
    }

    fn names(&self) -> Result<PermissionNames, Fault> {
        let mut names = PermissionNames::default();
        for (name, value) in [
            (&mut names.grants, &self.grants),
            (&mut names.level, &self.level),
            (&mut names.position, &self.position),
            (&mut names.subordinates, &self.subordinates),
            (&mut names.headquarters, &self.headquarters),
            (&mut names.project, &self.project),
        ] {
            if let Some(value) = value {
                name.clone_from(value);
            }
        }
        names.modules.clone_from(&self.modules);
        names.team.clone_from(&self.team);
        let optional = [("modules", &names.modules), ("team", &names.team)];
        let keys = [
            ("grants", &names.grants),
            ("level", &names.level),
            ("position", &names.position),
            ("subordinates", &names.subordinates),
            ("headquarters", &names.headquarters),
            ("project", &names.project),
        ];
        let all = optional
            .iter()
            .filter_map(|(key, name)| Some((*key, name.as_ref()?)))
            .chain(keys);
        let mut seen: Vec<(&str, &String)> = Vec::new();
        for (key, name) in all {
            if name.is_empty() {
                return Err(wrong(format!(
                    "{key} is empty; name the claim, or leave it out"
                )));
            }
            if let Some((other, _)) = seen.iter().find(|(_, known)| *known == name) {
                return Err(wrong(format!(
                    "{key} and {other} are both read from {name:?}; name another claim for one of them"
                )));
            }
            seen.push((key, name));
        }
        Ok(names)
    }
}

impl DataScopeSection {
    fn scopes(&self) -> Result<DataScopes, Fault> {
        let scopes = DataScopes {
            all: self.all.clone(),
            project: self.project.clone(),
            group: self.group.clone(),
            own: self.own.clone(),
        };
        let mut seen: Vec<&Name> = Vec::new();
        for level in scopes.rows().flat_map(|(_, levels)| levels) {
            if seen.contains(&level) {
                return Err(wrong(format!(
                    "data_scope: level {} stands there twice; leave one out",
                    shown(level)
                )));
            }
            seen.push(level);
        }
        if seen.is_empty() {
            return Err(wrong(
                "data_scope names no level; list some under all, project, group or self, or leave it out",
            ));
        }
        Ok(scopes)
    }
}

fn shown(level: &Name) -> String {
    match level {
        Name::Id(id) => id.to_string(),
        Name::Text(text) => format!("{text:?}"),
    }
}

fn wrong(what: impl std::fmt::Display) -> Fault {
    Fault::config(format!("permissions: {what}"))
}
