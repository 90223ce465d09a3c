use crate::json::{self, Kind};

/// One scalar inside a claim.
#[derive(Clone, Copy, Debug)]
pub enum Atom<'a> {
    /// A string, as it stands in the payload, escapes included.
    Text(&'a [u8]),
    /// A number written as an integer.
    Integer(i64),
    /// Anything else: it equals nothing.
    Other,
}

impl<'a> Atom<'a> {
    pub(super) fn new(kind: Kind, raw: &'a [u8]) -> Self {
        match kind {
            Kind::String => Self::Text(raw),
            Kind::Number => json::integer(raw).map_or(Self::Other, Self::Integer),
            _ => Self::Other,
        }
    }

    /// Whether it is the string `expected`, after unescaping.
    #[inline]
    #[must_use]
    pub fn is_text(self, expected: &str) -> bool {
        match self {
            Self::Text(raw) => raw == expected.as_bytes() || text_equals_escaped(raw, expected),
            _ => false,
        }
    }

    /// Whether it is the integer `expected`.
    #[inline]
    #[must_use]
    pub fn is_integer(self, expected: i64) -> bool {
        matches!(self, Self::Integer(value) if value == expected)
    }
}

#[cold]
fn text_equals_escaped(raw: &[u8], expected: &str) -> bool {
    // An escape is longer than what it stands for, so only a longer text can be the same.
    raw.len() > expected.len() && raw.contains(&b'\\') && json::unescape(raw, true) == expected
}

/// The scalars of a claim: itself, its words, or its elements.
#[derive(Clone, Debug)]
pub enum Atoms<'a> {
    /// The claim is absent or null.
    Absent,
    /// The claim is one scalar.
    One(Atom<'a>),
    /// The claim is a string of words separated by single spaces (RFC 6749 §3.3).
    Words(&'a [u8]),
    /// The claim is an array.
    Array(&'a [u8]),
}

impl<'a> Atoms<'a> {
    /// Whether the claim is absent or null.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether one of the scalars satisfies `test`.
    #[inline]
    pub fn any(&self, mut test: impl FnMut(Atom<'a>) -> bool) -> bool {
        match self {
            Self::Absent => false,
            Self::One(atom) => test(*atom),
            Self::Words(text) => text
                .split(|byte| *byte == b' ')
                .any(|word| test(Atom::Text(word))),
            Self::Array(array) => {
                json::elements(array).any(|(kind, raw)| test(Atom::new(kind, raw)))
            }
        }
    }
}
