use serde::Deserialize;

/// The name of one permission, such as `hr.employee.update`. It holds no wildcard: what is asked
/// for is one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Box<str>")]
pub struct Permission(Box<str>);

/// The most parts of a name.
const PARTS: usize = 8;
/// The longest part, in bytes.
const PART: usize = 64;
/// The longest name, in bytes.
const NAME: usize = 128;

impl Permission {
    /// The permission of that name.
    ///
    /// # Errors
    /// Why it is none, in words that do not repeat it.
    pub fn new(name: &str) -> Result<Self, &'static str> {
        if is_name(name.as_bytes()) {
            return Ok(Self(name.into()));
        }
        Err(if is_grant(name.as_bytes()) {
            "a permission is asked for by its whole name; wildcards belong into grants"
        } else {
            "a permission is 1 to 8 parts joined by dots, each 1 to 64 of A-Z a-z 0-9 _ -, 128 bytes in all"
        })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first part.
    #[must_use]
    pub fn module(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl TryFrom<Box<str>> for Permission {
    type Error = &'static str;

    fn try_from(name: Box<str>) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

fn is_name(text: &[u8]) -> bool {
    has_form(text, is_part)
}

/// Whether it is a name, or one with wildcards.
pub(super) fn is_grant(text: &[u8]) -> bool {
    has_form(text, |part| part == b"*" || is_part(part))
}

/// Whether it is the name of a module.
pub(super) fn is_part(part: &[u8]) -> bool {
    (1..=PART).contains(&part.len())
        && part
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn has_form(text: &[u8], part: impl Fn(&[u8]) -> bool) -> bool {
    let mut parts = text.split(|byte| *byte == b'.');
    text.len() <= NAME && parts.by_ref().take(PARTS).all(part) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_grants() {
        let longest = "a".repeat(PART);
        let (full, over) = (
            format!("{longest}.{}", "b".repeat(63)),
            longest.clone() + "a",
        );
        for name in [
            "a",
            "hr.employee.update",
            "A-b_9.c",
            "1.2.3.4.5.6.7.8",
            &full,
        ] {
            assert!(Permission::new(name).is_ok(), "{name}");
            assert!(is_grant(name.as_bytes()), "{name}");
        }
        for grant in ["*", "hr.*", "*.*.read", "*.*.*.*.*.*.*.*"] {
            assert!(Permission::new(grant).unwrap_err().contains("wildcards"));
            assert!(is_grant(grant.as_bytes()), "{grant}");
        }
        for neither in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a b",
            "a.b ",
            "hr*",
            "**",
            "h*.read",
            "*.",
            "a/b",
            "a\0",
            "é",
            "a.b\u{2024}c",
            "1.2.3.4.5.6.7.8.9",
            "*.*.*.*.*.*.*.*.*",
            &over,
            &format!("{full}c"),
            &format!("{longest}.{longest}"),
        ] {
            assert!(Permission::new(neither).unwrap_err().contains("1 to 8"));
            assert!(!is_grant(neither.as_bytes()), "{neither}");
        }
    }
}
