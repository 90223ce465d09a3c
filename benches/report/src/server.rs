use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::last_lines;
use crate::cores;

/// A server that runs while it is measured.
pub struct Server {
    pub port: u16,
    child: Child,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Server {
    /// Starts it on the server's processor and waits until it accepts.
    pub fn start(mut command: Command, port: u16, log: &Path) -> Result<Self, String> {
        let file = fs::File::create(log).map_err(|error| error.to_string())?;
        let errors = file.try_clone().map_err(|error| error.to_string())?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let core = cores::pair().map(|(server, _)| server);
        let child = cores::on(core, || command.spawn()).map_err(|error| error.to_string())?;
        let mut server = Self { port, child };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().ok().flatten();
            if ended.is_some() || start.elapsed() > PATIENCE {
                let text = fs::read_to_string(log).unwrap_or_default();
                let program = command.get_program().to_string_lossy();
                return Err(format!(
                    "{program} does not start:\n{}",
                    last_lines(&text, 4)
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The processes that work: the one that was started, and its children.
    pub fn pids(&self) -> Vec<u32> {
        let parent = self.child.id();
        let mut pids = vec![parent];
        let tasks = format!("/proc/{parent}/task/{parent}/children");
        let children = fs::read_to_string(tasks).unwrap_or_default();
        pids.extend(
            children
                .split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
        pids
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first: a server with children takes them along.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if self.child.try_wait().ok().flatten().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody had a moment ago.
pub fn free_port() -> Result<u16, String> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(address
        .map_err(|error| format!("no free port: {error}"))?
        .port())
}
