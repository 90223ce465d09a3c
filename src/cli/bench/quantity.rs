use std::num::NonZeroU32;
use std::time::Duration;

/// Requests a second: `100000/s`, `100k/s` or `100000`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let (digits, times) = match number.as_bytes().last() {
        Some(b'k') => (&number[..number.len() - 1], 1e3),
        Some(b'M') => (&number[..number.len() - 1], 1e6),
        _ => (number, 1.0),
    };
    positive(digits)
        .map(|number| number * times)
        .ok_or_else(|| format!("{text:?} is no rate; write it as 100000/s or 100k/s"))
}

/// A short span: `20us`, `1ms`, `1.5ms`, `800ns`, `2s`.
pub(super) fn short_span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no span of time; write it as 20us, 1ms or 2s");
    let units = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
    ];
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
        .ok_or_else(wrong)?;
    let seconds = positive(number).ok_or_else(wrong)? * unit;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|span| !span.is_zero())
        .ok_or_else(wrong)
}

/// How long to go on: from a tenth of a second to a day.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let span = crate::clock::parse_span(text)?;
    if (Duration::from_millis(100)..=Duration::from_secs(86_400)).contains(&span) {
        Ok(span)
    } else {
        Err(format!("{text:?} is not between 100ms and 1d"))
    }
}

/// A share of all, in per cent: `10%`.
pub(super) fn share(text: &str) -> Result<u32, String> {
    text.strip_suffix('%')
        .and_then(|number| number.parse::<u32>().ok())
        .filter(|number| *number <= 100)
        .ok_or_else(|| format!("{text:?} is no share; write it as 10%"))
}

/// A count from 1 to `MOST`.
pub(super) fn count<const MOST: u32>(text: &str) -> Result<usize, String> {
    text.parse::<NonZeroU32>()
        .ok()
        .filter(|number| number.get() <= MOST)
        .map(|number| number.get() as usize)
        .ok_or_else(|| format!("{text:?} is no number between 1 and {MOST}"))
}

fn positive(digits: &str) -> Option<f64> {
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = digits.parse().ok().filter(|_| plain)?;
    (number > 0.0 && number < 1e12).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, number) in [
            ("100000/s", 1e5),
            ("100k/s", 1e5),
            ("2M", 2e6),
            ("0.5/s", 0.5),
        ] {
            assert_eq!(rate(text), Ok(number));
        }
        for text in ["", "/s", "k/s", "0", "-1/s", "1e9", "inf", "NaN", "100/m"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn short_spans() {
        for (text, nanoseconds) in [
            ("20us", 20_000),
            ("1.5ms", 1_500_000),
            ("2s", 2_000_000_000),
        ] {
            assert_eq!(short_span(text), Ok(Duration::from_nanos(nanoseconds)));
        }
        for text in ["", "us", "20", "0ms", "-1ms", "1m", "soon"] {
            assert!(short_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares_and_counts() {
        assert_eq!(
            (share("10%"), share("0%"), share("100%")),
            (Ok(10), Ok(0), Ok(100))
        );
        assert!(share("101%").is_err() && share("10").is_err() && share("0.1%").is_err());
        assert_eq!((count::<8>("8"), count::<8>("9").is_err()), (Ok(8), true));
        assert!(count::<8>("0").is_err() && time("1ms").is_err() && time("2d").is_err());
    }
}
