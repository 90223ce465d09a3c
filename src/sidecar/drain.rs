use std::sync::Arc;

use tokio::sync::watch;

/// How far a server has come towards its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Requests are welcome.
    Serving,
    /// What was begun is finished, nothing new is taken.
    Draining,
    /// What still runs is cut.
    Cutting,
}

/// The order to stop, which any thread may give.
///
/// The first order drains: readiness falls, listeners close once the connections that wait in
/// them are taken, idle connections are closed, requests under way are answered. A second order,
/// or the deadline, cuts what is left. Neither can be taken back.
#[derive(Clone, Debug)]
pub struct Drain {
    stage: Arc<watch::Sender<Stage>>,
}

impl Drain {
    /// A server that nobody has told to stop.
    #[must_use]
    pub fn new() -> Self {
        Self {
            stage: Arc::new(watch::Sender::new(Stage::Serving)),
        }
    }

    /// Finish what was begun, and stop.
    pub fn begin(&self) {
        self.advance(Stage::Draining);
    }

    /// Stop now.
    pub fn cut(&self) {
        self.advance(Stage::Cutting);
    }

    /// Whether the order was given.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining
    }

    pub(super) fn watch(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let forward = to > *stage;
            if forward {
                *stage = to;
            }
            forward
        });
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}
