use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Run, machine};

/// Builds what the wanted parts measure. False where the sidecar or the benches cannot be built.
pub fn build(run: &mut Run, wanted: &dyn Fn(&str) -> bool) -> bool {
    let mut built = true;
    let mut cargo = |run: &mut Run, what: &str, arguments: &[&str]| {
        run.says(&format!("  {what}"));
        let mut command = cargo(run);
        command.args(arguments).env("CARGO_TARGET_DIR", &run.target);
        if let Err(why) = finish(run, command, what) {
            run.misses(what, why);
            built = false;
        }
    };
    if wanted("sidecar") || wanted("trouble") {
        cargo(run, "the sidecar", &["build", "--release", "--quiet"]);
        let manifest = "benches/bare/Cargo.toml";
        cargo(
            run,
            "bare hyper",
            &["build", "--release", "--quiet", "--manifest-path", manifest],
        );
    }
    if wanted("core") || wanted("million") {
        let arguments = [
            "bench",
            "--quiet",
            "--all-features",
            "--no-run",
            "--bench",
            "cache",
            "--bench",
            "verify",
        ];
        cargo(run, "the benches", &arguments);
    }
    if wanted("peers") {
        let manifest = "benches/rivals/Cargo.toml";
        cargo(
            run,
            "the peers in Rust",
            &["bench", "--quiet", "--no-run", "--manifest-path", manifest],
        );
    }
    if wanted("peers") || wanted("bindings") {
        run.says("  the shared library");
        let mut command = Command::new("make");
        command
            .args(["--no-print-directory", "stage"])
            .env("CARGO_TARGET_DIR", &run.target);
        if let Err(why) = finish(run, command, "the shared library") {
            run.misses("the shared library", why);
        }
    }
    built
}

/// The verifier and its cache, beside the raw primitives and other caches.
pub fn core(run: &mut Run) {
    bench(
        run,
        "the claims cache beside others",
        &[
            "--bench", "cache", "--", "ratio", "hot", "zipf", "uniform", "100k", "threads",
        ],
    );
    bench(run, "verification, cold and cached", &["--bench", "verify"]);
}

/// One million live entries.
pub fn million(run: &mut Run) {
    const NEEDED: u64 = 5 << 30;
    if machine::memory() < NEEDED {
        run.misses("one million live entries", "it takes 5 GB of free memory");
    } else if run.quick {
        run.misses(
            "one million live entries",
            "it takes minutes, and the run is a quick one",
        );
    } else {
        bench(
            run,
            "one million live entries",
            &["--bench", "cache", "--", "million"],
        );
    }
}

/// Libraries in Rust and C that do the same.
pub fn peers(run: &mut Run) {
    bench(
        run,
        "peers in Rust",
        &["--manifest-path", "benches/rivals/Cargo.toml"],
    );
    script(run, "peers in C", "benches/c/run", &[], None);
}

/// The bindings, each beside the libraries of its language.
pub fn bindings(run: &mut Run) {
    let quick = run.quick;
    let pick = |long, short| if quick { short } else { long };
    let node = ["ROUNDS", pick("41", "3"), "ROUND_MS", pick("25", "10")];
    script(run, "Node", "bindings/node/bench/run", &node, Some("node"));
    let go = pick("-rounds=9 -slice=150ms", "-rounds=3 -slice=20ms");
    script(
        run,
        "Go",
        "bindings/go/bench/run",
        &["ARGUMENTS", go],
        Some("go"),
    );
    let python = pick(
        "--rounds 9 --milliseconds 100",
        "--rounds 3 --milliseconds 20",
    );
    script(
        run,
        "Python",
        "bindings/python/bench/run",
        &["ARGUMENTS", python],
        Some("python3"),
    );
}

fn bench(run: &mut Run, what: &str, arguments: &[&str]) {
    run.says(what);
    let mut command = cargo(run);
    let features: &[&str] = if arguments[0] == "--bench" {
        &["--all-features"]
    } else {
        &[]
    };
    command
        .args(["bench", "--quiet"])
        .args(features)
        .args(arguments);
    command.env("CARGO_TARGET_DIR", &run.target);
    if let Err(why) = finish(run, command, what) {
        run.misses(what, why);
    }
}

fn script(run: &mut Run, what: &str, path: &str, settings: &[&str], needs: Option<&str>) {
    run.says(what);
    if let Some(program) = needs.filter(|program| !machine::is_here(program)) {
        return run.misses(what, format!("{program} is not here"));
    }
    let mut command = Command::new(run.root.join(path));
    for pair in settings.chunks(2) {
        match pair {
            ["ARGUMENTS", arguments] => {
                command.args(arguments.split(' '));
            }
            [name, value] => {
                command.env(name, value);
            }
            _ => {}
        }
    }
    command.env("LIBBEARERD_PREFIX", run.target.join("stage"));
    if let Err(why) = finish(run, command, what) {
        run.misses(what, why);
    }
}

fn cargo(run: &Run) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(&run.root)
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    command
}

/// Runs it to its end, its output kept in a file; the file's last line where it fails.
fn finish(run: &Run, mut command: Command, what: &str) -> Result<(), String> {
    let path = run
        .work
        .join(format!("{}.log", what.replace([' ', ','], "-")));
    let file = |path: &Path| File::create(path).map_err(|error| error.to_string());
    let log = file(&path)?;
    let errors = log.try_clone().map_err(|error| error.to_string())?;
    let status = command
        .current_dir(&run.root)
        .env("BEARERD_BENCH_RECORD", run.record_file())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let last = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it said nothing");
    Err(format!("{status}: {}", last.trim()))
}
