use std::borrow::Cow;

/// How many bytes at the start of `text` stand for themselves in a string.
#[inline]
pub(super) fn plain_prefix(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (words, _) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let special = control | zero_byte(word ^ (ONES * 0x22)) | zero_byte(word ^ (ONES * 0x5c));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let done = words.len() * 8;
    done + text[done..]
        .iter()
        .take_while(|byte| **byte >= 0x20 && **byte != b'"' && **byte != b'\\')
        .count()
}

/// The length, quotes included, of the string that `text` starts with; `None` where it is no string.
#[inline]
pub(super) fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += plain_prefix(&text[at..]);
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

/// The text of a string that the scan has accepted.
#[must_use]
pub fn unescape(raw: &[u8], escaped: bool) -> Cow<'_, str> {
    if !escaped {
        return String::from_utf8_lossy(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        text.push_str(&String::from_utf8_lossy(&rest[..at]));
        let Some((length, character)) = escape(&rest[at..]) else {
            break;
        };
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(&String::from_utf8_lossy(rest));
    Cow::Owned(text)
}

/// Appends `text` as a JSON string with its quotes.
pub fn quote_append(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                json.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
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
    fn the_plain_prefix_ends_at_the_first_special_byte() {
        for special in [0_u8, 9, 0x1f, b'"', b'\\'] {
            for before in 0..40 {
                let mut text = vec![b'a'; before];
                if before > 3 {
                    text[before - 2..].copy_from_slice("é".as_bytes());
                }
                text.push(special);
                text.extend(b"tail of the text");
                assert_eq!(plain_prefix(&text), before, "{special:#x} after {before}");
            }
        }
        for plain in [0x20_u8, 0x7f, b'!', b'#', b'[', b']', 0xff] {
            assert_eq!(plain_prefix(&[plain; 19]), 19);
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
