use pkcs8::der::asn1::{AnyRef, BitStringRef, Null, ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use sec1::{EcParameters, EcPrivateKey};
use x509_cert::Certificate;
use zeroize::Zeroizing;

use crate::crypto::{Curve, KeyError, KeyFamily, KeyMaterial, PrivateKey, Provider, PublicKey};
use crate::secret::Secret;

use super::PemProblem;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The same keys, marked for PSS; which algorithm they serve is the profile's to say.
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const CURVES: [(Curve, ObjectIdentifier); 3] = [
    (
        Curve::P256,
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ),
    (Curve::P384, ObjectIdentifier::new_unwrap("1.3.132.0.34")),
    (Curve::P521, ObjectIdentifier::new_unwrap("1.3.132.0.35")),
];

type Parsed = Result<KeyMaterial, PemProblem>;

/// `PrivateKeyInfo` (PKCS#8).
pub(super) fn pkcs8(der: &[u8], provider: Provider) -> Parsed {
    let info = PrivateKeyInfoRef::from_der(der).map_err(not_der)?;
    let private = info.private_key.as_bytes();
    let key = match info.algorithm.oid {
        RSA | RSA_PSS => rsa_private(private)?,
        EC => ec_private(private, Some(named_curve(&info.algorithm)?), provider)?,
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(private).map_err(not_der)?;
            let seed = Secret::new(seed.as_bytes().to_vec());
            let key = provider
                .complete(KeyFamily::Ed25519, &seed)
                .map_err(PemProblem::Key)?;
            same_public(key, info.public_key.and_then(|bits| bits.as_bytes()))?
        }
        other => return Err(PemProblem::UnknownKeyType(other.to_string())),
    };
    Ok(KeyMaterial::Private(key))
}

fn same_public(key: PrivateKey, stated: Option<&[u8]>) -> Result<PrivateKey, PemProblem> {
    match (key.public(), stated) {
        (PublicKey::Ed25519(computed), Some(stated)) if computed != stated => {
            Err(PemProblem::Key(KeyError::Invalid))
        }
        _ => Ok(key),
    }
}

/// `RSAPrivateKey` (PKCS#1).
pub(super) fn pkcs1_private(der: &[u8]) -> Parsed {
    rsa_private(der).map(KeyMaterial::Private)
}

fn rsa_private(der: &[u8]) -> Result<PrivateKey, PemProblem> {
    PrivateKey::rsa_from_pkcs1(Secret::new(der.to_vec())).map_err(|_| PemProblem::NotDer)
}

/// `RSAPublicKey` (PKCS#1).
pub(super) fn pkcs1_public(der: &[u8]) -> Parsed {
    let key = PublicKey::rsa_from_pkcs1(der).map_err(|_| PemProblem::NotDer)?;
    Ok(KeyMaterial::Public(key))
}

/// `ECPrivateKey` (SEC1).
pub(super) fn sec1(der: &[u8], provider: Provider) -> Parsed {
    ec_private(der, None, provider).map(KeyMaterial::Private)
}

/// `outer` is the curve that the wrapping names; both places must agree where both name one.
fn ec_private(
    der: &[u8],
    outer: Option<Curve>,
    provider: Provider,
) -> Result<PrivateKey, PemProblem> {
    let key = EcPrivateKey::from_der(der).map_err(not_der)?;
    let inner = match key.parameters.and_then(EcParameters::named_curve) {
        Some(oid) => Some(curve_of(oid)?),
        None => None,
    };
    let curve = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => return Err(PemProblem::UnknownCurve),
        (outer, inner) => outer.or(inner).ok_or(PemProblem::UnknownCurve)?,
    };
    let scalar = Secret::new(key.private_key.to_vec());
    match key.public_key {
        Some(point) => Ok(PrivateKey::Ec {
            scalar,
            public: ec_public(curve, point)?,
        }),
        None => provider
            .complete(KeyFamily::Ec(curve), &scalar)
            .map_err(PemProblem::Key),
    }
}

/// `SubjectPublicKeyInfo` (X.509).
pub(super) fn spki(der: &[u8]) -> Parsed {
    public_of(&SubjectPublicKeyInfoRef::from_der(der).map_err(not_der)?)
}

/// The key of a certificate. Nothing else in it counts: who may sign is said by configuration.
pub(super) fn certificate(der: &[u8]) -> Parsed {
    let certificate = Certificate::from_der(der).map_err(not_der)?;
    let info = certificate.tbs_certificate().subject_public_key_info();
    let info = info.to_der().map_err(not_der)?;
    spki(&info)
}

fn public_of(info: &SubjectPublicKeyInfoRef<'_>) -> Parsed {
    let bits = info
        .subject_public_key
        .as_bytes()
        .ok_or(PemProblem::NotDer)?;
    let key = match info.algorithm.oid {
        RSA | RSA_PSS => return pkcs1_public(bits),
        EC => ec_public(named_curve(&info.algorithm)?, bits)?,
        ED25519 => PublicKey::Ed25519(bits.try_into().map_err(|_| PemProblem::NotDer)?),
        other => return Err(PemProblem::UnknownKeyType(other.to_string())),
    };
    Ok(KeyMaterial::Public(key))
}

fn ec_public(curve: Curve, point: &[u8]) -> Result<PublicKey, PemProblem> {
    match point.first() {
        Some(4) => Ok(PublicKey::Ec {
            curve,
            point: point.to_vec(),
        }),
        Some(2 | 3) => Err(PemProblem::CompressedPoint),
        _ => Err(PemProblem::NotDer),
    }
}

fn named_curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Curve, PemProblem> {
    curve_of(
        algorithm
            .parameters_oid()
            .map_err(|_| PemProblem::UnknownCurve)?,
    )
}

fn curve_of(oid: ObjectIdentifier) -> Result<Curve, PemProblem> {
    let known = CURVES.iter().find(|(_, known)| *known == oid);
    known
        .map(|(curve, _)| *curve)
        .ok_or(PemProblem::UnknownCurve)
}

fn oid_of(curve: Curve) -> Option<ObjectIdentifier> {
    CURVES
        .iter()
        .find(|(known, _)| *known == curve)
        .map(|(_, oid)| *oid)
}

fn not_der<E>(_: E) -> PemProblem {
    PemProblem::NotDer
}

/// The PKCS#8 of a private key.
pub(super) fn write_private(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match key {
        PrivateKey::Rsa { pkcs1, .. } => wrap_private(RSA, Some(Null.into()), pkcs1.expose()),
        PrivateKey::Ec {
            scalar,
            public: PublicKey::Ec { curve, point },
        } => {
            let inner = EcPrivateKey {
                private_key: scalar.expose(),
                parameters: None,
                public_key: Some(point),
            };
            let inner = inner.to_der().map(Zeroizing::new).map_err(invalid)?;
            let oid = oid_of(*curve).ok_or(KeyError::Invalid)?;
            wrap_private(EC, Some((&oid).into()), &inner)
        }
        PrivateKey::Ed25519 { seed, .. } => {
            let inner = OctetStringRef::new(seed.expose()).map_err(invalid)?;
            let inner = inner.to_der().map(Zeroizing::new).map_err(invalid)?;
            wrap_private(ED25519, None, &inner)
        }
        PrivateKey::Ec { .. } => Err(KeyError::Invalid),
    }
}

fn wrap_private(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    private: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let private = OctetStringRef::new(private).map_err(invalid)?;
    let info = PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid, parameters }, private);
    info.to_der().map(Zeroizing::new).map_err(invalid)
}

/// The `SubjectPublicKeyInfo` of a public key.
pub(super) fn write_public(key: &PublicKey) -> Result<Vec<u8>, KeyError> {
    match key {
        PublicKey::Rsa { .. } => wrap_public(RSA, Some(Null.into()), &key.to_pkcs1()?),
        PublicKey::Ec { curve, point } => {
            let oid = oid_of(*curve).ok_or(KeyError::Invalid)?;
            wrap_public(EC, Some((&oid).into()), point)
        }
        PublicKey::Ed25519(bytes) => wrap_public(ED25519, None, bytes),
    }
}

fn wrap_public(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    bits: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let subject_public_key = BitStringRef::from_bytes(bits).map_err(invalid)?;
    let algorithm = AlgorithmIdentifierRef { oid, parameters };
    SubjectPublicKeyInfoRef {
        algorithm,
        subject_public_key,
    }
    .to_der()
    .map_err(invalid)
}

fn invalid<E>(_: E) -> KeyError {
    KeyError::Invalid
}
