use serde_json::{Map, Value, json};

use super::cookie;
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
        let kind = fields.required_text("kind")?;
        wanted.tokens = match kind.as_str() {
            "none" => SignInTokens::None,
            "access" => SignInTokens::Access,
            "pair" => SignInTokens::Pair,
            _ => return Err(invalid("kind: must be access, pair or none")),
        };
        let https = fields.boolean("https", true)?;
        fields.finish("profile, subject, attributes, claims, kind, ttl, lifetime, https")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let opened = profile.sign_in(&wanted)?;
        let session = &opened.session;
        let act = act("session.open", Some(session.id()), None);
        let act = act
            .detail("subject", session.subject())
            .detail("kind", kind);
        self.record(request, act.profile(profile.name()))?;
        let refresh = opened.refresh.as_ref();
        let set_cookie = refresh.map(|refresh| cookie::signed(profile, refresh, https));
        Ok(relaying(
            opened.to_json(),
            set_cookie.transpose()?.flatten(),
        ))
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
        let https = fields.boolean("https", true)?;
        fields.finish("profile, and sid, or subject (with except), https")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let sessions = profile.required_sessions()?;
        let ended = match (id, subject.as_deref(), except) {
            (Some(id), None, None) => usize::from(sessions.end(id)?),
            (None, Some(subject), except) => sessions.end_all(subject, except)?,
            (Some(_), None, Some(_)) => return Err(invalid("except: goes with subject")),
            _ => return Err(one_of_two()),
        };
        let act = act("session.end", id, subject.as_deref()).detail("ended", ended);
        let act = act.detail("all_but_one", except.is_some());
        self.record(request, act.profile(profile.name()))?;
        tracing::info!(ended, request_id = %request.id, "sessions ended");
        // Who ends all others is still signed in.
        let signed_out = except.is_none();
        let set_cookie = signed_out.then(|| cookie::cleared(profile, https));
        Ok(relaying(json!({ "ended": ended }), set_cookie.flatten()))
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
        let changed = match (id, subject.as_deref()) {
            (Some(id), None) => Vec::from_iter(sessions.change_attributes(id, &set, &remove)?),
            (None, Some(subject)) => sessions.change_attributes_of(subject, &set, &remove)?,
            _ => return Err(one_of_two()),
        };
        let act = act("session.attributes", id, subject.as_deref());
        let act = act.detail("set", Vec::from_iter(set.keys().map(String::as_str)));
        let act = act
            .detail("removed", remove)
            .detail("changed", changed.len());
        self.record(request, act.profile(profile.name()))?;
        all(changed.iter().map(AsRef::as_ref))
    }
}

/// The body, with what the application is to relay as `Set-Cookie`.
fn relaying(mut body: Value, set_cookie: Option<String>) -> Value {
    if let Some(set_cookie) = set_cookie {
        body["set_cookie"] = set_cookie.into();
    }
    body
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

/// What was done to one session, or to a user's. A `sid` may be recorded: nothing takes it in place
/// of a token, and only the control plane names sessions by it. What sessions carry may not.
fn act(action: &str, id: Option<SessionId>, subject: Option<&str>) -> Event {
    let act = Event::control(action);
    match id {
        Some(id) => act.on("session", &id.to_string()),
        None => act.on("subject", subject.unwrap_or_default()),
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
