//! `bearerd dev` as a newcomer meets it: start it, paste the lines that it prints, look.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers panic"
)]
#![cfg(feature = "server")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A sidecar that is told to stop when the test ends, however it ends.
struct Dev {
    process: Child,
    welcome: String,
}

impl Dev {
    fn start(data: &Path) -> Self {
        let mut process = command(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut welcome = String::new();
        // The last thing that is printed names the key set; what follows would be the end.
        while !welcome.contains("jwks.json") {
            welcome += &lines
                .next()
                .expect("dev prints its welcome before it ends")
                .unwrap();
            welcome.push('\n');
        }
        Self { process, welcome }
    }

    /// The pasted line below the remark that begins with `about`.
    fn line(&self, about: &str) -> &str {
        let mut lines = self.welcome.lines();
        lines
            .find(|line| line.starts_with(&format!("# {about}")))
            .unwrap_or_else(|| panic!("{about}"));
        lines.next().unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bearerd"));
    command
        .arg("dev")
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0"]);
    command
}

fn shell(script: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_printed_lines_do_what_they_say() {
    let directory = tempfile::tempdir().unwrap();
    let dev = Dev::start(&directory.path().join("data"));
    let steps = [
        ("sign", r#""access":"#),
        ("verify it", "200"),
        ("a guard that refuses", r#""code":"FORBIDDEN""#),
        ("forward auth", "HTTP/1.1 200 OK"),
        ("spend", r#""vip":true"#),
        ("revoke", r#"{"revoked":"handle"}"#),
        ("verify it again", r#""code":"REVOKED""#),
        ("why", r#""reason":"The token was revoked."#),
        ("the public keys", r#""kty":"RSA""#),
    ];
    let script: Vec<String> = steps
        .iter()
        .map(|(about, _)| format!("{}\necho '<<>>'", dev.line(about)))
        .collect();
    let output = shell(&script.join("\n"));
    let answers: Vec<&str> = output.split("<<>>").collect();
    for ((about, expected), answer) in steps.iter().zip(&answers) {
        assert!(answer.contains(expected), "{about}: {answer}");
    }
    assert!(answers[2].trim_end().ends_with("403"), "{}", answers[2]);
    assert!(answers[6].trim_end().ends_with("401"), "{}", answers[6]);
    assert!(!answers[8].contains("oct"), "{}", answers[8]);
}

#[test]
fn keys_are_kept_and_closed_to_others() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let read = |name: &str| std::fs::read(data.join(name)).unwrap();
    drop(Dev::start(&data));
    let first = [
        read("default.pem"),
        read("hs.secret"),
        read("control.token"),
    ];
    assert_eq!(
        std::fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for name in ["default.pem", "hs.secret", "control.token"] {
        assert_eq!(
            std::fs::metadata(data.join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600,
            "{name}"
        );
    }
    drop(Dev::start(&data));
    assert_eq!(
        first,
        [
            read("default.pem"),
            read("hs.secret"),
            read("control.token")
        ]
    );
}

#[test]
fn s10_a_loose_directory_or_key_is_refused_by_name() {
    let refused = |prepare: &dyn Fn(&Path)| {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        drop(Dev::start(&data));
        prepare(&data);
        let output = command(&data).output().unwrap();
        assert_eq!(output.status.code(), Some(64));
        String::from_utf8(output.stderr).unwrap()
    };
    let loosen = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    let said = refused(&|data| loosen(data, 0o755));
    assert!(said.contains("chmod 700"), "{said}");
    let said = refused(&|data| loosen(&data.join("hs.secret"), 0o644));
    assert!(
        said.contains("hs.secret") && said.contains("chmod 600"),
        "{said}"
    );
    let said = refused(&|data| {
        std::fs::rename(data.join("default.pem"), data.join("elsewhere.pem")).unwrap();
        symlink(data.join("elsewhere.pem"), data.join("default.pem")).unwrap();
    });
    assert!(
        said.contains("default.pem") && said.contains("not a plain file"),
        "{said}"
    );
}

#[test]
fn s09_a_crash_leaves_no_core() {
    let directory = tempfile::tempdir().unwrap();
    let dev = Dev::start(&directory.path().join("data"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", dev.process.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let most: Vec<&str> = core.split_whitespace().rev().take(3).collect();
    assert_eq!(most, ["bytes", "0", "0"], "{core}");
}
