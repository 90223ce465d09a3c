use std::process::Command;

use crate::Run;
use crate::command::{Ended, finish};

/// Builds what the wanted parts measure. What cannot be built is said to have failed, and the rest
/// is measured.
pub fn build(run: &mut Run) {
    let profile = if run.arguments.debug {
        "dev"
    } else {
        "release"
    };
    let bench_profile = if run.arguments.debug { "dev" } else { "bench" };
    let wants = |run: &Run, part: &str| run.arguments.wants(part);
    if wants(run, "sidecar") || wants(run, "trouble") {
        cargo(run, SIDECAR, &["build", "--profile", profile]);
        let manifest = "benches/bare/Cargo.toml";
        let arguments = ["build", "--profile", profile, "--manifest-path", manifest];
        cargo(run, BARE, &arguments);
    }
    if wants(run, "core") || wants(run, "million") {
        let arguments = ["bench", "--profile", bench_profile, "--all-features"];
        let benches = ["--no-run", "--bench", "cache", "--bench", "verify"];
        cargo(run, BENCHES, &[&arguments[..], &benches].concat());
    }
    if wants(run, "peers") {
        let arguments = ["bench", "--profile", bench_profile, "--no-run"];
        let manifest = ["--manifest-path", "benches/rivals/Cargo.toml"];
        cargo(run, RIVALS, &[&arguments[..], &manifest].concat());
    }
    if wants(run, "peers") || wants(run, "bindings") {
        let is_there = run.stage().join("lib/libbearerd.a").exists();
        if !(run.arguments.debug && is_there) {
            let mut command = Command::new("make");
            command.args(["--no-print-directory", "stage"]);
            tell(run, LIBRARY, command);
        }
    }
    if wants(run, "peers") && !run.failed(LIBRARY) {
        script(run, C, "benches/c/run");
    }
    if wants(run, "bindings") && !run.failed(LIBRARY) {
        script(run, NODE, "bindings/node/bench/run");
        script(run, GO, "bindings/go/bench/run");
        script(run, PYTHON, "bindings/python/bench/run");
    }
}

pub const SIDECAR: &str = "the sidecar";
pub const BARE: &str = "bare hyper";
pub const BENCHES: &str = "the benches";
pub const RIVALS: &str = "libraries in Rust";
pub const LIBRARY: &str = "the shared library";
pub const C: &str = "libraries in C";
pub const NODE: &str = "Node";
pub const GO: &str = "Go";
pub const PYTHON: &str = "Python";

fn cargo(run: &mut Run, what: &str, arguments: &[&str]) {
    let mut command = Command::new("cargo");
    command.args(arguments).arg("--quiet");
    tell(run, what, command);
}

/// A script that builds apart from measuring.
fn script(run: &mut Run, what: &str, path: &str) {
    let mut command = script_of(run, what, path);
    command.arg("build");
    tell(run, what, command);
}

/// A script of the repository, with a folder of its own for what it builds.
pub fn script_of(run: &Run, what: &str, path: &str) -> Command {
    let folder = run.work.join(what.replace(' ', "-"));
    // What it is missing for is said by the script.
    let _ = std::fs::create_dir_all(&folder);
    let mut command = Command::new(run.root.join(path));
    command.env("BEARERD_BENCH_WORK", folder);
    command
}

fn tell(run: &mut Run, what: &str, command: Command) {
    run.says(&format!("  building: {what}"));
    match finish(run, command, &format!("building {what}")) {
        Ok(()) => {}
        Err(Ended::Absent(why)) => run.lacks(what, &why),
        Err(Ended::Failed(why)) => run.fails(what, &why),
    }
}
