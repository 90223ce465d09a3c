//! The standard endpoints: introspection (RFC 7662), revocation (RFC 7009), refresh (RFC 6749 §6)
//! and metadata (RFC 8414), for client libraries that know no others.
//!
//! All but the metadata are of the control plane. They take a form, answer with the RFCs' own
//! errors, and are open to the configured clients (`[[server.oauth_clients]]`) beside the holder of
//! the control token. The profile is the one that the token chooses, or that `X-Bearerd-Profile`
//! names.

mod form;
mod introspect;
mod metadata;
mod revoke;
mod scope;
mod token;

use std::sync::Arc;
use std::time::Duration;

use super::App;
use super::head::profile_header;
use super::limit::later;
use crate::config::Profile;
use crate::error::{Code, Fault, Reject};
use crate::sidecar::oauth_error::OauthError;
use crate::sidecar::service::{Request, Response};
use form::Form;

pub(super) use metadata::document;

/// Why a request gets no answer of its own.
struct Refused {
    error: OauthError,
    description: String,
    retry_after: Option<Duration>,
}

impl Refused {
    #[cold]
    fn new(error: OauthError, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
            retry_after: None,
        }
    }

    /// Too many attempts. RFC 6749 has no word for it; the status and `Retry-After` say it.
    #[cold]
    fn limited(retry_after: Duration) -> Self {
        let message = Code::RateLimited.message();
        let mut refused = Self::new(OauthError::SlowDown, message);
        refused.retry_after = Some(retry_after);
        refused
    }

    /// A verdict on the token, or the reason why there is none.
    fn by(reject: Reject, otherwise: OauthError) -> Self {
        let code = reject.code();
        if is_ours(code) {
            return Self::new(OauthError::TemporarilyUnavailable, code.message());
        }
        Self::new(otherwise, code.message())
    }

    fn fault(fault: &Fault, request: &Request<'_>) -> Self {
        match fault.code() {
            Code::ValidationError => Self::new(OauthError::InvalidRequest, fault.to_string()),
            code => {
                tracing::error!(%code, fault = fault.chain(), request_id = %request.id, "failed");
                let error = match code.status() {
                    503 => OauthError::TemporarilyUnavailable,
                    _ => OauthError::ServerError,
                };
                Self::new(error, code.message())
            }
        }
    }
}

/// Whether a reject says nothing about the token: we could not tell.
fn is_ours(code: Code) -> bool {
    code.status() >= 500
}

impl App {
    pub(super) fn introspection(&self, request: &Request<'_>) -> Response {
        answer(self.introspect(request))
    }

    pub(super) fn oauth_revocation(&self, request: &Request<'_>) -> Response {
        answer(self.revoke_for_client(request))
    }

    pub(super) fn oauth_token(&self, request: &Request<'_>) -> Response {
        answer(self.refresh_for_client(request))
    }

    /// The profile for a token; `None` where the token leads to none.
    fn profile_of(
        &self,
        token: &str,
        request: &Request<'_>,
    ) -> Result<Option<&Arc<Profile>>, Refused> {
        let named =
            profile_header(request.headers).map_err(|fault| Refused::fault(&fault, request))?;
        match self.profiles.choose(named, token.as_bytes()) {
            Ok(profile) => Ok(Some(profile)),
            Err(fault) if named.is_some() => Err(Refused::fault(&fault, request)),
            Err(_) => Ok(None),
        }
    }
}

fn answer(result: Result<Response, Refused>) -> Response {
    result.unwrap_or_else(|refused| {
        let mut response = refused.error.response(&refused.description);
        if let Some(retry_after) = refused.retry_after {
            later(&mut response, retry_after);
        }
        response
    })
}

/// What is said while nothing may be done.
pub(super) fn unavailable() -> Response {
    OauthError::TemporarilyUnavailable.response(Code::StoreUnavailable.message())
}

/// The form and the token that it must have under `name`.
fn form_with(request: &Request<'_>, name: &'static str) -> Result<(Form, String), Refused> {
    let mut form = Form::parse(request.body)?;
    let token = form.required(name)?;
    Ok((form, token))
}
