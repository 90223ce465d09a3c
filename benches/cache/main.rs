//! The claims cache against the caches that could have been its engine.
//!
//! `cargo bench --bench cache -- [hot] [zipf] [uniform] [100k] [threads] [ratio] [memory]
//! [million]`; without a name everything but `million`, which takes a minute or more and 4 GB.
//!
//! Sides take turns in rounds, each warmed before it is timed, and only ratios within a run mean
//! anything. Time is processor time of the thread, so other work on the machine does little.
//! Every lookup is asserted to hit before it is timed and while it is. Each batch of tokens is
//! written into fresh buffers before its clock starts: a token has just arrived when it is looked
//! up, and no buffer is ever the one that the entry was made from.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

mod engines;
mod growth;
mod ratio;
#[expect(unreachable_pub, dead_code, reason = "shared by packages")]
#[expect(clippy::expect_used, reason = "a bench that cannot run should stop")]
#[path = "../support/record.rs"]
mod record;
mod speed;
mod threads;
mod tokens;

fn main() {
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let wanted = |name: &str| match named.as_slice() {
        [] => name != "million",
        some => some.iter().any(|arg| arg == name),
    };
    // First: what another part frees would be used again, and be missing from its count.
    if wanted("memory") {
        growth::memory();
    }
    if wanted("ratio") {
        ratio::run();
    }
    if wanted("hot") {
        speed::run("1,000 hot", 1_000, 65_536, tokens::Pick::Uniform);
        speed::run("1,000 Zipf", 1_000, 65_536, tokens::Pick::Zipf);
    }
    if wanted("zipf") {
        speed::run("10,000 Zipf", 10_000, 65_536, tokens::Pick::Zipf);
    }
    if wanted("uniform") {
        speed::run("10,000 uniform", 10_000, 65_536, tokens::Pick::Uniform);
    }
    if wanted("100k") {
        speed::run("100,000 Zipf", 100_000, 131_072, tokens::Pick::Zipf);
        speed::run("100,000 uniform", 100_000, 131_072, tokens::Pick::Uniform);
    }
    if wanted("threads") {
        threads::run();
    }
    if wanted("million") {
        growth::million();
    }
}
