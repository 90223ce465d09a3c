//! What other processes do: this test binary again, as one ignored test that plays a part.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use bearerd::audit::{AuditConfig, AuditLog, Event};
use bearerd::clock::SystemClock;

/// Another process; it is killed when this goes.
pub(crate) struct Part {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Part {
    pub(crate) fn play(role: &str, path: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "part::plays_a_part", "--nocapture"])
            .env("TEST_ROLE", role)
            .env("TEST_PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The next line that it says to us, or `None` where it has ended.
    pub(crate) fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // A line that was cut off was never said.
            if let Some((_, said)) = line.split_once("> ")
                && let Some(said) = said.strip_suffix('\n')
            {
                return Some(said.to_owned());
            }
        }
    }

    /// Lets it go on.
    pub(crate) fn nudge(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap()).unwrap();
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "> {line}").unwrap();
    out.flush().unwrap();
}

fn wait() {
    std::io::stdin().lines().next();
}

pub(crate) fn open(path: &Path, required: bool) -> AuditLog {
    let mut config = AuditConfig::default();
    config.file = Some(path.to_owned());
    config.required = required;
    AuditLog::open(config, Arc::new(SystemClock)).unwrap()
}

#[test]
#[ignore = "no test: a part in other tests, which they start themselves"]
fn plays_a_part() {
    let of = |name| env::var_os(name).expect("other tests start this one");
    let path = PathBuf::from(of("TEST_PATH"));
    match of("TEST_ROLE").to_str().unwrap() {
        "record until killed" => record_until_killed(&path),
        "record a thousand" => record_a_thousand(&path),
        "hold the lock" => hold_the_lock(&path),
        role => panic!("{role}: no such part"),
    }
}

/// Says each event once it was answered as durable.
fn record_until_killed(path: &Path) {
    let log = open(path, true);
    say("ready");
    for number in 0.. {
        let event = Event::application("number").on("number", &number.to_string());
        assert!(log.record(event).unwrap().durable);
        say(&number.to_string());
    }
}

fn record_a_thousand(path: &Path) {
    let log = open(path, false);
    say("ready");
    for number in 0..1_000 {
        let event = Event::application("number").on("number", &number.to_string());
        log.record(event).unwrap();
    }
    drop(log);
    say("ended");
}

fn hold_the_lock(path: &Path) {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    say("locked");
    wait();
    other.execute_batch("ROLLBACK").unwrap();
    say("released");
    wait();
}
