use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde_json::Value;

use super::route::AUTH;
use super::{App, Front};
use crate::claims::Claims;
use crate::error::{Code, Fault};
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::verify::{Verified, VerifyOptions};

/// The code of the verdict, for the gateway's log.
const X_BEARERD_CODE: HeaderName = HeaderName::from_static("x-bearerd-code");
/// Which profile the gateway wants.
const X_BEARERD_PROFILE: HeaderName = HeaderName::from_static("x-bearerd-profile");
/// Which device the client says it is.
const X_DEVICE_ID: HeaderName = HeaderName::from_static("x-device-id");

enum Outcome<'a> {
    Accepted(&'a Front, Verified),
    Refused(Code),
}

impl App {
    /// Forward auth: 200, 401 or 403 and nothing else, since gateways turn any other status into
    /// an error of their own. What would be 503 is 403: a 401 would sign users out during an
    /// outage.
    pub(super) fn forward(&self, request: &Request<'_>, guard: Option<&str>) -> Response {
        let outcome = self.decide(request, guard).unwrap_or_else(|fault| {
            tracing::warn!(fault = fault.chain(), request_id = %request.id, "forward auth is asked wrongly");
            Outcome::Refused(fault.code())
        });
        match outcome {
            Outcome::Accepted(front, verified) => match front.identity(&verified) {
                Ok(identity) => accepted(identity),
                Err(header) => {
                    tracing::warn!(%header, request_id = %request.id, "a claim cannot stand in a header");
                    self.refused(Code::InvalidClaim)
                }
            },
            Outcome::Refused(code) => self.refused(code),
        }
    }

    fn decide(&self, request: &Request<'_>, guard: Option<&str>) -> Result<Outcome<'_>, Fault> {
        let profile = only(request.headers, &X_BEARERD_PROFILE)?;
        let token = match self.looking(profile)?.token(request.headers) {
            Ok(token) => token,
            Err(reject) => return Ok(Outcome::Refused(reject.code())),
        };
        let front = self.choose(profile, token)?;
        let mut options = VerifyOptions {
            guard: guard.map(|guard| self.guard(guard)).transpose()?,
            ..VerifyOptions::default()
        };
        options.request.device = only(request.headers, &X_DEVICE_ID)?;
        Ok(match front.verify(AUTH, token, &options, request) {
            Ok(verified) => Outcome::Accepted(front, verified),
            Err(reject) => Outcome::Refused(reject.code()),
        })
    }

    #[cold]
    fn refused(&self, code: Code) -> Response {
        let mut response = answer::error(code);
        if response.status() != StatusCode::UNAUTHORIZED {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        *response.body_mut() = Bytes::new();
        let headers = response.headers_mut();
        headers.remove(CONTENT_TYPE);
        headers.insert(X_BEARERD_CODE, HeaderValue::from_static(code.name()));
        // Emitted empty, so that what a client sent under these names is overwritten.
        for (name, _) in self.fronts.values().flat_map(|front| &front.identity) {
            headers.insert(name, HeaderValue::from_static(""));
        }
        response
    }
}

fn accepted(identity: HeaderMap) -> Response {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    *headers = identity;
    headers.insert(X_BEARERD_CODE, HeaderValue::from_static(Code::Ok.name()));
    headers.insert(CACHE_CONTROL, answer::NO_STORE);
    response
}

impl Front {
    /// Every configured header, empty where its claim is absent; the name of the one whose claim
    /// cannot stand in a header.
    fn identity(&self, claims: &Claims) -> Result<HeaderMap, HeaderName> {
        let mut headers = HeaderMap::with_capacity(self.identity.len() + 2);
        for (name, claim) in &self.identity {
            let value = match claims.get(claim) {
                None | Some(Value::Null) => HeaderValue::from_static(""),
                Some(Value::String(text)) => printable(&text).ok_or_else(|| name.clone())?,
                // JSON escapes control characters; what it leaves is checked all the same.
                Some(other) => printable(&other.to_string()).ok_or_else(|| name.clone())?,
            };
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Text without control characters, as UTF-8. Leading and trailing blanks would be trimmed on the
/// way and make two claims look like one.
fn printable(text: &str) -> Option<HeaderValue> {
    if text.trim() != text || text.chars().any(char::is_control) {
        return None;
    }
    HeaderValue::from_str(text)
        .or_else(|_| HeaderValue::from_bytes(text.as_bytes()))
        .ok()
}

/// The one value of a header; two of them could be read in two ways.
fn only<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Result<Option<&'r str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok((!text.is_empty()).then_some(text)),
        _ => Err(super::fields::invalid(format!(
            "{name}: must be sent once, in visible ASCII"
        ))),
    }
}
