use std::borrow::Cow;
use std::fmt::Write;

/// The text on one line that a terminal does nothing but show: what came in a token or a file name
/// must not move the cursor, end the line or reorder the text.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Strict JSON on one line. Outside of strings it holds no control characters but blanks, inside
/// of them those that JSON does not make anybody escape.
pub(super) fn json_on_one_line(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_unsafe) {
        return Cow::Borrowed(json);
    }
    let mut line = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if is_unsafe(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
            c => line.push(c),
        }
    }
    Cow::Owned(line)
}

/// Control characters, line separators, and what changes the direction of writing.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_on_its_line() {
        assert_eq!(one_line("päth: no such file"), "päth: no such file");
        assert_eq!(one_line("a\nb\u{1b}[2Jc\u{9b}"), "a\\nb\\u{1b}[2Jc\\u{9b}");
        assert_eq!(one_line("\u{202e}txt"), "\\u{202e}txt");
    }

    #[test]
    fn json_stays_the_same_value_on_one_line() {
        let json = "{\n\t\"a\": \"\u{9b}2J\u{7f}\u{202e}\",\r\n \"b\": [1]\n}";
        let line = json_on_one_line(json);
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&line), value(json));
    }
}
