use crate::error::GuardMember;
use crate::guard::rule::Name;
use crate::json::{self, Bounds, Kind, Member};
use crate::limits::Limits;

use super::grants::Grants;
use super::list::List;
use super::{DataScope, DataScopes, Rights};

/// Where a profile's permissions come from, and what its levels mean.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PermissionRules {
    /// What they are read from
    pub source: RightsSource,
    /// The names of what is read
    pub names: PermissionNames,
    /// The levels that are allowed everything
    pub bypass_levels: Vec<Name>,
    /// What each level sees of the data; `None`: the profile knows no scopes.
    pub data_scope: Option<DataScopes>,
}

/// What rights are read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RightsSource {
    /// The token's claims
    #[default]
    Claims,
    /// The attributes of its session
    Session,
}

/// The members of the claims, or of a session's attributes, that hold rights.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PermissionNames {
    /// The position's grants: a list, or a string of words
    pub grants: String,
    /// The modules of its department, likewise; `None`: all of them
    pub modules: Option<String>,
    /// Its level: an id or a name
    pub level: String,
    /// Its code: an id, a name, or a list
    pub position: String,
    /// Whom it manages: a boolean, a count, or a list
    pub subordinates: String,
    /// Whether it is at headquarters: a boolean
    pub headquarters: String,
    /// Its projects: an id, a name, or a list
    pub project: String,
    /// Its team, where the guards' `team` shall read it here; `None`: it reads the team claim.
    pub team: Option<String>,
}

impl PermissionNames {
    /// The member that a guard's member reads.
    #[must_use]
    pub fn of(&self, member: GuardMember) -> Option<&str> {
        match member {
            GuardMember::Permission | GuardMember::AnyPermission => Some(&self.grants),
            GuardMember::Position => Some(&self.position),
            GuardMember::Subordinates => Some(&self.subordinates),
            GuardMember::Headquarters => Some(&self.headquarters),
            GuardMember::Project => Some(&self.project),
            GuardMember::Team => self.team.as_deref(),
            _ => None,
        }
    }
}

impl Default for PermissionNames {
    fn default() -> Self {
        Self {
            grants: "permissions".into(),
            modules: None,
            level: "level".into(),
            position: "position".into(),
            subordinates: "subordinates".into(),
            headquarters: "headquarters".into(),
            project: "project".into(),
            team: None,
        }
    }
}

impl PermissionRules {
    /// The rights that one JSON object holds: a token's claims, or a session's attributes. What is
    /// null there cannot be read; a text that is no strict JSON object holds none.
    ///
    /// Reads through the text once and copies what it needs.
    #[must_use]
    pub fn rights(&self, object: &[u8]) -> Rights {
        let names = &self.names;
        let mut rights = Rights::none(names.modules.is_some());
        let mut level = None;
        let bounds = Bounds {
            depth: Limits::MAX_DEPTH,
            members: usize::MAX,
        };
        let is = |name: &str, member: &Member<'_>| *member.name == *name.as_bytes();
        let is_one = |name: &Option<String>, member: &Member<'_>| {
            name.as_ref().is_some_and(|name| is(name, member))
        };
        let scanned = json::scan(object, bounds, |member| {
            let (kind, raw) = (member.kind, &object[member.start..member.end]);
            if is(&names.grants, &member) {
                rights.grants = Some(Grants::read(kind, raw));
            }
            if is_one(&names.modules, &member) {
                rights.modules = Some(Grants::read_modules(kind, raw));
            }
            if is(&names.level, &member) {
                level = Some(Name::read(kind, raw));
            }
            if is(&names.position, &member) {
                rights.position = Some(List::read(kind, raw));
            }
            if is(&names.subordinates, &member) {
                rights.subordinates = manages(kind, raw);
            }
            if is(&names.headquarters, &member) {
                rights.headquarters = boolean(kind);
            }
            if is(&names.project, &member) {
                rights.project = Some(List::read(kind, raw));
            }
            if is_one(&names.team, &member) {
                rights.team = Some(List::read(kind, raw));
            }
        });
        if scanned.is_err() {
            rights = Rights::none(names.modules.is_some());
            level = None;
        }
        rights.team_is_here = names.team.is_some();
        let level = level.flatten();
        rights.bypasses = match &level {
            _ if self.bypass_levels.is_empty() => Some(false),
            None => None,
            Some(level) => Some(self.bypass_levels.contains(level)),
        };
        rights.data_scope = self.data_scope.as_ref().map(|scopes| {
            let of_level = level.as_ref().and_then(|level| scopes.of(level));
            let fallback = || match rights.bypasses {
                Some(true) => DataScope::All,
                _ => DataScope::default(),
            };
            of_level.unwrap_or_else(fallback)
        });
        rights
    }
}

fn boolean(kind: Kind) -> Option<bool> {
    match kind {
        Kind::True => Some(true),
        Kind::False => Some(false),
        _ => None,
    }
}

fn manages(kind: Kind, raw: &[u8]) -> Option<bool> {
    match kind {
        Kind::Array => Some(json::elements(raw).next().is_some()),
        Kind::Number => json::integer(raw)
            .filter(|count| *count >= 0)
            .map(|count| count > 0),
        kind => boolean(kind),
    }
}
