use std::net::IpAddr;

use serde_json::{Value, json};

use super::fields::{Fields, invalid};
use super::{App, faulty};
use crate::audit::Event;
use crate::clock::UnixMillis;
use crate::error::Fault;
use crate::sidecar::answer;
use crate::sidecar::service::{Request, Response};
use crate::state::devices::{Fingerprint, TrustedDevice};

/// What is asked about trusted devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Trust,
    Check,
    List,
    Forget,
}

/// How many devices one answer lists.
const PAGE: usize = 100;

impl App {
    pub(super) fn devices(&self, ask: Ask, request: &Request<'_>) -> Response {
        let body = Fields::parse(request.body).and_then(|fields| match ask {
            Ask::Trust => self.trust_device(fields, request),
            Ask::Check => self.check_device(fields),
            Ask::List => self.list_devices(fields),
            Ask::Forget => self.forget_devices(fields, request),
        });
        match body {
            Ok(body) => answer::json(body.to_string()),
            Err(fault) => faulty(&fault, request),
        }
    }

    fn trust_device(&self, mut fields: Fields, request: &Request<'_>) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let device = Presented::take(&mut fields)?;
        let description = fields.text("description")?.unwrap_or_default();
        fields.finish("profile, subject, ip, user_agent, description")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let Presented { subject, ip, agent } = device;
        let trusted = profile
            .devices()?
            .trust(&subject, ip, &agent, &description)?;
        let act = Event::control("device.trust").on("device", trusted.id.as_str());
        let act = act.detail("subject", subject).profile(profile.name());
        self.record(request, act)?;
        Ok(json!({ "id": trusted.id.as_str(), "expires_at": trusted.expires_at.secs() }))
    }

    fn check_device(&self, mut fields: Fields) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let device = Presented::take(&mut fields)?;
        fields.finish("profile, subject, ip, user_agent")?;
        let devices = self.profiles.get(profile.as_deref())?.devices()?;
        let trusted = devices.check(&device.subject, device.ip, &device.agent)?;
        Ok(json!({
            "trusted": trusted.is_some(),
            "id": trusted.as_ref().map(|device| device.id.as_str()),
            "expires_at": trusted.as_ref().map(|device| device.expires_at.secs()),
        }))
    }

    fn list_devices(&self, mut fields: Fields) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let subject = fields.required_text("subject")?;
        let after = id(fields.text("after")?, "after")?;
        fields.finish("profile, subject, after")?;
        let devices = self.profiles.get(profile.as_deref())?.devices()?;
        let page = devices.list(&subject, after.as_ref(), PAGE)?;
        let devices: Vec<Value> = page.devices.iter().map(shown).collect();
        let next = page.next.as_ref().map(Fingerprint::as_str);
        Ok(json!({ "devices": devices, "next": next }))
    }

    fn forget_devices(&self, mut fields: Fields, request: &Request<'_>) -> Result<Value, Fault> {
        let profile = fields.text("profile")?;
        let subject = fields.required_text("subject")?;
        let one = id(fields.text("id")?, "id")?;
        fields.finish("profile, subject, and id for one of them")?;
        let profile = self.profiles.get(profile.as_deref())?;
        let devices = profile.devices()?;
        let act = Event::control("device.forget");
        let (act, forgotten) = match one {
            Some(one) => {
                let act = act.on("device", one.as_str()).detail("subject", &*subject);
                (act, usize::from(devices.forget(&subject, &one)?))
            }
            None => (act.on("subject", &subject), devices.forget_all(&subject)?),
        };
        self.record(
            request,
            act.profile(profile.name()).detail("forgotten", forgotten),
        )?;
        Ok(json!({ "forgotten": forgotten }))
    }
}

/// A device as its request shows it.
struct Presented {
    subject: String,
    ip: IpAddr,
    agent: String,
}

impl Presented {
    fn take(fields: &mut Fields) -> Result<Self, Fault> {
        Ok(Self {
            subject: fields.required_text("subject")?,
            ip: fields
                .address("ip")?
                .ok_or_else(|| invalid("ip: is missing"))?,
            agent: fields.required_text("user_agent")?,
        })
    }
}

fn id(text: Option<String>, member: &str) -> Result<Option<Fingerprint>, Fault> {
    let parse = |text: String| {
        Fingerprint::parse(&text).map_err(|fault| invalid(format!("{member}: {fault}")))
    };
    text.map(parse).transpose()
}

fn shown(device: &TrustedDevice) -> Value {
    json!({
        "id": device.id.as_str(),
        "description": device.description,
        "trusted_at": UnixMillis::secs(device.trusted_at),
        "expires_at": UnixMillis::secs(device.expires_at),
    })
}
