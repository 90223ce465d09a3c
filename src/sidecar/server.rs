use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};

use super::acceptor::{self, Listener};
use super::control_token::ControlTokens;
use super::core::{Core, Shared};
use super::drain::Drain;
use super::host::Hosts;
use super::limits::ServerLimits;
use super::listen::{self, Address, Bound, Listen};
use super::metrics::{self, Metrics};
use super::oauth_clients::OauthClients;
use super::readiness::Readiness;
use super::request_id::RequestIds;
use super::roster::Roster;
use super::service::{Plane, Service};
use crate::clock::{Clock, SystemClock};
use crate::error::{Code, Fault};

/// Everything that a server is made of, checked as a whole when it starts.
#[non_exhaustive]
pub struct Server {
    /// Where to listen.
    pub listens: Vec<Listen>,
    /// What answers.
    pub service: Arc<dyn Service>,
    /// Threads that serve, each with sockets and connections of its own. Default 1.
    pub cores: usize,
    /// The bounds.
    pub limits: ServerLimits,
    /// Names under which we may be called, beside the built-in ones.
    pub hosts: Hosts,
    /// What opens the control plane over TCP. A control listener over TCP needs it.
    pub control_tokens: Option<ControlTokens>,
    /// Who may call the standard OAuth endpoints with a secret of their own.
    pub oauth_clients: Option<OauthClients>,
    /// Where requests and connections are counted.
    pub metrics: Arc<Metrics>,
    /// Falls when the server drains.
    pub readiness: Readiness,
    /// The order to stop.
    pub drain: Drain,
    /// What paces the timeouts.
    pub clock: Arc<dyn Clock>,
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    addresses: Vec<Address>,
    drain: Drain,
    cores: Vec<JoinHandle<usize>>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Report {
    /// Connections that were cut with a request under way.
    pub cut: usize,
}

/// Serves until `drain` is ordered, from this process's signals or by whoever holds it.
///
/// # Errors
/// Those of [`Server::start`].
pub fn run(server: Server) -> Result<Report, Fault> {
    server.start()?.wait()
}

impl Server {
    /// A server with defaults for everything but where and what.
    #[must_use]
    pub fn new(listens: Vec<Listen>, service: Arc<dyn Service>) -> Self {
        Self {
            listens,
            service,
            cores: 1,
            limits: ServerLimits::default(),
            hosts: Hosts::default(),
            control_tokens: None,
            oauth_clients: None,
            metrics: Metrics::new(1, &[]),
            readiness: Readiness::new(),
            drain: Drain::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Binds every listener and begins to serve. Nothing is served unless all of them bind.
    ///
    /// # Errors
    /// `CONFIG_ERROR` for a setting that cannot be or a listener that cannot be bound, named;
    /// `INTERNAL` if the system refuses threads.
    pub fn start(mut self) -> Result<Running, Fault> {
        self.check()?;
        self.fit_open_files();
        let mut bound = listen::bind_all(&self.listens, self.cores, self.limits.backlog)?;
        let addresses: Vec<_> = bound.iter().map(|bound| bound.address.clone()).collect();
        let shared = Arc::new(Shared::new(
            self.service,
            self.limits,
            self.hosts,
            self.control_tokens,
            self.oauth_clients,
            self.metrics,
            self.clock,
        ));
        let process = RequestIds::process();
        let mut cores = Vec::with_capacity(self.cores);
        for index in 0..self.cores {
            let runtime = runtime(&shared.limits)?;
            let core = Arc::new(Core {
                roster: Roster::new(),
                ids: RequestIds::new(process, index),
                shared: Arc::clone(&shared),
            });
            let listeners = {
                let _within = runtime.enter();
                portion(&mut bound)?
            };
            let (drain, readiness) = (self.drain.clone(), self.readiness.clone());
            let thread = thread::Builder::new()
                .name(format!("bearerd-core-{index}"))
                .spawn(move || {
                    metrics::bind_to_core(index);
                    let cut = runtime.block_on(acceptor::run(core, listeners, &drain, &readiness));
                    // A request that still waits for a store is not waited for.
                    runtime.shutdown_background();
                    cut
                });
            match thread {
                Ok(thread) => cores.push(thread),
                Err(error) => {
                    self.drain.cut();
                    return Err(
                        Fault::new(Code::Internal, "cannot start a thread").caused_by(error)
                    );
                }
            }
        }
        for address in &addresses {
            tracing::info!(%address, "listening");
        }
        Ok(Running {
            addresses,
            drain: self.drain,
            cores,
        })
    }

    fn check(&self) -> Result<(), Fault> {
        if self.cores == 0 {
            return Err(Fault::config("cores is 0: use 1 or more"));
        }
        if self.listens.is_empty() {
            return Err(Fault::config("there is nowhere to listen: name a listener"));
        }
        if self.limits.head < ServerLimits::MIN_HEAD {
            return Err(Fault::config(format!(
                "the limit head is {}: use {} or more",
                self.limits.head,
                ServerLimits::MIN_HEAD
            )));
        }
        let needs_token = self.listens.iter().find(|listen| {
            listen.plane == Plane::Control && matches!(listen.address, Address::Tcp(_))
        });
        match needs_token {
            Some(listen) if self.control_tokens.is_none() => Err(Fault::config(format!(
                "the control plane on {} has no token: set one, or listen on a unix socket",
                listen.address
            ))),
            _ => Ok(()),
        }
    }

    /// Lowers the connection cap to what the process may open, files of its own set aside.
    fn fit_open_files(&mut self) {
        const OWN: usize = 128;
        let Some(most) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current
        else {
            return;
        };
        let fits = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .saturating_sub(OWN + self.limits.control_connections)
            .max(1);
        if fits < self.limits.connections {
            tracing::warn!(
                wanted = self.limits.connections,
                fits,
                "fewer connections than configured: the limit of open files is {most}"
            );
            self.limits.connections = fits;
        }
    }
}

impl Running {
    /// The addresses as bound, in the order of the listeners; port 0 has become a real one.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// The order to stop.
    #[must_use]
    pub fn drain(&self) -> Drain {
        self.drain.clone()
    }

    /// Returns when the server has ended.
    ///
    /// # Errors
    /// `INTERNAL` if a core's thread panicked.
    pub fn wait(self) -> Result<Report, Fault> {
        let mut cut = 0;
        let mut panicked = false;
        for core in self.cores {
            match core.join() {
                Ok(unfinished) => cut += unfinished,
                Err(_) => panicked = true,
            }
        }
        if panicked {
            return Err(Fault::new(
                Code::Internal,
                "a serving thread ended by a defect: see its report above",
            ));
        }
        Ok(Report { cut })
    }
}

/// One core's share of every listener, last core first. To be called within its runtime.
fn portion(bound: &mut [Bound]) -> Result<Vec<Listener>, Fault> {
    bound
        .iter_mut()
        .filter_map(|bound| Some((bound.sockets.pop()?, bound)))
        .map(|(socket, bound)| {
            Listener::register(bound.plane, socket, bound.file.clone()).map_err(|error| {
                Fault::new(Code::Internal, format!("cannot serve {}", bound.address))
                    .caused_by(error)
            })
        })
        .collect()
}

fn runtime(limits: &ServerLimits) -> Result<Runtime, Fault> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(limits.waiting_threads.max(1))
        .thread_name("bearerd-waiting")
        .build()
        .map_err(|error| Fault::new(Code::Internal, "cannot start a runtime").caused_by(error))
}
