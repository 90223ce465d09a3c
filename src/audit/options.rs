/// What occurs in a log, for the menus of whoever asks it: each list in order, without the empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Actions.
    pub actions: Vec<String>,
    /// Kinds of entity.
    pub entities: Vec<String>,
    /// Actors.
    pub actors: Vec<String>,
    /// Profiles.
    pub profiles: Vec<String>,
    /// Whether one of the lists was cut at [`Options::MOST`].
    pub cut: bool,
}

impl Options {
    /// The longest list.
    pub const MOST: usize = 1_000;
}
