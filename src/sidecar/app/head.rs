use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::fields::invalid;
use crate::error::Fault;

/// Which profile the caller wants.
const X_BEARERD_PROFILE: HeaderName = HeaderName::from_static("x-bearerd-profile");

/// The profile that the head names, where it names one.
pub(super) fn profile_header(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    only(headers, &X_BEARERD_PROFILE)
}

/// The profile that a gateway's configuration names: `?profile=NAME`.
///
/// For forward auth the header above does not count: a gateway passes its client's headers on, and
/// the client would choose whose rules apply to it.
pub(super) fn profile_query(query: Option<&str>) -> Result<Option<&str>, Fault> {
    let mut named = query
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.strip_prefix("profile="));
    match (named.next(), named.next()) {
        (name, None) => Ok(name.filter(|name| !name.is_empty())),
        (_, Some(_)) => Err(invalid(
            "profile: is named twice in the query; name it once",
        )),
    }
}

/// The one value of a header; two of them could be read in two ways. An empty one is none.
pub(super) fn only<'r>(
    headers: &'r HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'r str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok((!text.is_empty()).then_some(text)),
        _ => Err(invalid(format!(
            "{name}: must be sent once, in visible ASCII"
        ))),
    }
}
