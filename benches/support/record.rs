//! What was measured, for programs: one line of JSON a figure, appended to the file that
//! `BEARERD_BENCH_RECORD` names.

use std::fs::OpenOptions;
use std::io::Write;

/// Whether anybody wants it.
pub fn wanted() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Keeps a figure: the median of some rounds, and the least and the most of them.
pub fn record(group: &str, name: &str, unit: &str, median: f64, least: f64, most: f64) {
    let Some(file) = std::env::var_os(VARIABLE) else {
        return;
    };
    let line = serde_json::json!({
        "group": group, "name": name, "unit": unit, "median": median, "least": least, "most": most,
    });
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .expect("the file of the record can be written");
    writeln!(file, "{line}").expect("the file of the record can be written");
}

const VARIABLE: &str = "BEARERD_BENCH_RECORD";
