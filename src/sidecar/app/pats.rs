use serde_json::{Value, json};

use super::fields::{Fields, invalid};
use super::{App, failed, faulty};
use crate::audit::Event;
use crate::clock::UnixMillis;
use crate::error::Fault;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::sign::Failure;
use crate::state::pats::{NewPat, Pat};

/// How many tokens one answer lists.
const PAGE: usize = 100;

impl App {
    pub(super) fn create_pat(&self, request: &Request<'_>) -> Response {
        self.try_create_pat(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_create_pat(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let profile = fields.text("profile")?;
        let mut new = NewPat::of(fields.required_text("subject")?);
        new.description = fields.text("description")?.unwrap_or_default();
        new.scopes = fields.texts("scopes")?;
        new.claims = fields.object("claims")?;
        let lifetime = fields.lifetime("ttl")?;
        fields.finish("profile, subject, description, scopes, claims, ttl")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let created = profile.create_pat(new, lifetime)?;
        let pat = &created.pat;
        let act = Event::control("pat.create").on("pat", &pat.id);
        let act = act.detail("subject", pat.subject.as_str());
        let act = act.detail("expires_at", pat.expires_at.map(UnixMillis::secs));
        self.record(request, act.profile(profile.name()))?;
        tracing::info!(id = created.pat.id, request_id = %request.id, "a personal access token was created");
        let body = json!({
            "token": *created.token,
            "id": created.pat.id,
            "expires_at": created.pat.expires_at.map(UnixMillis::secs),
        });
        Ok(answer::json(body.to_string()))
    }

    pub(super) fn list_pats(&self, request: &Request<'_>) -> Response {
        self.try_list_pats(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_list_pats(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let profile = fields.text("profile")?;
        let subject = fields.required_text("subject")?;
        let after = fields.text("after")?;
        fields.finish("profile, subject, after")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let page = profile.pats()?.list(&subject, after.as_deref(), PAGE)?;
        let pats: Vec<Value> = page.pats.iter().map(shown).collect();
        Ok(answer::json(
            json!({ "pats": pats, "next": page.next }).to_string(),
        ))
    }

    pub(super) fn revoke_pats(&self, request: &Request<'_>) -> Response {
        self.try_revoke_pats(request)
            .unwrap_or_else(|failure| failed(&failure, request))
    }

    fn try_revoke_pats(&self, request: &Request<'_>) -> Result<Response, Failure> {
        let mut fields = Fields::parse(request.body)?;
        let name = fields.text("profile")?;
        let id = fields.text("id")?;
        let token = fields.text("token")?;
        let subject = fields.text("subject")?;
        fields.finish("profile, and one of id, token, subject")?;
        let act = Event::control("pat.revoke");
        let (profile, act, revoked) = match (id, token, subject) {
            (Some(id), None, None) => {
                let profile = self.profiles.get(name.as_deref())?;
                let revoked = profile.pats()?.revoke(&id)?;
                (profile, act.on("pat", &id), usize::from(revoked))
            }
            (None, Some(token), None) => {
                let profile = self.profiles.choose(name.as_deref(), token.as_bytes())?;
                let revoked = profile.revoke_pat(&token)?;
                let pat = profile.pats()?.store().find(token.as_bytes())?;
                (profile, act.on("pat", &pat.id), usize::from(revoked))
            }
            (None, None, Some(subject)) => {
                let profile = self.profiles.get(name.as_deref())?;
                let revoked = profile.pats()?.revoke_all(&subject)?;
                (profile, act.on("subject", &subject), revoked)
            }
            _ => return Err(invalid("id, token, subject: give exactly one of them").into()),
        };
        self.record(
            request,
            act.profile(profile.name()).detail("revoked", revoked),
        )?;
        tracing::info!(revoked, request_id = %request.id, "personal access tokens were revoked");
        Ok(answer::json(json!({ "revoked": revoked }).to_string()))
    }
}

/// Everything but the token, which nobody has.
fn shown(pat: &Pat) -> Value {
    let seconds = |at: Option<UnixMillis>| at.map(UnixMillis::secs);
    json!({
        "id": pat.id,
        "subject": pat.subject,
        "description": pat.description,
        "scopes": pat.scopes,
        "claims": pat.claims,
        "created_at": pat.created_at.secs(),
        "expires_at": seconds(pat.expires_at),
        "last_used_at": seconds(pat.last_used_at),
        "last_used_from": pat.last_used_from,
    })
}
