use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals as Stream};

use super::drain::Drain;
use crate::error::{Code, Fault};

/// The thread that listens to the process's signals, until dropped.
///
/// `SIGTERM` and `SIGINT` drain, and cut when they come again; `SIGHUP` reloads.
#[derive(Debug)]
pub struct Signals {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Starts to listen. `reload` runs on the thread of the signals, which may wait.
    ///
    /// # Errors
    /// `INTERNAL` if the system refuses handlers or the thread.
    pub fn listen(drain: Drain, mut reload: impl FnMut() + Send + 'static) -> Result<Self, Fault> {
        let failed = |error: std::io::Error| {
            Fault::new(Code::Internal, "cannot listen to signals").caused_by(error)
        };
        let mut stream = Stream::new([SIGTERM, SIGINT, SIGHUP]).map_err(failed)?;
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
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }
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
