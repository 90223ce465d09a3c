use serde_json::{Value, json};

use super::fields::{Fields, invalid};
use super::{App, faulty};
use crate::audit::Event;
use crate::config::Profile;
use crate::error::Fault;
use crate::keys::managed::KeyOrder;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};

/// What may be ordered of signing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyVerb {
    Stage,
    Activate,
    Retire,
    Revoke,
}

impl KeyVerb {
    fn order(self, fields: &mut Fields) -> Result<KeyOrder, Fault> {
        Ok(match self {
            Self::Stage => KeyOrder::Stage,
            Self::Activate => KeyOrder::Activate {
                kid: fields.text("kid")?,
                force: fields.boolean("force", false)?,
            },
            Self::Retire => KeyOrder::Retire {
                kid: fields.text("kid")?,
                force: fields.boolean("force", false)?,
            },
            Self::Revoke => KeyOrder::Revoke {
                kid: fields.required_text("kid")?,
            },
        })
    }

    /// Under which name it is recorded.
    const fn action(self) -> &'static str {
        match self {
            Self::Stage => "keys.stage",
            Self::Activate => "keys.activate",
            Self::Retire => "keys.retire",
            Self::Revoke => "keys.revoke",
        }
    }

    const fn members(self) -> &'static str {
        match self {
            Self::Stage => "profile",
            Self::Activate | Self::Retire => "profile, kid, force",
            Self::Revoke => "profile, kid",
        }
    }
}

impl App {
    /// The signing keys of every profile that makes its own, as they are known here: no part of any
    /// key is told.
    pub(super) fn list_keys(&self) -> Response {
        let mut keys = Vec::new();
        for profile in self.profiles.iter() {
            let known = profile.signing_keys().unwrap_or_default();
            keys.extend(known.iter().map(|key| key.to_json(profile.name())));
        }
        answer::json(json!({ "keys": keys }).to_string())
    }

    pub(super) fn order_keys(&self, verb: KeyVerb, request: &Request<'_>) -> Response {
        self.try_order_keys(verb, request)
            .unwrap_or_else(|fault| faulty(&fault, request))
    }

    fn try_order_keys(&self, verb: KeyVerb, request: &Request<'_>) -> Result<Response, Fault> {
        let mut fields = Fields::parse(request.body)?;
        let profile = fields.text("profile")?;
        let order = verb.order(&mut fields)?;
        fields.finish(verb.members())?;
        let profile = match profile {
            Some(_) => self.profiles.get(profile.as_deref())?,
            None => self.only_managed()?,
        };
        let kid = profile.order_signing_keys(&order)?;
        let act = Event::control(verb.action()).on("key", &kid);
        self.record(request, act.profile(profile.name()))?;
        let keys = profile.signing_keys()?;
        let keys: Vec<Value> = keys.iter().map(|key| key.to_json(profile.name())).collect();
        tracing::info!(profile = profile.name(), %kid, request_id = %request.id, "signing keys were changed");
        Ok(answer::json(
            json!({ "kid": kid, "keys": keys }).to_string(),
        ))
    }

    /// The profile that is meant where none is named.
    fn only_managed(&self) -> Result<&Profile, Fault> {
        let managed = |profile: &&Profile| profile.signing_keys_reading().is_some();
        let mut managed = self
            .profiles
            .iter()
            .map(|profile| &**profile)
            .filter(managed);
        match (managed.next(), managed.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(invalid(
                "profile: no profile makes signing keys; add a [profiles.NAME.sign.managed] section",
            )),
            (Some(_), Some(_)) => Err(invalid(
                "profile: several profiles make signing keys; name one",
            )),
        }
    }
}
