use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, Client};

/// How long another process may take for what takes it no time: the machine may be busy.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// `bearerd serve`, on two sockets in a folder of its own.
pub(crate) struct Sidecar {
    process: Option<Child>,
    folder: TempDir,
    wrapper: Option<String>,
}

impl Sidecar {
    /// One that keeps its state at `state`, a value of the configuration's `state`; `profile` is
    /// TOML of the profile's own table.
    pub(crate) fn start(state: &str, profile: &str) -> Self {
        let mut sidecar = Self::prepare(state, profile);
        sidecar.restart();
        sidecar
    }

    /// Configured, and not started.
    pub(crate) fn prepare(state: &str, profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let text = format!(
            r#"
state = {state}
[server]
data_socket = "{}"
control_socket = "{}"
[profiles.main]
algorithms = ["HS256"]
claims = {{ kind = {{ claim = "kind" }} }}
keys = [{{ secret_base64url = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA" }}]
sign = {{ access = "1h", refresh = "7d" }}
{profile}
"#,
            at("data.sock"),
            at("control.sock"),
        );
        let path = folder.path().join("bearerd.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Self {
            process: None,
            folder,
            wrapper: None,
        }
    }

    /// Started through a shell that runs `line` before it becomes the sidecar.
    pub(crate) fn after(mut self, line: &str) -> Self {
        self.wrapper = Some(line.to_owned());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn spawn(&self) -> Child {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let binary = env!("CARGO_BIN_EXE_bearerd");
        let mut command = match &self.wrapper {
            None => Command::new(binary),
            Some(line) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("{line}\nexec {binary} \"$@\""), "sh"]);
                shell
            }
        };
        command
            .arg("serve")
            .arg("--config")
            .arg(self.path("bearerd.toml"))
            // Every variable that begins with its name is configuration to it.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("BEARERD_LOG", "info")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Starts it and returns once it answers, saying after how long.
    pub(crate) fn restart(&mut self) -> Duration {
        match self.try_restart() {
            Ok(took) => took,
            Err(status) => panic!("it ended with {status}: {}", self.log()),
        }
    }

    /// Starts it where it will not do, and returns how it ended.
    pub(crate) fn fails_to_start(&mut self) -> ExitStatus {
        match self.try_restart() {
            Ok(_) => panic!("it started: {}", self.log()),
            Err(status) => status,
        }
    }

    /// How long it took until it answered, or how it ended without.
    pub(crate) fn try_restart(&mut self) -> Result<Duration, ExitStatus> {
        let begun = Instant::now();
        let mut process = self.spawn();
        let listens = |name| UnixStream::connect(self.path(name)).is_ok();
        while !(listens("data.sock") && listens("control.sock")) {
            if let Some(status) = process.try_wait().unwrap() {
                return Err(status);
            }
            assert!(
                begun.elapsed() < LONG * 2,
                "it does not start: {}",
                self.log()
            );
            thread::sleep(Duration::from_millis(1));
        }
        self.process = Some(process);
        Ok(begun.elapsed())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_child(self.process.as_ref().unwrap())
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// SIGTERM, and the end in order.
    pub(crate) fn stop(&mut self) {
        kill_process(self.id(), Signal::TERM).unwrap();
        let status = self.process.take().unwrap().wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
    }

    pub(crate) fn data(&self) -> Client {
        Client::new(&self.path("data.sock"))
    }

    pub(crate) fn control(&self) -> Client {
        Client::new(&self.path("control.sock"))
    }

    /// One question to the control plane, which must be answered.
    pub(crate) fn ask(&self, target: &str, body: &Value) -> Answer {
        self.control().post(target, body).expect("an answer")
    }

    pub(crate) fn pair(&self, subject: &str) -> (String, String) {
        let body = json!({"kind": "pair", "claims": {"sub": subject}});
        let answer = self.ask("/v1/sign", &body);
        (answer.text("access"), answer.text("refresh"))
    }

    pub(crate) fn revoke(&self, token: &str) -> Answer {
        self.ask("/v1/revoke", &json!({ "token": token }))
    }

    pub(crate) fn rotate(&self, refresh: &str) -> Answer {
        self.ask("/v1/rotate", &json!({ "refresh": refresh }))
    }

    /// What a verification of the token says.
    pub(crate) fn verdict(&self, token: &str) -> String {
        let answer = self.data().verify(token).expect("an answer");
        answer.code().to_owned()
    }

    /// The value of a metric, by its whole name with labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let answer = self.data().get("/metrics").expect("an answer");
        let text = String::from_utf8(answer.bytes).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value
            .and_then(|value| value.trim().parse().ok())
            .unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready().status == 200
    }

    pub(crate) fn ready(&self) -> Answer {
        self.data().get("/readyz").expect("an answer")
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("{}", self.log());
        }
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Returns once it holds, saying after how long.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
    begun.elapsed()
}

/// The `state` of a file.
pub(crate) fn in_file(path: &Path) -> String {
    format!("\"sqlite:{}\"", path.display())
}
