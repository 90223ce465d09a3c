use crate::guard::rule::Name;

/// How much of the data a position sees: context for the application's queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataScope {
    /// Everybody's
    All,
    /// That of the projects that it is in
    Project,
    /// That of its group
    Group,
    /// Its own
    #[default]
    Own,
}

/// The levels of each scope. A level that is not here, or is not known, has the narrowest one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataScopes {
    /// Levels that see everything
    pub all: Vec<Name>,
    /// Levels that see their projects
    pub project: Vec<Name>,
    /// Levels that see their group
    pub group: Vec<Name>,
    /// Levels that see their own
    pub own: Vec<Name>,
}

impl DataScope {
    /// The name in configuration and HTTP bodies: `all`, `project`, `group` or `self`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Project => "project",
            Self::Group => "group",
            Self::Own => "self",
        }
    }
}

impl DataScopes {
    /// Each scope with its levels.
    pub fn rows(&self) -> impl Iterator<Item = (DataScope, &Vec<Name>)> {
        [
            (DataScope::All, &self.all),
            (DataScope::Project, &self.project),
            (DataScope::Group, &self.group),
            (DataScope::Own, &self.own),
        ]
        .into_iter()
    }

    pub(super) fn of(&self, level: &Name) -> Option<DataScope> {
        self.rows()
            .find_map(|(scope, levels)| levels.contains(level).then_some(scope))
    }
}
