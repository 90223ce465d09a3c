use std::io::Write;

use hyper::HeaderMap;
use serde_json::Value;

use super::context::Context;
use super::fields::{Fields, invalid};
use super::head::profile_header;
use super::patience::Patience;
use super::route::{BATCH, VERIFY};
use super::{App, Front, faulty, inline};
use crate::error::{Code, Fault, Malformed, Reject};
use crate::guard::Guard;
use crate::routes::Access;
use crate::sidecar::answer;
use crate::sidecar::client::Client;
use crate::sidecar::service::{Request, Response};
use crate::verify::{Verified, VerifyOptions};

/// What a request asks of a token, beside the token.
#[derive(Default)]
pub(super) struct Question {
    pub(super) profile: Option<String>,
    guard: Option<GuardChoice>,
    audience: Option<String>,
    device: Option<String>,
    /// The application's own caller
    pub(super) client: Option<Client>,
}

enum GuardChoice {
    Named(String),
    Inline(Guard),
}

const MEMBERS: &str = "token, profile, guard, route, audience, device, client";
/// The answer to a request that needs no token: whoever asks shall not take it for a verdict.
const PUBLIC: &str = "{\"public\":true}";
const BATCH_MEMBERS: &str = "tokens, profile, guard, audience, device, client";

impl Question {
    pub(super) fn take(app: &App, fields: &mut Fields, headers: &HeaderMap) -> Result<Self, Fault> {
        let guard = match fields.any("guard") {
            None => None,
            Some(Value::String(name)) => Some(GuardChoice::Named(name)),
            Some(rule) => Some(GuardChoice::Inline(inline::guard(&rule)?)),
        };
        let profile = match (fields.text("profile")?, profile_header(headers)?) {
            (Some(field), Some(header)) if field != header => {
                return Err(invalid(
                    "profile: the body and the X-Bearerd-Profile header name two; name one",
                ));
            }
            (field, header) => field.or_else(|| header.map(str::to_owned)),
        };
        Ok(Self {
            profile,
            guard,
            audience: fields.text("audience")?,
            device: fields.text("device")?,
            client: app.described_client(fields)?,
        })
    }

    pub(super) fn options<'a>(&'a self, app: &'a App) -> Result<VerifyOptions<'a>, Fault> {
        let guard = match &self.guard {
            None => None,
            Some(GuardChoice::Inline(guard)) => Some(guard),
            Some(GuardChoice::Named(name)) => Some(app.guard(name)?),
        };
        let mut options = VerifyOptions {
            guard,
            audience: self.audience.as_deref(),
            ..VerifyOptions::default()
        };
        options.request.device = self.device.as_deref();
        options.request.address = self.client.as_ref().and_then(|client| client.ip);
        Ok(options)
    }
}

impl App {
    pub(super) fn guard(&self, name: &str) -> Result<&Guard, Fault> {
        self.profiles.guard(name).ok_or_else(|| {
            invalid("guard: no guard has that name; see [guards] in the configuration")
        })
    }

    /// `None` where it would take a store and there is no patience for one.
    pub(super) fn verify(&self, request: &Request<'_>, patience: Patience) -> Option<Response> {
        self.try_verify(request, patience)
            .unwrap_or_else(|fault| Some(faulty(&fault, request)))
    }

    fn try_verify(
        &self,
        request: &Request<'_>,
        patience: Patience,
    ) -> Result<Option<Response>, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let in_body = fields.text("token")?;
        let mut question = Question::take(self, &mut fields, request.headers)?;
        match self.route_asks(&mut fields, request)? {
            None => {}
            Some(_) if question.guard.is_some() => {
                return Err(invalid(
                    "route: the routes say which guard must hold; leave guard or route out",
                ));
            }
            Some(Ok(Access::Public)) => {
                fields.finish(MEMBERS)?;
                return Ok(Some(answer::json(PUBLIC)));
            }
            Some(Ok(Access::Token)) => {}
            Some(Ok(Access::Guard(name))) => {
                question.guard = Some(GuardChoice::Named(name.clone()));
            }
            Some(Err(reject)) => {
                fields.finish(MEMBERS)?;
                return Ok(Some(answer::error(reject.code())));
            }
        }
        let mut context = Context::default();
        if let Some(client) = &question.client {
            context.add("client", client.to_json());
        }
        fields.finish(MEMBERS)?;
        let options = question.options(self)?;
        let token = match self.presented(in_body.as_deref(), &question, request)? {
            Ok(token) => token,
            Err(reject) => return Ok(Some(answer::error(reject.code()))),
        };
        let front = self.choose(question.profile.as_deref(), token)?;
        let Some(verdict) = self.judge(&front.verifier, token, &options, patience) else {
            return Ok(None);
        };
        let refused = verdict.as_ref().err().map(|refusal| refusal.reject);
        front.count(VERIFY, token, request, refused);
        Ok(Some(match verdict {
            Ok(verified) => answer::json(front.accepted(&verified, &context)),
            Err(refusal) => refusal.response(),
        }))
    }

    /// The one token of a request, which may stand in its body and in its head.
    pub(super) fn presented<'r>(
        &self,
        in_body: Option<&'r str>,
        question: &Question,
        request: &'r Request<'_>,
    ) -> Result<Result<&'r str, Reject>, Fault> {
        let in_head = self.token_of(question.profile.as_deref(), request.headers)?;
        Ok(match (in_body, in_head) {
            (Some(_), Err(reject)) if reject.code() != Code::MissingToken => Err(reject),
            (Some(one), Ok(other)) if one != other => Err(Reject::malformed(Malformed::Ambiguous)),
            (Some(token), _) => Ok(token),
            (None, in_head) => in_head,
        })
    }

    /// As [`verify`](Self::verify).
    pub(super) fn verify_batch(
        &self,
        request: &Request<'_>,
        patience: Patience,
    ) -> Option<Response> {
        self.try_verify_batch(request, patience)
            .unwrap_or_else(|fault| Some(faulty(&fault, request)))
    }

    fn try_verify_batch(
        &self,
        request: &Request<'_>,
        patience: Patience,
    ) -> Result<Option<Response>, Fault> {
        let (mut fields, tokens) = Fields::parse_with_texts(request.body, "tokens")?;
        let question = Question::take(self, &mut fields, request.headers)?;
        fields.finish(BATCH_MEMBERS)?;
        if tokens.is_empty() {
            return Err(invalid("tokens: is missing or empty"));
        }
        if tokens.len() > self.max_batch {
            return Err(invalid(format!(
                "tokens: at most {} are taken at once",
                self.max_batch
            )));
        }
        let options = question.options(self)?;
        self.profiles.token_places(question.profile.as_deref())?;
        let mut body = Vec::with_capacity(tokens.len() * 512);
        body.extend_from_slice(b"{\"results\":[");
        // Counted when the whole answer is here: what is put off is asked again from the beginning.
        let mut counted = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            // A token without a profile is that token's failure, not the whole batch's.
            let verdict = match self.choose(question.profile.as_deref(), token) {
                Ok(front) => {
                    let Some(verdict) = self.judge(&front.verifier, token, &options, patience)
                    else {
                        return Ok(None);
                    };
                    let verdict = verdict.map_err(|refusal| refusal.reject);
                    counted.push((front, token, verdict.as_ref().err().copied()));
                    verdict
                        .map(|verified| (front, verified))
                        .map_err(Reject::code)
                }
                Err(fault) => Err(fault.code()),
            };
            match verdict {
                Ok((front, verified)) => {
                    body.extend_from_slice(b"{\"code\":\"OK\",");
                    front.append_accepted(&verified, &Context::default(), &mut body);
                }
                Err(code) => drop(write!(
                    body,
                    "{{\"code\":\"{}\",\"status\":{}}}",
                    code.name(),
                    code.status()
                )),
            }
        }
        body.extend_from_slice(b"]}");
        for (front, token, reject) in counted {
            front.count(BATCH, token, request, reject);
        }
        Ok(Some(answer::json(body)))
    }
}

impl Front {
    /// Counts a verdict, leaves a line in the debug log for what was refused, and in the audit log for
    /// what matters of that.
    #[inline]
    pub(super) fn count(
        &self,
        route: usize,
        token: &str,
        request: &Request<'_>,
        reject: Option<Reject>,
    ) {
        let Some(reject) = reject else {
            self.verdicts.count(route, Code::Ok);
            return;
        };
        self.verdicts.count(route, reject.code());
        tracing::debug!(profile = self.profile.name(), %reject, request_id = %request.id, "rejected");
        self.note_rejection(token, reject.code(), request);
    }

    /// The body of a 200.
    fn accepted(&self, verified: &Verified, context: &Context) -> Vec<u8> {
        let mut body = Vec::with_capacity(verified.json_bytes().len() + 96);
        body.push(b'{');
        self.append_accepted(verified, context, &mut body);
        body
    }

    /// Appends what is said of an accepted token and the brace that closes it. The claims go out in
    /// the very bytes that were signed.
    fn append_accepted(&self, verified: &Verified, context: &Context, body: &mut Vec<u8>) {
        body.extend_from_slice(b"\"claims\":");
        body.extend_from_slice(verified.json_bytes());
        body.extend_from_slice(b",\"profile\":");
        body.extend_from_slice(self.name_json.as_bytes());
        body.extend_from_slice(b",\"kind\":");
        match verified.kind() {
            Some(kind) => {
                body.push(b'"');
                body.extend_from_slice(kind.as_str().as_bytes());
                body.push(b'"');
            }
            None => body.extend_from_slice(b"null"),
        }
        body.extend_from_slice(b",\"expires_at\":");
        match verified.expires_at() {
            // Into memory nothing can fail. By this library for being three times as fast as `write!`.
            Some(at) => drop(serde_json::to_writer(&mut *body, &at.secs())),
            None => body.extend_from_slice(b"null"),
        }
        context.append(verified, body);
        body.push(b'}');
    }
}
