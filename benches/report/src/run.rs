use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::figures::Figures;

/// What the parts of a run are given, and what they leave behind.
pub struct Run {
    pub arguments: Arguments,
    /// The repository.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// For what is made on the way.
    pub work: PathBuf,
    pub figures: Figures,
    /// What is not here to be measured.
    pub absent: Vec<Missing>,
    /// What should have been measured.
    pub failed: Vec<Missing>,
    pub start: Instant,
    pub building: Duration,
}

/// What has no figures, and why.
#[derive(Clone, Debug)]
pub struct Missing {
    pub what: String,
    pub why: String,
}

impl Run {
    pub fn begin(arguments: Arguments) -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = here
            .canonicalize()
            .map_err(|error| format!("{}: {error}", here.display()))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let work = std::env::temp_dir().join(format!("bearerd-report-{}", std::process::id()));
        std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        Ok(Self {
            arguments,
            root,
            target,
            work,
            figures: Figures::default(),
            absent: Vec::new(),
            failed: Vec::new(),
            start: Instant::now(),
            building: Duration::ZERO,
        })
    }

    /// Tells whoever watches what is done now.
    pub fn says(&self, what: &str) {
        eprintln!("[{:>4} s] {what}", self.start.elapsed().as_secs());
    }

    /// Something that is measured where it is installed.
    pub fn lacks(&mut self, what: &str, why: &str) {
        self.says(&format!("  {what}: {why}"));
        self.absent.push(Missing {
            what: what.to_owned(),
            why: why.to_owned(),
        });
    }

    /// Something that is here and cannot be measured.
    pub fn fails(&mut self, what: &str, why: &str) {
        self.says(&format!("  {what}: FAILED: {why}"));
        self.failed.push(Missing {
            what: what.to_owned(),
            why: why.to_owned(),
        });
    }

    pub fn failed(&self, what: &str) -> bool {
        self.failed.iter().any(|failure| failure.what == what)
    }

    pub fn record_file(&self) -> PathBuf {
        self.work.join("record.jsonl")
    }

    /// Takes the figures that the benches left behind.
    pub fn take_record(&mut self) {
        let mut recorded = Figures::default();
        recorded.read(&self.record_file());
        recorded.0.append(&mut self.figures.0);
        self.figures = recorded;
    }

    /// The folder of cargo's profile.
    pub fn built(&self, name: &str) -> PathBuf {
        let folder = if self.arguments.debug {
            "debug"
        } else {
            "release"
        };
        self.target.join(folder).join(name)
    }

    /// Where the shared library is installed to be measured.
    pub fn stage(&self) -> PathBuf {
        self.target.join("stage")
    }

    pub fn end(&self) {
        // Left behind, it is only in the way.
        let _ = std::fs::remove_dir_all(&self.work);
    }
}
