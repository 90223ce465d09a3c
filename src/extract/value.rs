use crate::error::{Code, Malformed, Reject};

/// The token in the value of an `Authorization` header (RFC 6750 §2.1). The scheme's case does not
/// matter; another scheme, or none, is no token of ours.
///
/// # Errors
/// `MALFORMED` where the value can be read in more than one way.
pub fn bearer(value: &[u8]) -> Result<Option<&str>, Reject> {
    let Some((scheme, rest)) = value.split_at_checked(b"bearer".len()) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    match rest {
        [] | [b' '] => Ok(None),
        [b' ', token @ ..] => visible(token).map(Some),
        [b'\t', ..] => Err(unreadable()),
        // A longer word: some other scheme.
        _ => Ok(None),
    }
}

/// The values of one cookie in the value of a `Cookie` header.
pub(super) fn cookie<'r>(value: &'r [u8], name: &[u8]) -> impl Iterator<Item = &'r [u8]> {
    value.split(|byte| *byte == b';').filter_map(move |pair| {
        let value = pair.trim_ascii().strip_prefix(name)?.strip_prefix(b"=")?;
        // RFC 6265 §4.1.1 lets a value stand in quotes.
        let value = value
            .strip_prefix(b"\"")
            .and_then(|value| value.strip_suffix(b"\""))
            .unwrap_or(value);
        (!value.is_empty()).then_some(value)
    })
}

/// Takes one more sighting of the token, which must be the same.
pub(super) fn one_more<'r>(
    found: Option<&'r str>,
    value: &'r [u8],
) -> Result<Option<&'r str>, Reject> {
    let token = visible(value)?;
    if let Some(found) = found {
        same(found, token)?;
    }
    Ok(Some(token))
}

pub(super) fn same(one: &str, other: &str) -> Result<(), Reject> {
    if one == other {
        Ok(())
    } else {
        Err(ambiguous())
    }
}

/// Tokens are visible ASCII: no blank, no control character, nothing that two readers could
/// decode differently.
fn visible(value: &[u8]) -> Result<&str, Reject> {
    // Without a branch a byte, so that it is done many bytes at a time.
    let clean = value
        .iter()
        .fold(true, |clean, byte| clean & (byte.wrapping_sub(0x21) < 0x5e));
    if !clean {
        return Err(unreadable());
    }
    simdutf8::basic::from_utf8(value).map_err(|_| unreadable())
}

#[cold]
pub(super) fn missing() -> Reject {
    Reject::new(Code::MissingToken)
}

#[cold]
fn unreadable() -> Reject {
    Reject::malformed(Malformed::Parts)
}

#[cold]
pub(super) fn ambiguous() -> Reject {
    Reject::malformed(Malformed::Ambiguous)
}
