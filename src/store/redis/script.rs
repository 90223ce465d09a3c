use std::fmt;

/// A step that the server takes as a whole.
///
/// Each writes only after everything that it may refuse, so that an error leaves nothing half done,
/// and touches no key but those it is given.
pub(super) struct Script {
    text: &'static str,
    hash: String,
}

/// The steps of a store.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) write: Script,
    pub(super) delete: Script,
    pub(super) changes: Script,
    pub(super) wipe: Script,
    /// Stands alone: a bucket has no life and no feed.
    pub(super) take: Script,
}

macro_rules! script {
    ($name:literal) => {
        Script::new(concat!(
            include_str!("lua/life.lua"),
            include_str!(concat!("lua/", $name, ".lua"))
        ))
    };
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            write: script!("write"),
            delete: script!("delete"),
            changes: script!("changes"),
            wipe: script!("wipe"),
            take: Script::new(include_str!("lua/take.lua")),
        }
    }
}

impl Script {
    fn new(text: &'static str) -> Self {
        let hash = redis::Script::new(text).get_hash().to_owned();
        Self { text, hash }
    }

    pub(super) fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) fn hash(&self) -> &[u8] {
        self.hash.as_bytes()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script({})", self.hash)
    }
}
