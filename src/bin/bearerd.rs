//! The `bearerd` binary: arguments in, floor 8 does the rest.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use bearerd::cli::{self, Command, DevArgs, Edge, Exit, Failure, Once, ServeArgs, Stop};
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Environment, ServerSection};
use bearerd::crypto::aws_lc_rs;
use bearerd::error::Fault;
use bearerd::sidecar::log::LogFormat;
use bearerd::sidecar::{self, Address, CaughtSignals, Sidecar};

fn main() -> ExitCode {
    // The hook has said what happened; what is left is to say it in the exit code.
    std::panic::catch_unwind(run)
        .unwrap_or(Exit::Internal)
        .into()
}

fn run() -> Exit {
    let mut output = io::stdout().lock();
    let outcome = match cli::parse(std::env::args_os()) {
        Ok(command) => carry_out(&command, &mut output),
        Err(Stop::Failure(failure)) => Err(failure),
        Err(Stop::Text(text)) => match output.write_all(text.as_bytes()) {
            Ok(()) => Ok(Exit::Good),
            Err(error) => Err(Failure::io("standard output", &error)),
        },
    };
    let outcome = outcome.and_then(|exit| match output.flush() {
        Ok(()) => Ok(exit),
        Err(error) => Err(Failure::io("standard output", &error)),
    });
    outcome.unwrap_or_else(|failure| {
        failure.report(&mut io::stderr().lock());
        failure.exit()
    })
}

fn carry_out(command: &Command, output: &mut dyn Write) -> Result<Exit, Failure> {
    let environment = Environment::of_process();
    match command {
        Command::Dev(args) => dev(args, &environment, output),
        Command::Serve(args) => serve(args, &environment),
        Command::Once(command) => {
            // A bar would fall between the lines of a result that is printed as it comes.
            let at_the_end = matches!(command, Once::Bench(_));
            let watched = io::stderr().is_terminal() && (at_the_end || !io::stdout().is_terminal());
            cli::run(
                command,
                &mut Edge {
                    environment,
                    clock: Arc::new(SystemClock),
                    input: &mut io::stdin().lock(),
                    output,
                    remarks: &mut io::stderr(),
                    shows_progress: watched,
                },
            )
        }
    }
}

/// What a server asks of the system before it holds keys: no core dumps, since they would hold them
/// too, and as many open files as it may have, since each connection is one.
fn settle() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let most = getrlimit(Resource::Nofile).maximum;
    let files = Rlimit {
        current: most,
        maximum: most,
    };
    for (what, limit, value) in [
        ("core dumps", Resource::Core, none),
        ("open files", Resource::Nofile, files),
    ] {
        if let Err(error) = setrlimit(limit, value) {
            tracing::warn!(%error, "the limit of {what} stays as it is");
        }
    }
}

/// Zero configuration: makes what is missing, says where it is, and serves.
fn dev(args: &DevArgs, environment: &Environment, output: &mut dyn Write) -> Result<Exit, Failure> {
    log(&ServerSection::default(), environment)?;
    settle();
    let setup = cli::DevSetup::prepare(&args.data, args.listen, aws_lc_rs())?;
    let prepared = Sidecar::prepare(setup.config(), &Environment::empty(), &clock())?;
    let caught = CaughtSignals::new()?;
    let sidecar = prepared.serve()?;
    let bound = sidecar
        .addresses()
        .iter()
        .find_map(|address| match address {
            Address::Tcp(address) => Some(*address),
            Address::Unix { .. } => None,
        });
    let welcome = setup.welcome(bound.unwrap_or(args.listen));
    let printed = output
        .write_all(welcome.as_bytes())
        .and_then(|()| output.flush());
    printed.map_err(|error| Failure::io("standard output", &error))?;
    wait(sidecar, caught)
}

/// Production: nothing is invented, and nothing is bound unless the whole configuration holds.
fn serve(args: &ServeArgs, environment: &Environment) -> Result<Exit, Failure> {
    let config = cli::load_config(args.config.as_deref(), environment)?;
    log(&config.server, environment)?;
    settle();
    for (profile, remark) in config.lint() {
        tracing::warn!(profile, "{remark}");
    }
    let prepared = Sidecar::prepare(&config, environment, &clock())?;
    let caught = CaughtSignals::new()?;
    wait(prepared.serve()?, caught)
}

fn wait(sidecar: Sidecar, caught: CaughtSignals) -> Result<Exit, Failure> {
    let report = sidecar.wait_for_signals(caught)?;
    if report.cut > 0 {
        tracing::warn!(
            cut = report.cut,
            "connections were cut with a request under way"
        );
    }
    Ok(Exit::Good)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn log(section: &ServerSection, environment: &Environment) -> Result<(), Failure> {
    let format = match section.log_format.as_deref() {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(other) => {
            let wrong = format!("server.log_format: {other:?} is not known; use text or json");
            return Err(Fault::config(wrong).into());
        }
    };
    let filter = environment
        .get("BEARERD_LOG")
        .or(section.log.as_deref())
        .unwrap_or("info");
    Ok(sidecar::log::init(format, filter)?)
}
