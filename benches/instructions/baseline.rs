use std::fmt::Write;
use std::process::{Command, ExitCode};

use crate::callgrind::Count;

/// What a case may grow by.
const ALLOWED: f64 = 1.03;
/// `tests/run` takes this for "counted, and nothing to compare with".
const NOT_COMPARABLE: u8 = 4;

pub(crate) fn write(file: &str, found: &[(&str, Count)]) {
    let mut text = format!(
        "# Instructions of one call, counted by callgrind. BLESS=1 benches/instructions/run writes this.\n{}\n",
        compiler()
    );
    for (name, count) in found {
        let _ = writeln!(text, "{name} {}", count.each);
    }
    std::fs::write(file, text).unwrap();
}

pub(crate) fn compare(file: &str, found: &[(&str, Count)]) -> ExitCode {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let (theirs, ours) = (lines.next().unwrap_or_default(), compiler());
    let known: Vec<(&str, u64)> = lines
        .map(|line| {
            let (name, count) = line.split_once(' ').expect("a name and a number");
            (name, count.parse().expect("a number"))
        })
        .collect();
    let mut failed = false;
    println!(
        "{:<34} {:>10} {:>10} {:>9}",
        "instructions a call", "baseline", "now", ""
    );
    for (name, count) in found {
        let Some((_, before)) = known.iter().find(|(known, _)| known == name) else {
            println!(
                "{name:<34} {:>10} {:>10}   is not in the baseline",
                "", count.each
            );
            failed = true;
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "thousands of instructions")]
        let ratio = count.each as f64 / *before as f64;
        let over = ratio > ALLOWED;
        let verdict = if over { "  MORE THAN ALLOWED" } else { "" };
        let change = (ratio - 1.0) * 100.0;
        println!(
            "{name:<34} {before:>10} {:>10} {change:>+8.1} %{verdict}",
            count.each
        );
        if over {
            for (function, cost) in count.heaviest.iter().take(12) {
                println!("    {cost:>8}  {function}");
            }
        }
        failed |= over;
    }
    if theirs != ours {
        println!(
            "not comparable: the baseline was taken with another compiler, and its figures say nothing here\n\
             \x20 baseline: {theirs}\n  here:     {ours}"
        );
        return ExitCode::from(NOT_COMPARABLE);
    }
    if failed {
        println!("If the change is worth its instructions: BLESS=1 benches/instructions/run");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Another compiler makes other instructions.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    format!("{} {}", version.trim(), std::env::consts::ARCH)
}
