use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use super::app::{App, ROUTES};
use super::control_token::ControlTokens;
use super::host::Hosts;
use super::housekeeping::Housekeeping;
use super::listen::{Address, Listen};
use super::metrics::Metrics;
use super::oauth_clients::OauthClients;
use super::readiness::Readiness;
use super::server::{Report, Running, Server};
use super::service::Plane;
use super::signals::CaughtSignals;
use crate::clock::Clock;
use crate::config::{Config, Environment, Profiles, ServerSection};
use crate::error::{Code, Fault};
use crate::secret::Secret;

/// A sidecar that runs, as a configuration describes it.
#[derive(Debug)]
pub struct Sidecar {
    running: Running,
    app: Arc<App>,
    _housekeeping: Housekeeping,
}

/// A sidecar that is whole and serves nobody yet.
pub struct Prepared {
    server: Server,
    app: Arc<App>,
    profiles: Arc<Profiles>,
}

const DEFAULT_LISTEN: &str = "127.0.0.1:8611";
/// More than any machine has cores.
const MOST_THREADS: usize = 1_024;
/// Whoever may connect decides by the directory that the socket is in.
const DATA_SOCKET_MODE: u32 = 0o666;
const CONTROL_SOCKET_MODE: u32 = 0o600;

impl Sidecar {
    /// Builds every profile, then binds every listener, then serves; nothing is bound for a
    /// configuration that does not hold as a whole.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key, file or address.
    pub fn start(
        config: &Config,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        Self::prepare(config, environment, clock)?.serve()
    }

    /// Everything of [`start`](Self::start) that may take long, and no listener.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key or file.
    pub fn prepare(
        config: &Config,
        environment: &Environment,
        clock: &Arc<dyn Clock>,
    ) -> Result<Prepared, Fault> {
        let section = &config.server;
        let listens = listens(section)?;
        counts(section)?;
        let control_tokens = control_tokens(section, environment)?;
        let oauth_clients = oauth_clients(section, control_tokens.is_some())?;
        let profiles = Arc::new(config.build(environment, clock)?);
        let cores = section.threads.unwrap_or(1);
        let metrics = Metrics::new(cores, ROUTES);
        let readiness = Readiness::new();
        let hidden = control_tokens.as_ref().map(ControlTokens::secrets);
        let audit = config.open_audit(clock, stdout()?, hidden.unwrap_or_default())?;
        let app = App::new(
            Arc::clone(&profiles),
            Arc::clone(&metrics),
            readiness.clone(),
            section,
            clock,
            audit.map(Arc::new),
        )?;
        let mut server = Server::new(listens, Arc::clone(&app) as _);
        server.cores = cores;
        server.hosts = Hosts::new(section.hosts.clone());
        server.control_tokens = control_tokens;
        server.oauth_clients = oauth_clients;
        server.metrics = metrics;
        server.readiness = readiness;
        server.clock = Arc::clone(clock);
        let limits = &mut server.limits;
        limits.connections = section.max_connections.unwrap_or(limits.connections);
        limits.body = section.max_body.unwrap_or(limits.body);
        limits.drain = section.drain.map_or(limits.drain, |drain| drain.0);
        Ok(Prepared {
            server,
            app,
            profiles,
        })
    }

    /// The addresses as bound; port 0 has become a real one.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        self.running.addresses()
    }

    /// The order to stop.
    #[must_use]
    pub fn drain(&self) -> super::Drain {
        self.running.drain()
    }

    /// What answers.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until the process is told to stop: `SIGTERM` and `SIGINT` drain, `SIGHUP` reads the
    /// key files again and leaves the keys as they are where one is bad. What came since `caught`
    /// was made counts.
    ///
    /// # Errors
    /// `INTERNAL` where the system gives no thread, or one panicked.
    pub fn wait_for_signals(self, caught: CaughtSignals) -> Result<Report, Fault> {
        let app = Arc::clone(&self.app);
        let signals = caught.listen(self.running.drain(), move || {
            // Logged and counted where it happens.
            let _ = app.reload_on_signal();
        })?;
        let report = self.wait();
        drop(signals);
        report
    }

    /// Serves until the drain is ordered.
    ///
    /// # Errors
    /// `INTERNAL` where a thread panicked.
    pub fn wait(self) -> Result<Report, Fault> {
        let report = self.running.wait();
        self.app.close();
        report
    }
}

impl Prepared {
    /// Binds every listener and serves.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the address.
    pub fn serve(self) -> Result<Sidecar, Fault> {
        Ok(Sidecar {
            running: self.server.start()?,
            app: self.app,
            _housekeeping: Housekeeping::start(self.profiles)?,
        })
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// A way of its own to standard output, since the process may hold the usual one for good.
fn stdout() -> Result<Box<dyn Write + Send>, Fault> {
    let output = std::io::stdout().as_fd().try_clone_to_owned();
    let output = output.map_err(|error| {
        Fault::new(Code::Internal, "standard output cannot be used").caused_by(error)
    })?;
    Ok(Box::new(File::from(output)))
}

/// What each serves is made for one at least; what a thread needs is set aside for every one.
fn counts(section: &ServerSection) -> Result<(), Fault> {
    let counts = [
        ("threads", section.threads, MOST_THREADS),
        ("max_batch", section.max_batch, usize::MAX),
        ("max_connections", section.max_connections, usize::MAX),
        ("max_body", section.max_body, usize::MAX),
    ];
    for (name, count, most) in counts {
        match count {
            Some(0) => {
                return Err(Fault::config(format!(
                    "server.{name} is 0 and nothing could be served; set 1 or more, or leave it out"
                )));
            }
            Some(count) if count > most => {
                return Err(Fault::config(format!(
                    "server.{name} is {count}; at most {most} can be used"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn listens(section: &ServerSection) -> Result<Vec<Listen>, Fault> {
    let mut listens = Vec::new();
    let sockets_alone = section.data_socket.is_some() || section.control_socket.is_some();
    let default = if sockets_alone {
        Vec::new()
    } else {
        vec![DEFAULT_LISTEN.to_owned()]
    };
    for text in section.listen.as_ref().unwrap_or(&default) {
        let address: SocketAddr = text.parse().map_err(|_| {
            Fault::config(format!(
                "server.listen: {text:?} is not ADDRESS:PORT, such as {DEFAULT_LISTEN}"
            ))
        })?;
        listens.push(Listen {
            plane: Plane::Data,
            address: Address::Tcp(address),
            allow_non_loopback: section.allow_non_loopback,
        });
    }
    let mut socket = |path: &Path, plane, mode| {
        let address = Address::Unix {
            path: path.to_owned(),
            mode,
        };
        listens.push(Listen {
            plane,
            address,
            allow_non_loopback: false,
        });
    };
    if let Some(path) = &section.data_socket {
        socket(path, Plane::Data, DATA_SOCKET_MODE);
    }
    if let Some(path) = &section.control_socket {
        socket(path, Plane::Control, CONTROL_SOCKET_MODE);
    }
    Ok(listens)
}

/// From the file or `BEARERD_CONTROL_TOKEN`; without one, TCP serves the data plane alone.
fn control_tokens(
    section: &ServerSection,
    environment: &Environment,
) -> Result<Option<ControlTokens>, Fault> {
    let from_environment = environment
        .get("BEARERD_CONTROL_TOKEN")
        .map(|text| text.as_bytes().to_vec());
    let mut bytes = match (&section.control_token_file, from_environment) {
        (None, None) => return Ok(None),
        (_, Some(bytes)) => bytes,
        (Some(path), None) => read_owned(path)?,
    };
    // Cut, not copied: a second copy would be left behind in memory.
    bytes.truncate(bytes.trim_ascii_end().len());
    ControlTokens::new(vec![Secret::new(bytes)]).map(Some)
}

/// Over TCP there is a control plane, and with it the OAuth endpoints, where there is a control
/// token.
fn oauth_clients(
    section: &ServerSection,
    has_control_token: bool,
) -> Result<Option<OauthClients>, Fault> {
    section.check_oauth_clients()?;
    if section.oauth_clients.is_empty() {
        return Ok(None);
    }
    let provider = crate::crypto::providers()
        .first()
        .filter(|_| has_control_token);
    let provider = provider.ok_or_else(|| {
        Fault::config(
            "server.oauth_clients: without a control token there is no control plane that they could \
             call over TCP; set server.control_token_file or BEARERD_CONTROL_TOKEN",
        )
    })?;
    let clients = section
        .oauth_clients
        .iter()
        .map(|client| Ok((client.id.clone(), client.hash()?)))
        .collect::<Result<_, Fault>>()?;
    Ok(Some(OauthClients::new(*provider, clients)))
}

fn read_owned(path: &Path) -> Result<Vec<u8>, Fault> {
    let failed = |error: std::io::Error| {
        Fault::config(format!(
            "{}: the control token cannot be read; check path and permissions",
            path.display()
        ))
        .caused_by(error)
    };
    if std::fs::metadata(path).map_err(failed)?.mode() & 0o077 != 0 {
        return Err(Fault::config(format!(
            "{}: others may read the control token; chmod 600 it",
            path.display()
        )));
    }
    std::fs::read(path).map_err(failed)
}
