/// 2^53: past it a double cannot tell neighbouring seconds apart.
const LARGEST_EXACT: i64 = 1 << 53;

/// The length of the JSON number that `text` starts with; `None` where it is none, or where a
/// double cannot hold it.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        text[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && text[at] == b'0') {
        return None;
    }
    at += whole;
    let mut plain = whole < 300;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
        plain = false;
    }
    if plain || double(&text[..at])?.is_finite() {
        Some(at)
    } else {
        None
    }
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
    let mut value = 0_i64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i64::from(byte - b'0');
        value = value.checked_mul(10)?;
        value = if negative {
            value.checked_sub(digit)?
        } else {
            value.checked_add(digit)?
        };
    }
    Some(value)
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
