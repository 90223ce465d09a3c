use std::error::Error;
use std::fmt;

use crate::crypto::KeyError;
use crate::json::JsonError;

/// Why a JWK or a JWK set as a whole was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwkError {
    /// Not strict JSON, or not an object.
    Json(JsonError),
    /// The object has no array `keys`.
    NotASet,
    /// More keys than a set may have.
    TooManyKeys {
        /// how many it may have
        most: usize,
    },
    /// One key makes the document unusable.
    Key {
        /// its place in the set; `None` for a JWK that stands alone
        position: Option<usize>,
        /// its `kid`, where it has one
        kid: Option<String>,
        /// what is wrong with it
        problem: KeyProblem,
    },
}

/// Why one JWK is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyProblem {
    /// The element is no object.
    NotAnObject,
    /// A member that its kind of key needs is absent.
    Missing(&'static str),
    /// A member is not a string.
    NotText(&'static str),
    /// A member is not strict base64url.
    NotBase64Url(&'static str),
    /// A member is shorter or longer than the curve has it (RFC 7518 §6.2.1.2).
    WrongLength {
        /// the member
        member: &'static str,
        /// its length, in bytes
        expected: usize,
    },
    /// `kty` names no kind of key that signs here.
    UnknownKeyType,
    /// `crv` names no curve that signs here.
    UnknownCurve,
    /// `alg` names no algorithm of the table.
    UnknownAlgorithm,
    /// `alg` takes another kind of key.
    AlgorithmMismatch,
    /// `use` or `key_ops` say that it is not for signatures.
    NotForSignatures,
    /// `key_ops` is not an array of strings, each once.
    BadKeyOperations,
    /// An RSA key of more than two primes.
    MultiPrime,
    /// A private or symmetric key where only public ones belong.
    PrivateInPublicSet,
    /// The numbers make no key.
    Invalid(KeyError),
}

/// Why a PEM or DER text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemError {
    /// The block, counted from 1; `None` where the whole text, or DER, is meant.
    pub block: Option<usize>,
    /// What is wrong.
    pub problem: PemProblem,
}

/// What is wrong with a PEM or DER text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemProblem {
    /// No block at all.
    NoBlock,
    /// A block without its end, of two labels, or not base64.
    Broken,
    /// An encrypted private key.
    Encrypted,
    /// A key in OpenSSH's own format.
    OpenSsh,
    /// A label that names no key.
    UnknownLabel,
    /// More than one certificate.
    SeveralCertificates,
    /// Not the DER that the label announces.
    NotDer,
    /// A kind of key that does not sign here, by its object identifier.
    UnknownKeyType(String),
    /// A curve that does not sign here, or one that is not named.
    UnknownCurve,
    /// An EC point in compressed form.
    CompressedPoint,
    /// The halves do not belong together, or the provider cannot compute the public one.
    Key(KeyError),
}

impl fmt::Display for JwkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_) => f.write_str("the key document is not strict JSON"),
            Self::NotASet => f.write_str(
                "the document is no JWK set: it needs an array \"keys\"; a single JWK goes into one",
            ),
            Self::TooManyKeys { most } => {
                write!(f, "the JWK set has more than {most} keys; publish fewer")
            }
            Self::Key { position, kid, problem } => {
                write_place(f, *position, kid.as_deref())?;
                write!(f, ": {problem}")
            }
        }
    }
}

impl Error for JwkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::NotASet | Self::TooManyKeys { .. } | Self::Key { .. } => None,
        }
    }
}

/// Names a key for an operator: its place, and its `kid` cut short.
pub(super) fn write_place(
    f: &mut fmt::Formatter<'_>,
    position: Option<usize>,
    kid: Option<&str>,
) -> fmt::Result {
    match position {
        Some(position) => write!(f, "keys[{position}]")?,
        None => f.write_str("the JWK")?,
    }
    match kid {
        Some(kid) => write!(f, " (kid {:?})", kid.chars().take(64).collect::<String>()),
        None => Ok(()),
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("a key must be an object"),
            Self::Missing(member) => write!(f, "its kind of key needs \"{member}\""),
            Self::NotText(member) => write!(f, "\"{member}\" must be a string"),
            Self::NotBase64Url(member) => write!(f, "\"{member}\" is not strict base64url"),
            Self::WrongLength { member, expected } => {
                write!(f, "\"{member}\" must have {expected} bytes")
            }
            Self::UnknownKeyType => {
                f.write_str("its \"kty\" is not one that signs here (RSA, EC, OKP, oct)")
            }
            Self::UnknownCurve => {
                f.write_str("its \"crv\" is not one that signs here (P-256, P-384, P-521, Ed25519)")
            }
            Self::UnknownAlgorithm => {
                f.write_str("its \"alg\" is not a signature algorithm of ours")
            }
            Self::AlgorithmMismatch => f.write_str("its \"alg\" takes another kind of key"),
            Self::NotForSignatures => f.write_str(
                "\"use\" or \"key_ops\" say that it is not for signatures (needed: sig, verify)",
            ),
            Self::BadKeyOperations => {
                f.write_str("\"key_ops\" must be an array of strings, each once")
            }
            Self::MultiPrime => f.write_str("RSA keys of more than two primes are not accepted"),
            Self::PrivateInPublicSet => f.write_str(
                "a private or symmetric key among public ones: consider it leaked, replace it, \
                 and publish the public half alone",
            ),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(block) = self.block {
            write!(f, "PEM block {block}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl Error for PemError {}

impl fmt::Display for PemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBlock => f.write_str("no PEM block (-----BEGIN …) was found"),
            Self::Broken => f.write_str("the block has no matching end or is not base64"),
            Self::Encrypted => f.write_str(
                "the private key is encrypted; decrypt it with \
                 `openssl pkey -in key.pem -out plain.pem` and protect the file instead",
            ),
            Self::OpenSsh => f.write_str(
                "the key is in OpenSSH's format; convert it with \
                 `ssh-keygen -p -N '' -m PKCS8 -f key`",
            ),
            Self::UnknownLabel => f.write_str(
                "the label names no key; accepted are PRIVATE KEY, RSA PRIVATE KEY, \
                 EC PRIVATE KEY, PUBLIC KEY, RSA PUBLIC KEY and CERTIFICATE",
            ),
            Self::SeveralCertificates => f.write_str(
                "several certificates: a chain's other keys must not verify tokens; \
                 keep the issuer's own certificate alone",
            ),
            Self::NotDer => f.write_str("the content is not the DER of such a key"),
            Self::UnknownKeyType(oid) => write!(
                f,
                "keys of type {oid} do not sign here; accepted are RSA, EC and Ed25519"
            ),
            Self::UnknownCurve => {
                f.write_str("the curve is not one of P-256, P-384 and P-521, by name")
            }
            Self::CompressedPoint => f.write_str(
                "the EC point is compressed; convert it with \
                 `openssl ec -conv_form uncompressed` (with -pubin for a public key)",
            ),
            Self::Key(error) => error.fmt(f),
        }
    }
}
