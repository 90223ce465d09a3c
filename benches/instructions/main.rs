//! The instructions of the hot paths, counted by callgrind and compared with `baseline.txt`: a gate
//! that a busy machine does not move.
//!
//! ```text
//! benches/instructions/run           compares, 3 % allowed
//! BLESS=1 benches/instructions/run   writes the baseline anew
//! ```
//!
//! What is counted is Rust code of ours and of what is compiled into it. Left out is what chooses
//! its instructions by the processor: the C library's memory functions, the assembly of the
//! cryptography, and the crates that detect vector units at run time. What of that is called more
//! often is still seen, by its callers.
//!
//! A program of our own and not a harness: the harnesses that are alive want a runner installed in
//! the very version of their library, and count whole functions, the processor's choices included.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot run should stop"
)]

mod baseline;
mod callgrind;
mod cases;

use std::process::ExitCode;

/// Calls of each case; the figures are for one.
const CALLS: u64 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--case", name] => {
            cases::run(name, CALLS);
            ExitCode::SUCCESS
        }
        ["--compare", file] => compare(file),
        // `cargo bench` starts everything.
        _ => {
            println!("benches/instructions/run counts instructions");
            ExitCode::SUCCESS
        }
    }
}

fn compare(file: &str) -> ExitCode {
    let found: Vec<_> = cases::NAMES
        .iter()
        .map(|name| (*name, callgrind::count(name, CALLS)))
        .collect();
    if std::env::var_os("BLESS").is_some() {
        baseline::write(file, &found);
        println!("wrote {file}");
        return ExitCode::SUCCESS;
    }
    baseline::compare(file, &found)
}
