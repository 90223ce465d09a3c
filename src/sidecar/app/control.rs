use serde_json::{Value, json};

use super::fields::{Fields, invalid};
use super::verify::Question;
use super::{App, failed, faulty};
use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::config::Profile;
use crate::error::{Code, Fault, Reject};
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::sign::{ClaimChange, Failure, Signed};
use crate::verify::VerifyOptions;

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
        fields.finish("profile, kind, claims, ttl")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let body = match (kind.as_str(), TokenKind::from_name(&kind)) {
            ("pair", _) => {
                let pair = profile.sign_pair(&claims, lifetime)?;
                json!({
                    "access": pair.access.token, "access_expires_at": seconds(&pair.access),
                    "refresh": pair.refresh.token, "refresh_expires_at": seconds(&pair.refresh),
                })
            }
            (name, Some(kind)) => {
                let signed = profile.sign(kind, &claims, lifetime)?;
                json!({ name: signed.token, format!("{name}_expires_at"): seconds(&signed) })
            }
            _ => return Err(invalid("kind: must be access, refresh or pair")),
        };
        Ok(answer::json(body.to_string()))
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
        };
        let lifetime = fields.lifetime("ttl")?;
        fields.finish("profile, refresh, set, remove, ttl")?;
        let profile = self
            .profiles
            .choose(profile.as_deref(), refresh.as_bytes())?;
        let rotated = profile.rotate(&refresh, &change, lifetime)?;
        let body = serde_json::to_string(&rotated).map_err(|error| {
            Fault::new(Code::Internal, "a rotation could not be written").caused_by(error)
        })?;
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
        fields.finish("profile, and one of token, handle, subject (with issued_before)")?;
        let empty = [("handle", &handle), ("subject", &subject)]
            .into_iter()
            .find(|(_, text)| text.as_deref() == Some(""));
        if let Some((name, _)) = empty {
            return Err(invalid(format!("{name}: must not be empty")).into());
        }
        if issued_before.is_some() && subject.is_none() {
            return Err(invalid("issued_before: goes with subject").into());
        }
        let revoked = match (token, handle, subject) {
            (Some(token), None, None) => revoke_token(
                self.profiles.choose(name.as_deref(), token.as_bytes())?,
                &token,
            )?,
            (None, Some(handle), None) => {
                let verifier = self.profiles.get(name.as_deref())?.verifier();
                verifier
                    .revocations()
                    .revoke_handle(handle.as_bytes(), UnixMillis::MAX)?;
                "handle"
            }
            (None, None, Some(subject)) => {
                let verifier = self.profiles.get(name.as_deref())?.verifier();
                // `iat` has whole seconds: what was issued in this very second is included.
                let now = UnixMillis::from_secs(verifier.clock().now().secs().saturating_add(1));
                let before = issued_before.map_or(now, UnixMillis::from_secs);
                verifier.revocations().revoke_subject(
                    subject.as_bytes(),
                    before,
                    UnixMillis::MAX,
                )?;
                "subject"
            }
            _ => return Err(invalid("token, handle, subject: give exactly one of them").into()),
        };
        tracing::info!(by = revoked, request_id = %request.id, "revoked");
        Ok(answer::json(json!({ "revoked": revoked }).to_string()))
    }

    pub(super) fn reload(&self, request: &Request<'_>) -> Response {
        let asked = Fields::parse(request.body).and_then(|fields| fields.finish("no member"));
        if let Err(fault) = asked {
            return faulty(&fault, request);
        }
        match self.reload_keys() {
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
        let question = Question::take(&mut fields, request.headers)?;
        fields.finish("token, profile, guard, audience, device")?;
        let profile = self
            .profiles
            .choose(question.profile.as_deref(), token.as_bytes())?;
        let explained = profile.verifier().explain(&token, &question.options(self)?);
        let code = explained.verdict.map_or_else(Reject::code, |()| Code::Ok);
        let mut body = json!({
            "code": code.name(), "status": code.status(),
            "profile": explained.profile, "reason": explained.reason,
        });
        if let Some(explanation) = explained.explanation {
            body["claim"] = explanation.claim.into();
            body["expected"] = explanation.expected.into();
            body["actual"] = explanation.actual.into();
        }
        Ok(answer::json(body.to_string()))
    }
}

/// Revokes by the token's handle; with a refresh token goes all that descends from its sign-in
/// (RFC 7009 §2.1). A token that has expired needs no revocation.
fn revoke_token(profile: &Profile, token: &str) -> Result<&'static str, Failure> {
    let verifier = profile.verifier();
    let verified = match verifier.verify(token, &VerifyOptions::default().any_kind()) {
        Ok(verified) => verified,
        Err(reject) if matches!(reject.code(), Code::Expired | Code::Revoked) => {
            return Ok("nothing");
        }
        Err(reject) => return Err(reject.into()),
    };
    let until = verifier
        .rules()
        .last_moment(&verified)
        .unwrap_or(UnixMillis::MAX);
    let family = verified
        .family()
        .filter(|_| verified.kind() == Some(TokenKind::Refresh));
    match (family, verified.handle()) {
        (Some(family), handle) => {
            verifier
                .revocations()
                .revoke_family(family.as_bytes(), UnixMillis::MAX)?;
            if let Some(handle) = handle {
                verifier
                    .revocations()
                    .revoke_handle(handle.as_bytes(), until)?;
            }
            Ok("family")
        }
        (None, Some(handle)) => {
            verifier
                .revocations()
                .revoke_handle(handle.as_bytes(), until)?;
            Ok("handle")
        }
        (None, None) => {
            let claim = &verifier.claim_map().names().handle;
            Err(invalid(format!(
                "token: it has no {claim} claim to be revoked by; revoke its subject"
            ))
            .into())
        }
    }
}

fn seconds(signed: &Signed) -> Value {
    signed.expires_at.map(UnixMillis::secs).into()
}
