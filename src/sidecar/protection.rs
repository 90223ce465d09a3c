//! What tells a browser to do nothing with an answer but read it.

use hyper::HeaderMap;
use hyper::header::{
    CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// Nothing is loaded, and nobody shows it in a frame.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For every answer that has a body: no body of ours is a page, and what stands in it (claims, say)
/// may have been written by somebody else.
///
/// An answer without a body has nothing that could be misread, so forward auth, whose answers never
/// have one, does not pay for this: each header costs it about a hundredth of an answer. There is no
/// `Strict-Transport-Security`: it counts over HTTPS alone, which is spoken by the gateway.
pub(super) fn add(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
