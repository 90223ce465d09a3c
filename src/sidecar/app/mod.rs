//! What the sidecar answers: the routes of both planes over the profiles of a configuration.
//!
//! | route | plane | file |
//! |---|---|---|
//! | `POST /v1/verify`, `POST /v1/verify/batch` | data | `verify.rs` |
//! | `POST /v1/permissions/check` | data | `permissions.rs` |
//! | `ANY /v1/auth`, `ANY /v1/auth/{guard}`, `ANY /v1/route/{path}` | data | `forward.rs` |
//! | `GET /.well-known/jwks.json`, `/livez`, `/readyz`, `/metrics`, `/openapi.json` | data | `published.rs` |
//! | `GET /.well-known/oauth-authorization-server` | data | `oauth/metadata.rs` |
//! | `POST /oauth2/introspect`, `/oauth2/revoke`, `/oauth2/token` | control | `oauth/` |
//! | `POST /v1/pats`, `/v1/pats/list`, `/v1/pats/revoke` | control | `pats.rs` |
//! | `POST /v1/devices/trust`, `check`, `list`, `forget` | control | `devices.rs` |
//! | `POST /v1/limits/{name}` | control | `limit.rs` |
//! | `GET /v1/keys`, `POST /v1/keys/stage`, `/v1/keys/activate`, `/v1/keys/retire`, `/v1/keys/revoke` | control | `keys.rs` |
//! | `POST /v1/sign`, `/v1/rotate`, `/v1/revoke`, `/v1/keys/reload`, `/v1/explain` | control | `control.rs` |
//! | `POST /v1/sessions`, `/v1/sessions/get`, `/list`, `/end`, `/attributes` | control | `sessions.rs` |
//! | `POST /v1/audit`, `/v1/audit/query`, `/v1/audit/options` | control | `audit.rs` |
//!
//! Verification, cached or not, runs on the core's own thread, unless it takes a store. What may
//! wait for a store or a disk, or signs, runs on a thread that may wait.

mod audit;
mod context;
mod control;
mod cookie;
mod devices;
mod fields;
mod forward;
mod guesses;
mod head;
mod identity;
mod inline;
mod keys;
mod limit;
mod oauth;
mod original;
mod patience;
mod pats;
mod permissions;
mod published;
mod readings;
mod route;
mod routed;
mod sessions;
mod verify;
mod visitor;

use std::sync::Arc;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::answer;
use super::extract::Read;
use super::metrics::{Metrics, Verdicts};
use super::openapi;
use super::rate::{Failures, Limits};
use super::readiness::Readiness;
use super::service::{Plane, Reply, Request, Response, Service};
use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::config::{Profile, Profiles, ServerSection};
use crate::error::{Code, Fault, Reject};
use crate::sign::Failure;
use crate::verify::Verifier;

use forward::Asked;
use identity::Source;
use patience::Patience;
pub use route::ROUTES;
use route::Route;
use visitor::Visitors;

/// The sidecar's service.
pub struct App {
    profiles: Arc<Profiles>,
    /// A handful: comparing the addresses of their verifiers costs less than hashing a name.
    fronts: Vec<Front>,
    /// The identity headers of all profiles.
    identity_names: Vec<HeaderName>,
    /// Where a token is looked for while no profile is chosen.
    metrics: Arc<Metrics>,
    readiness: Readiness,
    max_batch: usize,
    /// RFC 8414 metadata, where the server has an issuer's name.
    oauth_metadata: Option<Bytes>,
    visitors: Visitors,
    limits: Arc<Limits>,
    pat_failures: Option<Failures>,
    audit: Option<Arc<AuditLog>>,
}

/// The most tokens in one batch, unless the configuration says otherwise.
const DEFAULT_BATCH: usize = 256;

/// What the HTTP side keeps of a profile.
struct Front {
    profile: Arc<Profile>,
    /// The profile's.
    verifier: Arc<Verifier>,
    identity: Vec<(HeaderName, Source)>,
    /// Its name as JSON, for answers.
    name_json: String,
    /// The identity headers of other profiles alone.
    names_of_others: Vec<HeaderName>,
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
        section: &ServerSection,
        clock: &Arc<dyn Clock>,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Arc<Self>, Fault> {
        let issuer = section.oauth_issuer.as_deref();
        let oauth_metadata = issuer.map(oauth::document).transpose()?;
        let mut fronts = Vec::new();
        for profile in profiles.iter() {
            fronts.push(Front {
                identity: identity::headers(profile)?,
                names_of_others: Vec::new(),
                name_json: serde_json::Value::from(profile.name()).to_string(),
                verdicts: metrics.verdicts(profile.name()),
                profile: Arc::clone(profile),
                verifier: Arc::clone(profile.verifier()),
                audit: audit.clone(),
            });
        }
        let mut identity_names = identity::names(&fronts);
        for front in &mut fronts {
            let is_own = |name| front.identity.iter().any(|(own, _)| own == name);
            front.names_of_others = identity_names
                .iter()
                .filter(|name| !is_own(*name))
                .cloned()
                .collect();
        }
        let visitors = Visitors::new(section)?;
        for name in visitors.header_names() {
            if identity_names.contains(name) {
                return Err(Fault::config(format!(
                    "server.client_headers: {:?} is taken already; choose another name",
                    name.as_str()
                )));
            }
            identity_names.push(name.clone());
        }
        let limits = Limits::new(profiles.rate_limits(), profiles.store(), clock);
        let limits = Arc::new(limits);
        readings::register(&metrics, &profiles, &limits, audit.as_ref());
        Ok(Arc::new(Self {
            profiles,
            fronts,
            identity_names,
            metrics,
            readiness,
            visitors,
            pat_failures: Failures::under("pat", &limits, clock),
            limits,
            max_batch: section.max_batch.unwrap_or(DEFAULT_BATCH),
            oauth_metadata: oauth_metadata.map(Bytes::from),
            audit,
        }))
    }

    /// The rate limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
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
        let verifier = match name {
            Some(_) => self.profiles.get(name)?.verifier(),
            None => self.profiles.verifier(None, token.as_bytes())?,
        };
        self.fronts
            .iter()
            .find(|front| Arc::ptr_eq(&front.verifier, verifier))
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

    /// `None` where it would take a store and there is no patience for one.
    fn answer(
        &self,
        route: Route<'_>,
        request: &Request<'_>,
        patience: Patience,
    ) -> Option<Response> {
        if route.is_act() && !self.may_act() {
            return Some(if route.is_oauth() {
                oauth::unavailable()
            } else {
                answer::error(Code::StoreUnavailable)
            });
        }
        Some(match route {
            Route::Verify => return self.verify(request, patience),
            Route::Batch => return self.verify_batch(request, patience),
            Route::Permissions => return self.check_permissions(request, patience),
            Route::Auth(guard) => return self.forward(request, Asked::Guard(guard), patience),
            Route::Path(path) => return self.forward(request, Asked::Path(path), patience),
            Route::Jwks => self.jwks(),
            Route::OpenApi => answer::json(openapi::text()),
            Route::Live => published::plain("ok\n"),
            Route::Ready => self.ready(),
            Route::Metrics => self.scrape(request),
            Route::Sign => self.sign(request),
            Route::Rotate => self.rotate(request),
            Route::Revoke => self.revoke(request),
            Route::Reload => self.reload(request),
            Route::Keys => self.list_keys(),
            Route::KeyOrder(verb) => self.order_keys(verb, request),
            Route::Explain => self.explain(request),
            Route::Limit(name) => self.limit(name, request),
            Route::Introspect => self.introspection(request),
            Route::OauthRevoke => self.oauth_revocation(request),
            Route::OauthToken => self.oauth_token(request),
            Route::OauthMetadata => self.oauth_metadata(),
            Route::Devices(ask) => self.devices(ask, request),
            Route::CreatePat => self.create_pat(request),
            Route::ListPats => self.list_pats(request),
            Route::RevokePats => self.revoke_pats(request),
            Route::Sessions(route) => self.sessions(request, route),
            Route::Audit => self.audit_add(request),
            Route::AuditQuery => self.audit_query(request),
            Route::AuditOptions => self.audit_options(request),
        })
    }
}

impl Service for App {
    fn plane(&self, path: &str) -> Plane {
        Route::find(path).map_or(Plane::Data, Route::plane)
    }

    fn is_oauth(&self, path: &str) -> bool {
        Route::find(path).is_some_and(Route::is_oauth)
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
            return Reply::Wait;
        }
        self.answer(route, request, Patience::None)
            .map_or(Reply::Wait, Reply::Now)
    }

    fn refused(&self, request: &Request<'_>, code: Code) {
        if code == Code::Unauthorized {
            self.refused_call(request, code);
        }
    }

    fn wait(&self, request: &Request<'_>) -> Response {
        match Route::find(request.path) {
            Some(route) => self
                .answer(route, request, Patience::Store)
                .unwrap_or_else(|| answer::error(Code::Internal)),
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

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("profiles", &self.profiles)
            .finish_non_exhaustive()
    }
}
