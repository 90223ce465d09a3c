//! A real redis-server in a folder of its own, gone with the test that started it.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a helper of tests panics, and waits for another process by the clock on the wall"
)]

use std::fs::File;
use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bearerd::clock::Clock;
use bearerd::store::{RedisConfig, RedisStore, RedisUrl};
use redis::Value;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long another process may take for what takes it no time: the machine may be busy.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    process: Child,
    options: Vec<String>,
    pub(crate) folder: TempDir,
}

impl Server {
    /// Listens on a unix socket alone, unless the options say more.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), options)
    }

    pub(crate) fn start_in(folder: TempDir, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let process = spawn(&folder, &options);
        let server = Self {
            process,
            options,
            folder,
        };
        server.wait_until_it_answers();
        server
    }

    /// One that keeps what it answered.
    pub(crate) fn durable() -> Self {
        Self::start(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    pub(crate) fn socket(&self) -> String {
        self.folder.path().join("redis.sock").display().to_string()
    }

    pub(crate) fn config(&self) -> RedisConfig {
        let url = RedisUrl::parse(&format!("unix://{}", self.socket())).expect("a URL");
        let mut config = RedisConfig::new(url);
        config.timeout = LONG;
        config.connect_timeout = LONG;
        config
    }

    /// A store with timeouts that no busy machine reaches.
    pub(crate) fn store(&self, clock: Arc<dyn Clock>) -> RedisStore {
        RedisStore::open(self.config(), clock).expect("a store")
    }

    /// By another client than ours.
    pub(crate) fn ask(&self, command: &[&str]) -> Value {
        self.try_ask(command)
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    fn try_ask(&self, command: &[&str]) -> redis::RedisResult<Value> {
        let client = redis::Client::open(format!("unix://{}", self.socket()))?;
        let mut line = redis::cmd(command[0]);
        line.arg(&command[1..]);
        line.query(&mut client.get_connection()?)
    }

    fn wait_until_it_answers(&self) {
        let start = Instant::now();
        while self.try_ask(&["PING"]).is_err() {
            let log = self.folder.path().join("log");
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(
                start.elapsed() < LONG,
                "redis-server does not answer: {}",
                log()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.process);
        kill_process(id, signal).expect("the server runs");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the server runs");
        self.process.wait().expect("a child of ours");
    }

    pub(crate) fn restart(&mut self) {
        self.process = spawn(&self.folder, &self.options);
        self.wait_until_it_answers();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &TempDir, options: &[String]) -> Child {
    let path = folder.path();
    let log = File::options()
        .create(true)
        .append(true)
        .open(path.join("log"))
        .expect("a log");
    let mut command = Command::new("redis-server");
    command
        .args(["--port", "0", "--save", "", "--unixsocket"])
        .arg(path.join("redis.sock"));
    command.arg("--dir").arg(path).args(options);
    command
        .stdin(Stdio::null())
        .stderr(log.try_clone().expect("a log"))
        .stdout(log);
    command.spawn().unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => panic!("redis-server is missing: apt-get install redis-server"),
        _ => panic!("redis-server does not start: {error}"),
    })
}
