use std::borrow::Cow;

use serde_json::{Map, Value};

use super::scan::scan_long;
use super::{Bounds, Kind, check, elements, unescape};

/// The strings of a list, borrowed where nothing in them is escaped.
pub type Texts<'a> = Vec<Cow<'a, str>>;

/// Deep enough for any claims, shallow enough for any stack.
const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 100_000,
};

/// Parses a document of ours, a request say: one strict JSON object, as values.
///
/// # Errors
/// What is wrong, and where; never what was sent, which may be a token in the wrong place.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    check(text, BOUNDS).map_err(|error| error.to_string())?;
    // simd-json was tried here: into values it is no faster on batches (`benches/verify`).
    match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("must be a JSON object".to_owned()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// The same, where a long list of strings is expected under `name`: it comes apart from the other
/// members, and its strings are those of `text` itself, unless they hold escapes. Of a batch that is
/// most of the work. `None` where nothing is there or it is another value, which is then among the
/// members.
///
/// # Errors
/// As [`object`].
pub fn object_and_texts<'a>(
    text: &'a [u8],
    name: &str,
) -> Result<(Map<String, Value>, Option<Texts<'a>>), String> {
    // Once for all strings. What is not UTF-8 the scan refuses, saying where.
    let readable = simdutf8::basic::from_utf8(text).unwrap_or_default();
    let (mut list, mut others) = (None, Vec::new());
    scan_long(text, BOUNDS, |member| {
        if member.kind == Kind::Array && *member.name == *name.as_bytes() {
            let array = readable.get(member.start..member.end);
            list = array.and_then(|array| texts(array, member.escaped));
            if list.is_some() {
                return;
            }
        }
        let quote = usize::from(member.kind == Kind::String);
        others.push((member.name, member.start - quote..member.end + quote));
    })
    .map_err(|error| error.to_string())?;
    let value = |(name, range): (Cow<'_, [u8]>, std::ops::Range<usize>)| {
        let value = serde_json::from_slice(&text[range]).map_err(|error| unreadable(&error))?;
        Ok((String::from_utf8_lossy(&name).into_owned(), value))
    };
    let members = others
        .into_iter()
        .map(value)
        .collect::<Result<_, String>>()?;
    Ok((members, list))
}

/// The strings of an array that was accepted; `None` where it holds anything else.
fn texts(array: &str, escaped: bool) -> Option<Texts<'_>> {
    if !escaped {
        return plain_texts(array);
    }
    let text = |(kind, raw)| (kind == Kind::String).then(|| unescape(raw, escaped));
    elements(array.as_bytes()).map(text).collect()
}

/// The same where no string has an escape: then each ends at the next quote, and what is between
/// them tells whether there is anything else.
fn plain_texts(array: &str) -> Option<Texts<'_>> {
    let is_between = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','))
    };
    let array = array.strip_prefix('[')?.strip_suffix(']')?;
    let mut texts = Vec::new();
    let mut done = 0;
    let mut quotes = memchr::memchr_iter(b'"', array.as_bytes());
    while let Some(opening) = quotes.next() {
        let closing = quotes.next()?;
        if !is_between(array.get(done..opening)?) {
            return None;
        }
        texts.push(Cow::Borrowed(array.get(opening + 1..closing)?));
        done = closing + 1;
    }
    is_between(array.get(done..)?).then_some(texts)
}

/// The parser's own message may quote what was sent.
fn unreadable(error: &serde_json::Error) -> String {
    format!(
        "holds what cannot be read, in line {} column {}",
        error.line(),
        error.column()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members and list, or whether both refuse.
    fn same(text: &str) -> Option<Option<Vec<String>>> {
        let (whole, apart) = (
            object(text.as_bytes()),
            object_and_texts(text.as_bytes(), "l"),
        );
        assert_eq!(whole.is_ok(), apart.is_ok(), "{text}");
        let (mut members, list) = apart.ok()?;
        let list: Option<Vec<String>> =
            list.map(|list| list.into_iter().map(Cow::into_owned).collect());
        if let Some(list) = &list {
            members.insert("l".to_owned(), list.clone().into());
        }
        assert_eq!(whole, Ok(members), "{text}");
        Some(list)
    }

    #[test]
    fn a_list_apart_is_the_list_within() {
        let list =
            |texts: &[&str]| Some(Some(texts.iter().map(|text| (*text).to_owned()).collect()));
        assert_eq!(same(r#"{"a":1,"l":["x","é"],"b":"c"}"#), list(&["x", "é"]));
        assert_eq!(
            same(
                r#" { "l" : [ "a\"]b" , "\u00e9\ud83d\ude00" , "" ] , "a" : [ "x" , { "l" : [ 1 ] } ] } "#
            ),
            list(&["a\"]b", "é😀", ""])
        );
        assert_eq!(same(r#"{"\u006c":["x"]}"#), list(&["x"]));
        assert_eq!(same(r#"{"l":[]}"#), list(&[]));
        for other in [
            r#"{}"#,
            r#"{"a":null}"#,
            r#"{"l":null}"#,
            r#"{"l":"x"}"#,
            r#"{"l":["x",1]}"#,
            r#"{"l":[["x"]]}"#,
            r#"{"l":{"l":["x"]}}"#,
            r#"{"a":{"l":["x"]},"b":-1.5e3}"#,
        ] {
            assert_eq!(same(other), Some(None), "{other}");
        }
        for bad in [
            "",
            "[]",
            r#"["l"]"#,
            r#"{"l":["x"],"l":["y"]}"#,
            r#"{"l":["x"],"\u006c":["y"]}"#,
            r#"{"l":["x",]}"#,
            r#"{"l":["x" "y"]}"#,
            r#"{"l":["\ud800"]}"#,
            r#"{"l":["x"]}{"#,
            r#"{"l":["x]}"#,
        ] {
            assert_eq!(same(bad), None, "{bad}");
        }
        assert!(object_and_texts(b"{\"l\":[\"\xff\"]}", "l").is_err());
    }

    #[test]
    fn a_long_list_is_as_strict_as_a_short_one() {
        for length in (0..70).chain(120..140) {
            let plain = "x".repeat(length);
            let found = same(&format!(r#"{{"l":["{plain}" , "{plain}"]}}"#));
            assert_eq!(found, Some(Some(vec![plain.clone(), plain])));
        }
        for at in 0..140 {
            let text = |inside: &str| {
                let (before, after) = ("x".repeat(at), "x".repeat(139 - at));
                same(&format!(r#"{{"l":["{before}{inside}{after}"]}}"#))
            };
            for good in [r"\n", r#"\""#, r"\u00e9", "é", "\u{7f}"] {
                assert!(matches!(text(good), Some(Some(_))), "{good:?} at {at}");
            }
            for bad in ["\u{1f}", "\n", "\0", "\"", r"\x", r"\ud800"] {
                assert_eq!(text(bad), None, "{bad:?} at {at}");
            }
        }
    }
}
