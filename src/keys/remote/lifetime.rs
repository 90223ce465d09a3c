//! How long an answer says that it may be kept (RFC 9111 §4.2).

use std::time::{Duration, SystemTime};

/// The headers that speak of it, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Freshness<'a> {
    pub(super) cache_control: Option<&'a str>,
    pub(super) age: Option<&'a str>,
    pub(super) expires: Option<&'a str>,
    pub(super) date: Option<&'a str>,
}

impl Freshness<'_> {
    /// The lifetime that is left; `None` where the answer says nothing. What says something
    /// unreadable is stale at once, as the RFC has it.
    pub(super) fn lifetime(self) -> Option<Duration> {
        let stated = self
            .cache_control
            .and_then(from_cache_control)
            .or_else(|| self.expires.map(|expires| until(expires, self.date)))?;
        let age = self.age.and_then(seconds).unwrap_or(Duration::ZERO);
        Some(stated.saturating_sub(age))
    }
}

fn from_cache_control(header: &str) -> Option<Duration> {
    let mut shortest: Option<Duration> = None;
    for directive in header.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim();
        let stated = if name.eq_ignore_ascii_case("max-age") {
            seconds(value.trim().trim_matches('"')).unwrap_or(Duration::ZERO)
        } else if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            Duration::ZERO
        } else {
            continue;
        };
        shortest = Some(shortest.map_or(stated, |least| least.min(stated)));
    }
    shortest
}

/// `Expires` against the answer's own `Date`, so that our clock has no say.
fn until(expires: &str, date: Option<&str>) -> Duration {
    let parse = |text: &str| httpdate::parse_http_date(text).ok();
    let span = |date: SystemTime| parse(expires)?.duration_since(date).ok();
    date.and_then(parse)
        .and_then(span)
        .unwrap_or(Duration::ZERO)
}

fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Only too many digits are left to fail, and they mean: longer than anyone asks.
    Some(Duration::from_secs(
        text.parse::<u32>().unwrap_or(u32::MAX).into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cache_control: &str) -> Option<u64> {
        let headers = Freshness {
            cache_control: Some(cache_control),
            ..Freshness::default()
        };
        headers.lifetime().map(|span| span.as_secs())
    }

    #[test]
    fn cache_control_is_read_as_the_rfc_says() {
        assert_eq!(of("max-age=300"), Some(300));
        assert_eq!(of("public, Max-Age=\"300\" , must-revalidate"), Some(300));
        assert_eq!(of("max-age=300, max-age=20"), Some(20));
        assert_eq!(of("max-age=300, no-cache"), Some(0));
        assert_eq!(of("no-store"), Some(0));
        assert_eq!(of("max-age=-1"), Some(0));
        assert_eq!(of("max-age=soon"), Some(0));
        assert_eq!(
            of("max-age=99999999999999999999"),
            Some(u64::from(u32::MAX))
        );
        assert_eq!(of("s-maxage=300, public"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn age_and_expires_count() {
        let aged = Freshness {
            cache_control: Some("max-age=300"),
            age: Some("100"),
            ..Freshness::default()
        };
        assert_eq!(aged.lifetime(), Some(Duration::from_secs(200)));
        let dated = Freshness {
            expires: Some("Sun, 06 Nov 1994 08:59:37 GMT"),
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT"),
            ..Freshness::default()
        };
        assert_eq!(dated.lifetime(), Some(Duration::from_secs(600)));
        let broken = Freshness {
            expires: Some("0"),
            ..dated
        };
        assert_eq!(broken.lifetime(), Some(Duration::ZERO));
        assert_eq!(Freshness::default().lifetime(), None);
    }
}
