use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::clock::Clock;
use crate::crypto::Provider;
use crate::error::{Code, Fault};
use crate::state::devices::TrustedDevices;
use crate::store::Store;

use super::Profile;
use super::values::Span;

/// Trusted devices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicesSection {
    /// How long a device is trusted; 90d
    pub trusted_for: Option<Span>,
}

const TRUSTED_FOR: Duration = Duration::from_secs(90 * 86_400);

impl DevicesSection {
    pub(super) fn open(
        &self,
        profile: &str,
        store: &Arc<dyn Store>,
        provider: Provider,
        clock: &Arc<dyn Clock>,
    ) -> Result<TrustedDevices, Fault> {
        let trusted_for = self.trusted_for.map_or(TRUSTED_FOR, |span| span.0);
        if trusted_for < Duration::from_secs(1) {
            return Err(Fault::config(
                "devices.trusted_for is under a second; no device would be trusted: raise it",
            ));
        }
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        Ok(TrustedDevices::new(
            profile,
            trusted_for,
            store,
            provider,
            clock,
        ))
    }
}

impl Profile {
    /// Its trusted devices.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it keeps none.
    pub fn devices(&self) -> Result<&TrustedDevices, Fault> {
        self.devices.as_ref().ok_or_else(|| {
            Fault::new(
                Code::ValidationError,
                format!(
                    "profile: no profile of that name keeps trusted devices; add a \
                     [profiles.{}.devices] section",
                    self.name()
                ),
            )
        })
    }
}
