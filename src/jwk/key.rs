use crate::crypto::{Algorithm, Curve, KeyMaterial, PrivateKey, PublicKey, RsaNumbers};
use crate::json::Kind;
use crate::secret::Secret;

use super::members::Members;
use super::{JwkError, KeyProblem, PublicJwk, Trust};

/// One key with what its JWK says of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Jwk {
    /// `kid`
    pub kid: Option<String>,
    /// `alg`: the one algorithm that may use it. `None` leaves that to the profile.
    pub algorithm: Option<Algorithm>,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// The key itself.
    pub material: KeyMaterial,
}

/// What `use` and `key_ops` permit, as far as signatures go. Without them, everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    /// May verify. A private key that may sign may: its public half is there for nothing else.
    pub verify: bool,
    /// May sign. Never true of a public key.
    pub sign: bool,
}

impl Jwk {
    /// A key that says nothing of itself, as PEM and secrets are.
    #[must_use]
    pub fn bare(material: KeyMaterial) -> Self {
        let sign = !matches!(material, KeyMaterial::Public(_));
        Self {
            kid: None,
            algorithm: None,
            usage: KeyUsage { verify: true, sign },
            material,
        }
    }

    /// Parses one JWK, public, private or symmetric (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
    ///
    /// Members that are not known are ignored, certificates (`x5c`) among them: a key proves
    /// nothing about itself.
    ///
    /// # Errors
    /// [`JwkError::Json`] for what is not strict JSON, [`JwkError::Key`] for what is no usable key.
    pub fn parse(document: &[u8]) -> Result<Self, JwkError> {
        let members = Members::scan(document).map_err(JwkError::Json)?;
        Self::from_members(&members, Trust::Private).map_err(|problem| JwkError::Key {
            position: None,
            kid: kid_of(&members),
            problem,
        })
    }

    /// The key without its private half. `None` for a shared secret, which has no public one.
    #[must_use]
    pub fn to_public(&self) -> Option<PublicJwk> {
        let key = self.material.public()?.clone();
        Some(PublicJwk {
            kid: self.kid.clone(),
            algorithm: self.algorithm,
            key,
        })
    }

    pub(super) fn from_members(members: &Members<'_>, trust: Trust) -> Result<Self, KeyProblem> {
        // First, so that no other fault of the key hides a leak.
        if trust == Trust::Public && PRIVATE.iter().any(|name| members.has(name)) {
            return Err(KeyProblem::PrivateInPublicSet);
        }
        let kid = members.text("kid")?.map(std::borrow::Cow::into_owned);
        let permitted = permitted(members)?;
        let algorithm = match members.text("alg")? {
            Some(name) => Some(Algorithm::from_name(&name).ok_or(KeyProblem::UnknownAlgorithm)?),
            None => None,
        };
        let material = material(members)?;
        if algorithm.is_some_and(|algorithm| algorithm.family() != material.family()) {
            return Err(KeyProblem::AlgorithmMismatch);
        }
        let usage = match material {
            KeyMaterial::Public(_) => KeyUsage {
                verify: permitted.verify,
                sign: false,
            },
            KeyMaterial::Private(_) => KeyUsage {
                verify: permitted.verify || permitted.sign,
                sign: permitted.sign,
            },
            KeyMaterial::Symmetric(_) => permitted,
        };
        if !usage.verify && !usage.sign {
            return Err(KeyProblem::NotForSignatures);
        }
        Ok(Self {
            kid,
            algorithm,
            usage,
            material,
        })
    }
}

/// The members that hold something secret in any kind of key (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn kid_of(members: &Members<'_>) -> Option<String> {
    members
        .text("kid")
        .ok()
        .flatten()
        .map(std::borrow::Cow::into_owned)
}

fn permitted(members: &Members<'_>) -> Result<KeyUsage, KeyProblem> {
    if members.text("use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(KeyProblem::NotForSignatures);
    }
    if !members.has("key_ops") {
        return Ok(KeyUsage {
            verify: true,
            sign: true,
        });
    }
    let mut seen: Vec<&[u8]> = Vec::new();
    for (kind, operation) in members
        .array("key_ops")
        .ok_or(KeyProblem::BadKeyOperations)?
    {
        // Compared as written: an operation in escapes is one that we do not know.
        if kind != Kind::String || seen.contains(&operation) || seen.len() >= MOST_OPERATIONS {
            return Err(KeyProblem::BadKeyOperations);
        }
        seen.push(operation);
    }
    Ok(KeyUsage {
        verify: seen.contains(&&b"verify"[..]),
        sign: seen.contains(&&b"sign"[..]),
    })
}

/// RFC 7517 §4.3 names eight.
const MOST_OPERATIONS: usize = 32;

fn material(members: &Members<'_>) -> Result<KeyMaterial, KeyProblem> {
    match members
        .text("kty")?
        .ok_or(KeyProblem::Missing("kty"))?
        .as_ref()
    {
        "RSA" => rsa(members),
        "EC" => ec(members),
        "OKP" => ed25519(members),
        "oct" => {
            let secret = members.bytes("k")?;
            Ok(KeyMaterial::Symmetric(Secret::new(secret.to_vec())))
        }
        _ => Err(KeyProblem::UnknownKeyType),
    }
}

fn rsa(members: &Members<'_>) -> Result<KeyMaterial, KeyProblem> {
    let (n, e) = (members.bytes("n")?, members.bytes("e")?);
    if members.has("oth") {
        return Err(KeyProblem::MultiPrime);
    }
    if !members.has("d") {
        return Ok(KeyMaterial::Public(PublicKey::rsa(&n, &e)));
    }
    PrivateKey::rsa_from_numbers(&RsaNumbers {
        n: &n,
        e: &e,
        d: &members.bytes("d")?,
        p: &members.bytes("p")?,
        q: &members.bytes("q")?,
        dp: &members.bytes("dp")?,
        dq: &members.bytes("dq")?,
        qi: &members.bytes("qi")?,
    })
    .map(KeyMaterial::Private)
    .map_err(KeyProblem::Invalid)
}

fn ec(members: &Members<'_>) -> Result<KeyMaterial, KeyProblem> {
    let name = members.text("crv")?.ok_or(KeyProblem::Missing("crv"))?;
    let curve = Curve::from_name(&name).ok_or(KeyProblem::UnknownCurve)?;
    let length = curve.coordinate_length();
    let mut point = Vec::with_capacity(1 + 2 * length);
    point.push(4);
    point.extend_from_slice(&members.bytes_of("x", length)?);
    point.extend_from_slice(&members.bytes_of("y", length)?);
    let public = PublicKey::Ec { curve, point };
    if !members.has("d") {
        return Ok(KeyMaterial::Public(public));
    }
    let scalar = Secret::new(members.bytes_of("d", length)?.to_vec());
    Ok(KeyMaterial::Private(PrivateKey::Ec { scalar, public }))
}

fn ed25519(members: &Members<'_>) -> Result<KeyMaterial, KeyProblem> {
    if members.text("crv")?.ok_or(KeyProblem::Missing("crv"))? != "Ed25519" {
        return Err(KeyProblem::UnknownCurve);
    }
    let x = members.bytes_of("x", 32)?;
    let mut public = [0; 32];
    public.copy_from_slice(&x);
    if !members.has("d") {
        return Ok(KeyMaterial::Public(PublicKey::Ed25519(public)));
    }
    let seed = Secret::new(members.bytes_of("d", 32)?.to_vec());
    PrivateKey::ed25519(seed, &public)
        .map(KeyMaterial::Private)
        .map_err(KeyProblem::Invalid)
}
