use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::peers;
use crate::server::{Server, free_port};
use crate::{Run, cores};

/// A shared secret as text: its bytes are the key, for every server the same.
pub const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "https://api.example";

/// Keys, tokens and the configuration of the sidecar.
pub struct Desk {
    pub bearerd: PathBuf,
    pub config: PathBuf,
    pub hs: PathBuf,
    pub rs: PathBuf,
    /// The public RSA key, and the same as a JWK set.
    pub public: PathBuf,
    pub jwks: String,
    pub port: u16,
    pub socket: PathBuf,
}

/// One thing that is loaded.
pub struct Side {
    pub group: &'static str,
    pub name: String,
    pub arguments: Vec<String>,
    pub pids: Vec<u32>,
    /// What a request counts for, and which figure is kept.
    pub tokens: f64,
    pub keeps: &'static str,
}

pub const CPU: &str = "server_cpu_ns_per_request";
pub const P50: &str = "p50";
const LOADED: &str = "server CPU a request: 1,000 cached tokens, one server thread";
const ALONE: &str = "round trip of one connection, median";
const BATCHES: &str = "server CPU a token: batches of 64 cached tokens";

impl Desk {
    pub fn new(run: &Run, cache: &str, name: &str) -> Result<Self, String> {
        let at = |file: &str| run.work.join(format!("{name}-{file}"));
        let bearerd = run.target.join("release/bearerd");
        let (key, port, socket) = (at("key.pem"), free_port(), at("data.sock"));
        tell(
            &bearerd,
            &["keygen", "--alg", "RS256", "--out", &text(&key)],
        )?;
        let profile = |name: &str, algorithm: &str, key: &str| {
            format!(
                "[profiles.{name}]\nalgorithms = [\"{algorithm}\"]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\n\
                 keys = [{{ {key} }}]\ncache = {{ {cache} }}\n\
                 claims = {{ role = \"roleId\", team = \"teamId\", device = \"deviceId\", kind = {{ claim = \"tokenType\" }} }}\n\
                 [profiles.{name}.sign]\naccess = \"1h\"\n"
            )
        };
        let config = at("bearerd.toml");
        let document = format!(
            "default_profile = \"hs\"\n[server]\nlisten = [\"127.0.0.1:{port}\"]\ndata_socket = \"{}\"\n{}{}",
            text(&socket),
            profile("hs", "HS256", &format!("secret = \"{SECRET}\"")),
            profile(
                "rs",
                "RS256",
                &format!("pem_file = \"{}\", kid = \"2026-11\"", text(&key))
            )
        );
        std::fs::write(&config, document).map_err(|error| error.to_string())?;
        let desk = Self {
            jwks: tell(
                &bearerd,
                &[
                    "jwks",
                    "--pem",
                    &text(&key),
                    "--alg",
                    "RS256",
                    "--kid",
                    "2026-11",
                ],
            )?,
            hs: at("hs.tokens"),
            rs: at("rs.tokens"),
            public: at("public.pem"),
            bearerd,
            config,
            port,
            socket,
        };
        for (profile, file) in [("hs", &desk.hs), ("rs", &desk.rs)] {
            desk.make_tokens(profile, file, 1_000)?;
        }
        let public = [
            "rsa",
            "-in",
            &text(&key),
            "-pubout",
            "-out",
            &text(&desk.public),
        ];
        let made = Command::new("openssl").args(public).output();
        if !made.is_ok_and(|output| output.status.success()) {
            let _ = std::fs::remove_file(&desk.public);
        }
        Ok(desk)
    }

    pub fn make_tokens(&self, profile: &str, file: &Path, count: usize) -> Result<(), String> {
        let (config, file, count) = (text(&self.config), text(file), count.to_string());
        let arguments = [
            "bench",
            "--in-process",
            "--config",
            &config,
            "--profile",
            profile,
        ];
        let more = [
            "--time",
            "100ms",
            "--tokens-count",
            &count,
            "--keep-tokens",
            &file,
        ];
        tell(&self.bearerd, &[&arguments[..], &more[..]].concat()).map(|_| ())
    }

    pub fn start(&self, run: &Run) -> Result<Server, String> {
        let mut command = Command::new(&self.bearerd);
        command
            .args(["serve", "--config"])
            .arg(&self.config)
            .env("BEARERD_LOG", "warn");
        Server::start(command, self.port, &run.work.join("bearerd.log"))
    }

    /// Loads a side on the load's processor and returns what was found.
    pub fn load(&self, side: &Side, time: &str) -> Result<Value, String> {
        let mut command = Command::new(&self.bearerd);
        command
            .args(["bench", "--json", "--time", time])
            .args(&side.arguments);
        for pid in &side.pids {
            command.args(["--pid", &pid.to_string()]);
        }
        let core = cores::pair().map(|(_, load)| load);
        let output = cores::on(core, || command.output()).map_err(|error| error.to_string())?;
        let found: Value = serde_json::from_slice(&output.stdout).map_err(|_| {
            format!(
                "{}: {}",
                side.name,
                String::from_utf8_lossy(&output.stderr).trim()
            )
        })?;
        if found["wrong"] != 0 || found["requests"] == 0 {
            return Err(format!(
                "{}: wrong answers: {}",
                side.name, found["statuses"]
            ));
        }
        Ok(found)
    }
}

/// The sidecar beside bare hyper and the gateways that are here.
pub fn measure(run: &mut Run) {
    run.says("the sidecar beside bare hyper and gateways");
    if cores::pair().is_none() {
        run.absent.push((
            "apart".into(),
            "server and load share the one processor there is".into(),
        ));
    }
    if let Err(why) = try_measure(run) {
        run.misses("the sidecar", why);
    }
}

fn try_measure(run: &mut Run) -> Result<(), String> {
    let desk = Desk::new(run, "max_entries = 65536", "sidecar")?;
    let sidecar = desk.start(run)?;
    let bare_socket = run.work.join("bare.sock");
    let bare = bare(run, &desk, &bare_socket)?;
    let side = |group, name: &str, server: &Server, to: &[&str], more: &[&str]| Side {
        group,
        name: name.to_owned(),
        arguments: [to, more]
            .concat()
            .iter()
            .map(|part| (*part).to_owned())
            .collect(),
        pids: server.pids(),
        tokens: 1.0,
        keeps: CPU,
    };
    let hs = text(&desk.hs);
    let (ours, theirs) = (sidecar.url(), bare.url());
    let (ours_unix, theirs_unix) = (text(&desk.socket), text(&bare_socket));
    let many = ["--tokens", &hs, "--connections", "64"];
    let piped = ["--tokens", &hs, "--connections", "64", "--pipeline", "16"];
    let one = ["--tokens", &hs, "--connections", "1"];
    let batch = [
        "--tokens",
        &hs,
        "--connections",
        "16",
        "--route",
        "batch",
        "--batch",
        "64",
    ];
    let mut sides = vec![
        side(LOADED, "bearerd, TCP", &sidecar, &["--url", &ours], &many),
        side(LOADED, "bare hyper, TCP", &bare, &["--url", &theirs], &many),
        side(
            LOADED,
            "bearerd, unix socket",
            &sidecar,
            &["--socket", &ours_unix],
            &many,
        ),
        side(
            LOADED,
            "bare hyper, unix socket",
            &bare,
            &["--socket", &theirs_unix],
            &many,
        ),
        side(
            LOADED,
            "bearerd, TCP, 16 pipelined",
            &sidecar,
            &["--url", &ours],
            &piped,
        ),
        side(
            LOADED,
            "bare hyper, TCP, 16 pipelined",
            &bare,
            &["--url", &theirs],
            &piped,
        ),
        side(BATCHES, "bearerd", &sidecar, &["--url", &ours], &batch),
        side(ALONE, "bearerd, TCP", &sidecar, &["--url", &ours], &one),
        side(ALONE, "bare hyper, TCP", &bare, &["--url", &theirs], &one),
        side(
            ALONE,
            "bearerd, unix socket",
            &sidecar,
            &["--socket", &ours_unix],
            &one,
        ),
        side(
            ALONE,
            "bare hyper, unix socket",
            &bare,
            &["--socket", &theirs_unix],
            &one,
        ),
    ];
    sides[6].tokens = 64.0;
    for alone in &mut sides[7..] {
        alone.keeps = P50;
    }
    let gateways = peers::start(run, &desk);
    for (name, server, tokens) in &gateways {
        let (url, tokens) = (server.url(), text(tokens));
        sides.push(side(
            LOADED,
            name,
            server,
            &["--url", &url],
            &["--tokens", &tokens, "--connections", "64"],
        ));
    }
    for side in sides.iter().filter(|side| !side.name.starts_with("bare")) {
        refuses(&desk, side)?;
    }
    rounds(run, &desk, &sides)
}

/// Every side in turn, as often as there are rounds.
pub fn rounds(run: &mut Run, desk: &Desk, sides: &[Side]) -> Result<(), String> {
    let (count, time) = if run.quick { (3, "300ms") } else { (7, "1s") };
    let mut found = vec![Vec::new(); sides.len()];
    let mut rates = vec![Vec::new(); sides.len()];
    for round in 0..count {
        run.says(&format!("  round {} of {count}", round + 1));
        for turn in 0..sides.len() {
            let at = (turn + round) % sides.len();
            let side = &sides[at];
            let value = desk.load(side, time)?;
            let kept = match side.keeps {
                CPU => value[CPU].as_f64(),
                share => value["latency_ns"][share].as_f64(),
            };
            found[at].push(kept.ok_or("the server's processor time cannot be read")? / side.tokens);
            rates[at].push(value["requests_per_second"].as_f64().unwrap_or_default());
        }
    }
    for ((side, found), rates) in sides.iter().zip(found).zip(rates) {
        run.figures.add(side.group, &side.name, "ns", found);
        if side.keeps == CPU {
            run.figures.add(
                &format!("{}, throughput", side.group),
                &side.name,
                "/s",
                rates,
            );
        }
    }
    Ok(())
}

/// A tenth of the tokens with a wrong signature must be refused, or it is not measured.
fn refuses(desk: &Desk, side: &Side) -> Result<(), String> {
    let mut side = Side {
        arguments: side.arguments.clone(),
        name: side.name.clone(),
        pids: Vec::new(),
        ..*side
    };
    side.arguments
        .extend(["--bad".to_owned(), "10%".to_owned()]);
    let found = desk.load(&side, "100ms")?;
    let refused = found["statuses"]["401"].as_u64().unwrap_or_default() > 0;
    if refused || side.tokens > 1.0 {
        Ok(())
    } else {
        Err(format!("{} accepts forgeries", side.name))
    }
}

/// Answers with the bytes that the sidecar answers with.
fn bare(run: &Run, desk: &Desk, socket: &Path) -> Result<Server, String> {
    let port = free_port();
    let mut command = Command::new(run.target.join("release/bearerd-bare"));
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
    Server::start(command, port, &run.work.join("bare.log"))
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

pub fn text(path: &Path) -> String {
    path.display().to_string()
}

pub fn tell(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
