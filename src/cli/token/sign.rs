use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::claims::TokenKind;
use crate::json::{self, Bounds};
use crate::sign::ClaimValues;

use super::super::args::{KindArg, SignArgs};
use super::super::configuration::{build, load_or_read};
use super::super::input::{is_standard_input, read_text};
use super::super::{Edge, Exit, Failure};

/// The most that claims may have, in bytes: more fits no token.
const LARGEST: usize = 64 << 10;
const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 10_000,
};

/// Signs a token, or a pair, under a profile and prints it.
pub(in super::super) fn sign(args: &SignArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let config_is_input = args
        .config
        .as_ref()
        .is_some_and(|file| is_standard_input(file.as_os_str()));
    if config_is_input && is_standard_input(&args.claims) {
        return Err(Failure::usage(
            "both the configuration and the claims are to come from standard input; name a file for one of them",
        ));
    }
    let config = load_or_read(args.config.as_deref(), edge)?;
    let claims = claims(&args.claims, edge)?;
    let profiles = build(&config, args.profile.as_deref(), edge)?;
    let profile = profiles
        .get(args.profile.as_deref())
        .map_err(|fault| Failure::from(fault).hint("name the profile with --profile"))?;
    let single = |kind| profile.sign(kind, &claims, args.ttl);
    match args.kind {
        KindArg::Access => edge.print(&single(TokenKind::Access)?.token)?,
        KindArg::Refresh => edge.print(&single(TokenKind::Refresh)?.token)?,
        KindArg::Pair => {
            let pair = profile.sign_pair(&claims, args.ttl)?;
            edge.print(&pair.access.token)?;
            edge.print(&pair.refresh.token)?;
        }
    }
    Ok(Exit::Good)
}

/// The claims: one strict JSON object. Errors tell where it is wrong and repeat none of it.
fn claims(argument: &OsStr, edge: &mut Edge<'_>) -> Result<ClaimValues, Failure> {
    let (name, text) = match argument.as_bytes().strip_prefix(b"@") {
        _ if is_standard_input(argument) => {
            let name = "standard input".to_owned();
            let text = read_text(edge.input, &name, LARGEST)?;
            (name, text)
        }
        Some(path) => {
            let path = Path::new(OsStr::from_bytes(path));
            let name = path.display().to_string();
            let mut file = File::open(path).map_err(|error| {
                Failure::io(&name, &error).hint("--claims @FILE names a file that holds the claims")
            })?;
            let text = read_text(&mut file, &name, LARGEST)?;
            (name, text)
        }
        None => {
            let name = "--claims".to_owned();
            let text = read_text(&mut argument.as_bytes(), &name, LARGEST)?;
            (name, text)
        }
    };
    let wrong = |why: String| {
        Failure::usage(format!("{name}: not one strict JSON object: {why}"))
            .hint("claims look like {\"sub\": \"ada\"}")
    };
    json::scan(text.as_bytes(), BOUNDS, |_| {}).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| {
        wrong(format!(
            "a value is out of range at line {} column {}",
            error.line(),
            error.column()
        ))
    })
}
