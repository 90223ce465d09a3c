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
    #[inline]
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
            Self::Words(text) if text.contains(&b'\\') => {
                escaped_words(text).any(|word| test(Atom::Text(word)))
            }
            Self::Words(text) => text
                .split(|byte| *byte == b' ')
                .any(|word| test(Atom::Text(word))),
            Self::Array(array) => {
                json::elements(array).any(|(kind, raw)| test(Atom::new(kind, raw)))
            }
        }
    }
}

/// A space may be written as an escape, and separates words all the same.
#[cold]
fn escaped_words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const SPACE: &[u8] = b"\\u0020";
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut at = 0;
        while at < text.len() {
            let length = match &text[at..] {
                [b' ', ..] => 1,
                escape if escape.starts_with(SPACE) => SPACE.len(),
                // Whatever is escaped, so that no escaped backslash begins an escape.
                [b'\\', ..] => {
                    at += 2;
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            rest = Some(&text[at + length..]);
            return Some(&text[..at]);
        }
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_separated_by_spaces_however_they_are_written() {
        for (text, words) in [
            (r"a b", &["a", "b"][..]),
            (r"a\u0020b", &["a", "b"]),
            (r"\u0020a \u0020b\u0020", &["", "a", "", "b", ""]),
            (r"a\\u0020b", &[r"a\u0020b"]),
            (r"a\\\u0020b", &[r"a\", "b"]),
            (r"a\u0062 c", &["ab", "c"]),
            ("", &[""]),
        ] {
            let atoms = Atoms::Words(text.as_bytes());
            let mut found = Vec::new();
            atoms.any(|atom| {
                found.push(
                    words
                        .get(found.len())
                        .is_some_and(|word| atom.is_text(word)),
                );
                false
            });
            assert_eq!(found, vec![true; words.len()], "{text}");
        }
    }
}
