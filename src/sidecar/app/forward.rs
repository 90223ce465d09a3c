use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use super::head::{only, profile_query};
use super::identity::printable;
use super::original::Original;
use super::patience::Patience;
use super::route::AUTH;
use super::{App, Front};
use crate::error::{Code, Fault, Reject};
use crate::routes::Access;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::verify::{Verified, VerifyOptions};

/// The code of the verdict, for the gateway's log.
const X_BEARERD_CODE: HeaderName = HeaderName::from_static("x-bearerd-code");
/// Which device the client says it is.
const X_DEVICE_ID: HeaderName = HeaderName::from_static("x-device-id");
const EMPTY: HeaderValue = HeaderValue::from_static("");

/// Where forward auth is told what to ask for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked<'a> {
    /// In the path of its own address: a guard, or none
    Guard(Option<&'a str>),
    /// By the routes, for this path and the request's own method
    Path(&'a str),
}

/// What a request needs to be let through.
enum Needed<'a> {
    Nothing,
    Token(Option<&'a str>),
}

impl App {
    /// Forward auth: 200, 401 or 403 and nothing else, since gateways turn any other status into
    /// an error of their own. What would be 503 is 403: a 401 would sign users out during an
    /// outage.
    ///
    /// `None` where it would take a store and there is no patience for one.
    pub(super) fn forward(
        &self,
        request: &Request<'_>,
        asked: Asked<'_>,
        patience: Patience,
    ) -> Option<Response> {
        Some(match self.decide(request, asked, patience).transpose()? {
            Ok(Ok(identity)) => accepted(identity),
            Ok(Err(reject)) => self.refused(reject.code()),
            Err(fault) => {
                tracing::debug!(fault = fault.chain(), request_id = %request.id, "forward auth is asked wrongly");
                self.refused(fault.code())
            }
        })
    }

    /// What is wrong with the gateway's configuration is told first, token or none: it should not
    /// look like a user who is not signed in.
    fn decide(
        &self,
        request: &Request<'_>,
        asked: Asked<'_>,
        patience: Patience,
    ) -> Result<Option<Result<HeaderMap, Reject>>, Fault> {
        let profile = profile_query(request.query)?;
        let guard = match self.access(request, asked)? {
            Ok(Needed::Token(guard)) => guard,
            Ok(Needed::Nothing) => return Ok(Some(Ok(self.nobody(request)))),
            Err(reject) => return Ok(Some(Err(reject))),
        };
        let mut options = VerifyOptions {
            guard: guard.map(|guard| self.guard(guard)).transpose()?,
            ..VerifyOptions::default()
        };
        options.request.device = only(request.headers, &X_DEVICE_ID)?;
        let token = match self.token_of(profile, request.headers)? {
            Ok(token) => token,
            Err(reject) => return Ok(Some(Err(reject))),
        };
        let front = self.choose(profile, token)?;
        let verifier = &front.verifier;
        if verifier.takes_as_pat(token.as_bytes()) {
            options.request.address = self.told_address(request);
        }
        let Some(verdict) = self.judge(verifier, token, &options, patience) else {
            return Ok(None);
        };
        let verdict = verdict.map_err(|refusal| refusal.reject);
        let identity = verdict.and_then(|verified| self.identity(front, &verified, request));
        front.count(AUTH, token, request, identity.as_ref().err().copied());
        Ok(Some(identity))
    }

    /// What the request needs: what the gateway's own address says, or what the routes say of the
    /// path.
    fn access<'a>(
        &'a self,
        request: &Request<'_>,
        asked: Asked<'a>,
    ) -> Result<Result<Needed<'a>, Reject>, Fault> {
        let Original { method, target } = match asked {
            Asked::Guard(Some(guard)) => return Ok(Ok(Needed::Token(Some(guard)))),
            Asked::Guard(None) if self.profiles.routes().is_none() => {
                return Ok(Ok(Needed::Token(None)));
            }
            Asked::Guard(None) => Original::of(request)?,
            Asked::Path(target) => Original {
                method: Some(request.method.as_str()),
                target,
            },
        };
        let asks = self.route_of(method, target, request)?;
        Ok(asks.map(|access| match access {
            Access::Public => Needed::Nothing,
            Access::Token => Needed::Token(None),
            Access::Guard(guard) => Needed::Token(Some(guard)),
        }))
    }

    /// The identity headers of a request that needs no token: all empty, whatever token it has.
    fn nobody(&self, request: &Request<'_>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.identity_names.len() + 2);
        for name in &self.identity_names {
            headers.insert(name, EMPTY);
        }
        self.describe_client(request, &mut headers);
        headers
    }

    /// Every identity header of every profile: those of the token's own profile with its claims
    /// and the attributes of its session, the others empty. A gateway overwrites what a client sent
    /// with what it finds here, so none may be left out.
    fn identity(
        &self,
        front: &Front,
        verified: &Verified,
        request: &Request<'_>,
    ) -> Result<HeaderMap, Reject> {
        let mut headers = HeaderMap::with_capacity(self.identity_names.len() + 2);
        for (name, source) in &front.identity {
            let value = match source.text(verified) {
                None => Some(EMPTY),
                Some(text) => printable(&text),
            };
            let Some(value) = value else {
                tracing::warn!(header = %name, request_id = %request.id, "a claim cannot stand in a header");
                return Err(Reject::new(Code::InvalidClaim));
            };
            headers.insert(name, value);
        }
        for name in &front.names_of_others {
            headers.insert(name, EMPTY);
        }
        self.describe_client(request, &mut headers);
        Ok(headers)
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
        for name in &self.identity_names {
            headers.insert(name, EMPTY);
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
