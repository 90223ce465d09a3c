//! Where the token stands in a request.
//!
//! Exactly one token comes out, or a reject: none is `MISSING_TOKEN`; a form that could be read
//! in two ways, and two tokens that differ, are `MALFORMED`, because a gateway in front may have
//! read the other one. Nothing is copied.

use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Code, Malformed, Reject};

/// One place to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `Authorization: Bearer <token>` (RFC 6750 §2.1). The scheme's case does not matter;
    /// another scheme is no token of ours.
    Bearer,
    /// The whole value of a header.
    Header(HeaderName),
    /// The value of the cookie of that name.
    Cookie(String),
}

/// The places of a profile, in order of preference.
#[derive(Clone, Debug)]
pub struct Places(Vec<Place>);

impl Places {
    /// The places to look at. The order says nothing about which token wins, since two that
    /// differ are refused.
    #[must_use]
    pub fn new(places: Vec<Place>) -> Self {
        Self(places)
    }

    /// The request's one token.
    ///
    /// # Errors
    /// `MISSING_TOKEN` if no place has one, `MALFORMED` if one cannot be read in one way only or
    /// two differ.
    pub fn token<'r>(&self, headers: &'r HeaderMap) -> Result<&'r str, Reject> {
        let mut found: Option<&'r str> = None;
        for place in &self.0 {
            match (found, at(place, headers)?) {
                (_, None) => {}
                (None, token) => found = token,
                (Some(one), Some(other)) => same(one, other)?,
            }
        }
        found.ok_or_else(|| Reject::new(Code::MissingToken))
    }
}

impl Default for Places {
    fn default() -> Self {
        Self(vec![Place::Bearer])
    }
}

/// The token in one place, if it has one.
pub(super) fn at<'r>(place: &Place, headers: &'r HeaderMap) -> Result<Option<&'r str>, Reject> {
    match place {
        Place::Bearer => bearer(headers),
        Place::Header(name) => header(headers, name),
        Place::Cookie(name) => cookie(headers, name.as_bytes()),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Reject> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(ambiguous());
    }
    let value = value.as_bytes();
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

fn header<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Result<Option<&'r str>, Reject> {
    headers
        .get_all(name)
        .iter()
        .map(HeaderValue::as_bytes)
        .filter(|value| !value.is_empty())
        .try_fold(None, one_more)
}

fn cookie<'r>(headers: &'r HeaderMap, name: &[u8]) -> Result<Option<&'r str>, Reject> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            let value = pair.trim_ascii().strip_prefix(name)?.strip_prefix(b"=")?;
            // RFC 6265 §4.1.1 lets a value stand in quotes.
            let value = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""))
                .unwrap_or(value);
            (!value.is_empty()).then_some(value)
        })
        .try_fold(None, one_more)
}

fn one_more<'r>(found: Option<&'r str>, value: &'r [u8]) -> Result<Option<&'r str>, Reject> {
    let token = visible(value)?;
    if let Some(found) = found {
        same(found, token)?;
    }
    Ok(Some(token))
}

fn same(one: &str, other: &str) -> Result<(), Reject> {
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
    std::str::from_utf8(value).map_err(|_| unreadable())
}

#[cold]
fn unreadable() -> Reject {
    Reject::malformed(Malformed::Parts)
}

#[cold]
fn ambiguous() -> Reject {
    Reject::malformed(Malformed::Ambiguous)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(places: &[Place], sent: &[(&'static str, &[u8])]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        Places::new(places.to_vec())
            .token(&headers)
            .map(str::to_owned)
            .map_err(|reject| reject.code().name())
    }

    fn custom() -> Place {
        Place::Header(HeaderName::from_static("x-token"))
    }

    fn sid() -> Place {
        Place::Cookie("sid".to_owned())
    }

    #[test]
    fn the_scheme_is_any_case() {
        for value in [&b"Bearer a.b.c"[..], b"bearer a.b.c", b"BEARER a.b.c"] {
            assert_eq!(
                ask(&[Place::Bearer], &[("authorization", value)]),
                Ok("a.b.c".to_owned())
            );
        }
    }

    #[test]
    fn no_token_is_missing() {
        for value in [
            &b""[..],
            b"Bearer",
            b"Bearer ",
            b"Basic x",
            b"x",
            b"Bearerx y",
            b"Bearer=x",
        ] {
            assert_eq!(
                ask(&[Place::Bearer], &[("authorization", value)]),
                Err("MISSING_TOKEN"),
                "{value:?}"
            );
        }
        assert_eq!(ask(&[Place::Bearer], &[]), Err("MISSING_TOKEN"));
        assert_eq!(
            ask(&[], &[("authorization", b"Bearer x")]),
            Err("MISSING_TOKEN")
        );
    }

    #[test]
    fn what_reads_in_two_ways_is_malformed() {
        for value in [
            &b"Bearer  x"[..],
            b"Bearer\tx",
            b"Bearer x y",
            b"Bearer x\ty",
            b"Bearer x ",
            b"Bearer x, Bearer y",
            b"Bearer \xc3\xa9",
            b"Bearer \xff",
        ] {
            assert_eq!(
                ask(&[Place::Bearer], &[("authorization", value)]),
                Err("MALFORMED"),
                "{value:?}"
            );
        }
    }

    #[test]
    fn two_authorization_headers_are_malformed_even_if_equal() {
        for second in [&b"Bearer x"[..], b"Bearer y", b"Basic x"] {
            let sent = [
                ("authorization", &b"Bearer x"[..]),
                ("authorization", second),
            ];
            assert_eq!(ask(&[Place::Bearer], &sent), Err("MALFORMED"));
        }
    }

    #[test]
    fn a_header_holds_the_token_and_nothing_else() {
        let ask = |sent: &[(&'static str, &[u8])]| ask(&[custom()], sent);
        assert_eq!(ask(&[("x-token", b"t")]), Ok("t".to_owned()));
        assert_eq!(ask(&[("x-token", b"")]), Err("MISSING_TOKEN"));
        assert_eq!(ask(&[("x-token", b"Bearer t")]), Err("MALFORMED"));
        assert_eq!(
            ask(&[("x-token", b"t"), ("x-token", b"t")]),
            Ok("t".to_owned())
        );
        assert_eq!(
            ask(&[("x-token", b"t"), ("x-token", b"u")]),
            Err("MALFORMED")
        );
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let ask = |sent: &[(&'static str, &[u8])]| ask(&[sid()], sent);
        for value in [
            &b"sid=t"[..],
            b"a=b; sid=t; c=d",
            b"a=b;sid=t",
            b"sid=\"t\"",
            b"sid=; sid=t",
            b"sid=t; sid=t",
        ] {
            assert_eq!(ask(&[("cookie", value)]), Ok("t".to_owned()), "{value:?}");
        }
        for value in [
            &b"sid="[..],
            b"xsid=t",
            b"SID=t",
            b"sidx=t",
            b"sid",
            b"a=sid=t",
        ] {
            assert_eq!(ask(&[("cookie", value)]), Err("MISSING_TOKEN"), "{value:?}");
        }
        for value in [&b"sid=t; sid=u"[..], b"sid=t u", b"sid=\xff"] {
            assert_eq!(ask(&[("cookie", value)]), Err("MALFORMED"), "{value:?}");
        }
        assert_eq!(
            ask(&[("cookie", b"sid=t"), ("cookie", b"sid=u")]),
            Err("MALFORMED")
        );
    }

    #[test]
    fn two_places_must_agree() {
        let places = [custom(), Place::Bearer, sid()];
        let bearer = ("authorization", &b"Bearer t"[..]);
        assert_eq!(ask(&places, &[bearer]), Ok("t".to_owned()));
        assert_eq!(
            ask(&places, &[bearer, ("x-token", b"t"), ("cookie", b"sid=t")]),
            Ok("t".to_owned())
        );
        assert_eq!(ask(&places, &[bearer, ("x-token", b"u")]), Err("MALFORMED"));
        assert_eq!(
            ask(&places, &[bearer, ("cookie", b"sid=u")]),
            Err("MALFORMED")
        );
        assert_eq!(
            ask(
                &places,
                &[("authorization", b"Basic u"), ("cookie", b"sid=t")]
            ),
            Ok("t".to_owned())
        );
    }
}
