/// 2^53: past it a double cannot tell neighbouring seconds apart.
const LARGEST_EXACT: i64 = 1 << 53;

/// The length of the JSON number that `text` starts with; `None` where it is none, or where a
/// double cannot hold it.
#[inline]
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let at = digits_end(text, sign);
    let whole = at - sign;
    if whole == 0 || (whole > 1 && text[sign] == b'0') {
        return None;
    }
    // 300 digits are within a double, whatever they are.
    if whole < 300 && !matches!(text.get(at), Some(b'.' | b'e' | b'E')) {
        return Some(at);
    }
    length_beyond(text, at)
}

/// As [`length`], of a number that may have more than its `whole` first bytes.
fn length_beyond(text: &[u8], whole: usize) -> Option<usize> {
    let mut at = whole;
    if text.get(at) == Some(&b'.') {
        let end = digits_end(text, at + 1);
        if end == at + 1 {
            return None;
        }
        at = end;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        let end = digits_end(text, at);
        if end == at {
            return None;
        }
        at = end;
    }
    double(&text[..at])?.is_finite().then_some(at)
}

#[inline]
fn digits_end(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// A NumericDate (RFC 7519 §2), seconds since the epoch with fractions allowed, in milliseconds.
///
/// `None` for negative numbers and for those past 2^53 seconds, which no double keeps exactly.
#[must_use]
pub fn numeric_date(number: &[u8]) -> Option<i64> {
    if let Some(seconds) = integer(number) {
        return (0..=LARGEST_EXACT)
            .contains(&seconds)
            .then_some(seconds.saturating_mul(1000));
    }
    if number.first() == Some(&b'-') {
        return None;
    }
    let seconds = double(number)?;
    #[expect(clippy::cast_precision_loss, reason = "2^53 is exact in a double")]
    let largest = LARGEST_EXACT as f64;
    if !(0.0..=largest).contains(&seconds) {
        return None;
    }
    // Rounded down: a token must not live even a fraction longer than it says.
    let (whole, fraction) = (seconds.trunc(), seconds.fract());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both are within 2^53 by the check above"
    )]
    let millis = (whole as i64) * 1000 + (fraction * 1000.0) as i64;
    Some(millis)
}

/// A number written as a plain integer (`4`, `-1`) that fits 64 bits; `None` for `4.0` and `4e0`.
#[must_use]
pub fn integer(number: &[u8]) -> Option<i64> {
    let (negative, digits) = match number.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, number),
    };
    // "-0" is left to the caller's other reading: as an integer it would lose its sign.
    if digits.is_empty() || digits.len() > 19 || (negative && digits == b"0") {
        return None;
    }
    // Eighteen digits cannot overflow, whatever they are.
    let (first, last) = digits.split_at(digits.len().min(18));
    let mut value = 0_i64;
    for byte in first {
        value = value * 10 + digit(*byte)?;
    }
    if negative {
        value = -value;
    }
    for byte in last {
        value = value.checked_mul(10)?;
        value = if negative {
            value.checked_sub(digit(*byte)?)?
        } else {
            value.checked_add(digit(*byte)?)?
        };
    }
    Some(value)
}

#[inline]
fn digit(byte: u8) -> Option<i64> {
    let digit = byte.wrapping_sub(b'0');
    (digit <= 9).then_some(i64::from(digit))
}

fn double(number: &[u8]) -> Option<f64> {
    std::str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_dates() {
        let date = |text: &str| numeric_date(text.as_bytes());
        assert_eq!(date("0"), Some(0));
        assert_eq!(date("1300819380"), Some(1_300_819_380_000));
        assert_eq!(date("1e9"), Some(1_000_000_000_000));
        assert_eq!(date("1300819380.5"), Some(1_300_819_380_500));
        assert_eq!(date("1300819380.9999"), Some(1_300_819_380_999));
        assert_eq!(date("9007199254740992"), Some(9_007_199_254_740_992_000));
        for text in [
            "9007199254740993",
            "-1",
            "-0",
            "-0.5",
            "1e308",
            "9223372036854775808",
            "1e30",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(integer(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(integer(b"-9223372036854775808"), Some(i64::MIN));
        for text in ["9223372036854775808", "4.0", "4e0", "-0", "", "-"] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }
}
