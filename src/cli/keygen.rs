use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::base64url;
use crate::crypto::{Algorithm, KeyError, KeyMaterial, aws_lc_rs};
use crate::jwk::{private_jwk, private_key_pem, thumbprint};

use super::args::{KeyFileFormat, KeygenArgs};
use super::{Edge, Exit, Failure};

/// Makes a key and writes it to a file that nobody else reads, or to standard output.
pub(super) fn run(args: &KeygenArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let provider = aws_lc_rs();
    let failed = |error: KeyError| {
        Failure::internal(format!("no key for {} could be made: {error}", args.alg))
    };
    let material = provider.generate(args.alg).map_err(failed)?;
    let symmetric = matches!(material, KeyMaterial::Symmetric(_));
    let format = args.format.unwrap_or(if symmetric {
        KeyFileFormat::Base64url
    } else {
        KeyFileFormat::Pem
    });
    check(args, format, symmetric)?;
    let kid = match (&args.kid, material.public()) {
        (None, Some(public)) if args.kid_from_thumbprint => Some(thumbprint(public, provider)),
        (kid, _) => kid.clone(),
    };
    let text = write(&material, format, kid.as_deref(), args.alg).map_err(failed)?;
    match &args.out {
        None => edge.print(text.trim_end())?,
        Some(path) => {
            create(path, &text)?;
            edge.remark(&format!("wrote {} (mode 0600)", path.display()));
        }
    }
    Ok(Exit::Good)
}

/// What the format has no room for, before anything is written.
fn check(args: &KeygenArgs, format: KeyFileFormat, symmetric: bool) -> Result<(), Failure> {
    let named = args.kid.is_some() || args.kid_from_thumbprint;
    match format {
        KeyFileFormat::Pem if symmetric => Err(Failure::usage(format!(
            "--format: PEM has no form for the shared secret of {}; use base64url or jwk",
            args.alg
        ))),
        KeyFileFormat::Base64url if !symmetric => Err(Failure::usage(format!(
            "--format: base64url is for shared secrets, and {} has key pairs; use pem or jwk",
            args.alg
        ))),
        KeyFileFormat::Pem | KeyFileFormat::Base64url if named => Err(Failure::usage(
            "--kid: the format has no room for a name; use --format jwk, or give the name in the configuration",
        )),
        KeyFileFormat::Jwk if symmetric && args.kid_from_thumbprint => Err(Failure::usage(
            "--kid-from-thumbprint: the hash of a shared secret is a way to guess it; use --kid",
        )),
        _ => Ok(()),
    }
}

fn write(
    material: &KeyMaterial,
    format: KeyFileFormat,
    kid: Option<&str>,
    algorithm: Algorithm,
) -> Result<Zeroizing<String>, KeyError> {
    let mut text = match (format, material) {
        (KeyFileFormat::Jwk, _) => private_jwk(material, kid, Some(algorithm))?,
        (KeyFileFormat::Pem, KeyMaterial::Private(key)) => private_key_pem(key)?,
        (KeyFileFormat::Base64url, KeyMaterial::Symmetric(secret)) => {
            Zeroizing::new(base64url::encode(secret.expose()))
        }
        _ => return Err(KeyError::Invalid),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Creates the file, and only that: neither a file nor a link that stands there is touched.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
        let failure = Failure::io(
            &format!("{}: the key was not written", path.display()),
            &error,
        );
        if exists {
            failure.hint("a key is never overwritten: name another file, or move that one away")
        } else {
            failure.hint("check that the directory exists and may be written to")
        }
    };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            // Half a key is worse than none.
            let _ = std::fs::remove_file(path);
            failed(error)
        })
}
