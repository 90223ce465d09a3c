use std::time::Duration;

/// Reads a span of time: `"15m"`, `"7d"`, `"3600s"`, `"1h"`, `"250ms"`, or bare seconds.
///
/// # Errors
/// A sentence that names the text and what would be right.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!(
            "{text:?} is not a span of time; write it as 90, \"90s\", \"15m\", \"1h\" or \"7d\""
        )
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)),
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(seconds)
        .filter(|seconds| *seconds <= LONGEST)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

/// A thousand years: past any sense, and far from overflow in milliseconds.
const LONGEST: u64 = 1_000 * 366 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        for (text, seconds) in [
            ("15m", 900),
            ("7d", 604_800),
            ("3600s", 3600),
            ("1h", 3600),
            ("90", 90),
            ("0s", 0),
        ] {
            assert_eq!(parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_span("250ms"), Ok(Duration::from_millis(250)));
        for text in [
            "",
            "m",
            "-1s",
            "1.5h",
            "1 h",
            "1w",
            "1H",
            "99999999999999999999",
            "18446744073709551615d",
            "1h30m",
        ] {
            assert!(parse_span(text).unwrap_err().contains(text), "{text}");
        }
    }
}
