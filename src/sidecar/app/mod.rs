//! What the sidecar answers: the routes of both planes over the profiles of a configuration.
//!
//! | route | plane | file |
//! |---|---|---|
//! | `POST /v1/verify`, `POST /v1/verify/batch` | data | `verify.rs` |
//! | `ANY /v1/auth`, `ANY /v1/auth/{guard}` | data | `forward.rs` |
//! | `GET /.well-known/jwks.json`, `/livez`, `/readyz`, `/metrics`, `/openapi.json` | data | `published.rs` |
//! | `POST /v1/sign`, `/v1/rotate`, `/v1/revoke`, `/v1/keys/reload`, `/v1/explain` | control | `control.rs` |
//! | `POST /v1/audit`, `/v1/audit/query`, `/v1/audit/options` | control | `audit.rs` |
//!
//! Verification, cached or not, runs on the core's own thread. What may wait for a store or a
//! disk, or signs, runs on a thread that may wait.

mod audit;
mod control;
mod fields;
mod forward;
mod head;
mod identity;
mod inline;
mod published;
mod readings;
mod route;
mod verify;

use std::collections::HashMap;
use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::answer;
use super::extract::Read;
use super::metrics::{Metrics, Verdicts};
use super::openapi;
use super::readiness::Readiness;
use super::service::{Plane, Reply, Request, Response, Service};
use crate::audit::AuditLog;
use crate::config::{Profile, Profiles};
use crate::error::{Code, Fault, Reject};
use crate::sign::Failure;

pub use route::ROUTES;
use route::Route;

/// The sidecar's service.
pub struct App {
    profiles: Arc<Profiles>,
    fronts: HashMap<String, Front>,
    /// The identity headers of all profiles.
    identity_names: Vec<HeaderName>,
    /// Where a token is looked for while no profile is chosen.
    metrics: Arc<Metrics>,
    readiness: Readiness,
    max_batch: usize,
    audit: Option<Arc<AuditLog>>,
}

/// What the HTTP side keeps of a profile.
struct Front {
    profile: Arc<Profile>,
    identity: Vec<(HeaderName, String)>,
    verdicts: Arc<Verdicts>,
    audit: Option<Arc<AuditLog>>,
}

impl App {
    /// The service over these profiles, counting into `metrics`, which must have been made with
    /// [`ROUTES`].
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming a header that is no header name, or that a gateway could not pass on.
    pub fn new(
        profiles: Arc<Profiles>,
        metrics: Arc<Metrics>,
        readiness: Readiness,
        max_batch: usize,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Arc<Self>, Fault> {
        let mut fronts = HashMap::new();
        for profile in profiles.iter() {
            let front = Front {
                identity: identity::headers(profile)?,
                verdicts: metrics.verdicts(profile.name()),
                profile: Arc::clone(profile),
                audit: audit.clone(),
            };
            fronts.insert(profile.name().to_owned(), front);
        }
        let identity_names = identity::names(fronts.values());
        readings::register(&metrics, &profiles);
        if let Some(audit) = &audit {
            readings::of_audit(&metrics, audit);
        }
        Ok(Arc::new(Self {
            profiles,
            fronts,
            identity_names,
            metrics,
            readiness,
            max_batch,
            audit,
        }))
    }

    /// The request's token, from where the named or default profile looks.
    fn token_of<'r>(
        &self,
        profile: Option<&str>,
        headers: &'r HeaderMap,
    ) -> Result<Result<&'r str, Reject>, Fault> {
        Ok(self.profiles.token_places(profile)?.token(&Read(headers)))
    }

    fn choose(&self, name: Option<&str>, token: &str) -> Result<&Front, Fault> {
        self.front(self.profiles.choose(name, token.as_bytes())?)
    }

    fn front(&self, profile: &Profile) -> Result<&Front, Fault> {
        self.fronts
            .get(profile.name())
            .ok_or_else(|| Fault::new(Code::Internal, "a profile has no front"))
    }

    /// Reads every key file anew and counts the result.
    ///
    /// # Errors
    /// As [`Profiles::reload_keys`].
    pub fn reload_keys(&self) -> Result<crate::config::ReloadReport, Fault> {
        let result = self.profiles.reload_keys();
        self.metrics.reloaded(result.is_ok());
        match &result {
            Ok(report) => tracing::info!(keys = ?report.keys, "the keys were read again"),
            Err(fault) => {
                tracing::error!(fault = fault.chain(), "the keys could not be read again");
            }
        }
        result
    }

    /// Writes what is still to be recorded. To be called when nothing is served any more.
    pub(in crate::sidecar) fn close(&self) {
        if let Some(audit) = &self.audit {
            audit.close();
        }
    }

    fn answer(&self, route: Route<'_>, request: &Request<'_>) -> Response {
        if route.is_act() && !self.may_act() {
            return answer::error(Code::StoreUnavailable);
        }
        match route {
            Route::Verify => self.verify(request),
            Route::Batch => self.verify_batch(request),
            Route::Auth(guard) => self.forward(request, guard),
            Route::Jwks => self.jwks(),
            Route::OpenApi => answer::json(openapi::text()),
            Route::Live => published::plain("ok\n"),
            Route::Ready => self.ready(),
            Route::Metrics => self.scrape(request),
            Route::Sign => self.sign(request),
            Route::Rotate => self.rotate(request),
            Route::Revoke => self.revoke(request),
            Route::Reload => self.reload(request),
            Route::Explain => self.explain(request),
            Route::Audit => self.audit_add(request),
            Route::AuditQuery => self.audit_query(request),
            Route::AuditOptions => self.audit_options(request),
        }
    }
}

impl Service for App {
    fn plane(&self, path: &str) -> Plane {
        Route::find(path).map_or(Plane::Data, Route::plane)
    }

    fn wants_body(&self, head: &Request<'_>) -> bool {
        // Forward auth gets the head of somebody else's request; its body is not ours to read.
        Route::find(head.path).is_some_and(Route::wants_body)
    }

    fn call(&self, request: &Request<'_>) -> Reply {
        let Some(route) = Route::find(request.path).filter(|route| route.plane() == request.plane)
        else {
            return Reply::Now(published::not_found());
        };
        if let Some(allowed) = route.refused_method(request.method) {
            return Reply::Now(published::method_not_allowed(allowed));
        }
        if route.may_wait() {
            Reply::Wait
        } else {
            Reply::Now(self.answer(route, request))
        }
    }

    fn refused(&self, request: &Request<'_>, code: Code) {
        if code == Code::Unauthorized {
            self.refused_call(request, code);
        }
    }

    fn wait(&self, request: &Request<'_>) -> Response {
        match Route::find(request.path) {
            Some(route) => self.answer(route, request),
            None => published::not_found(),
        }
    }
}

/// A fault as an answer: what is the caller's doing is named, what is ours is logged.
fn faulty(fault: &Fault, request: &Request<'_>) -> Response {
    match fault.code() {
        Code::ValidationError => answer::explained(Code::ValidationError, &fault.chain()),
        code => {
            tracing::error!(%code, fault = fault.chain(), request_id = %request.id, "failed");
            answer::error(code)
        }
    }
}

fn failed(failure: &Failure, request: &Request<'_>) -> Response {
    match failure {
        Failure::Reject(reject) => answer::detailed(*reject),
        Failure::Fault(fault) => faulty(fault, request),
    }
}

fn header(profile: &Profile, name: &str) -> Result<HeaderName, Fault> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
        Fault::config(format!(
            "profile {:?}: {name:?} is no header name",
            profile.name()
        ))
        .caused_by(error)
    })
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("profiles", &self.profiles)
            .finish_non_exhaustive()
    }
}
