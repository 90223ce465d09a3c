use std::borrow::Cow;

use crate::guard::rule::Name;
use crate::json::{self, Kind};

/// Ids and names that a claim is, or lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    names: Box<[Name]>,
    /// Something there can be compared with nothing: an object, a fraction.
    has_others: bool,
}

impl List {
    pub(super) fn read(kind: Kind, raw: &[u8]) -> Self {
        let mut list = Self::default();
        let names = match kind {
            Kind::Array => json::elements(raw)
                .filter_map(|(kind, raw)| list.take(kind, raw))
                .collect(),
            kind => list.take(kind, raw).into_iter().collect(),
        };
        Self { names, ..list }
    }

    fn take(&mut self, kind: Kind, raw: &[u8]) -> Option<Name> {
        let name = Name::read(kind, raw);
        self.has_others |= name.is_none();
        name
    }

    pub(crate) fn has_others(&self) -> bool {
        self.has_others
    }

    /// Whether it names anything at all.
    pub(crate) fn names_any(&self) -> bool {
        self.names
            .iter()
            .any(|name| !matches!(name, Name::Text(text) if text.is_empty()))
    }

    pub(crate) fn has_one_of(&self, wanted: &[Name]) -> bool {
        self.names.iter().any(|name| wanted.contains(name))
    }

    pub(super) fn heap_size(&self) -> usize {
        let texts = self.names.iter().map(|name| match name {
            Name::Id(_) => 0,
            Name::Text(text) => text.len(),
        });
        size_of_val(&*self.names) + texts.sum::<usize>()
    }
}

impl Name {
    /// The id or name that a value is.
    pub(crate) fn read(kind: Kind, raw: &[u8]) -> Option<Self> {
        match kind {
            Kind::Number => json::integer(raw).map(Self::Id),
            Kind::String => Some(Self::Text(text(raw).into())),
            _ => None,
        }
    }
}

/// A string's text, escapes or none.
pub(super) fn text(raw: &[u8]) -> Cow<'_, str> {
    json::unescape(raw, raw.contains(&b'\\'))
}
