use std::borrow::Cow;
use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::HeaderName;
use serde_json::{Value, json};

use super::fields::{Fields, invalid};
use super::{App, Front, faulty};
use crate::audit::{AuditLog, Cursor, Event, Page, Query, Source};
use crate::clock::UnixMillis;
use crate::config::ReloadReport;
use crate::error::{Code, Fault};
use crate::sidecar::answer;
use crate::sidecar::oauth_clients::OauthClients;
use crate::sidecar::service::{Peer, Plane, Request, Response};
use crate::verify::Verifier;

/// Who acts through the control plane, as its caller says.
const X_BEARERD_ACTOR: HeaderName = HeaderName::from_static("x-bearerd-actor");

impl App {
    /// Records what the control plane has just done, with who asked for it and from where. To be
    /// called after the act and before its answer, whose fruits nobody gets unrecorded:
    ///
    /// ```ignore
    /// self.record(request, Event::control("session.end").on("session", id).profile(name))?;
    /// ```
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the configuration requires the record and it is not on the disk;
    /// else never.
    pub(super) fn record(&self, request: &Request<'_>, event: Event) -> Result<(), Fault> {
        let Some(audit) = &self.audit else {
            return Ok(());
        };
        let caller = caller(request);
        let actor = stated_actor(request.headers).unwrap_or(&caller);
        let event = event.actor(actor).caller(&caller).ip(ip(request));
        match audit.record(event.request_id(&request.id.to_string())) {
            Err(fault) if audit.is_required() => Err(fault),
            // Counted, and told by the metrics.
            _ => Ok(()),
        }
    }

    /// Whether an act may begin: not while it is known that it could not be recorded.
    pub(super) fn may_act(&self) -> bool {
        let Some(audit) = &self.audit else {
            return true;
        };
        !(audit.is_required() && audit.is_in_trouble())
    }

    /// Reads every key file anew because a signal said so, and records it.
    ///
    /// # Errors
    /// As [`reload_keys`](Self::reload_keys).
    pub(in crate::sidecar) fn reload_on_signal(&self) -> Result<(), Fault> {
        let report = self.reload_keys();
        if let Some(audit) = &self.audit {
            // There is nobody to refuse it to.
            let _ = audit.record(of_reload(report.as_ref()).caller("signal").actor("signal"));
        }
        report.map(|_| ())
    }

    /// A token that the control plane refused.
    pub(super) fn refused_token(
        &self,
        profile: &str,
        token: &str,
        code: Code,
        request: &Request<'_>,
    ) {
        if let Some(front) = self
            .fronts
            .iter()
            .find(|front| front.profile.name() == profile)
        {
            front.note_rejection(token, code, request);
        }
    }

    /// A call of the control plane without its token.
    pub(super) fn refused_call(&self, request: &Request<'_>, code: Code) {
        let Some(audit) = &self.audit else { return };
        let who = ip(request).map(|ip| ip.to_string()).unwrap_or_default();
        audit.rejected("", code, who.as_bytes(), |event| {
            event
                .on("route", request.path)
                .ip(ip(request))
                .request_id(&request.id.to_string())
        });
    }

    pub(super) fn audit_add(&self, request: &Request<'_>) -> Response {
        self.try_audit_add(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_audit_add(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let mut text = |name: &str| fields.text(name).map(Option::unwrap_or_default);
        let (action, entity, entity_id) = (text("action")?, text("entity")?, text("entity_id")?);
        let (actor, profile, ip) = (text("actor")?, text("profile")?, text("ip")?);
        let detail = fields.object("detail")?;
        fields.finish("action, entity, entity_id, actor, profile, detail, ip")?;
        let ip: Option<IpAddr> = match &*ip {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|_| invalid("ip: must be an IP address"))?,
            ),
        };
        let actor = match stated_actor(request.headers) {
            Some(header) if actor.is_empty() => header.to_owned(),
            Some(header) if header != actor => {
                return Err(invalid(
                    "actor: the body and the X-Bearerd-Actor header name two; name one",
                ));
            }
            _ => actor,
        };
        let event = Event::application(&action)
            .on(&entity, &entity_id)
            .actor(&actor)
            .caller(&caller(request))
            .profile(&profile)
            .details(detail)
            .ip(ip)
            .request_id(&request.id.to_string());
        event.check()?;
        let taken = self.log()?.record(event)?;
        let body = json!({ "recorded": true, "durable": taken.durable, "masked": taken.masked });
        Ok(answer::json(body.to_string()))
    }

    pub(super) fn audit_query(&self, request: &Request<'_>) -> Response {
        self.try_audit_query(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_audit_query(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let mut query = Query::default();
        for (name, place) in [
            ("action", &mut query.action),
            ("entity", &mut query.entity),
            ("entity_id", &mut query.entity_id),
            ("actor", &mut query.actor),
            ("caller", &mut query.caller),
            ("profile", &mut query.profile),
            ("ip", &mut query.ip),
            ("request_id", &mut query.request_id),
            ("text", &mut query.text),
        ] {
            *place = fields.text(name)?.filter(|text| !text.is_empty());
        }
        query.source = match fields.text("source")? {
            None => None,
            Some(name) => Some(
                Source::from_name(&name)
                    .ok_or_else(|| invalid("source: must be control, rejection or application"))?,
            ),
        };
        query.from = fields.seconds("from")?.map(UnixMillis::from_secs);
        query.to = fields.seconds("to")?.map(UnixMillis::from_secs);
        let most = Query::MOST as u64;
        let limit = fields.count("limit", most)?.unwrap_or(query.limit as u64);
        query.limit = usize::try_from(limit).unwrap_or(Query::MOST);
        let page = fields.count("page", u64::from(u32::MAX))?;
        let cursor = fields.text("cursor")?;
        let total = fields.flag("total")?;
        fields.finish(
            "action, entity, entity_id, actor, caller, profile, ip, request_id, source, from, to, \
             text, limit, page or cursor, total",
        )?;
        if page.is_some() && cursor.is_some() {
            return Err(invalid("page, cursor: give one of them"));
        }
        if query
            .text
            .as_ref()
            .is_some_and(|text| text.len() > Event::LONGEST_TEXT)
        {
            return Err(invalid(format!(
                "text: must have {} bytes at most",
                Event::LONGEST_TEXT
            )));
        }
        query.after = match &cursor {
            None => None,
            Some(text) => Some(
                text.parse::<Cursor>()
                    .map_err(|()| invalid("cursor: must be the next of an earlier page"))?,
            ),
        };
        let page = cursor.is_none().then(|| page.unwrap_or(1));
        query.skip = page.map_or(0, |page| (page - 1) * limit);
        query.total = total.unwrap_or(cursor.is_none());
        let found = self.log()?.query(&query)?;
        Ok(answer::json(written(&found, limit, page)))
    }

    pub(super) fn audit_options(&self, request: &Request<'_>) -> Response {
        let options = Fields::parse(request.body)
            .and_then(|fields| fields.finish("no member"))
            .and_then(|()| self.log()?.options());
        match options {
            Ok(options) => answer::json(
                json!({
                    "actions": options.actions, "entities": options.entities,
                    "actors": options.actors, "profiles": options.profiles,
                    "sources": Source::ALL.map(Source::as_str), "cut": options.cut,
                })
                .to_string(),
            ),
            Err(fault) => faulty(&fault, request),
        }
    }

    /// What is wrong with the log. It takes no readiness away: tokens are verified without it.
    pub(super) fn audit_remark(&self) -> Option<String> {
        let stats = self.audit.as_ref()?.stats();
        if stats.in_trouble {
            return Some("the audit log cannot be written".to_owned());
        }
        let lost = stats.dropped + stats.unsaid;
        (lost > 0).then(|| format!("{lost} audit events or lines were lost since the start"))
    }

    fn log(&self) -> Result<&AuditLog, Fault> {
        self.audit.as_deref().ok_or_else(|| {
            invalid("there is no audit log; add an [audit] section to the configuration")
        })
    }
}

impl Front {
    /// Takes note of the rejections that matter: somebody holds a token that was taken from him, or
    /// is not his.
    #[cold]
    pub(super) fn note_rejection(&self, token: &str, code: Code, request: &Request<'_>) {
        let matters = matches!(
            code,
            Code::Revoked | Code::SessionEnded | Code::DeviceMismatch | Code::Reused
        );
        let Some(audit) = self.audit.as_ref().filter(|_| matters) else {
            return;
        };
        let verifier = self.profile.verifier();
        audit.rejected(self.profile.name(), code, token.as_bytes(), |event| {
            let (handle, subject) = names(verifier, token);
            event
                .on("token", &handle)
                .actor(&subject)
                .caller(&caller(request))
                .ip(ip(request))
                .request_id(&request.id.to_string())
        });
    }
}

/// By what a token is revoked, and whose it is, as far as it is one of ours.
pub(super) fn names(verifier: &Verifier, token: &str) -> (String, String) {
    let Ok(held) = verifier.authentic(token) else {
        return Default::default();
    };
    let claims = held.claims();
    let text = |claim: Option<Cow<'_, str>>| claim.unwrap_or_default().into_owned();
    (text(claims.handle()), text(claims.subject()))
}

/// A claim as it stands for somebody: a text, or a number in its own digits.
pub(super) fn text_of(claim: Option<&Value>) -> String {
    match claim {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

pub(super) fn of_reload(report: Result<&ReloadReport, &Fault>) -> Event {
    let act = Event::control("keys.reload");
    match report {
        Ok(report) => act.detail("keys", json!(report.keys)),
        Err(fault) => act.detail("failed", fault.code().name()),
    }
}

/// UTF-8, since people are called by it. Sent twice, it says nothing.
fn stated_actor(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(&X_BEARERD_ACTOR).iter();
    let (actor, None) = (sent.next()?, sent.next()) else {
        return None;
    };
    let actor = std::str::from_utf8(actor.as_bytes()).ok()?;
    (!actor.is_empty()).then_some(actor)
}

/// Who holds the other end, as a matter of fact.
fn caller(request: &Request<'_>) -> String {
    match (request.peer, request.plane) {
        (Peer::Unix(Some(user)), _) => format!("uid:{user}"),
        (Peer::Unix(None), _) => "unix".to_owned(),
        (Peer::Tcp(_), Plane::Control) => match OauthClients::admitted_id(request.headers) {
            Some(client) => format!("oauth-client:{client}"),
            None => "control-token".to_owned(),
        },
        (Peer::Tcp(_), Plane::Data) => String::new(),
    }
}

fn ip(request: &Request<'_>) -> Option<IpAddr> {
    match request.peer {
        Peer::Tcp(address) => Some(address.ip()),
        Peer::Unix(_) => None,
    }
}

fn written(found: &Page, limit: u64, page: Option<u64>) -> String {
    let mut body = String::with_capacity(found.records.len() * 384 + 128);
    body.push_str("{\"events\":[");
    for (at, record) in found.records.iter().enumerate() {
        if at > 0 {
            body.push(',');
        }
        record.append_json(&mut body);
    }
    let rest = json!({
        "total": found.total, "page": page, "limit": limit,
        "pages": found.total.filter(|_| page.is_some()).map(|total| total.div_ceil(limit)),
        "next": found.next.map(|next| Value::String(next.to_string())),
    });
    body.push_str("],");
    body.push_str(&rest.to_string()[1..]);
    body
}
