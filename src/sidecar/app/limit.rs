use std::time::Duration;

use hyper::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;

use super::fields::{Fields, invalid};
use super::{App, faulty};
use crate::claims::TokenKind;
use crate::config::{By, Profile};
use crate::error::{Code, Fault};
use crate::sidecar::answer;
use crate::sidecar::rate::Asker;
use crate::sidecar::service::{Request, Response};
use crate::store::Take;
use crate::verify::VerifyOptions;

impl App {
    /// One attempt at an action of the application's.
    pub(super) fn limit(&self, name: &str, request: &Request<'_>) -> Response {
        self.try_limit(name, request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_limit(&self, name: &str, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let subject = fields.text("subject")?;
        let ip = match fields.text("ip")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                invalid("ip: must be an address, such as 203.0.113.9 or 2001:db8::1")
            })?),
        };
        fields.finish("subject, ip")?;
        let limiter = self.limits.get(name).ok_or_else(|| {
            invalid("limit: no limit has that name; see [limits] in the configuration")
        })?;
        // What is left out would not be counted, and the limit be none.
        for by in limiter.by() {
            match by {
                By::Subject if subject.as_deref().is_none_or(str::is_empty) => {
                    return Err(invalid("subject: is missing, and the limit counts by it"));
                }
                By::Ip if ip.is_none() => {
                    return Err(invalid("ip: is missing, and the limit counts by it"));
                }
                _ => {}
            }
        }
        let asker = Asker {
            realm: "",
            subject: subject.as_deref(),
            ip,
        };
        Ok(match limiter.take(&asker) {
            Take::Taken { remaining } => {
                answer::json(json!({"allowed": true, "remaining": remaining}).to_string())
            }
            Take::Empty { retry_after } => limited(retry_after),
        })
    }

    /// Asks the limit `rotate`, where there is one, before a refresh token is spent. `Some`: after
    /// how long to try again.
    ///
    /// A token that does not verify counts by address alone: nobody may use up the attempts of a
    /// subject whose token they do not have.
    pub(super) fn rotation_limit(
        &self,
        profile: &Profile,
        refresh: &str,
        ip: Option<std::net::IpAddr>,
    ) -> Option<Duration> {
        let limiter = self.limits.get("rotate")?;
        let options = VerifyOptions::default().kind(TokenKind::Refresh);
        let verified = profile.verifier().verify(refresh, &options).ok();
        let subject = verified.as_ref().and_then(|token| token.subject());
        let asker = Asker {
            realm: profile.name(),
            subject: subject.as_deref(),
            ip,
        };
        match limiter.take(&asker) {
            Take::Taken { .. } => None,
            Take::Empty { retry_after } => Some(retry_after),
        }
    }
}

/// 429, and after how long to try again: whole seconds, one at least (RFC 9110 §10.2.3).
pub(super) fn limited(retry_after: Duration) -> Response {
    let mut response = answer::error(Code::RateLimited);
    later(&mut response, retry_after);
    response
}

/// Says after how long to try again.
pub(super) fn later(response: &mut Response, retry_after: Duration) {
    let whole = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
    let value = HeaderValue::from(whole.max(1));
    response.headers_mut().insert(RETRY_AFTER, value);
}
