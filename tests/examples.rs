//! The examples of `examples/profiles`, played whole against the sidecar that was built here. Each
//! play checks every answer and ends with 1 at the first that is not as it should be.
#![cfg(all(feature = "server", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// At least so many answers are checked; a play that checked none would have shown nothing.
fn play(name: &str, checks: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/profiles");
    let done = Command::new(folder.join(name).join("play"))
        .env("BEARERD", env!("CARGO_BIN_EXE_bearerd"))
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{name}: {out}\n{err}");
    assert!(out.contains(&format!("{name}: every answer was as it should be")));
    let checked = out.lines().filter(|line| line.starts_with("  ")).count();
    assert!(checked >= checks, "{name}: {checked} answers");
}

#[test]
fn a_is_played_whole() {
    play("a", 90);
}

#[test]
fn b_is_played_whole() {
    play("b", 40);
}

#[test]
fn c_is_played_whole() {
    play("c", 30);
}
