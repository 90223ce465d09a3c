use std::borrow::Cow;

/// Why a target could be read in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguity {
    /// It does not begin with a slash.
    NoPath,
    /// It holds a blank, a control character, or anything beyond ASCII that is not escaped.
    Character,
    /// It holds a `#`: a fragment is never sent.
    Fragment,
    /// It holds a backslash, which some take for a slash.
    Backslash,
    /// It holds a `;`, after which some stop to read a segment.
    Parameter,
    /// An escape is cut short or is not hexadecimal.
    Escape,
    /// A slash, a backslash, a `;`, `%`, `?`, `#` or a control character is escaped.
    EscapedDelimiter,
    /// The escapes are not UTF-8.
    NotUtf8,
    /// A segment is empty: some take `//` for `/`.
    EmptySegment,
    /// A segment is `.` or `..`, escaped or not.
    DotSegment,
    /// Only the case of letters stands between it and another rule, and some do not look at case.
    Case,
}

impl Ambiguity {
    /// For a log. Nothing of the target is in it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPath => "no path",
            Self::Character => "a character that must be escaped",
            Self::Fragment => "a fragment",
            Self::Backslash => "a backslash",
            Self::Parameter => "a path parameter",
            Self::Escape => "a broken escape",
            Self::EscapedDelimiter => "an escaped delimiter",
            Self::NotUtf8 => "escapes that are not UTF-8",
            Self::EmptySegment => "an empty segment",
            Self::DotSegment => "a dot segment",
            Self::Case => "a difference of case",
        }
    }
}

/// The path of a request's target (RFC 9112 §3.2.1, as it was sent, with or without a query), its
/// escapes decoded once and a slash at its end left out.
///
/// Nothing is repaired: servers behind a gateway do not agree on what to make of dot segments, empty
/// segments, backslashes, parameters and escaped delimiters, so a path with one of these is refused,
/// and what remains means the same to all of them.
///
/// # Errors
/// The [`Ambiguity`].
pub fn normalise(target: &str) -> Result<Cow<'_, str>, Ambiguity> {
    let path = target.split('?').next().unwrap_or_default();
    if !path.starts_with('/') {
        return Err(Ambiguity::NoPath);
    }
    if target.contains('#') {
        return Err(Ambiguity::Fragment);
    }
    for byte in path.bytes() {
        match byte {
            b'\\' => return Err(Ambiguity::Backslash),
            b';' => return Err(Ambiguity::Parameter),
            0x21..=0x7e => {}
            _ => return Err(Ambiguity::Character),
        }
    }
    let decoded = if path.contains('%') {
        Cow::Owned(decode(path)?)
    } else {
        Cow::Borrowed(path)
    };
    let bare = decoded.strip_suffix('/').unwrap_or(&decoded);
    for segment in bare.split('/').skip(1) {
        match segment {
            "" => return Err(Ambiguity::EmptySegment),
            "." | ".." => return Err(Ambiguity::DotSegment),
            _ => {}
        }
    }
    let length = bare.len().max(1);
    Ok(match decoded {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..length]),
        Cow::Owned(mut text) => {
            text.truncate(length);
            Cow::Owned(text)
        }
    })
}

fn decode(path: &str) -> Result<String, Ambiguity> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (digit(bytes.next()), digit(bytes.next()));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(Ambiguity::Escape);
        };
        let byte = u8::try_from(high << 4 | low).map_err(|_| Ambiguity::Escape)?;
        if byte.is_ascii_control() || b"/\\;%?#".contains(&byte) {
            return Err(Ambiguity::EscapedDelimiter);
        }
        decoded.push(byte);
    }
    let text = String::from_utf8(decoded).map_err(|_| Ambiguity::NotUtf8)?;
    // Control characters beyond ASCII, and what several libraries take for a slash or a dot once
    // they have made it compatible (Unicode's full-width forms).
    let looks_alike = |c: char| {
        c.is_control() || ['\u{ff0f}', '\u{ff3c}', '\u{ff0e}', '\u{2024}', '\u{2025}'].contains(&c)
    };
    if text.chars().any(looks_alike) {
        return Err(Ambiguity::EscapedDelimiter);
    }
    Ok(text)
}
