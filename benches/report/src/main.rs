//! Runs the whole comparison on this machine and writes `benches/REPORT.md` with its plots.

#![expect(clippy::disallowed_methods, reason = "it takes the time itself")]

mod answer;
mod arguments;
mod bars;
mod building;
mod command;
mod cores;
mod curves;
mod desk;
mod figures;
mod forward;
mod gateways;
mod goals;
mod jobs;
mod load;
mod machine;
mod page;
mod plots;
mod run;
mod server;
mod sidecar;
mod trouble;
mod versions;

use std::process::ExitCode;
use std::time::Instant;

use arguments::{Arguments, Stop};
use run::Run;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(Stop::Help(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Usage(why)) => {
            eprintln!("{why}; --help says more");
            return ExitCode::from(64);
        }
    };
    let mut run = match Run::begin(arguments) {
        Ok(run) => run,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(74);
        }
    };
    if run.arguments.build {
        run.says("building what is measured, as it is released; this is no part of the measuring");
        building::build(&mut run);
    }
    run.building = run.start.elapsed();
    run.start = Instant::now();
    run.says("measuring; leave the machine alone meanwhile");
    for (part, measure) in [
        ("core", jobs::core as fn(&mut Run)),
        ("million", jobs::million),
        ("peers", jobs::peers),
        ("bindings", jobs::bindings),
        ("sidecar", sidecar::measure),
        ("trouble", trouble::measure),
    ] {
        if run.arguments.wants(part) {
            measure(&mut run);
        }
    }
    run.take_record();
    let written = page::write(&mut run);
    run.end();
    match written {
        Ok(report) => run.says(&format!("wrote {}", report.display())),
        Err(why) => run.fails("the report", &why),
    }
    if run.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    for failure in &run.failed {
        eprintln!("\nFAILED: {}\n{}", failure.what, failure.why);
    }
    ExitCode::FAILURE
}
