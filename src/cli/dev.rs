use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::base64url;
use crate::config::{Config, Environment};
use crate::crypto::{Algorithm, KeyMaterial, Provider};
use crate::error::Fault;
use crate::jwk::{parse_pem, private_key_pem, thumbprint};

/// A working set-up out of nothing: keys, a control token and a configuration in one directory.
///
/// What is there already is used again, so tokens outlive a restart. For development: production
/// writes its own configuration and brings its own keys.
#[derive(Debug)]
pub struct DevSetup {
    directory: PathBuf,
    config: Config,
}

impl DevSetup {
    /// Makes what is missing in `directory`, and the configuration over it.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the directory or file that others may read, that is no plain file, or
    /// that cannot be written.
    pub fn prepare(
        directory: &Path,
        listen: SocketAddr,
        provider: Provider,
    ) -> Result<Self, Fault> {
        make_directory(directory)?;
        // The configuration names files by where they are, whatever the working directory is.
        let directory = directory
            .canonicalize()
            .map_err(|error| unusable(directory, error))?;
        let key_file = directory.join("default.pem");
        let pem = keep(&key_file, || {
            let key = provider.generate(Algorithm::RS256)?;
            match key {
                KeyMaterial::Private(key) => Ok(private_key_pem(&key)?.as_bytes().to_vec()),
                _ => Err(crate::crypto::KeyError::Invalid),
            }
        })?;
        let kid = parse_pem(&pem, provider)
            .ok()
            .and_then(|keys| keys.first()?.public().map(|key| thumbprint(key, provider)))
            .ok_or_else(|| {
                Fault::config(format!(
                    "{}: holds no private key; remove it to have a new one made",
                    key_file.display()
                ))
            })?;
        let random = |length: usize| {
            let mut bytes = zeroize::Zeroizing::new(vec![0; length]);
            provider.random(&mut bytes)?;
            Ok(base64url::encode(&bytes).into_bytes())
        };
        keep(&directory.join("hs.secret"), || random(32))?;
        keep(&directory.join("control.token"), || random(32))?;
        let text = document(&directory, listen, &kid);
        let config = Config::from_text(
            &text,
            "the development configuration",
            &Environment::empty(),
        )?;
        Ok(Self { directory, config })
    }

    /// The configuration, as `serve` would read it from a file.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where things are, and one line to paste for each verb, for a sidecar on `address`.
    #[must_use]
    pub fn welcome(&self, address: SocketAddr) -> String {
        let directory = self.directory.display();
        let control = format!(
            "curl -sS --unix-socket '{directory}/control.sock' -H 'content-type: application/json'"
        );
        let data = format!("curl -sS -w '\\n%{{http_code}}\\n' -X POST http://{address}");
        let token = "-H \"authorization: Bearer $ACCESS\"";
        let pick = |name: &str| {
            format!("$(echo \"$PAIR\" | sed 's/.*\"{name}\":\"\\([^\"]*\\)\".*/\\1/')")
        };
        let mut text = String::new();
        let _ = write!(
            text,
            "bearerd serves on http://{address}\n\n\
             \x20 data directory   {directory}\n\
             \x20 data plane       http://{address}, {directory}/data.sock\n\
             \x20 control plane    {directory}/control.sock, or http://{address} with the token in {directory}/control.token\n\
             \x20 profiles         default (RS256), hs (HS256); access tokens live 15 minutes, refresh tokens 7 days\n\n\
             Paste these into another terminal, in this order:\n\n"
        );
        let mut step = |about: &str, line: String| {
            let _ = write!(text, "# {about}\n{line}\n\n");
        };
        step(
            "sign an access token and a refresh token",
            format!(
                "PAIR=$({control} http://localhost/v1/sign -d '{{\"kind\":\"pair\",\"claims\":{{\"sub\":\"ada\",\"roleId\":4,\"scope\":[\"read:orders\"]}}}}'); \
                 ACCESS={}; REFRESH={}; echo \"$PAIR\"",
                pick("access"),
                pick("refresh")
            ),
        );
        step("verify it", format!("{data}/v1/verify {token}"));
        step(
            "a guard that refuses: 403",
            format!(
                "{data}/v1/verify {token} -H 'content-type: application/json' -d '{{\"guard\":{{\"roles\":[1]}}}}'"
            ),
        );
        step(
            "forward auth, as a gateway asks",
            format!("curl -sS -i http://{address}/v1/auth {token}"),
        );
        step(
            "spend the refresh token for a new pair",
            format!(
                "{control} http://localhost/v1/rotate -d \"{{\\\"refresh\\\":\\\"$REFRESH\\\",\\\"set\\\":{{\\\"vip\\\":true}}}}\"; echo"
            ),
        );
        step(
            "revoke the access token",
            format!(
                "{control} http://localhost/v1/revoke -d \"{{\\\"token\\\":\\\"$ACCESS\\\"}}\"; echo"
            ),
        );
        step(
            "verify it again: 401 REVOKED",
            format!("{data}/v1/verify {token}"),
        );
        step(
            "why?",
            format!(
                "{control} http://localhost/v1/explain -d \"{{\\\"token\\\":\\\"$ACCESS\\\"}}\"; echo"
            ),
        );
        step(
            "the public keys",
            format!("curl -sS http://{address}/.well-known/jwks.json; echo"),
        );
        text
    }
}

/// TOML, written so that it can be copied as a first configuration of one's own.
fn document(directory: &Path, listen: SocketAddr, kid: &str) -> String {
    let path =
        |name: &str| toml::Value::from(directory.join(name).display().to_string()).to_string();
    let state = format!("sqlite:{}", directory.join("state.db").display());
    let state = toml::Value::from(state);
    let profile = |name: &str, algorithm: &str, key: String| {
        format!(
            "[profiles.{name}]\n\
             algorithms = [\"{algorithm}\"]\n\
             issuer = \"bearerd-dev-{name}\"\n\
             identity_headers = {{ X-Auth-Subject = \"sub\", X-Auth-Scope = \"scope\" }}\n\
             {key}\n\
             [profiles.{name}.claims]\n\
             kind = {{ claim = \"tokenType\" }}\n\
             role = \"roleId\"\n\
             team = \"teamId\"\n\
             device = \"deviceId\"\n\n\
             [profiles.{name}.sign]\n\
             access = \"15m\"\n\
             refresh = \"7d\"\n\n\
             [profiles.{name}.rotation]\n\n"
        )
    };
    let rs = format!(
        "keys = [{{ pem_file = {}, kid = \"{kid}\" }}]\n",
        path("default.pem")
    );
    let hs = format!(
        "keys = [{{ secret_file = {}, encoding = \"base64url\" }}]\n",
        path("hs.secret")
    );
    format!(
        "default_profile = \"default\"\n\
         state = {}\n\n\
         [server]\n\
         listen = [\"{listen}\"]\n\
         data_socket = {}\n\
         control_socket = {}\n\
         control_token_file = {}\n\n\
         [audit]\n\
         file = {}\n\n\
         [issuers]\n\
         bearerd-dev-default = \"default\"\n\
         bearerd-dev-hs = \"hs\"\n\n\
         [guards.orders]\n\
         scopes = [\"read:orders\"]\n\n\
         {}{}",
        state,
        path("data.sock"),
        path("control.sock"),
        path("control.token"),
        path("audit.db"),
        profile("default", "RS256", rs),
        profile("hs", "HS256", hs),
    )
}

fn make_directory(directory: &Path) -> Result<(), Fault> {
    match DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(directory)
    {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(unusable(directory, error));
        }
        _ => {}
    }
    let metadata = fs::metadata(directory).map_err(|error| unusable(directory, error))?;
    if !metadata.is_dir() {
        return Err(Fault::config(format!(
            "{}: is no directory; name another with --data",
            directory.display()
        )));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(Fault::config(format!(
            "{}: others may look into the data directory, and keys are kept there; chmod 700 it, or name another with --data",
            directory.display()
        )));
    }
    Ok(())
}

/// The file's content; what `make` gives, where there is none yet.
fn keep(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, crate::crypto::KeyError>,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Fault> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(Fault::config(format!(
            "{}: is not a plain file; remove it, or name another directory with --data",
            path.display()
        ))),
        Ok(metadata) if metadata.mode() & 0o077 != 0 => Err(Fault::config(format!(
            "{}: others may read this key; chmod 600 it",
            path.display()
        ))),
        Ok(_) => fs::read(path)
            .map(zeroize::Zeroizing::new)
            .map_err(|error| unusable(path, error)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let bytes = zeroize::Zeroizing::new(make().map_err(|error| {
                Fault::config(format!("{}: the key cannot be made", path.display()))
                    .caused_by(error)
            })?);
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| unusable(path, error))?;
            file.write_all(&bytes)
                .and_then(|()| file.sync_all())
                .map_err(|error| unusable(path, error))?;
            Ok(bytes)
        }
        Err(error) => Err(unusable(path, error)),
    }
}

fn unusable(path: &Path, error: std::io::Error) -> Fault {
    Fault::config(format!(
        "{}: cannot be used; check path and permissions, or name another with --data",
        path.display()
    ))
    .caused_by(error)
}
