use serde_json::{Map, Value};

use super::{App, Refused, form_with, scope};
use crate::audit::Event;
use crate::claims::TokenKind;
use crate::config::Profile;
use crate::sidecar::app::audit;
use crate::sidecar::oauth_error::{OauthError, kept_by_nobody};
use crate::sidecar::service::{Request, Response};
use crate::sign::{ClaimChange, Failure, Rotated};
use crate::verify::VerifyOptions;

impl App {
    /// RFC 6749 §6: a refresh token for a new pair. `scope` narrows the access token; the refresh
    /// token keeps what it had, as the RFC has it.
    pub(super) fn refresh_for_client(&self, request: &Request<'_>) -> Result<Response, Refused> {
        let (mut form, grant) = form_with(request, "grant_type")?;
        if grant != "refresh_token" {
            return Err(unsupported());
        }
        let refresh = form.required("refresh_token")?;
        let Some(profile) = self.profile_of(&refresh, request)? else {
            return Err(Refused::new(
                OauthError::InvalidGrant,
                "The refresh token is of no issuer known here.",
            ));
        };
        if !profile.issues().1 {
            return Err(unsupported());
        }
        // Only the subject is known here: the address is that of the client's own server.
        if let Some(retry_after) = self.rotation_limit(profile, &refresh, None) {
            return Err(Refused::limited(retry_after));
        }
        let change = match form.take("scope") {
            None => ClaimChange::default(),
            Some(asked) => narrowing(profile, &refresh, &asked)?,
        };
        let rotated = match profile.rotate(&refresh, &change, None) {
            Ok(rotated) => rotated,
            Err(Failure::Reject(reject)) => {
                self.refused_token(profile.name(), &refresh, reject.code(), request);
                return Err(Refused::by(reject, OauthError::InvalidGrant));
            }
            Err(Failure::Fault(fault)) => return Err(Refused::fault(&fault, request)),
        };
        let subject = profile.verifier().claim_map().names().subject.as_str();
        let subject = audit::text_of(rotated.payload.get(subject));
        let act = Event::control("token.rotate").on("subject", &subject);
        self.record(request, act.profile(profile.name()))
            .map_err(|fault| Refused::fault(&fault, request))?;
        Ok(kept_by_nobody(issued(profile, rotated)))
    }
}

fn unsupported() -> Refused {
    Refused::new(
        OauthError::UnsupportedGrantType,
        "The grant refresh_token is the only one, where the profile rotates.",
    )
}

fn narrowing(profile: &Profile, refresh: &str, asked: &str) -> Result<ClaimChange, Refused> {
    let token = profile
        .verifier()
        .verify(refresh, &VerifyOptions::default().kind(TokenKind::Refresh))
        .map_err(|reject| Refused::by(reject, OauthError::InvalidGrant))?;
    let narrowed = scope::narrowed(profile, &token, asked).ok_or_else(|| {
        Refused::new(
            OauthError::InvalidScope,
            "The refresh token does not have every scope that was asked for.",
        )
    })?;
    let mut change = ClaimChange::default();
    change
        .access
        .insert(scope::name(profile).to_owned(), narrowed);
    Ok(change)
}

/// RFC 6749 §5.1. What the access token says of itself is read from it: within the grace, an answer
/// is one that was given before.
fn issued(profile: &Profile, rotated: Rotated) -> String {
    let verifier = profile.verifier();
    let now = verifier.clock().now().secs();
    let scope = verifier
        .verify(&rotated.access, &VerifyOptions::default())
        .ok()
        .and_then(|access| scope::of(profile, &access));
    let mut members = Map::new();
    members.insert("access_token".to_owned(), rotated.access.into());
    members.insert("token_type".to_owned(), "Bearer".into());
    if let Some(at) = rotated.access_expires_at {
        let left = at.saturating_sub(now).max(0);
        members.insert("expires_in".to_owned(), left.into());
    }
    members.insert("refresh_token".to_owned(), rotated.refresh.into());
    if let Some(scope) = scope {
        members.insert("scope".to_owned(), scope.into());
    }
    Value::Object(members).to_string()
}
