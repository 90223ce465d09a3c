use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::App;
use crate::config::Profile;
use crate::sidecar::answer;
use crate::sidecar::metrics::Metrics;
use crate::sidecar::service::{Request, Response};

/// A client reads the metadata once; what stands in it changes with a restart.
const METADATA_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

impl App {
    /// Public keys only: a shared secret has no type that could be written here.
    pub(super) fn jwks(&self) -> Response {
        let mut response = answer::json(self.profiles.jwks());
        let age = self.profiles.jwks_max_age().as_secs();
        if let Ok(value) = HeaderValue::try_from(format!("public, max-age={age}")) {
            response.headers_mut().insert(CACHE_CONTROL, value);
        }
        response
    }

    pub(super) fn oauth_metadata(&self) -> Response {
        let Some(document) = &self.oauth_metadata else {
            return not_found();
        };
        let mut response = answer::json(document.clone());
        response.headers_mut().insert(CACHE_CONTROL, METADATA_AGE);
        response
    }

    /// Ready where nothing is missing and every profile has keys that it may trust, and knows what
    /// others have revoked, and can sign where it makes its own keys. A profile that accepts tokens
    /// without knowing what is revoked is ready, as it was told, and named as `stale`; a key that
    /// should have been replaced by now goes on signing, and is named as `overdue`.
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
        let mut overdue = Vec::new();
        for profile in self.profiles.iter() {
            let reading = profile.signing_keys_reading();
            if reading.as_ref().is_some_and(|reading| !reading.signs) {
                missing.push(format!("signing key of profile {}", profile.name()));
            }
            if reading.is_some_and(|reading| reading.is_overdue) {
                overdue.push(format!("signing key of profile {}", profile.name()));
            }
        }
        let mut body = json!({"ready": missing.is_empty(), "missing": missing});
        if !overdue.is_empty() {
            body["overdue"] = overdue.into();
        }
        let stale = self.profiles.open_while_stale();
        if !stale.is_empty() {
            let name = |profile: &&str| format!("revocations of profile {profile}");
            body["stale"] = stale.iter().map(name).collect();
        }
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
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, answer::NO_STORE);
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
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, TEXT);
    headers.insert(CACHE_CONTROL, answer::NO_STORE);
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
