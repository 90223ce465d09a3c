use hyper::header::HeaderName;

use super::{Front, context, header};
use crate::config::Profile;
use crate::error::Fault;

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

/// The identity headers of a profile, each with its claim.
pub(super) fn headers(profile: &Profile) -> Result<Vec<(HeaderName, String)>, Fault> {
    let mut headers: Vec<(HeaderName, String)> = Vec::new();
    for (text, claim) in profile.identity_headers() {
        let name = header(profile, text)?;
        let refuse = |why: &str| {
            Err(Fault::config(format!(
                "profile {:?}: identity_headers: {text:?} {why}",
                profile.name()
            )))
        };
        if RESERVED.contains(&name.as_str())
            || RESERVED_PREFIXES
                .iter()
                .any(|prefix| name.as_str().starts_with(prefix))
        {
            return refuse("has a meaning of its own; choose another name, such as X-User");
        }
        if headers.iter().any(|(known, _)| *known == name) {
            return refuse("stands there twice, since case does not matter; leave one out");
        }
        if claim.starts_with(context::PREFIX) {
            let permissions = profile.verifier().permissions();
            if claim != context::DATA_SCOPE {
                return refuse("names no value of the context; there is permission.data_scope");
            }
            if permissions.is_none_or(|rules| rules.data_scope.is_none()) {
                return refuse("is a data scope, and permissions.data_scope is not set; add it");
            }
        }
        headers.push((name, claim.clone()));
    }
    Ok(headers)
}

/// The names of all profiles, each once.
pub(super) fn names<'a>(fronts: impl Iterator<Item = &'a Front>) -> Vec<HeaderName> {
    let mut names: Vec<HeaderName> = fronts
        .flat_map(|front| front.identity.iter().map(|(name, _)| name.clone()))
        .collect();
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    names.dedup();
    names
}
