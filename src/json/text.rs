use std::borrow::Cow;

/// Where the bytes from `at` on cease to stand for themselves in a string.
#[inline]
pub(super) fn plain_end(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each byte that is less than `least`, and of some behind the first of them.
    let below = |word: u64, least: u64| word.wrapping_sub(ONES * least);
    while let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*bytes);
        let (quote, escape) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        // None of the three changes a high bit, so one mask of those that were set does for all.
        let special = (below(word, 0x20) | below(quote, 1) | below(escape, 1)) & !word & HIGH;
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while text
        .get(at)
        .is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\')
    {
        at += 1;
    }
    at
}

/// The same as [`plain_end`], for strings of hundreds of bytes: by vectors of the processor's instead
/// of words, a third of the time.
#[inline]
pub(super) fn far_plain_end(text: &[u8], mut at: usize) -> usize {
    const STEP: usize = 64;
    // Without an early exit, so that the compiler sees that all bytes may be looked at together.
    let is_plain = |bytes: &[u8; STEP]| {
        !bytes.iter().fold(false, |special, byte| {
            special | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\')
        })
    };
    while text
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .is_some_and(is_plain)
    {
        at += STEP;
    }
    plain_end(text, at)
}

/// Whether two texts are the same bytes. For those of up to sixteen, as names are, this takes two
/// loads of each, where calling the C library's comparison takes three times as long.
#[inline]
#[must_use]
pub fn same_text(one: &[u8], other: &[u8]) -> bool {
    let length = one.len();
    if length != other.len() {
        return false;
    }
    match length {
        0 => true,
        1..=3 => [0, length / 2, length - 1]
            .into_iter()
            .all(|at| one[at] == other[at]),
        4..=7 => ends::<4>(one) == ends::<4>(other),
        8..=16 => ends::<8>(one) == ends::<8>(other),
        _ => one == other,
    }
}

/// The first and the last `N` bytes, which together are all of up to twice as many.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    bytes.first_chunk().zip(bytes.last_chunk())
}

/// The length, quotes included, of the string that `text` starts with; `None` where it is no string.
#[inline]
pub(super) fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at = plain_end(text, at);
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += escape_length(&text[at..])?,
            _ => return None,
        }
    }
}

/// The length of the escape that `text` starts with, a surrogate pair counted as one; `None` where
/// it is malformed or a surrogate stands alone.
pub(super) fn escape_length(text: &[u8]) -> Option<usize> {
    escape(text).map(|(length, _)| length)
}

/// The bytes of a string that the scan has accepted.
#[inline]
pub(super) fn unescape_bytes(raw: &[u8], escaped: bool) -> Cow<'_, [u8]> {
    if escaped {
        Cow::Owned(unescape(raw, true).into_owned().into_bytes())
    } else {
        Cow::Borrowed(raw)
    }
}

/// What the scan has accepted is UTF-8, and nothing is lost. The library's lossy reading by itself
/// took a sixth of a batch's time to see that.
fn lossless(raw: &[u8]) -> Cow<'_, str> {
    simdutf8::basic::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed)
}

/// The text of a string that the scan has accepted.
#[must_use]
pub fn unescape(raw: &[u8], escaped: bool) -> Cow<'_, str> {
    if !escaped {
        return lossless(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        text.push_str(&lossless(&rest[..at]));
        let Some((length, character)) = escape(&rest[at..]) else {
            break;
        };
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(&lossless(rest));
    Cow::Owned(text)
}

/// Appends `text` as a JSON string with its quotes.
pub fn quote_append(text: &str, json: &mut String) {
    json.reserve(text.len() + 2);
    json.push('"');
    if plain_end(text.as_bytes(), 0) == text.len() {
        json.push_str(text);
    } else {
        escape_append(text, json);
    }
    json.push('"');
}

fn escape_append(text: &str, json: &mut String) {
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_end(rest.as_bytes(), 0));
        json.push_str(plain);
        let mut characters = special.chars();
        let Some(character) = characters.next() else {
            break;
        };
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control => json.push_str(&format!("\\u{:04x}", u32::from(control))),
        }
        rest = characters.as_str();
    }
}

fn escape(text: &[u8]) -> Option<(usize, char)> {
    let simple = match text.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((2, simple))
}

fn unicode(text: &[u8]) -> Option<(usize, char)> {
    let unit = |at: usize| -> Option<u32> {
        text.get(at..at + 4)?.iter().try_fold(0, |value, byte| {
            Some(value * 16 + (*byte as char).to_digit(16)?)
        })
    };
    let first = unit(2)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some((6, char::from_u32(first)?));
    }
    if text.get(6..8)? != b"\\u" {
        return None;
    }
    let second = unit(8)?;
    if !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    Some((
        12,
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_at_the_first_special_byte() {
        for special in [0_u8, 9, 0x1f, b'"', b'\\'] {
            for before in 0..40 {
                let mut text = vec![b'a'; before];
                if before > 3 {
                    text[before - 2..].copy_from_slice("é".as_bytes());
                }
                text.push(special);
                text.extend(b"tail of the text");
                assert_eq!(plain_end(&text, 0), before, "{special:#x} after {before}");
            }
        }
        for plain in [0x20_u8, 0x7f, b'!', b'#', b'[', b']', 0xff] {
            assert_eq!(plain_end(&[plain; 19], 0), 19);
        }
    }

    #[test]
    fn every_byte_is_compared() {
        for length in 0..40 {
            let text = vec![b'a'; length];
            assert!(same_text(&text, &text.clone()));
            assert!(!same_text(&text, &vec![b'a'; length + 1]));
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'b';
                assert!(!same_text(&text, &other), "byte {at} of {length}");
            }
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(
            unescape(br#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"#, true),
            "a\"\\/\u{8}\u{c}\n\r\té😀z"
        );
        let mut json = String::new();
        quote_append("a\"\\\n\u{1}é", &mut json);
        assert_eq!(json, r#""a\"\\\n\u0001é""#);
    }
}
