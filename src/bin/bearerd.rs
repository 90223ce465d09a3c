//! The `bearerd` binary: arguments in, floor 8 does the rest.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use bearerd::cli::{self, Command, DevArgs, Edge, Exit, Failure, ServeArgs, Stop};
use bearerd::clock::SystemClock;
use bearerd::config::Environment;

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
        Command::Dev(args) => dev(args, &environment),
        Command::Serve(args) => serve(args, &environment),
        Command::Once(command) => {
            let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
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

/// The seam: `dev` and `serve` join the command line and the sidecar here.
fn dev(_: &DevArgs, _: &Environment) -> Result<Exit, Failure> {
    Err(Failure::internal("dev: this build does not serve yet"))
}

fn serve(args: &ServeArgs, environment: &Environment) -> Result<Exit, Failure> {
    cli::load_config(args.config.as_deref(), environment)?;
    Err(Failure::internal("serve: this build does not serve yet"))
}
