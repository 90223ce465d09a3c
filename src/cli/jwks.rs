use crate::config::Profile;
use crate::crypto::{Algorithm, aws_lc_rs};
use crate::jwk::{PublicJwk, public_jwks, thumbprint};
use crate::keys::{KeyFormat, KeySpec};

use super::args::JwksArgs;
use super::configuration::{build, load_or_read};
use super::input::key_source;
use super::{Edge, Exit, Failure};

/// Prints public keys as a JWK set.
pub(super) fn run(args: &JwksArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let keys = if args.source.config.is_some() {
        of_config(args, edge)?
    } else {
        of_file(args, edge)?
    };
    edge.print(&public_jwks(&keys))?;
    Ok(Exit::Good)
}

fn of_file(args: &JwksArgs, edge: &mut Edge<'_>) -> Result<Vec<PublicJwk>, Failure> {
    let (file, format) = match (&args.source.pem, &args.source.jwk) {
        (Some(file), _) => (file, KeyFormat::Pem),
        (_, Some(file)) => (file, KeyFormat::Jwk),
        (None, None) => return Err(Failure::usage("name the key by --pem, --jwk or --config")),
    };
    let mut source = key_source(file, format, edge.input)?;
    source.kid.clone_from(&args.kid);
    source.algorithm = args.alg;
    source
        .load(aws_lc_rs())?
        .into_iter()
        .map(|spec| public(spec, args))
        .collect()
}

fn public(spec: KeySpec, args: &JwksArgs) -> Result<PublicJwk, Failure> {
    let Some(key) = spec.material.public().cloned() else {
        return Err(Failure::usage(format!(
            "{}: a shared secret has no public half, and publishing it would let everybody sign",
            spec.label()
        ))
        .hint(
            "verifiers need the secret itself; to publish keys, sign with RS256, ES256 or EdDSA",
        ));
    };
    if let Some(algorithm) = args.alg
        && algorithm.family() != spec.material.family()
    {
        return Err(Failure::usage(format!(
            "--alg: {algorithm} takes another kind of key than {}",
            spec.origin
        )));
    }
    let kid = if args.kid_from_thumbprint {
        Some(thumbprint(&key, aws_lc_rs()))
    } else {
        spec.kid
    };
    Ok(PublicJwk {
        kid,
        algorithm: spec.algorithm,
        key,
    })
}

fn of_config(args: &JwksArgs, edge: &mut Edge<'_>) -> Result<Vec<PublicJwk>, Failure> {
    let config = load_or_read(args.source.config.as_deref(), edge)?;
    let profiles = build(&config, args.profile.as_deref(), edge)?;
    let chosen: Vec<_> = match &args.profile {
        Some(name) => vec![profiles.get(Some(name))?],
        None => profiles.iter().collect(),
    };
    let mut keys = Vec::new();
    for profile in &chosen {
        let own = profile.public_keys();
        if own.is_empty() {
            edge.remark(&nothing_public(profile));
        }
        for key in own {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    if keys.is_empty() {
        return Err(Failure::usage("there is no public key to print")
            .hint("a shared secret is never published; sign with RS256, ES256 or EdDSA instead"));
    }
    Ok(keys)
}

fn nothing_public(profile: &Profile) -> String {
    let algorithms: Vec<&str> = profile
        .verifier()
        .keys()
        .algorithms()
        .iter()
        .copied()
        .map(Algorithm::name)
        .collect();
    format!(
        "profile {:?} ({}) has no public key of its own: shared secrets have none, and fetched keys are their issuer's",
        profile.name(),
        algorithms.join(", ")
    )
}
