use super::grants::Grants;
use super::list::List;
use super::{DataScope, Permission};

/// What a token's holder may do, as its claims or its session say.
///
/// Made once for a token and immutable; asking it allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub(super) grants: Option<Grants>,
    pub(super) modules: Option<Grants>,
    modules_count: bool,
    /// `None`: there are levels that bypass, and which one this is cannot be told.
    pub(super) bypasses: Option<bool>,
    pub(super) data_scope: Option<DataScope>,
    pub(crate) position: Option<List>,
    pub(crate) subordinates: Option<bool>,
    pub(crate) headquarters: Option<bool>,
    pub(crate) project: Option<List>,
    pub(crate) team: Option<List>,
    pub(crate) team_is_here: bool,
}

/// Whether a permission is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Something that it depends on is absent or cannot be read.
    Unknown,
}

impl Rights {
    pub(super) fn none(modules_count: bool) -> Self {
        Self {
            grants: None,
            modules: None,
            modules_count,
            bypasses: None,
            data_scope: None,
            position: None,
            subordinates: None,
            headquarters: None,
            project: None,
            team: None,
            team_is_here: false,
        }
    }

    /// Whether the permission is allowed: by the level, or by a grant within the modules.
    #[inline]
    #[must_use]
    pub fn allows(&self, permission: &Permission) -> bool {
        self.answer(permission) == Answer::Yes
    }

    #[inline]
    pub(crate) fn answer(&self, permission: &Permission) -> Answer {
        if self.bypasses == Some(true) {
            return Answer::Yes;
        }
        let granted = side(self.grants.as_ref(), |grants| grants.cover(permission));
        let in_module = match self.modules_count {
            true => side(self.modules.as_ref(), |modules| {
                modules.have_module_of(permission)
            }),
            false => Answer::Yes,
        };
        match (granted, in_module, self.bypasses) {
            (Answer::Yes, Answer::Yes, _) => Answer::Yes,
            // A level that cannot be told may be the very one that bypasses.
            (Answer::Unknown, _, _) | (_, Answer::Unknown, _) | (_, _, None) => Answer::Unknown,
            _ => Answer::No,
        }
    }

    /// Whether the level is one that is allowed everything.
    #[must_use]
    pub fn bypasses(&self) -> bool {
        self.bypasses == Some(true)
    }

    /// How much of the data the level sees; `None` where the profile knows no scopes. A level that
    /// is absent or unknown sees its own alone.
    #[must_use]
    pub fn data_scope(&self) -> Option<DataScope> {
        self.data_scope
    }

    /// The bytes that it occupies beside its own struct.
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let grants = [&self.grants, &self.modules];
        let lists = [&self.position, &self.project, &self.team];
        grants
            .into_iter()
            .flatten()
            .map(Grants::heap_size)
            .sum::<usize>()
            + lists
                .into_iter()
                .flatten()
                .map(List::heap_size)
                .sum::<usize>()
    }
}

#[inline]
fn side(words: Option<&Grants>, holds: impl Fn(&Grants) -> bool) -> Answer {
    match words {
        None => Answer::Unknown,
        Some(words) if holds(words) => Answer::Yes,
        Some(words) if words.has_others() => Answer::Unknown,
        Some(_) => Answer::No,
    }
}
