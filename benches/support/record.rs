//! What was measured, for programs: one line of JSON a figure, appended to the file that
//! `BEARERD_BENCH_RECORD` names. All rounds are kept, in the order in which they were, so that a
//! ratio can be taken round by round.

use std::fs::OpenOptions;
use std::io::Write;

/// Whether anybody wants it.
pub fn wanted() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Whether few and short rounds will do: to see that everything works, and no more.
pub fn quick() -> bool {
    std::env::var_os("BEARERD_BENCH_QUICK").is_some()
}

/// Keeps a figure: what each round found.
pub fn record(group: &str, name: &str, unit: &str, rounds: &[f64]) {
    let Some(file) = std::env::var_os(VARIABLE) else {
        return;
    };
    let line = serde_json::json!({ "group": group, "name": name, "unit": unit, "rounds": rounds });
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .expect("the file of the record can be written");
    writeln!(file, "{line}").expect("the file of the record can be written");
}

const VARIABLE: &str = "BEARERD_BENCH_RECORD";
