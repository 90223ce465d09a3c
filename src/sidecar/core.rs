use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::control_token::ControlTokens;
use super::host::Hosts;
use super::limits::ServerLimits;
use super::metrics::Metrics;
use super::oauth_clients::OauthClients;
use super::request_id::RequestIds;
use super::roster::Roster;
use super::service::{Plane, Service};
use crate::clock::Clock;

/// What all cores share.
pub(super) struct Shared {
    pub(super) service: Arc<dyn Service>,
    pub(super) limits: ServerLimits,
    pub(super) hosts: Hosts,
    pub(super) control_tokens: Option<ControlTokens>,
    pub(super) oauth_clients: Option<OauthClients>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Arc<dyn Clock>,
    /// Bytes of request bodies that are held now.
    pub(super) bodies: AtomicUsize,
    open: [AtomicUsize; Plane::ALL.len()],
    caps: [usize; Plane::ALL.len()],
}

impl Shared {
    pub(super) fn new(
        service: Arc<dyn Service>,
        limits: ServerLimits,
        hosts: Hosts,
        control_tokens: Option<ControlTokens>,
        oauth_clients: Option<OauthClients>,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let caps = [limits.connections, limits.control_connections];
        Self {
            service,
            limits,
            hosts,
            control_tokens,
            oauth_clients,
            metrics,
            clock,
            bodies: AtomicUsize::new(0),
            open: Default::default(),
            caps,
        }
    }

    /// Counts a connection in, unless the plane is full.
    pub(super) fn enter(&self, plane: Plane) -> bool {
        let open = &self.open[plane.index()];
        if open.fetch_add(1, Ordering::Relaxed) >= self.caps[plane.index()] {
            open.fetch_sub(1, Ordering::Relaxed);
            return false;
        }
        self.metrics.opened(plane);
        true
    }

    pub(super) fn leave(&self, plane: Plane) {
        self.open[plane.index()].fetch_sub(1, Ordering::Relaxed);
        self.metrics.closed(plane);
    }

    /// Milliseconds on the monotonic clock.
    pub(super) fn millis(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What one core has to itself.
pub(super) struct Core {
    pub(super) shared: Arc<Shared>,
    pub(super) roster: Roster,
    pub(super) ids: RequestIds,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Core")
    }
}
