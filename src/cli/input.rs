use std::ffi::OsStr;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::keys::{KeyFormat, KeyOrigin, KeySource, LoosePermissions};
use crate::limits::Limits;

use super::Failure;

/// What a key may be long, in bytes.
const LARGEST_KEY: usize = 1 << 20;
/// What is read of a token: one byte more than any may have, and its line end, so that a longer
/// one is too long still.
const MOST_OF_A_TOKEN: usize = Limits::MAX_TOKEN + 3;

/// Whether an argument stands for standard input.
pub(super) fn is_standard_input(argument: &OsStr) -> bool {
    argument == "-"
}

/// A token from standard input: all of it, but for one line end.
pub(super) fn read_token(input: &mut dyn BufRead) -> Result<Vec<u8>, Failure> {
    let mut token = Vec::new();
    input
        .take(MOST_OF_A_TOKEN as u64)
        .read_to_end(&mut token)
        .map_err(|error| Failure::io("standard input", &error))?;
    strip_line_end(&mut token);
    Ok(token)
}

/// The next line of standard input without its end; `false` where there is none. A line that is
/// too long for any token is cut where it is too long still, and read to its end.
pub(super) fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool, Failure> {
    let failed = |error: std::io::Error| Failure::io("standard input", &error);
    line.clear();
    let read = Read::take(&mut *input, MOST_OF_A_TOKEN as u64)
        .read_until(b'\n', line)
        .map_err(failed)?;
    if read == MOST_OF_A_TOKEN && line.last() != Some(&b'\n') {
        input.skip_until(b'\n').map_err(failed)?;
        return Ok(true);
    }
    strip_line_end(line);
    Ok(read > 0)
}

fn strip_line_end(text: &mut Vec<u8>) {
    if text.last() == Some(&b'\n') {
        text.pop();
        if text.last() == Some(&b'\r') {
            text.pop();
        }
    }
}

/// Text of at most `most` bytes.
pub(super) fn read_text(
    input: &mut dyn Read,
    name: &str,
    most: usize,
) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    input
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::io(name, &error))?;
    if bytes.len() > most {
        return Err(Failure::usage(format!(
            "{name}: is over {most} bytes long; is it the right one?"
        )));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Failure::usage(format!("{name}: is not UTF-8"))),
    }
}

/// A key in a file, or on standard input where the file is `-`.
pub(super) fn key_source(
    file: &Path,
    format: KeyFormat,
    input: &mut dyn BufRead,
) -> Result<KeySource, Failure> {
    if !is_standard_input(file.as_os_str()) {
        return Ok(source(KeyOrigin::File(PathBuf::from(file)), format));
    }
    let name = "standard input";
    let mut text = read_text(input, name, LARGEST_KEY)?;
    if matches!(format, KeyFormat::Secret(_)) {
        let end = text.strip_suffix('\n').unwrap_or(&text);
        let length = end.strip_suffix('\r').unwrap_or(end).len();
        text.truncate(length);
    }
    Ok(inline(text, name, format))
}

/// A key that was given as an argument.
pub(super) fn inline(text: Zeroizing<String>, name: &str, format: KeyFormat) -> KeySource {
    let name = name.to_owned();
    source(KeyOrigin::Inline { text, name }, format)
}

fn source(origin: KeyOrigin, format: KeyFormat) -> KeySource {
    KeySource {
        origin,
        format,
        kid: None,
        algorithm: None,
        verifies: true,
        signs: true,
        loose_permissions: LoosePermissions::Warn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off_a_token_and_nothing_else() {
        for (given, token) in [
            ("a.b.c", "a.b.c"),
            ("a.b.c\n", "a.b.c"),
            ("a.b.c\r\n", "a.b.c"),
            ("a.b.c\n\n", "a.b.c\n"),
            ("a.b.c\r", "a.b.c\r"),
            (" a.b.c \n", " a.b.c "),
            ("", ""),
        ] {
            let read = read_token(&mut given.as_bytes()).unwrap();
            assert_eq!(read, token.as_bytes(), "{given:?}");
        }
    }

    #[test]
    fn a_token_that_is_too_long_stays_too_long() {
        let endless = std::io::repeat(b'\n').take(1 << 30);
        let read = read_token(&mut std::io::BufReader::new(endless)).unwrap();
        assert!(read.len() > Limits::MAX_TOKEN);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        let long = "x".repeat(Limits::MAX_TOKEN * 3);
        let text = format!("{long}\nb\n\nd");
        let mut input = text.as_bytes();
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while read_line(&mut input, &mut line).unwrap() {
            lines.push(String::from_utf8(line.clone()).unwrap());
        }
        assert_eq!(lines.len(), 4);
        assert!(lines[0].len() > Limits::MAX_TOKEN);
        assert_eq!(lines[1..], ["b", "", "d"]);
    }
}
