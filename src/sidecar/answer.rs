//! The answers that say no: one body and one challenge a [`Code`], built once.

use std::sync::LazyLock;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use serde_json::json;

use super::oauth_error::OauthError;
use super::service::Response;
use crate::error::{Code, Detail, Reject};

/// The content type of every body that is JSON.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What is said of tokens is never to be kept.
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
pub(super) const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// `code` as an HTTP answer: the code alone, with its fixed sentence. Allocates no body.
///
/// A code that has no HTTP status is a defect of ours and answers 500.
#[must_use]
pub fn error(code: Code) -> Response {
    let prebuilt = Prebuilt::of(code);
    build(
        prebuilt.status,
        prebuilt.body.clone(),
        prebuilt.challenge.clone(),
    )
}

/// `code` with a sentence that names what was wrong: the field, the guard, the limit. The caller
/// sees to it that `message` holds no token, secret or claim value.
#[must_use]
pub fn explained(code: Code, message: &str) -> Response {
    let prebuilt = Prebuilt::of(code);
    let body = body(code, message, prebuilt.status);
    build(
        prebuilt.status,
        Bytes::from(body),
        prebuilt.challenge.clone(),
    )
}

/// A verdict against a token, in words of ours: with the claim, the guard member or the place
/// that its reject names. For the control plane, and for whoever may know.
#[must_use]
pub fn detailed(reject: Reject) -> Response {
    let code = reject.code();
    let what = match reject.detail() {
        Detail::None => return error(code),
        Detail::Claim(claim) => claim.as_str(),
        Detail::Guard(member) => member.as_str(),
        Detail::Malformed(how) => how.as_str(),
    };
    explained(code, &format!("{} It failed on: {what}.", code.message()))
}

/// 200 with a JSON body.
#[must_use]
pub fn json(body: impl Into<Bytes>) -> Response {
    build(StatusCode::OK, body.into(), None)
}

/// Why the edge refuses a request before anyone is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not HTTP as we speak it.
    BadRequest,
    /// The code says it all.
    Code(Code),
    /// What to do about it needs saying.
    Explained(Code, &'static str),
    /// On an OAuth endpoint, in its own words.
    Oauth(OauthError, &'static str),
}

impl Refusal {
    pub(super) fn response(self) -> Response {
        match self {
            Self::BadRequest => bad_request(),
            Self::Code(code) => error(code),
            Self::Explained(code, message) => explained(code, message),
            Self::Oauth(error, description) => error.response(description),
        }
    }
}

/// A request that is not HTTP as we speak it: 400, nothing more, and the connection is closed.
#[must_use]
pub(super) fn bad_request() -> Response {
    bare(StatusCode::BAD_REQUEST)
}

/// A status without a body, after which the connection is closed.
#[must_use]
pub(super) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response.headers_mut().insert(CONNECTION, CLOSE);
    response
}

fn build(status: StatusCode, body: Bytes, challenge: Option<HeaderValue>) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CACHE_CONTROL, NO_STORE);
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn body(code: Code, message: &str, status: StatusCode) -> String {
    json!({ "code": code.name(), "message": message, "status": status.as_u16() }).to_string()
}

/// One row, leaked once a process: shared bytes would count references across cores.
struct Prebuilt {
    status: StatusCode,
    body: Bytes,
    challenge: Option<HeaderValue>,
}

impl Prebuilt {
    fn of(code: Code) -> &'static Self {
        static ROWS: LazyLock<Vec<Prebuilt>> =
            LazyLock::new(|| Code::ALL.iter().copied().map(Prebuilt::new).collect());
        let at = Code::ALL
            .binary_search_by_key(&code.number(), |row| row.number())
            .unwrap_or(Code::ALL.len() - 1);
        &ROWS[at]
    }

    fn new(code: Code) -> Self {
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text: &'static str = body(code, code.message(), status).leak();
        Self {
            status,
            body: Bytes::from_static(text.as_bytes()),
            challenge: challenge(code),
        }
    }
}

/// RFC 6750 §3: no error code where no credentials were sent, `invalid_token` for a token that
/// does not hold, `insufficient_scope` for one that holds and does not suffice.
fn challenge(code: Code) -> Option<HeaderValue> {
    let error = match (code, code.status()) {
        (Code::MissingToken | Code::Unauthorized, _) => {
            return Some(HeaderValue::from_static("Bearer"));
        }
        (_, 401) => "invalid_token",
        (Code::Forbidden | Code::DeviceMismatch | Code::WrongTokenKind, _) => "insufficient_scope",
        _ => return None,
    };
    let text: &'static str = format!(
        "Bearer error=\"{error}\", error_description=\"{}\"",
        code.message()
    )
    .leak();
    Some(HeaderValue::from_static(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ClaimName, GuardMember};

    fn challenge_of(response: &Response) -> &str {
        response
            .headers()
            .get(WWW_AUTHENTICATE)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn every_code_with_a_status_has_its_body() {
        for code in Code::ALL.iter().copied().filter(|code| code.status() != 0) {
            let response = error(code);
            assert_eq!(response.status().as_u16(), code.status());
            let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!(
                body,
                json!({"code": code.name(), "message": code.message(), "status": code.status()})
            );
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        }
    }

    #[test]
    fn a_code_without_a_status_is_a_defect() {
        assert_eq!(error(Code::ConfigError).status(), 500);
    }

    #[test]
    fn challenges_follow_rfc_6750() {
        assert_eq!(challenge_of(&error(Code::MissingToken)), "Bearer");
        assert_eq!(challenge_of(&error(Code::Unauthorized)), "Bearer");
        assert_eq!(
            challenge_of(&error(Code::Expired)),
            r#"Bearer error="invalid_token", error_description="The token has expired.""#
        );
        assert_eq!(
            challenge_of(&error(Code::Forbidden)),
            r#"Bearer error="insufficient_scope", error_description="The token does not grant this.""#
        );
        for silent in [Code::HostRefused, Code::KeysUnavailable, Code::TooLarge] {
            assert_eq!(challenge_of(&error(silent)), "");
        }
    }

    #[test]
    fn a_detail_is_told_in_words_of_ours() {
        let claim = detailed(Reject::claim(Code::InvalidClaim, ClaimName::Audience));
        let body: serde_json::Value = serde_json::from_slice(claim.body()).unwrap();
        assert_eq!(
            body["message"],
            "A claim of the token is not acceptable. It failed on: aud."
        );
        let guard = detailed(Reject::guard(Code::Forbidden, GuardMember::Vip));
        assert_eq!(guard.status(), 403);
        assert!(challenge_of(&guard).contains("insufficient_scope"));
    }
}
