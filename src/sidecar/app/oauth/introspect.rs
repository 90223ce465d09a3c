use serde_json::{Map, Value};

use super::{App, Refused, form_with, is_ours, scope};
use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::config::Profile;
use crate::sidecar::oauth_error::{OauthError, kept_by_nobody};
use crate::sidecar::service::{Request, Response};
use crate::verify::{Verified, VerifyOptions};

/// All that is ever said of a token that is not good (RFC 7662 §2.2).
const INACTIVE: &str = "{\"active\":false}";

impl App {
    /// RFC 7662: whether a token of either kind is good now, and what it says. A refresh token that
    /// was used is not.
    pub(super) fn introspect(&self, request: &Request<'_>) -> Result<Response, Refused> {
        let (_, token) = form_with(request, "token")?;
        let Some(profile) = self.profile_of(&token, request)? else {
            return Ok(kept_by_nobody(INACTIVE));
        };
        let verdict = profile
            .verifier()
            .verify(&token, &VerifyOptions::default().any_kind());
        let verified = match verdict {
            Ok(verified) => verified,
            Err(reject) if is_ours(reject.code()) => {
                return Err(Refused::by(reject, OauthError::ServerError));
            }
            Err(_) => return Ok(kept_by_nobody(INACTIVE)),
        };
        let spent = profile
            .is_spent(&verified)
            .map_err(|fault| Refused::fault(&fault, request))?;
        Ok(kept_by_nobody(if spent {
            INACTIVE.to_owned()
        } else {
            described(profile, &verified)
        }))
    }
}

fn described(profile: &Profile, token: &Verified) -> String {
    let mut members = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let text = |name: &str| token.text(name).map(Value::from);
    let seconds = |at: Option<UnixMillis>| at.map(|at| at.secs().into());
    add("active", Some(true.into()));
    add("scope", scope::of(profile, token).map(Into::into));
    add("client_id", text("client_id").or_else(|| text("azp")));
    let username = text("username").or_else(|| text("preferred_username"));
    add("username", username);
    // Refresh tokens have no type: nothing is to be called with them (RFC 6749 §7.1).
    let is_refresh = token.kind() == Some(TokenKind::Refresh);
    add("token_type", (!is_refresh).then(|| "Bearer".into()));
    add("exp", seconds(token.expires_at()));
    add("iat", seconds(token.issued_at()));
    add("nbf", seconds(token.not_before()));
    add("sub", token.subject().map(Into::into));
    add("aud", token.get("aud"));
    add("iss", token.issuer().map(Into::into));
    add("jti", token.token_id().map(Into::into));
    Value::Object(members).to_string()
}
