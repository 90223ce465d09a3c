use serde_json::{Map, Value, json};

use super::fields::{Fields, invalid};
use super::route::SessionsRoute;
use super::{App, faulty};
use crate::audit::Event;
use crate::config::{SignIn, SignInTokens};
use crate::error::Fault;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::sign::Lifetime;
use crate::state::{Session, SessionId};

impl App {
    pub(super) fn sessions(&self, request: &Request<'_>, route: SessionsRoute) -> Response {
        let body = Fields::parse(request.body).and_then(|fields| match route {
            SessionsRoute::Open => self.sign_in(fields, request),
            SessionsRoute::Get => self.session(fields),
            SessionsRoute::List => self.list_sessions(fields),
            SessionsRoute::End => self.end_sessions(fields, request),
            SessionsRoute::Attributes => self.change_attributes(fields, request),
        });
        match body {
            Ok(body) => answer::json(body.to_string()),
            Err(fault) => faulty(&fault, request),
        }
    }

    fn sign_in(&self, mut fields: Fields, request: &Request<'_>) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let mut wanted = SignIn::new(fields.required_text("subject")?);
        wanted.attributes = fields.object("attributes")?;
        wanted.claims = fields.object("claims")?;
        wanted.access = fields.lifetime("ttl")?;
        wanted.lifetime = match fields.lifetime("lifetime")? {
            None => None,
            Some(Lifetime::For(span)) => Some(span),
            Some(Lifetime::Unlimited) => {
                return Err(invalid(
                    "lifetime: a session ends when it is not used for some time; name a span",
                ));
            }
        };
        wanted.tokens = match fields.required_text("kind")?.as_str() {
            "none" => SignInTokens::None,
            "access" => SignInTokens::Access,
            "pair" => SignInTokens::Pair,
            _ => return Err(invalid("kind: must be access, pair or none")),
        };
        fields.finish("profile, subject, attributes, claims, kind, ttl, lifetime")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let opened = profile.sign_in(&wanted)?;
        let session = &opened.session;
        let act = Event::control("session.open")
            .on("session", &session.id().to_string())
            .profile(profile.name());
        self.record(request, act.detail("subject", wanted.subject))?;
        Ok(opened.to_json())
    }

    fn session(&self, mut fields: Fields) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let id = required(sid(&mut fields, "sid")?)?;
        fields.finish("profile, sid")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let session = profile.required_sessions()?.get(id)?;
        let session = session.map(|session| session.to_json()).transpose()?;
        Ok(json!({ "session": session }))
    }

    fn list_sessions(&self, mut fields: Fields) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let subject = fields.required_text("subject")?;
        fields.finish("profile, subject")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let sessions = profile.required_sessions()?.list(&subject)?;
        all(sessions.iter().map(AsRef::as_ref))
    }

    fn end_sessions(&self, mut fields: Fields, request: &Request<'_>) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let subject = fields.text("subject")?;
        let id = sid(&mut fields, "sid")?;
        let except = sid(&mut fields, "except")?;
        fields.finish("profile, and sid, or subject (with except)")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let sessions = profile.required_sessions()?;
        let act = Event::control("session.end");
        let (act, ended) = match (id, subject, except) {
            (Some(id), None, None) => {
                let ended = usize::from(sessions.end(id)?);
                (act.on("session", &id.to_string()), ended)
            }
            (None, Some(subject), except) => {
                let ended = sessions.end_all(&subject, except)?;
                let except = except.map(|id| id.to_string());
                let act = act.on("subject", &subject).detail("except", except);
                (act, ended)
            }
            (Some(_), None, Some(_)) => return Err(invalid("except: goes with subject")),
            _ => return Err(one_of_two()),
        };
        self.record(request, act.profile(profile.name()).detail("ended", ended))?;
        tracing::info!(ended, request_id = %request.id, "sessions ended");
        Ok(json!({ "ended": ended }))
    }

    fn change_attributes(&self, mut fields: Fields, request: &Request<'_>) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let subject = fields.text("subject")?;
        let id = sid(&mut fields, "sid")?;
        let set: Map<String, Value> = fields.object("set")?;
        let remove = fields.texts("remove")?;
        fields.finish("profile, sid or subject, set, remove")?;
        if remove.iter().any(|name| set.contains_key(name)) {
            return Err(invalid(
                "remove: names what is set as well; do one or the other",
            ));
        }
        let profile = self.profiles.get(profile.as_deref())?;
        let sessions = profile.required_sessions()?;
        let act = Event::control("session.attributes");
        let (act, changed) = match (id, subject) {
            (Some(id), None) => {
                let changed = Vec::from_iter(sessions.change_attributes(id, &set, &remove)?);
                (act.on("session", &id.to_string()), changed)
            }
            (None, Some(subject)) => {
                let changed = sessions.change_attributes_of(&subject, &set, &remove)?;
                (act.on("subject", &subject), changed)
            }
            _ => return Err(one_of_two()),
        };
        // Names alone: a value may be anything of the user's.
        let names: Vec<&String> = set.keys().chain(&remove).collect();
        let act = act.profile(profile.name()).detail("changed", changed.len());
        self.record(request, act.detail("attributes", json!(names)))?;
        all(changed.iter().map(AsRef::as_ref))
    }
}

fn sid(fields: &mut Fields, name: &str) -> Result<Option<SessionId>, Fault> {
    let Some(text) = fields.text(name)? else {
        return Ok(None);
    };
    match SessionId::parse(&text) {
        Some(id) => Ok(Some(id)),
        None => Err(invalid(format!(
            "{name}: is not the name of a session, as a sign-in answers it"
        ))),
    }
}

fn required(id: Option<SessionId>) -> Result<SessionId, Fault> {
    id.ok_or_else(|| invalid("sid: is missing"))
}

fn one_of_two() -> Fault {
    invalid("sid, subject: give exactly one of them")
}

fn all<'s>(sessions: impl Iterator<Item = &'s Session>) -> Result<Value, Fault> {
    let sessions: Vec<Value> = sessions.map(Session::to_json).collect::<Result<_, _>>()?;
    Ok(json!({ "sessions": sessions }))
}
