//! A case against the library.

use std::sync::Arc;

use bearerd::clock::{Clock, SystemClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, Provider};
use bearerd::error::{Code, Fault, Reject};
use bearerd::extract;
use bearerd::guard::Guard;
use bearerd::verify::VerifyOptions;
use serde_json::Value;

use crate::file::{Act, Case, Options, Revoke};

pub(crate) struct Replay {
    profiles: Profiles,
    /// Whether the caches keep what is of ordinary size
    caches: bool,
    provider: &'static str,
}

/// What came of a step; the claims, and whether they came from the cache.
type Outcome = Result<Option<(Value, bool)>, Code>;

/// Longer tokens may be too much for a single entry of a cache.
const LONGEST_KEPT: usize = 4_096;

impl Replay {
    /// `None` where the provider lacks an algorithm of the configuration.
    pub(crate) fn of(document: &Value, provider: Provider) -> Option<Self> {
        let mut document = document.clone();
        let mut caches = true;
        for profile in document["profiles"].as_object_mut().unwrap().values_mut() {
            let mut algorithms = profile["algorithms"].as_array().unwrap().iter();
            let offered = |name: &Value| {
                let algorithm = Algorithm::from_name(name.as_str().unwrap()).unwrap();
                provider.verifies(algorithm)
            };
            if !algorithms.all(offered) {
                return None;
            }
            let cache = &profile["cache"];
            caches &= cache["max_entries"] != 0 && cache["max_entry_bytes"].is_null();
            profile["provider"] = provider.name().into();
        }
        let (environment, clock) = (
            Environment::empty(),
            Arc::new(SystemClock) as Arc<dyn Clock>,
        );
        let profiles = Config::from_text(&document.to_string(), "cases.json", &environment)
            .and_then(|config| config.build(&environment, &clock))
            .unwrap_or_else(|fault| panic!("{}", fault.chain()));
        Some(Self {
            profiles,
            caches,
            provider: provider.name(),
        })
    }

    /// What came out otherwise than it should.
    pub(crate) fn run(&self, case: &Case) -> Vec<String> {
        let mut wrong = Vec::new();
        for (at, step) in case.steps.iter().enumerate() {
            let place = format!("{}, step {at}, {}", case.name, self.provider);
            let mut asked = Vec::new();
            for time in 1..=2 {
                let outcome = match &step.act {
                    Act::Verify { token, options } => self.verify(token, options),
                    Act::Authorization { value, options } => self.authorization(value, options),
                    Act::Revoke(revoke) => self.revoke(revoke).map(|()| None),
                };
                let code = outcome.as_ref().map_or_else(|code| *code, |_| Code::Ok);
                if code != step.code {
                    wrong.push(format!("{place}, time {time}: {code}, not {}", step.code));
                }
                let Ok(Some((claims, was_cached))) = outcome else {
                    continue;
                };
                if let Some(expected) = &step.claims
                    && *expected != claims
                {
                    wrong.push(format!("{place}, time {time}: {claims}, not {expected}"));
                }
                asked.push(was_cached);
            }
            let is_kept = self.caches && step.act.text().len() < LONGEST_KEPT;
            if is_kept && asked.get(1) == Some(&false) {
                wrong.push(format!(
                    "{place}: the second answer did not come from the cache"
                ));
            }
        }
        wrong
    }

    fn verify(&self, token: &str, options: &Options) -> Outcome {
        let fault = |fault: Fault| fault.code();
        let inline;
        let mut asked = VerifyOptions::default();
        match &options.guard {
            None => {}
            Some(Value::String(name)) => {
                let named = self.profiles.guard(name).ok_or(Code::ValidationError)?;
                asked = asked.guard(named);
            }
            Some(rule) => {
                inline = Guard::from_json(rule.to_string().as_bytes()).map_err(fault)?;
                asked = asked.guard(&inline);
            }
        }
        asked.audience = options.audience.as_deref();
        asked.request.device = options.device.as_deref();
        let profile = self
            .profiles
            .choose(options.profile.as_deref(), token.as_bytes())
            .map_err(fault)?;
        let verified = profile
            .verifier()
            .verify(token, &asked)
            .map_err(Reject::code)?;
        let claims = serde_json::from_str(verified.json()).unwrap();
        Ok(Some((claims, verified.was_cached())))
    }

    fn authorization(&self, value: &str, options: &Options) -> Outcome {
        let token = extract::bearer(value.as_bytes()).map_err(Reject::code)?;
        self.verify(token.ok_or(Code::MissingToken)?, options)
    }

    /// A token of the profile that its `iss` names, anything else of the default one.
    fn revoke(&self, revoke: &Revoke) -> Result<(), Code> {
        let fault = |fault: Fault| fault.code();
        let chosen = |token: &[u8]| self.profiles.choose(None, token).map_err(fault);
        let default = || self.profiles.get(None).map_err(fault);
        match (&revoke.token, &revoke.handle, &revoke.subject) {
            (Some(token), None, None) => chosen(token.as_bytes())?
                .revoke_token(token)
                .map(drop)
                .map_err(|failure| failure.code()),
            (None, Some(handle), None) => default()?.revoke_handle(handle).map_err(fault),
            (None, None, Some(subject)) => {
                let before = revoke.issued_before.map(UnixMillis::from_secs);
                default()?.revoke_subject(subject, before).map_err(fault)
            }
            _ => panic!("one of token, handle, subject"),
        }
    }
}
