//! The examples of `examples/profiles`, played whole against the sidecar that was built here. Each
//! play checks every answer and ends with 1 at the first that is not as it should be.
#![cfg(all(feature = "server", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// At least so many answers are checked; a play that checked none would have shown nothing.
fn play(name: &str, store: &str, checks: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/profiles");
    let done = Command::new(folder.join(name).join("play"))
        .arg(store)
        .env("BEARERD", env!("CARGO_BIN_EXE_bearerd"))
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{name}: {out}\n{err}");
    let said = format!("{name}, on {store}: every answer was as it should be");
    assert!(out.contains(&said), "{name}: {out}");
    let checked = out.lines().filter(|line| line.starts_with("  ")).count();
    assert!(checked >= checks, "{name}: {checked} answers");
}

#[test]
fn a_is_played_whole() {
    play("a", "sqlite", 90);
}

#[test]
fn b_is_played_whole() {
    play("b", "sqlite", 140);
}

#[test]
fn c_is_played_whole() {
    play("c", "sqlite", 110);
}

#[test]
fn c_is_played_whole_on_redis() {
    play("c", "redis", 110);
}
