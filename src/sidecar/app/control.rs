use serde_json::{Value, json};

use super::audit;
use super::cookie;
use super::fields::{Fields, invalid};
use super::limit::limited;
use super::verify::Question;
use super::{App, failed, faulty};
use crate::audit::Event;
use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::sign::{ClaimChange, Failure, Signed};

impl App {
    pub(super) fn sign(&self, request: &Request<'_>) -> Response {
        self.try_sign(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_sign(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let profile = fields.text("profile")?;
        let kind = fields.required_text("kind")?;
        let claims = fields.object("claims")?;
        let lifetime = fields.lifetime("ttl")?;
        let https = fields.boolean("https", true)?;
        fields.finish("profile, kind, claims, ttl, https")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let subject = profile.verifier().claim_map().names().subject.as_str();
        let act = Event::control("token.sign")
            .on("subject", &audit::text_of(claims.get(subject)))
            .profile(profile.name())
            .detail("kind", kind.as_str());
        let mut set_cookie = None;
        let mut body = match (kind.as_str(), TokenKind::from_name(&kind)) {
            ("pair", _) => {
                let pair = profile.sign_pair(&claims, lifetime)?;
                self.record(request, act)?;
                let mut body = pair.to_json();
                let set_cookie = cookie::signed(profile, &pair.refresh, https)?;
                cookie::append(&mut body, set_cookie.as_deref());
                return Ok(answer::json(body));
            }
            (name, Some(kind @ (TokenKind::Access | TokenKind::Refresh))) => {
                let signed = profile.sign(kind, &claims, lifetime)?;
                if kind == TokenKind::Refresh {
                    set_cookie = cookie::signed(profile, &signed, https)?;
                }
                self.record(request, act)?;
                json!({ name: signed.token, format!("{name}_expires_at"): seconds(&signed) })
            }
            _ => return Err(invalid("kind: must be access, refresh or pair")),
        }
        .to_string();
        cookie::append(&mut body, set_cookie.as_deref());
        Ok(answer::json(body))
    }

    pub(super) fn rotate(&self, request: &Request<'_>) -> Response {
        self.try_rotate(request)
            .unwrap_or_else(|failure| failed(&failure, request))
    }

    fn try_rotate(&self, request: &Request<'_>) -> Result<Response, Failure> {
        let mut fields = Fields::parse(request.body)?;
        let profile = fields.text("profile")?;
        let refresh = fields.required_text("refresh")?;
        let change = ClaimChange {
            set: fields.object("set")?,
            remove: fields.texts("remove")?,
            ..ClaimChange::default()
        };
        let lifetime = fields.lifetime("ttl")?;
        let https = fields.boolean("https", true)?;
        let client = self.described_client(&mut fields)?;
        fields.finish("profile, refresh, set, remove, ttl, https, client")?;
        let profile = self
            .profiles
            .choose(profile.as_deref(), refresh.as_bytes())?;
        let ip = client.and_then(|client| client.ip);
        if let Some(retry_after) = self.rotation_limit(profile, &refresh, ip) {
            return Ok(limited(retry_after));
        }
        let rotated = profile.rotate(&refresh, &change, lifetime);
        if let Err(Failure::Reject(reject)) = &rotated {
            self.refused_token(profile.name(), &refresh, reject.code(), request);
        }
        let rotated = rotated?;
        let subject = profile.verifier().claim_map().names().subject.as_str();
        let subject = audit::text_of(rotated.payload.get(subject));
        let act = Event::control("token.rotate").on("subject", &subject);
        self.record(request, act.profile(profile.name()))?;
        let expires_at = rotated.refresh_expires_at;
        let set_cookie = cookie::holding(profile, &rotated.refresh, expires_at, https)?;
        let mut body = serde_json::to_string(&rotated).map_err(|error| {
            Fault::new(Code::Internal, "a rotation could not be written").caused_by(error)
        })?;
        cookie::append(&mut body, set_cookie.as_deref());
        Ok(answer::json(body))
    }

    pub(super) fn revoke(&self, request: &Request<'_>) -> Response {
        self.try_revoke(request)
            .unwrap_or_else(|failure| failed(&failure, request))
    }

    fn try_revoke(&self, request: &Request<'_>) -> Result<Response, Failure> {
        let mut fields = Fields::parse(request.body)?;
        let name = fields.text("profile")?;
        let token = fields.text("token")?;
        let handle = fields.text("handle")?;
        let subject = fields.text("subject")?;
        let issued_before = fields.seconds("issued_before")?;
        let https = fields.boolean("https", true)?;
        fields.finish("profile, https, and one of token, handle, subject (with issued_before)")?;
        if issued_before.is_some() && subject.is_none() {
            return Err(invalid("issued_before: goes with subject").into());
        }
        let act = Event::control("token.revoke");
        let (profile, revoked) = match (token, handle, subject) {
            (Some(token), None, None) => {
                let profile = self.profiles.choose(name.as_deref(), token.as_bytes())?;
                let revoked = profile.revoke_token(&token)?.as_str();
                let (handle, subject) = audit::names(profile.verifier(), &token);
                let act = act.on("token", &handle).detail("subject", subject);
                self.record(request, act.profile(profile.name()).detail("by", revoked))?;
                (profile, revoked)
            }
            (None, Some(handle), None) => {
                let profile = self.profiles.get(name.as_deref())?;
                profile.revoke_handle(&handle)?;
                self.record(request, act.on("token", &handle).profile(profile.name()))?;
                (profile, "handle")
            }
            (None, None, Some(subject)) => {
                let profile = self.profiles.get(name.as_deref())?;
                profile.revoke_subject(&subject, issued_before.map(UnixMillis::from_secs))?;
                let act = act.detail("issued_before", issued_before);
                self.record(request, act.on("subject", &subject).profile(profile.name()))?;
                (profile, "subject")
            }
            _ => return Err(invalid("token, handle, subject: give exactly one of them").into()),
        };
        tracing::info!(by = revoked, request_id = %request.id, "revoked");
        let mut body = json!({ "revoked": revoked }).to_string();
        cookie::append(&mut body, cookie::cleared(profile, https).as_deref());
        Ok(answer::json(body))
    }

    pub(super) fn reload(&self, request: &Request<'_>) -> Response {
        let asked = Fields::parse(request.body).and_then(|fields| fields.finish("no member"));
        if let Err(fault) = asked {
            return faulty(&fault, request);
        }
        let report = self.reload_keys();
        let act = audit::of_reload(report.as_ref());
        if let Err(fault) = self.record(request, act) {
            return faulty(&fault, request);
        }
        match report {
            Ok(report) => answer::json(json!({ "keys": report.keys }).to_string()),
            // The operator asked for this and may know: files and keys are named, no secret is.
            Err(fault) => answer::explained(Code::ValidationError, &fault.chain()),
        }
    }

    pub(super) fn explain(&self, request: &Request<'_>) -> Response {
        self.try_explain(request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_explain(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let token = fields.required_text("token")?;
        let question = Question::take(self, &mut fields, request.headers)?;
        fields.finish("token, profile, guard, audience, device, client")?;
        let profile = self
            .profiles
            .choose(question.profile.as_deref(), token.as_bytes())?;
        let explained = profile.verifier().explain(&token, &question.options(self)?);
        Ok(answer::json(explained.to_json()))
    }
}

fn seconds(signed: &Signed) -> Value {
    signed.expires_at.map(UnixMillis::secs).into()
}
