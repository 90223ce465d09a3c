use crate::json::{self, Kind};

use super::Permission;
use super::list::text;
use super::name::{is_grant, is_part};

/// The grants of a claim, or the modules: a list, or one string of words (as `scope`, RFC 6749
/// §3.3).
///
/// One block of memory, each word behind a byte for its length and one for what it is: a position
/// has some twenty, and all of them are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grants {
    words: Box<[u8]>,
    /// Something there is no grant. It may have been meant for anything.
    has_others: bool,
}

/// What a word is.
const EXACT: u8 = 0;
/// It is a beginning, whatever follows: `hr.*` is kept as `hr.`.
const PREFIX: u8 = 1;
/// It has a wildcard somewhere else.
const WILD: u8 = 2;

impl Grants {
    pub(super) fn read(kind: Kind, raw: &[u8]) -> Self {
        Self::of(kind, raw, is_grant)
    }

    pub(super) fn read_modules(kind: Kind, raw: &[u8]) -> Self {
        Self::of(kind, raw, |word| word == b"*" || is_part(word))
    }

    fn of(kind: Kind, raw: &[u8], is_word: impl Fn(&[u8]) -> bool) -> Self {
        let (mut words, mut has_others) = (Vec::new(), false);
        let mut take = |word: &[u8]| match is_word(word) {
            true => keep(word, &mut words),
            false => has_others = true,
        };
        match kind {
            // An empty string holds no word, as an empty list does not.
            Kind::String if raw.is_empty() => {}
            Kind::String => text(raw).split(' ').for_each(|word| take(word.as_bytes())),
            Kind::Array => {
                for (kind, raw) in json::elements(raw) {
                    match kind {
                        Kind::String => take(text(raw).as_bytes()),
                        _ => take(b""),
                    }
                }
            }
            _ => take(b""),
        }
        Self {
            words: words.into(),
            has_others,
        }
    }

    pub(super) fn has_others(&self) -> bool {
        self.has_others
    }

    pub(super) fn heap_size(&self) -> usize {
        self.words.len()
    }

    /// Whether one of them covers the name.
    #[inline]
    pub(super) fn cover(&self, permission: &Permission) -> bool {
        let name = permission.as_bytes();
        self.any(|kind, word| match kind {
            EXACT => word == name,
            PREFIX => name.len() > word.len() && name.starts_with(word),
            _ => matches_parts(word, name),
        })
    }

    /// Whether the name's module is one of them.
    #[inline]
    pub(super) fn have_module_of(&self, permission: &Permission) -> bool {
        let name = permission.as_bytes();
        self.any(|kind, word| match kind {
            EXACT => name
                .strip_prefix(word)
                .is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'.')),
            _ => true,
        })
    }

    #[inline]
    fn any(&self, test: impl Fn(u8, &[u8]) -> bool) -> bool {
        let mut rest = &*self.words;
        while let [length, kind, tail @ ..] = rest {
            let Some((word, tail)) = tail.split_at_checked(usize::from(*length)) else {
                return false;
            };
            if test(*kind, word) {
                return true;
            }
            rest = tail;
        }
        false
    }
}

fn keep(word: &[u8], words: &mut Vec<u8>) {
    let (kind, kept) = match word.strip_suffix(b"*") {
        None if word.contains(&b'*') => (WILD, word),
        None => (EXACT, word),
        Some(beginning) if beginning.contains(&b'*') => (WILD, word),
        Some(beginning) => (PREFIX, beginning),
    };
    // The form of a word bounds its length.
    words.push(u8::try_from(kept.len()).unwrap_or(0));
    words.push(kind);
    words.extend_from_slice(kept);
}

fn matches_parts(grant: &[u8], name: &[u8]) -> bool {
    let is_dot = |byte: &u8| *byte == b'.';
    let (mut granted, mut asked) = (grant.split(is_dot).peekable(), name.split(is_dot));
    while let Some(part) = granted.next() {
        match asked.next() {
            None => return false,
            Some(_) if part == b"*" && granted.peek().is_none() => return true,
            Some(other) if part != b"*" && part != other => return false,
            Some(_) => {}
        }
    }
    asked.next().is_none()
}
