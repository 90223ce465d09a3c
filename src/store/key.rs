use std::fmt;
use std::sync::Arc;

use crate::error::{Code, Fault};

/// The first word of a key: what kind of thing lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespace(&'static str);

impl Namespace {
    /// A namespace of lower-case letters and hyphens. Meant for constants, where a wrong name
    /// does not compile.
    ///
    /// # Panics
    /// Where the name is empty or has another character.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty(), "a namespace needs a name");
        let mut at = 0;
        while at < bytes.len() {
            assert!(
                bytes[at].is_ascii_lowercase() || bytes[at] == b'-',
                "a namespace is of lower-case letters and hyphens"
            );
            at += 1;
        }
        Self(name)
    }
}

/// The name of an entry: a namespace and parts, in one text that no two names share.
///
/// A part is any bytes (a `sub`, a `jti`). Each is written with everything but letters, digits,
/// `-`, `.`, `_` and `~` percent-encoded, and ended by `/`, which therefore occurs nowhere else:
/// `spent/web/a%3Ab/`. So parts cannot run into each other, no pattern character of any store
/// appears, and a key whose parts begin with another's begins with its text.
///
/// A part is at most [`StoreKey::MAX_PART`] bytes; longer ones are refused, not hashed, because
/// who fills an index from a store needs the value back. Who must name something longer passes
/// its digest.
///
/// `Debug` shows the namespace alone: parts are claim values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey(Arc<str>);

impl StoreKey {
    /// The longest part, in bytes before encoding.
    pub const MAX_PART: usize = 512;
    /// The longest key, in bytes of its text.
    pub const MAX: usize = 2_048;

    /// The key of `parts` in `namespace`, or, for a scan, the common beginning of many.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where a part or the whole is over its limit.
    pub fn new(namespace: Namespace, parts: &[&[u8]]) -> Result<Self, Fault> {
        Self::encode(namespace.0, parts.iter().copied())
    }

    /// The key whose text this is, as a store reads it back.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it is no text that [`StoreKey::as_str`] gives: something else
    /// writes to the store.
    pub fn from_encoded(text: &str) -> Result<Self, Fault> {
        let foreign = || {
            Fault::new(
                Code::StoreUnavailable,
                "the store holds a key that bearerd did not write: give bearerd a database or key prefix of its own",
            )
        };
        let (namespace, parts) = decode(text).ok_or_else(foreign)?;
        let key = Self::encode(namespace, parts.iter().map(Vec::as_slice));
        key.ok().filter(|key| &*key.0 == text).ok_or_else(foreign)
    }

    /// The text, of printable ASCII only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The parts as they were given.
    #[must_use]
    pub fn parts(&self) -> Vec<Vec<u8>> {
        decode(&self.0).map_or_else(Vec::new, |(_, parts)| parts)
    }

    /// Whether this key's first parts are all of `prefix`'s, in the same namespace.
    #[must_use]
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&*prefix.0)
    }

    fn encode<'a>(namespace: &str, parts: impl Iterator<Item = &'a [u8]>) -> Result<Self, Fault> {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let mut text = String::with_capacity(64);
        text.push_str(namespace);
        text.push('/');
        for (number, part) in (1..).zip(parts) {
            if part.len() > Self::MAX_PART {
                return Err(too_long(namespace, number, part.len()));
            }
            for &byte in part {
                if plain(byte) {
                    text.push(char::from(byte));
                } else {
                    text.push('%');
                    text.push(char::from(HEX[usize::from(byte >> 4)]));
                    text.push(char::from(HEX[usize::from(byte & 15)]));
                }
            }
            text.push('/');
            if text.len() > Self::MAX {
                return Err(too_long(namespace, number, part.len()));
            }
        }
        Ok(Self(text.into()))
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Namespace and parts of a text, or nothing where it cannot be a key's.
fn decode(text: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    let (namespace, rest) = text.split_once('/')?;
    let named = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if namespace.is_empty() || !namespace.bytes().all(named) || text.len() > StoreKey::MAX {
        return None;
    }
    if rest.is_empty() {
        return Some((namespace, Vec::new()));
    }
    let parts = rest.strip_suffix('/')?.split('/').map(decode_part);
    Some((namespace, parts.collect::<Option<_>>()?))
}

fn decode_part(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cold]
fn too_long(namespace: &str, number: usize, length: usize) -> Fault {
    Fault::new(
        Code::ValidationError,
        format!(
            "part {number} of a {namespace} key, {length} bytes, is too long: \
             a part may have {} bytes and a key {} once encoded; shorten it or pass its digest",
            StoreKey::MAX_PART,
            StoreKey::MAX
        ),
    )
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoreKey({}/…, {} bytes)",
            self.namespace(),
            self.0.len()
        )
    }
}
