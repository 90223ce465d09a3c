use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::claims::ClaimNames;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::state::{SessionSettings, Sessions};

use super::build::Foundation;
use super::jwks_section::RemoteStart;
use super::values::Span;

/// Sessions: every token of the profile must then name a live one of its subject.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsSection {
    /// The claim that names the session; `sid`
    pub claim: Option<String>,
    /// How long a session lives without being used; 7d
    pub lifetime: Option<Span>,
    /// How long it lives at most, used or not; without it, as long as it is used
    pub max_lifetime: Option<Span>,
    /// A use within this span of the last renewal renews nothing; a tenth of `lifetime`
    pub renew_every: Option<Span>,
    /// The most sessions of one user, up to 1000; a sign-in beyond them ends the oldest; 100
    pub max_sessions: Option<usize>,
    /// The most users whose sessions are kept in memory; 100000
    pub max_users_in_memory: Option<usize>,
    /// The most bytes of sessions that are kept in memory; 64 MiB
    pub max_bytes_in_memory: Option<usize>,
}

const SHORTEST: Duration = Duration::from_secs(60);
const MOST: usize = 1_000;

impl SessionsSection {
    /// The sessions of a profile, whose claim goes among its names.
    pub(super) fn open(
        &self,
        names: &mut ClaimNames,
        profile: &str,
        foundation: &Foundation<'_>,
        provider: Provider,
    ) -> Result<Arc<Sessions>, Fault> {
        if let Some(claim) = &self.claim {
            names.session.clone_from(claim);
        }
        let (store, clock) = (Arc::clone(foundation.store), Arc::clone(foundation.clock));
        let sessions = Sessions::new(profile, self.settings()?, provider, store, clock);
        let sessions = Arc::new(sessions);
        if !matches!(foundation.remote, RemoteStart::CheckOnly) {
            sessions.start()?;
        }
        Ok(sessions)
    }

    fn settings(&self) -> Result<SessionSettings, Fault> {
        let wrong = |what: String| Err(Fault::config(format!("sessions.{what}")));
        let mut settings = self
            .lifetime
            .map_or_else(SessionSettings::default, |span| SessionSettings::of(span.0));
        if settings.lifetime < SHORTEST {
            return wrong("lifetime is under a minute; raise it".to_owned());
        }
        settings.renew_every = self.renew_every.map_or(settings.renew_every, |span| span.0);
        if settings.renew_every >= settings.lifetime {
            return wrong(
                "renew_every is not shorter than lifetime, so nothing would be renewed; lower it"
                    .to_owned(),
            );
        }
        settings.max_lifetime = self.max_lifetime.map(|span| span.0);
        if settings
            .max_lifetime
            .is_some_and(|most| most < settings.lifetime)
        {
            return wrong("max_lifetime is shorter than lifetime; raise it".to_owned());
        }
        settings.max_sessions = self.max_sessions.unwrap_or(settings.max_sessions);
        if !(1..=MOST).contains(&settings.max_sessions) {
            return wrong(format!("max_sessions must be from 1 to {MOST}"));
        }
        let memory = &mut settings.memory;
        memory.users = self.max_users_in_memory.unwrap_or(memory.users);
        memory.bytes = self.max_bytes_in_memory.unwrap_or(memory.bytes);
        Ok(settings)
    }
}
