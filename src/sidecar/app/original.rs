use hyper::header::HeaderName;

use super::fields::invalid;
use super::head::only;
use crate::error::Fault;
use crate::sidecar::service::Request;

/// The request that a gateway asks about: its method, where that is told, and its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Original<'r> {
    pub(super) method: Option<&'r str>,
    pub(super) target: &'r str,
}

/// Traefik and Caddy send the first, nginx is told to send the second.
const TARGETS: [HeaderName; 2] = [
    HeaderName::from_static("x-forwarded-uri"),
    HeaderName::from_static("x-original-uri"),
];
/// What nginx's ingress controller sends: the whole URL.
const URL: HeaderName = HeaderName::from_static("x-original-url");
const METHODS: [HeaderName; 2] = [
    HeaderName::from_static("x-forwarded-method"),
    HeaderName::from_static("x-original-method"),
];

impl<'r> Original<'r> {
    /// As the gateway's headers tell. A gateway writes its own and passes on what its client sent
    /// under the others' names, so wherever two are there they must say the same.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where none tells the target, or they contradict each other.
    pub(super) fn of(request: &Request<'r>) -> Result<Self, Fault> {
        let target = |name| only(request.headers, name);
        let url = match only(request.headers, &URL)? {
            None => None,
            Some(url) => Some(target_of(url).ok_or_else(|| {
                invalid("x-original-url: must be a URL, such as https://shop.example/orders")
            })?),
        };
        let targets = [target(&TARGETS[0])?, target(&TARGETS[1])?, url];
        let target = one(&targets, "the target")?.ok_or_else(|| {
            invalid(
                "routes: the gateway does not say what is asked for; have it send X-Forwarded-Uri or \
                 X-Original-URI, and the method beside it",
            )
        })?;
        let methods = [
            only(request.headers, &METHODS[0])?,
            only(request.headers, &METHODS[1])?,
        ];
        Ok(Self {
            method: one(&methods, "the method")?,
            target,
        })
    }
}

fn one<'r>(told: &[Option<&'r str>], what: &str) -> Result<Option<&'r str>, Fault> {
    let mut told = told.iter().flatten();
    let first = told.next();
    match told.find(|other| Some(other) != first.as_ref()) {
        None => Ok(first.copied()),
        Some(_) => Err(invalid(format!(
            "routes: two headers tell {what} of the request and say different things"
        ))),
    }
}

fn target_of(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    rest.find('/').map(|at| &rest[at..])
}
