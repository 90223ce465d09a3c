use super::{App, Refused, form_with};
use crate::audit::Event;
use crate::error::Code;
use crate::sidecar::app::audit;
use crate::sidecar::oauth_error::{OauthError, kept_by_nobody};
use crate::sidecar::service::{Request, Response};
use crate::sign::Failure;

impl App {
    /// RFC 7009: 200 for whatever is void afterwards, which a token that never was good is as well.
    ///
    /// `token_type_hint` is not needed: a token says itself what it is.
    pub(super) fn revoke_for_client(&self, request: &Request<'_>) -> Result<Response, Refused> {
        let (_, token) = form_with(request, "token")?;
        if let Some(profile) = self.profile_of(&token, request)? {
            match profile.revoke_token(&token) {
                Ok(revoked) => {
                    let (handle, subject) = audit::names(profile.verifier(), &token);
                    let act = Event::control("token.revoke").on("token", &handle);
                    let act = act
                        .detail("subject", subject)
                        .detail("by", revoked.as_str());
                    self.record(request, act.profile(profile.name()))
                        .map_err(|fault| Refused::fault(&fault, request))?;
                    tracing::info!(by = revoked.as_str(), request_id = %request.id, "revoked");
                }
                Err(Failure::Reject(reject)) if !super::is_ours(reject.code()) => {}
                Err(Failure::Reject(reject)) => {
                    return Err(Refused::by(reject, OauthError::ServerError));
                }
                // The token is good and has nothing that it could be revoked by.
                Err(Failure::Fault(fault)) if fault.code() == Code::ValidationError => {
                    return Err(Refused::new(
                        OauthError::UnsupportedTokenType,
                        fault.to_string(),
                    ));
                }
                Err(Failure::Fault(fault)) => return Err(Refused::fault(&fault, request)),
            }
        }
        Ok(kept_by_nobody("{}"))
    }
}
