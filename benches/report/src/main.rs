//! Runs the whole comparison on this machine and writes `benches/REPORT.md` with its plots.
//!
//! `bearerd-report [--quick] [--built] [PART]...`: quick takes few and short rounds, to see that
//! everything works; its figures say little. Built takes what was built before. Parts are `core`, `million`, `peers`, `bindings`, `sidecar` and
//! `trouble`; all of them without any.

#![expect(clippy::disallowed_methods, reason = "it takes the time itself")]

mod cores;
mod figures;
mod goals;
mod jobs;
mod machine;
mod page;
mod peers;
mod plot;
mod server;
mod sidecar;
mod trouble;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use figures::Figures;

/// What the parts of a run are given, and what they leave behind.
pub struct Run {
    /// The repository.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// For what is made on the way.
    pub work: PathBuf,
    pub quick: bool,
    pub figures: Figures,
    /// What could not be measured, and why.
    pub absent: Vec<(String, String)>,
    pub start: Instant,
}

impl Run {
    /// Tells whoever watches what is done now.
    pub fn says(&self, what: &str) {
        eprintln!("[{:>4} s] {what}", self.start.elapsed().as_secs());
    }

    pub fn misses(&mut self, what: &str, why: impl Into<String>) {
        let why = why.into();
        self.says(&format!("{what}: not measured: {why}"));
        self.absent.push((what.to_owned(), why));
    }

    pub fn record_file(&self) -> PathBuf {
        self.work.join("record.jsonl")
    }
}

const PARTS: [&str; 6] = ["core", "million", "peers", "bindings", "sidecar", "trouble"];

fn main() -> ExitCode {
    let (options, parts): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let (mut quick, mut build) = (false, true);
    for option in &options {
        match option.as_str() {
            "--quick" => quick = true,
            "--built" => build = false,
            _ => {
                eprintln!("there is no option {option}; choose from --quick, --built");
                return ExitCode::from(64);
            }
        }
    }
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        eprintln!(
            "there is no part {unknown}; choose from {}",
            PARTS.join(", ")
        );
        return ExitCode::from(64);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let work = std::env::temp_dir().join(format!("bearerd-report-{}", std::process::id()));
    std::fs::create_dir_all(&work).expect("a folder for what is made on the way");
    let mut run = Run {
        root,
        target,
        work,
        quick,
        figures: Figures::default(),
        absent: Vec::new(),
        start: Instant::now(),
    };
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if build {
        run.says(
            "building what is to be measured, as it is released; this is no part of the measuring",
        );
    }
    let built = !build || jobs::build(&mut run, &wanted);
    run.start = Instant::now();
    for (part, measure) in [
        ("core", jobs::core as fn(&mut Run)),
        ("million", jobs::million),
        ("peers", jobs::peers),
        ("bindings", jobs::bindings),
    ] {
        if wanted(part) && built {
            measure(&mut run);
        }
    }
    run.figures.read(&run.record_file());
    if wanted("sidecar") && built {
        sidecar::measure(&mut run);
    }
    if wanted("trouble") && built {
        trouble::measure(&mut run);
    }
    let report = page::write(&run);
    let _ = std::fs::remove_dir_all(&run.work);
    run.says(&format!("wrote {}", report.display()));
    if built {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
