use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals as Stream};

use super::drain::Drain;
use crate::error::{Code, Fault};

/// Signals that no longer end the process, and wait for somebody to [`listen`](Self::listen). To be
/// made before anybody is served, so that no request is lost to a signal that came too early.
#[derive(Debug)]
pub struct CaughtSignals(Stream);

impl CaughtSignals {
    /// Catches `SIGTERM`, `SIGINT` and `SIGHUP` from now on.
    ///
    /// # Errors
    /// `INTERNAL` if the system refuses handlers.
    pub fn new() -> Result<Self, Fault> {
        let stream = Stream::new([SIGTERM, SIGINT, SIGHUP]);
        stream.map(Self).map_err(failed)
    }
}

/// The thread that listens to the process's signals, until dropped.
///
/// `SIGTERM` and `SIGINT` drain, and cut when they come again; `SIGHUP` reloads.
#[derive(Debug)]
pub struct Signals {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl CaughtSignals {
    /// Starts to listen. `reload` runs on the thread of the signals, which may wait.
    ///
    /// # Errors
    /// `INTERNAL` if the system refuses the thread.
    pub fn listen(
        self,
        drain: Drain,
        mut reload: impl FnMut() + Send + 'static,
    ) -> Result<Signals, Fault> {
        let Self(mut stream) = self;
        let handle = stream.handle();
        let thread = thread::Builder::new()
            .name("bearerd-signals".to_owned())
            .spawn(move || {
                for signal in stream.forever() {
                    match signal {
                        SIGHUP => reload(),
                        _ if drain.is_draining() => {
                            tracing::warn!("told to stop again: cutting what still runs");
                            drain.cut();
                        }
                        _ => {
                            tracing::info!("told to stop: draining");
                            drain.begin();
                        }
                    }
                }
            })
            .map_err(failed)?;
        Ok(Signals {
            handle,
            thread: Some(thread),
        })
    }
}

fn failed(error: std::io::Error) -> Fault {
    Fault::new(Code::Internal, "cannot listen to signals").caused_by(error)
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // A reload that panicked has been reported by the panic itself.
            let _ = thread.join();
        }
    }
}
