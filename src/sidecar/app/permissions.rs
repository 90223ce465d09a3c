use super::context::Context;
use super::fields::{Fields, invalid};
use super::patience::Patience;
use super::route::PERMISSIONS;
use super::verify::Question;
use super::{App, faulty};
use crate::error::Fault;
use crate::guard::permission::Permission;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::verify::Verified;

const MEMBERS: &str = "token, permissions, profile, guard, audience, device, client";

impl App {
    /// Which of some permissions a token's holder has. A verification first: a token that is
    /// refused is answered as `/v1/verify` answers it, and what is not allowed is no error.
    /// `None` where it would take a store and there is no patience for one.
    pub(super) fn check_permissions(
        &self,
        request: &Request<'_>,
        patience: Patience,
    ) -> Option<Response> {
        self.try_check_permissions(request, patience)
            .unwrap_or_else(|fault| Some(faulty(&fault, request)))
    }

    fn try_check_permissions(
        &self,
        request: &Request<'_>,
        patience: Patience,
    ) -> Result<Option<Response>, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let in_body = fields.text("token")?;
        let permissions = permissions(&mut fields, self.max_batch)?;
        let question = Question::take(self, &mut fields, request.headers)?;
        fields.finish(MEMBERS)?;
        let options = question.options(self)?;
        let token = match self.presented(in_body.as_deref(), &question, request)? {
            Ok(token) => token,
            Err(reject) => return Ok(Some(answer::error(reject.code()))),
        };
        let front = self.choose(question.profile.as_deref(), token)?;
        if front.profile.verifier().permissions().is_none() {
            return Err(invalid(
                "profile: the token's has no permissions; add a [profiles.NAME.permissions] section",
            ));
        }
        let Some(verdict) = self.judge(front.profile.verifier(), token, &options, patience) else {
            return Ok(None);
        };
        let refused = verdict.as_ref().err().map(|refusal| refusal.reject);
        front.count(PERMISSIONS, token, request, refused);
        Ok(Some(match verdict {
            Ok(verified) => answer::json(body(front.profile.name(), &verified, &permissions)),
            Err(refusal) => refusal.response(),
        }))
    }
}

fn permissions(fields: &mut Fields, most: usize) -> Result<Vec<Permission>, Fault> {
    let names = fields.texts("permissions")?;
    if names.is_empty() {
        return Err(invalid(
            "permissions: is missing or empty; name at least one",
        ));
    }
    if names.len() > most {
        return Err(invalid(format!(
            "permissions: at most {most} are taken at once"
        )));
    }
    names
        .iter()
        .map(|name| Permission::new(name).map_err(|why| invalid(format!("permissions: {why}"))))
        .collect()
}

fn body(profile: &str, verified: &Verified, permissions: &[Permission]) -> Vec<u8> {
    let mut body = String::with_capacity(64 + permissions.len() * 64);
    body.push_str("{\"permissions\":[");
    for (at, permission) in permissions.iter().enumerate() {
        if at > 0 {
            body.push(',');
        }
        let allowed = verified
            .rights()
            .is_some_and(|rights| rights.allows(permission));
        // The form of a name leaves nothing to escape.
        body.push_str(&format!(
            "{{\"permission\":\"{}\",\"allowed\":{allowed}}}",
            permission.as_str()
        ));
    }
    body.push_str("],\"profile\":");
    crate::json::quote_append(profile, &mut body);
    let mut body = body.into_bytes();
    Context::default().append(verified, &mut body);
    body.push(b'}');
    body
}
