use std::borrow::Cow;
use std::fmt;

use super::names::{Names, name_hash};
use super::{number, text};

/// How deep and how wide a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Nesting of objects and arrays; at most 64 is sensible, since the scan recurses.
    pub depth: usize,
    /// Members and elements, all levels counted together.
    pub members: usize,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are JSON's own")]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// One member of the outermost object.
#[derive(Debug)]
pub struct Member<'a> {
    /// The name, unescaped, as UTF-8. Bytes, because the whole text has been checked already.
    pub name: Cow<'a, [u8]>,
    /// [`name_hash`] of the name.
    pub hash: u64,
    /// The value's type.
    pub kind: Kind,
    /// Where the value starts, in bytes. A string's position excludes its quotes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether a string holds escapes, or an array or object holds strings that do.
    pub escaped: bool,
}

/// Where a document stopped being strict JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset
    pub offset: usize,
    /// What was wrong there
    pub what: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for JsonError {}

/// Checks that `text` is one strict JSON object and reports its members in order.
///
/// Allocates only where a name holds escapes or the document has more than 32 open names.
///
/// # Errors
/// [`JsonError`] with the offset of the first thing that is not strict.
pub fn scan<'a>(
    text: &'a [u8],
    bounds: Bounds,
    visit: impl FnMut(Member<'a>),
) -> Result<(), JsonError> {
    scan_as::<SHORT>(text, bounds, visit)
}

/// The same for text whose strings are long, such as a list of tokens.
///
/// # Errors
/// As [`scan`].
pub(super) fn scan_long<'a>(
    text: &'a [u8],
    bounds: Bounds,
    visit: impl FnMut(Member<'a>),
) -> Result<(), JsonError> {
    scan_as::<LONG>(text, bounds, visit)
}

#[inline]
fn scan_as<'a, const LENGTH: bool>(
    text: &'a [u8],
    bounds: Bounds,
    mut visit: impl FnMut(Member<'a>),
) -> Result<(), JsonError> {
    check_utf8(text)?;
    let mut scanner = Scanner::<LENGTH>::over(text, bounds);
    scanner.skip_blanks();
    if scanner.peek() != Some(b'{') {
        return scanner.fail("expected an object");
    }
    scanner.object(1, Some(&mut visit))?;
    scanner.finish()
}

/// Checks that `text` is one strict JSON value of any type.
///
/// # Errors
/// [`JsonError`] with the offset of the first thing that is not strict.
pub fn check(text: &[u8], bounds: Bounds) -> Result<(), JsonError> {
    check_utf8(text)?;
    let mut scanner = Scanner::<SHORT>::over(text, bounds);
    scanner.skip_blanks();
    scanner.value(0)?;
    scanner.finish()
}

/// The value that begins at `at` in text that was accepted before: its type, and from where to where
/// it goes, strings without their quotes, and where the text goes on.
pub(super) fn accepted_value(text: &[u8], at: usize) -> Option<(Kind, usize, usize, usize)> {
    let mut scanner = Scanner::<SHORT>::over(text, TRUSTED);
    scanner.at = at;
    let found = scanner.value(0).ok()?;
    Some((found.kind, found.start, found.end, scanner.at))
}

#[inline]
fn check_utf8(text: &[u8]) -> Result<(), JsonError> {
    // Nearly all claims are ASCII, which takes a tenth of the whole check to see.
    if text.is_ascii() {
        return Ok(());
    }
    simdutf8::compat::from_utf8(text)
        .map(drop)
        .map_err(|error| JsonError {
            offset: error.valid_up_to(),
            what: "invalid UTF-8",
        })
}

struct Found {
    kind: Kind,
    start: usize,
    end: usize,
    escaped: bool,
}

/// The strings are mostly those of claims.
const SHORT: bool = false;
/// The strings are mostly hundreds of bytes long.
const LONG: bool = true;

/// By `LENGTH`, because even a branch for each string is felt where claims are read.
struct Scanner<'a, const LENGTH: bool> {
    text: &'a [u8],
    at: usize,
    bounds: Bounds,
    seen: usize,
    names: Names,
}

/// Bounds for text that was accepted before: deeper than what any caller accepts.
const TRUSTED: Bounds = Bounds {
    depth: 64,
    members: usize::MAX,
};

impl<'a, const LENGTH: bool> Scanner<'a, LENGTH> {
    /// For text that is UTF-8. Inlined, so that the names are set up where they stay: moving them
    /// cost more than most members do.
    #[inline(always)]
    fn over(text: &'a [u8], bounds: Bounds) -> Self {
        Self {
            text,
            at: 0,
            bounds,
            seen: 0,
            names: Names::new(),
        }
    }

    #[cold]
    fn fail<T>(&self, what: &'static str) -> Result<T, JsonError> {
        Err(JsonError {
            offset: self.at,
            what,
        })
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline(always)]
    fn skip_blanks(&mut self) {
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.skip_some_blanks();
        }
    }

    #[cold]
    fn skip_some_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn finish(&mut self) -> Result<(), JsonError> {
        self.skip_blanks();
        if self.at == self.text.len() {
            Ok(())
        } else {
            self.fail("text after the document")
        }
    }

    #[inline]
    fn count(&mut self) -> Result<(), JsonError> {
        self.seen += 1;
        if self.seen > self.bounds.members {
            self.fail("too many members")
        } else {
            Ok(())
        }
    }

    /// Inlined, because nearly every value is a string or a number, whose parts then stay in
    /// registers.
    #[inline(always)]
    fn value(&mut self, depth: usize) -> Result<Found, JsonError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let escaped = self.string()?;
                Ok(Found {
                    kind: Kind::String,
                    start: start + 1,
                    end: self.at - 1,
                    escaped,
                })
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Ok(Found {
                    kind: Kind::Number,
                    start,
                    end: self.at,
                    escaped: false,
                })
            }
            _ => self.other_value(depth),
        }
    }

    fn other_value(&mut self, depth: usize) -> Result<Found, JsonError> {
        let start = self.at;
        let (kind, escaped) = match self.peek() {
            Some(b'{') => (
                Kind::Object,
                self.object(depth + 1, None::<&mut fn(Member<'a>)>)?,
            ),
            Some(b'[') => (Kind::Array, self.array(depth + 1)?),
            Some(b't') => (Kind::True, self.literal(b"true")?),
            Some(b'f') => (Kind::False, self.literal(b"false")?),
            Some(b'n') => (Kind::Null, self.literal(b"null")?),
            _ => return self.fail("expected a value"),
        };
        Ok(Found {
            kind,
            start,
            end: self.at,
            escaped,
        })
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<bool, JsonError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(false)
        } else {
            self.fail("expected a value")
        }
    }

    #[inline]
    fn number(&mut self) -> Result<(), JsonError> {
        match number::length(&self.text[self.at..]) {
            Some(length) => {
                self.at += length;
                Ok(())
            }
            None => self.fail("not a JSON number, or beyond a double"),
        }
    }

    /// Consumes a string with its quotes; whether it holds escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, JsonError> {
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at = if LENGTH == LONG {
                text::far_plain_end(self.text, self.at)
            } else {
                text::plain_end(self.text, self.at)
            };
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    match text::escape_length(&self.text[self.at..]) {
                        Some(length) => self.at += length,
                        None => return self.fail("bad escape or lone surrogate"),
                    }
                }
                Some(_) => return self.fail("control character in a string"),
                None => return self.fail("unterminated string"),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<bool, JsonError> {
        if depth > self.bounds.depth {
            return self.fail("nested too deeply");
        }
        self.at += 1;
        self.skip_blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(false);
        }
        let mut escaped = false;
        loop {
            self.count()?;
            self.skip_blanks();
            escaped |= self.value(depth)?.escaped;
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                _ => return self.fail("expected a comma or the end of the array"),
            }
        }
    }

    #[inline]
    fn object(
        &mut self,
        depth: usize,
        mut visit: Option<&mut impl FnMut(Member<'a>)>,
    ) -> Result<bool, JsonError> {
        if depth > self.bounds.depth {
            return self.fail("nested too deeply");
        }
        let outer = self.names.open();
        self.at += 1;
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.names.close(&outer);
            return Ok(false);
        }
        let mut any_escaped = false;
        loop {
            self.count()?;
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return self.fail("expected a member name");
            }
            let name_at = self.at;
            let name_escaped = self.string()?;
            let raw = &self.text[name_at + 1..self.at - 1];
            let name = text::unescape_bytes(raw, name_escaped);
            let hash = name_hash(&name);
            if !self.names.push(&outer, hash) {
                self.at = name_at;
                return self.fail("duplicate member");
            }
            self.skip_blanks();
            if self.peek() != Some(b':') {
                return self.fail("expected a colon");
            }
            self.at += 1;
            self.skip_blanks();
            let found = self.value(depth)?;
            any_escaped |= found.escaped | name_escaped;
            if let Some(visit) = visit.as_deref_mut() {
                let Found {
                    kind,
                    start,
                    end,
                    escaped,
                } = found;
                visit(Member {
                    name,
                    hash,
                    kind,
                    start,
                    end,
                    escaped,
                });
            }
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    if !self.names.close(&outer) {
                        return self.fail("duplicate member");
                    }
                    return Ok(any_escaped);
                }
                _ => return self.fail("expected a comma or the end of the object"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        depth: 8,
        members: 100,
    };

    fn members(text: &str) -> Result<Vec<(String, Kind, String)>, JsonError> {
        let mut found = Vec::new();
        scan(text.as_bytes(), BOUNDS, |member| {
            found.push((
                String::from_utf8(member.name.into_owned()).unwrap(),
                member.kind,
                text[member.start..member.end].to_owned(),
            ));
        })?;
        Ok(found)
    }

    #[test]
    fn members_are_reported_by_position() {
        let found = members(
            r#" {"a":"x","b" : [1, "2"] ,"c":{"a":1},"d":-1.5e2,"e":true,"f":null,"\u0067":""} "#,
        )
        .unwrap();
        let shown: Vec<String> = found
            .iter()
            .map(|(name, kind, value)| format!("{name} {kind:?} {value}"))
            .collect();
        assert_eq!(
            shown,
            [
                "a String x",
                r#"b Array [1, "2"]"#,
                r#"c Object {"a":1}"#,
                "d Number -1.5e2",
                "e True true",
                "f Null null",
                "g String "
            ]
        );
    }

    #[test]
    fn duplicates_are_refused_at_any_depth_and_after_unescaping() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"alg":1,"al\u0067":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"y":{"\u0061":1,"a":2}}]}"#,
            r#"{"":1,"":2}"#,
        ] {
            assert_eq!(
                members(text).unwrap_err().what,
                "duplicate member",
                "{text}"
            );
        }
        assert!(members(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#).is_ok());
    }

    #[test]
    fn duplicates_are_found_among_many_names() {
        let distinct: Vec<String> = (0..90).map(|n| format!("\"m{n}\":{n}")).collect();
        assert!(members(&format!("{{{}}}", distinct.join(","))).is_ok());
        for (first, second) in [(0, 89), (20, 60), (55, 56), (3, 17)] {
            let mut names = distinct.clone();
            names[second] = format!("\"m{first}\":null");
            assert_eq!(
                members(&format!("{{{}}}", names.join(",")))
                    .unwrap_err()
                    .what,
                "duplicate member"
            );
        }
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for text in [
            "",
            " ",
            "[]",
            "1",
            "\"a\"",
            "null",
            "{",
            "}",
            "{}}",
            "{} {}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{'a':1}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":.5}",
            "{\"a\":1.}",
            "{\"a\":1e}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":1e400}",
            "{\"a\":-1e400}",
            "{\"a\":tru}",
            "{\"a\":nul}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\0\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\"}",
            "{\"a\":\"\\ud800\\u0041\"}",
            "{\"\\ud800\":1}",
            "{\"a\":1}//c",
            "{/**/\"a\":1}",
            "\u{feff}{}",
            "{\"a\":[1,]}",
            "{\"a\":[,1]}",
            "{\"a\":\"x}",
            "{\"a\":1 \"b\":2}",
        ] {
            assert!(members(text).is_err(), "{text:?}");
        }
        assert!(scan(b"{\"a\":\"\xff\"}", BOUNDS, |_| ()).is_err());
        assert!(scan(b"{\"a\":\"\xed\xa0\x80\"}", BOUNDS, |_| ()).is_err());
    }

    #[test]
    fn bounds_hold_before_the_stack_does() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{{\"a\":{}1{}}}", open.repeat(10_000), close.repeat(10_000));
            assert_eq!(members(&deep).unwrap_err().what, "nested too deeply");
        }
        let wide = format!("{{\"a\":[{}1]}}", "1,".repeat(100_000));
        assert_eq!(members(&wide).unwrap_err().what, "too many members");
    }

    proptest::proptest! {
        /// Whatever this accepts, serde_json accepts, and with the same members.
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}\",:\\\\ aeu0-9.+-]{0,24}") {
            let ours = members(&text);
            let theirs = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
            if let Ok(found) = &ours {
                let theirs = theirs.unwrap();
                proptest::prop_assert_eq!(found.len(), theirs.len());
                for (name, _, _) in found {
                    proptest::prop_assert!(theirs.contains_key(name));
                }
            } else if let Ok(theirs) = theirs {
                // What we alone refuse has a duplicate name or is past the bounds.
                let names = text.matches(':').count();
                proptest::prop_assert!(theirs.len() < names || text.contains('['), "{}", text);
            }
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = scan(&bytes, BOUNDS, |_| ());
            let mut object = b"{\"a\":".to_vec();
            object.extend(bytes);
            object.push(b'}');
            let _ = scan(&object, BOUNDS, |_| ());
        }
    }
}
