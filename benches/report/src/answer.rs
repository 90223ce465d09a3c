//! Bare hyper: the yardstick, which verifies nothing.

use std::path::Path;
use std::process::Command;

use crate::Run;
use crate::command::log;
use crate::desk::Desk;
use crate::server::{Server, free_port};

/// Answers with the bytes that the sidecar answers with.
pub fn start(run: &Run, desk: &Desk, socket: &Path) -> Result<Server, String> {
    let port = free_port()?;
    let mut command = Command::new(run.built("bearerd-bare"));
    command.arg(format!("127.0.0.1:{port}")).arg(socket);
    for line in answer_head(desk)? {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        // Those hyper writes by itself, for both.
        if !["content-length", "date"].contains(&name.as_str()) {
            command.arg(line);
        }
    }
    Server::start(command, port, &log(run, "bare hyper"))
}

fn answer_head(desk: &Desk) -> Result<Vec<String>, String> {
    use std::io::{Read, Write};
    let failed = |error: std::io::Error| error.to_string();
    let tokens = std::fs::read_to_string(&desk.hs).map_err(failed)?;
    let token = tokens.lines().next().unwrap_or_default();
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", desk.port)).map_err(failed)?;
    let mut answer = Vec::new();
    write!(
        stream,
        "GET /v1/auth HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .map_err(failed)?;
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).map_err(failed)?;
        answer.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    if !text.starts_with("HTTP/1.1 200 ") {
        return Err(format!(
            "the sidecar answers {}",
            text.lines().next().unwrap_or_default()
        ));
    }
    Ok(text
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}
