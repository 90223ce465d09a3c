use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::Decode;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, UnparsedPublicKey};
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use ring::signature::{
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, RsaEncoding, RsaParameters,
    RsaPublicKeyComponents,
};
use ring::{agreement, digest, hmac};
use sec1::EcPrivateKey;

use crate::secret::Secret;

use super::strength::{SMALLEST_STRONG_RSA, rsa_bits};
use super::{
    Algorithm, Curve, KeyError, KeyFamily, KeyMaterial, KeyStrength, PrivateKey, PublicKey,
};
use super::{CryptoProvider, SignKey, VerifyKey, check_strength};

const NAME: &str = "ring";

/// The second provider: all of the table but ES512, and no making of RSA keys.
#[derive(Debug)]
pub(super) struct Ring;

/// What the library calls one algorithm.
enum Row {
    Hmac(hmac::Algorithm),
    Rsa {
        verify: &'static RsaParameters,
        /// The same from 1024 bits, where the library has it.
        weak: Option<&'static RsaParameters>,
        sign: &'static dyn RsaEncoding,
    },
    Ec {
        curve: Curve,
        verify: &'static EcdsaVerificationAlgorithm,
        sign: &'static EcdsaSigningAlgorithm,
        agree: &'static agreement::Algorithm,
    },
    Ed25519,
}

fn row(algorithm: Algorithm) -> Result<Row, KeyError> {
    use signature as s;
    Ok(match algorithm {
        Algorithm::HS256 => Row::Hmac(hmac::HMAC_SHA256),
        Algorithm::HS384 => Row::Hmac(hmac::HMAC_SHA384),
        Algorithm::HS512 => Row::Hmac(hmac::HMAC_SHA512),
        Algorithm::RS256 => Row::Rsa {
            verify: &s::RSA_PKCS1_2048_8192_SHA256,
            weak: Some(&s::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            sign: &s::RSA_PKCS1_SHA256,
        },
        Algorithm::RS384 => Row::Rsa {
            verify: &s::RSA_PKCS1_2048_8192_SHA384,
            weak: None,
            sign: &s::RSA_PKCS1_SHA384,
        },
        Algorithm::RS512 => Row::Rsa {
            verify: &s::RSA_PKCS1_2048_8192_SHA512,
            weak: Some(&s::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            sign: &s::RSA_PKCS1_SHA512,
        },
        // In PSS the library takes one salt length, the hash's.
        Algorithm::PS256 => Row::Rsa {
            verify: &s::RSA_PSS_2048_8192_SHA256,
            weak: None,
            sign: &s::RSA_PSS_SHA256,
        },
        Algorithm::PS384 => Row::Rsa {
            verify: &s::RSA_PSS_2048_8192_SHA384,
            weak: None,
            sign: &s::RSA_PSS_SHA384,
        },
        Algorithm::PS512 => Row::Rsa {
            verify: &s::RSA_PSS_2048_8192_SHA512,
            weak: None,
            sign: &s::RSA_PSS_SHA512,
        },
        Algorithm::ES256 => Row::Ec {
            curve: Curve::P256,
            verify: &s::ECDSA_P256_SHA256_FIXED,
            sign: &s::ECDSA_P256_SHA256_FIXED_SIGNING,
            agree: &agreement::ECDH_P256,
        },
        Algorithm::ES384 => Row::Ec {
            curve: Curve::P384,
            verify: &s::ECDSA_P384_SHA384_FIXED,
            sign: &s::ECDSA_P384_SHA384_FIXED_SIGNING,
            agree: &agreement::ECDH_P384,
        },
        Algorithm::EdDSA => Row::Ed25519,
        Algorithm::ES512 => return Err(not_offered(algorithm)),
    })
}

fn not_offered(algorithm: Algorithm) -> KeyError {
    KeyError::NotOffered {
        provider: NAME,
        algorithm,
    }
}

impl CryptoProvider for Ring {
    fn name(&self) -> &'static str {
        NAME
    }

    fn verifies(&self, algorithm: Algorithm) -> bool {
        row(algorithm).is_ok()
    }

    fn signs(&self, algorithm: Algorithm) -> bool {
        row(algorithm).is_ok()
    }

    fn verify_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn VerifyKey>, KeyError> {
        check_strength(algorithm, key, strength)?;
        match (row(algorithm)?, key, key.public()) {
            (Row::Hmac(hash), KeyMaterial::Symmetric(secret), _) => {
                Ok(Box::new(Mac(hmac::Key::new(hash, secret.expose()))))
            }
            (Row::Rsa { verify, weak, .. }, _, Some(public @ PublicKey::Rsa { n, e })) => {
                let bits = rsa_bits(public);
                let parameters = if bits >= SMALLEST_STRONG_RSA {
                    verify
                } else {
                    weak.ok_or(KeyError::RsaSize { bits })?
                };
                let length = n.len();
                let key = RsaPublicKeyComponents {
                    n: n.clone(),
                    e: e.clone(),
                };
                Ok(Box::new(RsaPublic {
                    key,
                    parameters,
                    length,
                }))
            }
            (Row::Ec { verify, agree, .. }, _, Some(PublicKey::Ec { curve, point })) => {
                check_point(agree, point)?;
                Ok(Box::new(Public {
                    key: UnparsedPublicKey::new(verify, point.clone()),
                    length: 2 * curve.coordinate_length(),
                }))
            }
            (Row::Ed25519, _, Some(PublicKey::Ed25519(bytes))) => Ok(Box::new(Public {
                key: UnparsedPublicKey::new(&signature::ED25519, bytes.to_vec()),
                length: 64,
            })),
            _ => Err(KeyError::WrongFamily(algorithm)),
        }
    }

    fn sign_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn SignKey>, KeyError> {
        check_strength(algorithm, key, strength)?;
        let row = row(algorithm)?;
        let private = match key {
            KeyMaterial::Symmetric(secret) => {
                let Row::Hmac(hash) = row else {
                    return Err(KeyError::WrongFamily(algorithm));
                };
                return Ok(Box::new(Mac(hmac::Key::new(hash, secret.expose()))));
            }
            KeyMaterial::Public(_) => return Err(KeyError::NoPrivateHalf),
            KeyMaterial::Private(private) => private,
        };
        match (row, private) {
            (Row::Rsa { sign, .. }, PrivateKey::Rsa { pkcs1, public }) => {
                let pair = rsa_key_pair(pkcs1, public)?;
                Ok(Box::new(RsaSign {
                    pair,
                    encoding: sign,
                    random: SystemRandom::new(),
                }))
            }
            (
                Row::Ec { sign, .. },
                PrivateKey::Ec {
                    scalar,
                    public: PublicKey::Ec { point, .. },
                },
            ) => {
                let random = SystemRandom::new();
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    sign,
                    scalar.expose(),
                    point,
                    &random,
                );
                let pair = pair.map_err(|_| KeyError::Invalid)?;
                Ok(Box::new(EcSign { pair, random }))
            }
            (
                Row::Ed25519,
                PrivateKey::Ed25519 {
                    seed,
                    public: PublicKey::Ed25519(public),
                },
            ) => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(seed.expose(), public);
                Ok(Box::new(EdSign(pair.map_err(|_| KeyError::Invalid)?)))
            }
            _ => Err(KeyError::WrongFamily(algorithm)),
        }
    }

    fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyError> {
        match row(algorithm)? {
            Row::Hmac(_) => {
                let mut secret = vec![0; algorithm.hash_length()];
                self.random(&mut secret)?;
                Ok(KeyMaterial::Symmetric(Secret::new(secret)))
            }
            Row::Rsa { .. } => Err(not_offered(algorithm)),
            Row::Ec { curve, sign, .. } => generate_ec(curve, sign).map(KeyMaterial::Private),
            Row::Ed25519 => {
                let mut seed = vec![0; 32];
                self.random(&mut seed)?;
                self.complete(algorithm.family(), &Secret::new(seed))
                    .map(KeyMaterial::Private)
            }
        }
    }

    fn complete(&self, family: KeyFamily, private: &Secret) -> Result<PrivateKey, KeyError> {
        match family {
            KeyFamily::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(private.expose())
                    .map_err(|_| KeyError::Invalid)?;
                PrivateKey::ed25519(private.clone(), pair.public_key().as_ref())
            }
            KeyFamily::Ec(_) => Err(KeyError::NotTaken {
                provider: NAME,
                takes: "EC private keys with their public half (`openssl ec -in key.pem` adds it)",
            }),
            KeyFamily::Hmac | KeyFamily::Rsa => Err(KeyError::Invalid),
        }
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), KeyError> {
        SystemRandom::new()
            .fill(bytes)
            .map_err(|_| KeyError::Failed)
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        hash
    }
}

struct Mac(hmac::Key);

impl VerifyKey for Mac {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, message, signature).is_ok()
    }
}

impl SignKey for Mac {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        signature.extend_from_slice(hmac::sign(&self.0, message).as_ref());
        Ok(())
    }
}

struct Public {
    key: UnparsedPublicKey<Vec<u8>>,
    length: usize,
}

impl VerifyKey for Public {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.length && self.key.verify(message, signature).is_ok()
    }
}

struct RsaPublic {
    key: RsaPublicKeyComponents<Vec<u8>>,
    parameters: &'static RsaParameters,
    /// The one length a signature may have, or an RSA number would have many texts. This version
    /// of the library checks it too, which is not documented.
    length: usize,
}

impl VerifyKey for RsaPublic {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.length
            && self.key.verify(self.parameters, message, signature).is_ok()
    }
}

/// Refuses a point off its curve or at infinity, which the library else finds at each signature:
/// a key agreement with it, thrown away, is the one check that is public.
fn check_point(agree: &'static agreement::Algorithm, point: &[u8]) -> Result<(), KeyError> {
    let ephemeral = agreement::EphemeralPrivateKey::generate(agree, &SystemRandom::new())
        .map_err(|_| KeyError::Failed)?;
    let peer = agreement::UnparsedPublicKey::new(agree, point);
    agreement::agree_ephemeral(ephemeral, &peer, |_| ()).map_err(|_| KeyError::Invalid)
}

struct RsaSign {
    pair: RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
    random: SystemRandom,
}

impl SignKey for RsaSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        let start = signature.len();
        signature.resize(start + self.pair.public().modulus_len(), 0);
        let made = self.pair.sign(
            self.encoding,
            &self.random,
            message,
            &mut signature[start..],
        );
        made.map_err(|_| {
            signature.truncate(start);
            KeyError::Failed
        })
    }
}

struct EcSign {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SignKey for EcSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        let made = self
            .pair
            .sign(&self.random, message)
            .map_err(|_| KeyError::Failed)?;
        signature.extend_from_slice(made.as_ref());
        Ok(())
    }
}

struct EdSign(Ed25519KeyPair);

impl SignKey for EdSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        signature.extend_from_slice(self.0.sign(message).as_ref());
        Ok(())
    }
}

fn rsa_key_pair(pkcs1: &Secret, public: &PublicKey) -> Result<RsaKeyPair, KeyError> {
    let PublicKey::Rsa { e, .. } = public else {
        return Err(KeyError::Invalid);
    };
    // Under five octets by the strength check; the library wants 65537 or more.
    let exponent_fits = e.len() > 2;
    if !exponent_fits || !matches!(rsa_bits(public), 2048 | 3072 | 4096) {
        return Err(KeyError::NotTaken {
            provider: NAME,
            takes: "RSA keys of 2048, 3072 or 4096 bits and exponent 65537 to sign with",
        });
    }
    let pair = RsaKeyPair::from_der(pkcs1.expose()).map_err(|_| KeyError::Invalid)?;
    if pair.public().as_ref() != public.to_pkcs1()? {
        return Err(KeyError::Invalid);
    }
    Ok(pair)
}

fn generate_ec(
    curve: Curve,
    signing: &'static EcdsaSigningAlgorithm,
) -> Result<PrivateKey, KeyError> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new())
        .map_err(|_| KeyError::Failed)?;
    let info = PrivateKeyInfoRef::from_der(pkcs8.as_ref()).map_err(|_| KeyError::Failed)?;
    let key = EcPrivateKey::from_der(info.private_key.as_bytes()).map_err(|_| KeyError::Failed)?;
    let point = key.public_key.ok_or(KeyError::Failed)?;
    Ok(PrivateKey::Ec {
        scalar: Secret::new(key.private_key.to_vec()),
        public: PublicKey::Ec {
            curve,
            point: point.to_vec(),
        },
    })
}
