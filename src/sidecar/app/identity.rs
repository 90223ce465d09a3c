use std::borrow::Cow;

use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::{Front, context};
use crate::claims::{ClaimKey, Stated};
use crate::config::Profile;
use crate::error::Fault;
use crate::verify::Verified;

/// Headers that say how an answer is to be read or what the verdict was: a claim in their place
/// would break the one or forge the other.
const RESERVED: [&str; 18] = [
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "host",
    "keep-alive",
    "location",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-request-id",
];

/// Beginnings of names that are reserved as well.
const RESERVED_PREFIXES: [&str; 4] = ["x-bearerd-", "access-control-", "proxy-", "sec-"];

/// What an identity header says.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Claim(ClaimKey),
    /// Of the session.
    Attribute(String),
    DataScope,
}

impl Source {
    /// `session.NAME` is an attribute where the profile has sessions, everything else a claim.
    fn named(text: &str, profile: &Profile) -> Self {
        if text == context::DATA_SCOPE {
            return Self::DataScope;
        }
        match text.strip_prefix("session.") {
            Some(name) if profile.sessions().is_some() => Self::Attribute(name.to_owned()),
            _ => Self::Claim(profile.verifier().claim_map().key(text)),
        }
    }

    /// The text of a string, and the JSON of anything else; `None` where there is nothing, or null.
    pub(super) fn text<'v>(&self, verified: &'v Verified) -> Option<Cow<'v, str>> {
        match self {
            Self::Claim(key) => match verified.stated(key)? {
                Stated::Text(text) => Some(text),
                Stated::Json(json) => in_a_line(json),
            },
            Self::DataScope => context::data_scope(verified).map(Cow::from),
            Self::Attribute(name) => in_a_line(verified.session()?.attribute(name)?),
        }
    }
}

/// A string's text, and any other JSON without the line ends and blanks that it may be written with,
/// which no header could hold; `None` for null.
fn in_a_line(json: &str) -> Option<Cow<'_, str>> {
    match serde_json::from_str(json).ok()? {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

/// Text without control characters, as UTF-8. Leading and trailing blanks would be trimmed on the
/// way and make two claims look like one.
pub(super) fn printable(text: &str) -> Option<HeaderValue> {
    // Nearly all is ASCII, which is looked at many bytes at a time.
    let has_control = if text.is_ascii() {
        text.bytes().any(|byte| byte.is_ascii_control())
    } else {
        text.chars().any(char::is_control)
    };
    if has_control || text.trim() != text {
        return None;
    }
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// The identity headers of a profile, each with its source.
pub(super) fn headers(profile: &Profile) -> Result<Vec<(HeaderName, Source)>, Fault> {
    let mut headers: Vec<(HeaderName, Source)> = Vec::new();
    for (text, claim) in profile.identity_headers() {
        let key = format!("profile {:?}: identity_headers", profile.name());
        let name = usable(&key, text)?;
        let refuse = |text: &str, why: &str| Err(Fault::config(format!("{key}: {text:?} {why}")));
        if headers.iter().any(|(known, _)| *known == name) {
            return refuse(
                text,
                "stands there twice, since case does not matter; leave one out",
            );
        }
        if claim.starts_with(context::PREFIX) {
            let permissions = profile.verifier().permissions();
            if claim != context::DATA_SCOPE {
                return refuse(
                    text,
                    "names no value of the context; there is permission.data_scope",
                );
            }
            if permissions.is_none_or(|rules| rules.data_scope.is_none()) {
                return refuse(
                    text,
                    "is a data scope, and permissions.data_scope is not set; add it",
                );
            }
        }
        headers.push((name, Source::named(claim, profile)));
    }
    Ok(headers)
}

/// The header of that name, where an answer may have one of ours. `key` is what the configuration
/// calls the place where it stands.
pub(super) fn usable(key: &str, text: &str) -> Result<HeaderName, Fault> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|error| {
        Fault::config(format!("{key}: {text:?} is no header name")).caused_by(error)
    })?;
    let reserved = RESERVED_PREFIXES
        .iter()
        .any(|prefix| name.as_str().starts_with(prefix));
    if reserved || RESERVED.contains(&name.as_str()) {
        return Err(Fault::config(format!(
            "{key}: {text:?} has a meaning of its own; choose another name, such as X-User"
        )));
    }
    Ok(name)
}

/// The names of all profiles, each once.
pub(super) fn names(fronts: &[Front]) -> Vec<HeaderName> {
    let mut names: Vec<HeaderName> = fronts
        .iter()
        .flat_map(|front| front.identity.iter().map(|(name, _)| name.clone()))
        .collect();
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    names.dedup();
    names
}
