use std::process::Command;

use crate::building::{BENCHES, C, GO, LIBRARY, NODE, PYTHON, RIVALS, script_of};
use crate::command::{Ended, finish};
use crate::{Run, machine};

/// The verifier and its cache, beside the raw primitives and other caches. Step by step: where one
/// fails, the others have their figures.
pub fn core(run: &mut Run) {
    for (what, name, parts) in [
        ("verification anew, and signing", "verify", &["cold"][..]),
        ("hits of the verifier", "verify", &["hit"]),
        ("hits through the C ABI", "verify", &["c_abi"]),
        ("personal access tokens", "verify", &["pats"]),
        ("permissions", "verify", &["permissions"]),
        ("parsers of JSON", "verify", &["parsers"]),
        ("hits beside a million revocations", "verify", &["revoked"]),
        ("hits in trouble", "verify", &["latency"]),
        ("memory of the cache", "cache", &["memory"]),
        (
            "the cache beside others",
            "cache",
            &["hot", "zipf", "uniform", "100k"],
        ),
        ("the cache on two threads", "cache", &["threads"]),
        ("hit ratios", "cache", &["ratio"]),
    ] {
        bench(run, what, name, parts);
    }
}

/// One million live entries.
pub fn million(run: &mut Run) {
    const NEEDED: u64 = 5 << 30;
    let what = "one million live entries";
    if machine::memory() < NEEDED {
        run.lacks(what, "it needs 5 GB of free memory");
    } else {
        bench(run, what, "cache", &["million"]);
    }
}

/// Libraries in Rust and C that do the same.
pub fn peers(run: &mut Run) {
    let manifest = ["--manifest-path", "benches/rivals/Cargo.toml"];
    if !run.failed(RIVALS) {
        run.says(RIVALS);
        let command = cargo_bench(run, &manifest);
        tell(run, RIVALS, command);
    }
    script(run, C, "benches/c/run", &[], &[]);
}

/// The bindings, each beside the libraries of its language.
pub fn bindings(run: &mut Run) {
    let quick = run.arguments.quick;
    let (rounds, slice) = if quick { ("3", "5") } else { ("41", "25") };
    let node = [("ROUNDS", rounds), ("ROUND_MS", slice)];
    script(run, NODE, "bindings/node/bench/run", &[], &node);
    let go = if quick {
        ["-rounds=3", "-slice=10ms"]
    } else {
        ["-rounds=9", "-slice=150ms"]
    };
    script(run, GO, "bindings/go/bench/run", &go, &[]);
    let (rounds, slice) = if quick { ("3", "10") } else { ("9", "100") };
    let python = ["--rounds", rounds, "--milliseconds", slice];
    script(run, PYTHON, "bindings/python/bench/run", &python, &[]);
}

fn bench(run: &mut Run, what: &str, name: &str, parts: &[&str]) {
    if run.failed(BENCHES) {
        return;
    }
    run.says(what);
    let bench = ["--all-features", "--bench", name, "--"];
    let command = cargo_bench(run, &[&bench[..], parts].concat());
    tell(run, what, command);
}

fn cargo_bench(run: &Run, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    let profile = if run.arguments.debug { "dev" } else { "bench" };
    command.args(["bench", "--quiet", "--profile", profile]);
    command.args(arguments);
    command
}

fn script(run: &mut Run, what: &str, path: &str, arguments: &[&str], settings: &[(&str, &str)]) {
    let is_missing = run.absent.iter().any(|missing| missing.what == what);
    if is_missing || run.failed(what) || run.failed(LIBRARY) {
        return;
    }
    run.says(what);
    let mut command = script_of(run, what, path);
    command.args(arguments).envs(settings.iter().copied());
    tell(run, what, command);
}

fn tell(run: &mut Run, what: &str, command: Command) {
    match finish(run, command, what) {
        Ok(()) => {}
        Err(Ended::Absent(why)) => run.lacks(what, &why),
        Err(Ended::Failed(why)) => run.fails(what, &why),
    }
}
