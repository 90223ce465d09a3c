use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Run;
use crate::command::{bearerd, log, told};
use crate::server::{Server, free_port};

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

impl Desk {
    pub fn new(run: &Run, cache: &str, name: &str) -> Result<Self, String> {
        let at = |file: &str| run.work.join(format!("{name}-{file}"));
        let bearerd = run.built("bearerd");
        let (key, port, socket) = (at("key.pem"), free_port()?, at("data.sock"));
        told(
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
            jwks: told(
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
        told(&self.bearerd, &[&arguments[..], &more[..]].concat()).map(|_| ())
    }

    pub fn start(&self, run: &Run) -> Result<Server, String> {
        let mut command = bearerd(&self.bearerd);
        command
            .args(["serve", "--config"])
            .arg(&self.config)
            .env("BEARERD_LOG", "warn");
        Server::start(
            command,
            self.port,
            &log(run, &format!("bearerd {}", self.port)),
        )
    }
}

pub fn text(path: &Path) -> String {
    path.display().to_string()
}
