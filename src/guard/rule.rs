use serde::Deserialize;

use crate::claims::TokenKind;
use crate::error::{Code, Fault};

use super::demands::Demands;
use super::permission::Permission;

/// A compiled guard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Source")]
pub struct Guard {
    pub(super) roles: Box<[Name]>,
    pub(super) scopes: Box<[Box<str>]>,
    pub(super) any_scope: Box<[Box<str>]>,
    pub(super) vip: Option<bool>,
    pub(super) team: Option<Team>,
    pub(super) token: Option<TokenKind>,
    pub(super) device: bool,
    pub(super) demands: Option<Box<Demands>>,
    pub(super) all: Box<[Guard]>,
    pub(super) any: Box<[Guard]>,
    pub(super) not: Option<Box<Guard>>,
}

/// A role, team, level or the like, by its id or its name. An id never equals a name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected an id (integer) or a name (string)")]
pub enum Name {
    /// An id
    Id(i64),
    /// A name
    Text(Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Team {
    Present,
    OneOf(Box<[Name]>),
}

/// A guard as it is written.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "expected a guard: an object of roles, scopes, any_scope, vip, team, token, device, permission, any_permission, position, subordinates, headquarters, project, all, any, not"
)]
struct Source {
    roles: Option<Vec<Name>>,
    scopes: Option<Vec<Box<str>>>,
    any_scope: Option<Vec<Box<str>>>,
    vip: Option<bool>,
    team: Option<TeamSource>,
    token: Option<Box<str>>,
    device: Option<bool>,
    permission: Option<PermissionSource>,
    any_permission: Option<Vec<Permission>>,
    position: Option<Vec<Name>>,
    subordinates: Option<bool>,
    headquarters: Option<bool>,
    project: Option<TeamSource>,
    all: Option<Vec<Guard>>,
    any: Option<Vec<Guard>>,
    not: Option<Box<Guard>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true or a list of ids and names")]
enum TeamSource {
    Present(bool),
    OneOf(Vec<Name>),
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a permission, such as hr.employee.update, or a list of them; wildcards belong into grants"
)]
enum PermissionSource {
    One(Permission),
    All(Vec<Permission>),
}

impl Guard {
    /// The longest rule text that [`from_json`](Self::from_json) reads, in bytes.
    pub const MAX_TEXT: usize = 16_384;
    /// The deepest nesting of `all`, `any` and `not`.
    pub const MAX_DEPTH: usize = 8;

    /// Compiles a rule from JSON.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the member that is unknown, empty or of the wrong type.
    pub fn from_json(text: &[u8]) -> Result<Self, Fault> {
        let refuse = || Fault::new(Code::ValidationError, "the guard is not valid");
        if text.len() > Self::MAX_TEXT {
            return Err(refuse().caused_by(format!(
                "it is longer than {} bytes; shorten it",
                Self::MAX_TEXT
            )));
        }
        let guard: Self =
            serde_json::from_slice(text).map_err(|error| refuse().caused_by(error))?;
        guard.within_depth()
    }

    /// Compiles a rule from a value that has been parsed already.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    pub fn from_value(value: serde_json::Value) -> Result<Self, Fault> {
        let guard: Self = serde_json::from_value(value).map_err(|error| {
            Fault::new(Code::ValidationError, "the guard is not valid").caused_by(error)
        })?;
        guard.within_depth()
    }

    fn within_depth(self) -> Result<Self, Fault> {
        if self.depth() > Self::MAX_DEPTH {
            let why = format!(
                "all, any and not are nested more than {} deep; flatten them",
                Self::MAX_DEPTH
            );
            return Err(Fault::new(Code::ValidationError, "the guard is not valid").caused_by(why));
        }
        Ok(self)
    }

    fn depth(&self) -> usize {
        let children = self.all.iter().chain(&self.any).chain(self.not.as_deref());
        1 + children.map(Self::depth).max().unwrap_or(0)
    }

    /// The kind of token without which this guard cannot hold, where it says so outside of `any`
    /// and `not`. It takes the place of the profile's own expectation.
    #[must_use]
    pub fn token_kind(&self) -> Option<TokenKind> {
        self.token
            .or_else(|| self.all.iter().find_map(Self::token_kind))
    }

    /// Whether the request's device matters.
    #[must_use]
    pub fn needs_device(&self) -> bool {
        self.device
            || self
                .all
                .iter()
                .chain(&self.any)
                .chain(self.not.as_deref())
                .any(Self::needs_device)
    }

    /// Whether it asks for what only a profile with permissions can say.
    #[must_use]
    pub fn needs_rights(&self) -> bool {
        let children = self.all.iter().chain(&self.any).chain(self.not.as_deref());
        self.demands.is_some() || children.into_iter().any(Self::needs_rights)
    }
}

impl TryFrom<Source> for Guard {
    type Error = String;

    fn try_from(source: Source) -> Result<Self, String> {
        let Source {
            roles,
            scopes,
            any_scope,
            vip,
            team,
            token,
            device,
            permission,
            any_permission,
            position,
            subordinates,
            headquarters,
            project,
            all,
            any,
            not,
        } = source;
        let says_nothing = roles.is_none()
            && scopes.is_none()
            && any_scope.is_none()
            && vip.is_none()
            && team.is_none()
            && token.is_none()
            && device.is_none()
            && permission.is_none()
            && any_permission.is_none()
            && position.is_none()
            && subordinates.is_none()
            && headquarters.is_none()
            && project.is_none()
            && all.is_none()
            && any.is_none()
            && not.is_none();
        if says_nothing {
            return Err(
                "the guard is empty and would hold always; give it a member, or leave it out"
                    .to_owned(),
            );
        }
        let permission = permission.map(|permission| match permission {
            PermissionSource::One(permission) => vec![permission],
            PermissionSource::All(permissions) => permissions,
        });
        if device == Some(false) {
            return Err(only_true("device"));
        }
        let token = match token {
            None => None,
            Some(name) => Some(
                TokenKind::from_name(&name)
                    .ok_or(r#"`token` is none of "access", "refresh", "pat""#)?,
            ),
        };
        let scopes = filled("scopes", scopes)?;
        let any_scope = filled("any_scope", any_scope)?;
        if let Some(scope) = scopes
            .iter()
            .chain(&any_scope)
            .find(|scope| scope.is_empty() || scope.contains(' '))
        {
            return Err(format!(
                "{scope:?} is not one scope; list scopes one by one"
            ));
        }
        let demands = Demands {
            permission: filled("permission", permission)?,
            any_permission: filled("any_permission", any_permission)?,
            position: filled("position", position)?,
            subordinates,
            headquarters,
            project: named("project", project)?,
        };
        Ok(Self {
            roles: filled("roles", roles)?,
            scopes,
            any_scope,
            vip,
            team: named("team", team)?,
            token,
            device: device.is_some(),
            demands: (!demands.is_empty()).then(|| Box::new(demands)),
            all: filled("all", all)?,
            any: filled("any", any)?,
            not,
        })
    }
}

fn named(member: &str, source: Option<TeamSource>) -> Result<Option<Team>, String> {
    match source {
        None => Ok(None),
        Some(TeamSource::Present(true)) => Ok(Some(Team::Present)),
        Some(TeamSource::Present(false)) => Err(only_true(member)),
        Some(TeamSource::OneOf(names)) => Ok(Some(Team::OneOf(filled(member, Some(names))?))),
    }
}

fn only_true(member: &str) -> String {
    format!("`{member}` can only be true; to forbid it, say {{\"not\": {{\"{member}\": true}}}}")
}

fn filled<T>(member: &str, list: Option<Vec<T>>) -> Result<Box<[T]>, String> {
    match list {
        Some(list) if list.is_empty() => Err(format!(
            "`{member}` is an empty list, which could never hold; name one, or leave it out"
        )),
        list => Ok(list.unwrap_or_default().into()),
    }
}
