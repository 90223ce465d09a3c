use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Run;

/// Why a command gave nothing.
pub enum Ended {
    /// Something is not installed: what to do about it.
    Absent(String),
    /// The command, and its last lines.
    Failed(String),
}

const LAST: usize = 8;
/// What our scripts end with where something is not installed.
const ABSENT: i32 = 3;

/// Runs a command of the repository to its end, its output kept in a file.
pub fn finish(run: &Run, mut command: Command, what: &str) -> Result<(), Ended> {
    let path = log(run, what);
    let failed = |why: String| Ended::Failed(why);
    let file = |path: &Path| File::create(path).map_err(|error| failed(error.to_string()));
    let output = file(&path)?;
    let errors = output
        .try_clone()
        .map_err(|error| failed(error.to_string()))?;
    command
        .current_dir(&run.root)
        .env("BEARERD_BENCH_RECORD", run.record_file())
        .env("LIBBEARERD_PREFIX", run.stage())
        .env("CARGO_TARGET_DIR", &run.target)
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        // The last lines are to hold what a panic says.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    if run.arguments.quick {
        command.env("BEARERD_BENCH_QUICK", "1");
    }
    let status = command
        .status()
        .map_err(|error| failed(format!("{}: {error}", line_of(&command))))?;
    if status.success() {
        return Ok(());
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    if status.code() == Some(ABSENT)
        && let Some(last) = last_lines(&text, 1).strip_prefix("absent: ")
    {
        return Err(Ended::Absent(last.to_owned()));
    }
    Err(failed(format!(
        "{}: {status}\n{}",
        line_of(&command),
        last_lines(&text, LAST)
    )))
}

/// Where the output of something goes.
pub fn log(run: &Run, what: &str) -> PathBuf {
    let name = what.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    run.work.join(format!("{name}.log"))
}

/// The last lines that say something.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    match lines.len() {
        0 => "it said nothing".to_owned(),
        all => lines[all.saturating_sub(count)..].join("\n"),
    }
}

/// A command as it would be typed.
fn line_of(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// The sidecar, with nothing of the environment that would configure it.
pub fn bearerd(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BEARERD_") {
            command.env_remove(name);
        }
    }
    command
}

/// What `bearerd` prints, where it ends well; else what it complains of.
pub fn told(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = bearerd(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "{} {}: {}\n{}",
        program.display(),
        arguments.join(" "),
        output.status,
        last_lines(&text, LAST)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_that_say_something() {
        assert_eq!(last_lines("one\n\ntwo\nthree\n \n", 2), "two\nthree");
        assert_eq!(last_lines("\n", 2), "it said nothing");
    }
}
