//! The errors of the OAuth endpoints, in the bodies that RFC 6749 §5.2 gives them.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA, WWW_AUTHENTICATE};
use serde_json::json;

use super::answer::{JSON, NO_STORE};
use super::service::Response;

/// What went wrong, in the RFCs' own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OauthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    UnsupportedGrantType,
    /// RFC 7009 §2.2.1
    UnsupportedTokenType,
    /// Ours to mend, and worth another try. RFC 7009 §2.2.1 asks for the status, RFC 6749 §4.1.2.1
    /// has the word.
    TemporarilyUnavailable,
    /// Too many attempts; the word is that of RFC 8628 §3.5.
    SlowDown,
    ServerError,
}

impl OauthError {
    /// All of them.
    pub(super) const ALL: [Self; 9] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::InvalidScope,
        Self::UnsupportedGrantType,
        Self::UnsupportedTokenType,
        Self::TemporarilyUnavailable,
        Self::SlowDown,
        Self::ServerError,
    ];

    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    pub(super) fn status(self) -> StatusCode {
        self.row().1
    }

    fn row(self) -> (&'static str, StatusCode) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::InvalidRequest => ("invalid_request", bad),
            Self::InvalidClient => ("invalid_client", StatusCode::UNAUTHORIZED),
            Self::InvalidGrant => ("invalid_grant", bad),
            Self::InvalidScope => ("invalid_scope", bad),
            Self::UnsupportedGrantType => ("unsupported_grant_type", bad),
            Self::UnsupportedTokenType => ("unsupported_token_type", bad),
            Self::TemporarilyUnavailable => {
                ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::SlowDown => ("slow_down", StatusCode::TOO_MANY_REQUESTS),
            Self::ServerError => ("server_error", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// The answer, with a sentence of ours: nothing that was sent is repeated.
    pub(super) fn response(self, description: &str) -> Response {
        let (name, status) = self.row();
        let body = json!({ "error": name, "error_description": description });
        let mut response = kept_by_nobody(body.to_string());
        *response.status_mut() = status;
        if self == Self::InvalidClient {
            // A client may come with its secret, the operator with the control token.
            for challenge in ["Basic realm=\"bearerd\", charset=\"UTF-8\"", "Bearer"] {
                let challenge = HeaderValue::from_static(challenge);
                response.headers_mut().append(WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

/// 200 with a JSON body that no cache may keep, those of HTTP/1.0 included (RFC 6749 §5.1).
pub(super) fn kept_by_nobody(body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
