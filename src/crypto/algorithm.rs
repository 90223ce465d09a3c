use std::fmt;

/// A JWS signature algorithm (RFC 7518 §3, RFC 8037 §3). `none` is not among them and cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256
    HS256,
    /// HMAC with SHA-384
    HS384,
    /// HMAC with SHA-512
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512
    RS512,
    /// RSASSA-PSS with SHA-256
    PS256,
    /// RSASSA-PSS with SHA-384
    PS384,
    /// RSASSA-PSS with SHA-512
    PS512,
    /// ECDSA on P-256 with SHA-256
    ES256,
    /// ECDSA on P-384 with SHA-384
    ES384,
    /// ECDSA on P-521 with SHA-512
    ES512,
    /// Ed25519
    EdDSA,
}

/// What kind of key an algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFamily {
    /// A shared secret, `kty` `oct`
    Hmac,
    /// `kty` `RSA`
    Rsa,
    /// `kty` `EC` on that curve
    Ec(Curve),
    /// `kty` `OKP`, `crv` `Ed25519`
    Ed25519,
}

/// An elliptic curve of ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// `P-256`
    P256,
    /// `P-384`
    P384,
    /// `P-521`
    P521,
}

struct Row {
    algorithm: Algorithm,
    name: &'static str,
    family: KeyFamily,
    /// Output of the hash in bytes: the least an HMAC secret may have.
    hash: usize,
    /// Length of the signature in bytes; `None` for RSA, where the modulus decides.
    signature: Option<usize>,
}

const fn row(
    algorithm: Algorithm,
    name: &'static str,
    family: KeyFamily,
    hash: usize,
    signature: Option<usize>,
) -> Row {
    Row {
        algorithm,
        name,
        family,
        hash,
        signature,
    }
}

/// In the order of the enum's discriminants, which a test holds.
static TABLE: [Row; 13] = [
    row(Algorithm::HS256, "HS256", KeyFamily::Hmac, 32, Some(32)),
    row(Algorithm::HS384, "HS384", KeyFamily::Hmac, 48, Some(48)),
    row(Algorithm::HS512, "HS512", KeyFamily::Hmac, 64, Some(64)),
    row(Algorithm::RS256, "RS256", KeyFamily::Rsa, 32, None),
    row(Algorithm::RS384, "RS384", KeyFamily::Rsa, 48, None),
    row(Algorithm::RS512, "RS512", KeyFamily::Rsa, 64, None),
    row(Algorithm::PS256, "PS256", KeyFamily::Rsa, 32, None),
    row(Algorithm::PS384, "PS384", KeyFamily::Rsa, 48, None),
    row(Algorithm::PS512, "PS512", KeyFamily::Rsa, 64, None),
    row(
        Algorithm::ES256,
        "ES256",
        KeyFamily::Ec(Curve::P256),
        32,
        Some(64),
    ),
    row(
        Algorithm::ES384,
        "ES384",
        KeyFamily::Ec(Curve::P384),
        48,
        Some(96),
    ),
    row(
        Algorithm::ES512,
        "ES512",
        KeyFamily::Ec(Curve::P521),
        64,
        Some(132),
    ),
    row(Algorithm::EdDSA, "EdDSA", KeyFamily::Ed25519, 64, Some(64)),
];

impl Algorithm {
    /// The whole table, in order.
    pub fn all() -> impl Iterator<Item = Algorithm> {
        TABLE.iter().map(|row| row.algorithm)
    }

    /// The algorithm of that exact name. Case matters (RFC 7515 §4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Algorithm> {
        TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.algorithm)
    }

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of key it takes.
    #[must_use]
    pub fn family(self) -> KeyFamily {
        self.row().family
    }

    /// The output of its hash, in bytes.
    #[must_use]
    pub fn hash_length(self) -> usize {
        self.row().hash
    }

    /// The length of every signature, in bytes; `None` for RSA, where it is the modulus's.
    #[must_use]
    pub fn signature_length(self) -> Option<usize> {
        self.row().signature
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Curve {
    /// The registered name (RFC 7518 §6.2.1.1).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The curve of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Curve> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.name() == name)
    }

    /// The length of one coordinate, in bytes.
    #[must_use]
    pub fn coordinate_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_at_their_discriminant() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.algorithm as usize, at);
            assert_eq!(Algorithm::from_name(row.name), Some(row.algorithm));
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["none", "None", "NONE", "", "hs256", "HS256 ", "HS1", "RS1"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }
}
