//! The binary as its users meet it: every verb, exit codes, hostile input, and no secret in any
//! output.

#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod bench;
mod check;
mod explain;
mod jwks;
mod keygen;
mod keys;
mod revoke;
mod sign;
mod usage;
mod verify;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
const VERBS: [&[&str]; 18] = [
    &[],
    &["dev"],
    &["serve"],
    &["check"],
    &["keygen"],
    &["jwks"],
    &["bench"],
    &["token"],
    &["token", "sign"],
    &["token", "verify"],
    &["token", "explain"],
    &["keys"],
    &["keys", "list"],
    &["keys", "stage"],
    &["keys", "activate"],
    &["keys", "retire"],
    &["keys", "revoke"],
    &["revoke"],
];

/// What a run gave. Whatever it was, it holds no secret, and its errors hold no token.
#[derive(Debug)]
struct Run {
    exit: i32,
    out: String,
    err: String,
}

struct Bearerd {
    command: Command,
    input: Vec<u8>,
}

fn bearerd(arguments: &[&str]) -> Bearerd {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bearerd"));
    command.env_clear().args(arguments);
    Bearerd {
        command,
        input: Vec::new(),
    }
}

impl Bearerd {
    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    fn run(mut self) -> Run {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // It may end without having read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let run = Run {
            exit: output.status.code().expect("no signal ends it"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(
            !run.out.contains(SECRET) && !run.err.contains(SECRET),
            "a secret: {run:?}"
        );
        assert!(!run.err.contains("eyJ"), "a token: {run:?}");
        run
    }

    #[track_caller]
    fn good(self) -> String {
        let run = self.run();
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{run:?}");
        run.out
    }

    /// Its one line of JSON.
    #[track_caller]
    fn verdict(self, exit: i32) -> Value {
        let run = self.run();
        assert_eq!((run.exit, run.err.as_str()), (exit, ""), "{run:?}");
        assert_eq!(run.out.matches('\n').count(), 1, "{run:?}");
        serde_json::from_str(&run.out).unwrap()
    }

    /// Its complaint: one line, and at most one more with a hint.
    #[track_caller]
    fn fails(self, exit: i32, parts: &[&str]) -> String {
        let run = self.run();
        assert_eq!((run.exit, run.out.as_str()), (exit, ""), "{run:?}");
        let lines: Vec<&str> = run.err.lines().collect();
        assert!(lines[0].starts_with("bearerd: "), "{run:?}");
        assert!(lines.len() <= 2, "{run:?}");
        assert!(
            lines.get(1).is_none_or(|line| line.starts_with("hint: ")),
            "{run:?}"
        );
        for part in parts {
            assert!(run.err.contains(part), "{part:?} is not in {run:?}");
        }
        run.err
    }
}

/// A folder with a configuration that signs and verifies, its secret and its keys.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("secret", &format!("{SECRET}\n"));
        desk.write(
            "app.toml",
            &format!(
                "[profiles.api]\nalgorithms = [\"HS256\"]\nissuer = \"https://issuer.example\"\n\
                 claims = {{ kind = {{ claim = \"kind\" }} }}\n\
                 [profiles.api.sign]\naccess = \"15m\"\n[[profiles.api.keys]]\nkid = \"k1\"\nsecret = \"{SECRET}\"\n"
            ),
        );
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    fn sign(&self, claims: &str) -> String {
        let config = self.path("app.toml");
        let out = bearerd(&["token", "sign", "--config", &config, "--claims", claims]).good();
        out.trim_end().to_owned()
    }

    /// `token verify` with the secret of the configuration.
    fn verify(&self, more: &[&str]) -> Bearerd {
        let secret = self.path("secret");
        let mut arguments = vec![
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-file",
            &secret,
        ];
        arguments.extend(more);
        bearerd(&arguments)
    }
}

fn code(verdict: &Value) -> &str {
    verdict["code"].as_str().unwrap()
}
