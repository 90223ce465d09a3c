use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::claims::ClaimNames;
use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::Fault;
use crate::state::{SessionSettings, Sessions};
use crate::store::Store;

use super::values::Span;

/// Sessions: every token of the profile must then name a live one of its subject.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsSection {
    /// The claim that names the session; `sid`
    pub claim: Option<String>,
    /// How long a session lives without being used; 7d
    pub lifetime: Option<Span>,
    /// The most sessions of one user, up to 1000; a sign-in beyond them ends the oldest; 100
    pub max_sessions: Option<usize>,
}

const SHORTEST: Duration = Duration::from_secs(60);
const MOST: usize = 1_000;

impl SessionsSection {
    /// The sessions of a profile, whose claim goes among its names.
    pub(super) fn open(
        &self,
        names: &mut ClaimNames,
        profile: &str,
        provider: Provider,
        clock: &Arc<dyn Clock>,
        store: &Arc<dyn Store>,
    ) -> Result<Arc<Sessions>, Fault> {
        if let Some(claim) = &self.claim {
            names.session.clone_from(claim);
        }
        let settings = self.settings()?;
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        Ok(Arc::new(Sessions::new(
            profile, settings, provider, store, clock,
        )))
    }

    fn settings(&self) -> Result<SessionSettings, Fault> {
        let mut settings = SessionSettings::default();
        settings.lifetime = self.lifetime.map_or(settings.lifetime, |span| span.0);
        settings.max_sessions = self.max_sessions.unwrap_or(settings.max_sessions);
        if settings.lifetime < SHORTEST {
            return Err(Fault::config(
                "sessions.lifetime is under a minute; raise it",
            ));
        }
        if !(1..=MOST).contains(&settings.max_sessions) {
            return Err(Fault::config(format!(
                "sessions.max_sessions must be from 1 to {MOST}"
            )));
        }
        Ok(settings)
    }
}
