use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::App;
use crate::config::Profile;
use crate::sidecar::answer;
use crate::sidecar::metrics::Metrics;
use crate::sidecar::service::{Request, Response};

/// How long clients may keep the key set: well under the overlap of any sane rotation.
const JWKS_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

impl App {
    /// Public keys only: a shared secret has no type that could be written here.
    pub(super) fn jwks(&self) -> Response {
        let mut response = answer::json(self.profiles.jwks());
        response.headers_mut().insert(CACHE_CONTROL, JWKS_MAX_AGE);
        response
    }

    /// Ready where nothing is missing and every profile has keys that it may trust, and knows what
    /// others have revoked.
    pub(super) fn ready(&self) -> Response {
        let mut missing: Vec<String> = self
            .readiness
            .reasons()
            .into_iter()
            .map(str::to_owned)
            .collect();
        missing.extend(
            self.profiles
                .iter()
                .filter(|profile| !has_keys(profile))
                .map(|profile| format!("keys of profile {}", profile.name())),
        );
        missing.extend(
            self.profiles
                .iter()
                .filter(|profile| !knows_revocations(profile))
                .map(|profile| format!("revocations of profile {}", profile.name())),
        );
        let mut body = json!({"ready": missing.is_empty(), "missing": missing});
        if let Some(remark) = self.audit_remark() {
            body["remarks"] = json!([remark]);
        }
        let mut response = answer::json(body.to_string());
        if !missing.is_empty() {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    }

    /// OpenMetrics for those who ask for it, as Prometheus does, and the older text format for
    /// everybody else.
    pub(super) fn scrape(&self, request: &Request<'_>) -> Response {
        let open = request
            .headers
            .get_all(ACCEPT)
            .iter()
            .any(|accept| accepts_openmetrics(accept.as_bytes()));
        let (text, kind) = if open {
            (self.metrics.scrape(), Metrics::CONTENT_TYPE)
        } else {
            (self.metrics.scrape_text(), Metrics::TEXT_CONTENT_TYPE)
        };
        let mut response = Response::new(Bytes::from(text));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}

/// Whether the media range is named. Weights are not compared: who names it can read it.
fn accepts_openmetrics(accept: &[u8]) -> bool {
    accept.split(|byte| *byte == b',').any(|range| {
        let essence = range.split(|byte| *byte == b';').next().unwrap_or_default();
        essence
            .trim_ascii()
            .eq_ignore_ascii_case(b"application/openmetrics-text")
    })
}

fn has_keys(profile: &Profile) -> bool {
    let verifier = profile.verifier();
    let now = verifier.clock().now();
    verifier.keys().is_trusted(now) && !verifier.keys().current().is_empty()
}

fn knows_revocations(profile: &Profile) -> bool {
    let verifier = profile.verifier();
    verifier.revocations().is_fresh(verifier.clock().now())
}

pub(super) fn plain(text: &'static str) -> Response {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

pub(super) fn not_found() -> Response {
    let mut response = plain("no such route\n");
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut response = plain("method not allowed\n");
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
