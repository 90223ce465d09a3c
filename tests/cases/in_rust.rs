//! A case against the library.

use std::sync::Arc;

use bearerd::clock::{Clock, SystemClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, Provider};
use bearerd::error::{Code, Fault, Reject};
use bearerd::extract;
use bearerd::guard::Guard;
use bearerd::verify::VerifyOptions;
use serde_json::{Value, json};

use crate::act::{Act, Options, Revoke};
use crate::file::Case;
use crate::judge::{Outcome, judge};
use crate::kept::Kept;

pub(crate) struct Replay {
    pub(crate) profiles: Profiles,
    /// Whether the caches keep what is of ordinary size
    caches: bool,
    provider: &'static str,
}

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
        let (mut wrong, mut kept) = (Vec::new(), Kept::default());
        for (at, step) in case.steps.iter().enumerate() {
            let place = format!("{}, step {at}, {}", case.name, self.provider);
            let act = step.act(&kept);
            let mut last = Err(Code::Internal);
            for time in 1..=if act.repeats() { 2 } else { 1 } {
                last = self.perform(&act);
                let faults = judge(step, &last, &mut kept);
                let here = |fault: String| format!("{place}, time {time}: {fault}");
                wrong.extend(faults.into_iter().map(here));
            }
            let length = act.asked().map_or(usize::MAX, str::len);
            let is_kept = self.caches && length < LONGEST_KEPT;
            if is_kept && last.is_ok_and(|answer| answer["was_cached"] == false) {
                wrong.push(format!(
                    "{place}: the second answer did not come from the cache"
                ));
            }
        }
        wrong
    }

    fn perform(&self, act: &Act) -> Outcome {
        match act {
            Act::Verify(ask) => self.verify(&ask.token, &ask.options),
            Act::Authorization(ask) => self.authorization(&ask.value, &ask.options),
            Act::Revoke(revoke) => self.revoke(revoke).map(|()| json!({})),
            stateful => self.change(stateful),
        }
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
        let was_cached = verified.was_cached();
        let held = verified.hold();
        let claims: Value = serde_json::from_str(held.claims().json()).unwrap();
        let context = held.context();
        let context: Option<Value> = context.map(|text| serde_json::from_str(&text).unwrap());
        Ok(json!({"claims": claims, "context": context, "was_cached": was_cached}))
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
