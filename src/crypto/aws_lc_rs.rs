use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use aws_lc_rs::signature::{
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, RsaParameters, RsaSignatureEncoding,
};
use aws_lc_rs::{digest, encoding, hmac, rand};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::{Decode, Encode};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use crate::fork;
use crate::secret::Secret;

use super::strength::{SMALLEST_STRONG_RSA, rsa_bits};
use super::{
    Algorithm, Curve, KeyError, KeyFamily, KeyMaterial, KeyStrength, PrivateKey, PublicKey,
};
use super::{CryptoProvider, SignKey, VerifyKey, check_strength};

const NAME: &str = "aws-lc-rs";

/// The default provider. It has every algorithm of the table.
#[derive(Debug)]
pub(super) struct AwsLcRs;

/// What the library calls one algorithm.
enum Row {
    Hmac(hmac::Algorithm),
    Rsa {
        verify: &'static RsaParameters,
        /// The same from 1024 bits, where the library has it.
        weak: Option<&'static RsaParameters>,
        sign: &'static RsaSignatureEncoding,
    },
    Ec {
        curve: Curve,
        verify: &'static EcdsaVerificationAlgorithm,
        sign: &'static EcdsaSigningAlgorithm,
    },
    Ed25519,
}

fn row(algorithm: Algorithm) -> Row {
    use signature as s;
    match algorithm {
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
        // In PSS the library's default salt length, checked exactly, is the hash's.
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
        },
        Algorithm::ES384 => Row::Ec {
            curve: Curve::P384,
            verify: &s::ECDSA_P384_SHA384_FIXED,
            sign: &s::ECDSA_P384_SHA384_FIXED_SIGNING,
        },
        Algorithm::ES512 => Row::Ec {
            curve: Curve::P521,
            verify: &s::ECDSA_P521_SHA512_FIXED,
            sign: &s::ECDSA_P521_SHA512_FIXED_SIGNING,
        },
        Algorithm::EdDSA => Row::Ed25519,
    }
}

impl CryptoProvider for AwsLcRs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn verifies(&self, _algorithm: Algorithm) -> bool {
        true
    }

    fn signs(&self, _algorithm: Algorithm) -> bool {
        true
    }

    fn verify_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn VerifyKey>, KeyError> {
        check_strength(algorithm, key, strength)?;
        let wrong = KeyError::WrongFamily(algorithm);
        match (row(algorithm), key) {
            (Row::Hmac(hash), KeyMaterial::Symmetric(secret)) => {
                Ok(Box::new(Mac(hmac::Key::new(hash, secret.expose()))))
            }
            (Row::Rsa { verify, weak, .. }, key) => {
                let public = key.public().ok_or(wrong)?;
                let bits = rsa_bits(public);
                let parameters = if bits >= SMALLEST_STRONG_RSA {
                    verify
                } else {
                    weak.ok_or(KeyError::RsaSize { bits })?
                };
                let key = public_key(parameters, &public.to_pkcs1()?, bits.div_ceil(8))?;
                // The library finishes an RSA key on its first use, under a lock that a fork in
                // that moment would leave locked in the child for ever.
                let _ = key.verify(&[], &vec![0; bits.div_ceil(8)]);
                Ok(key)
            }
            (Row::Ec { verify, .. }, key) => {
                let Some(PublicKey::Ec { curve, point }) = key.public() else {
                    return Err(wrong);
                };
                public_key(verify, point, 2 * curve.coordinate_length())
            }
            (Row::Ed25519, key) => {
                let Some(PublicKey::Ed25519(bytes)) = key.public() else {
                    return Err(wrong);
                };
                public_key(&signature::ED25519, bytes, 64)
            }
            (Row::Hmac(_), _) => Err(wrong),
        }
    }

    fn sign_key(
        &self,
        algorithm: Algorithm,
        key: &KeyMaterial,
        strength: KeyStrength,
    ) -> Result<Box<dyn SignKey>, KeyError> {
        check_strength(algorithm, key, strength)?;
        match (row(algorithm), key) {
            (Row::Hmac(hash), KeyMaterial::Symmetric(secret)) => {
                Ok(Box::new(Mac(hmac::Key::new(hash, secret.expose()))))
            }
            (_, KeyMaterial::Public(_)) => Err(KeyError::NoPrivateHalf),
            (Row::Rsa { sign, .. }, KeyMaterial::Private(PrivateKey::Rsa { pkcs1, public })) => {
                Ok(Box::new(RsaSign(rsa_key_pair(pkcs1, public)?, sign)))
            }
            (
                Row::Ec { sign, .. },
                KeyMaterial::Private(PrivateKey::Ec {
                    scalar,
                    public: PublicKey::Ec { curve, point },
                }),
            ) => {
                if scalar.expose().len() != curve.coordinate_length() {
                    return Err(KeyError::Invalid);
                }
                EcdsaKeyPair::from_private_key_and_public_key(sign, scalar.expose(), point)
                    .map(|pair| Box::new(EcSign(pair)) as Box<dyn SignKey>)
                    .map_err(|_| KeyError::Invalid)
            }
            (
                Row::Ed25519,
                KeyMaterial::Private(PrivateKey::Ed25519 {
                    seed,
                    public: PublicKey::Ed25519(public),
                }),
            ) => {
                if seed.expose().len() != 32 {
                    return Err(KeyError::Invalid);
                }
                Ed25519KeyPair::from_seed_and_public_key(seed.expose(), public)
                    .map(|pair| Box::new(EdSign(pair)) as Box<dyn SignKey>)
                    .map_err(|_| KeyError::Invalid)
            }
            _ => Err(KeyError::WrongFamily(algorithm)),
        }
    }

    fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyError> {
        match row(algorithm) {
            Row::Hmac(_) => {
                let mut secret = vec![0; algorithm.hash_length()];
                self.random(&mut secret)?;
                Ok(KeyMaterial::Symmetric(Secret::new(secret)))
            }
            Row::Rsa { .. } => generate_rsa().map(KeyMaterial::Private),
            Row::Ec { sign, curve, .. } => {
                let pair = EcdsaKeyPair::generate(sign).map_err(|_| KeyError::Failed)?;
                ec_private(curve, &pair).map(KeyMaterial::Private)
            }
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
            KeyFamily::Ec(curve) => ec_private(curve, &ec_key_pair(curve, private)?),
            KeyFamily::Ed25519 => {
                let seed: &[u8; 32] = private.expose().try_into().map_err(|_| KeyError::Invalid)?;
                let pair =
                    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Invalid)?;
                PrivateKey::ed25519(private.clone(), pair.public_key().as_ref())
            }
            KeyFamily::Hmac | KeyFamily::Rsa => Err(KeyError::Invalid),
        }
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), KeyError> {
        let _undivided = fork::undivided();
        rand::fill(bytes).map_err(|_| KeyError::Failed)
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
    key: ParsedPublicKey,
    /// The one length a signature may have, or an RSA number would have many texts. This version
    /// of the library checks it too, which is not documented.
    length: usize,
}

impl VerifyKey for Public {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.length && self.key.verify_sig(message, signature).is_ok()
    }
}

fn public_key(
    algorithm: &'static dyn VerificationAlgorithm,
    encoded: &[u8],
    length: usize,
) -> Result<Box<dyn VerifyKey>, KeyError> {
    let key = ParsedPublicKey::new(algorithm, encoded).map_err(|_| KeyError::Invalid)?;
    Ok(Box::new(Public { key, length }))
}

struct RsaSign(RsaKeyPair, &'static RsaSignatureEncoding);

impl SignKey for RsaSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        let _undivided = fork::undivided();
        let start = signature.len();
        signature.resize(start + self.0.public_modulus_len(), 0);
        let made = self.0.sign(
            self.1,
            &SystemRandom::new(),
            message,
            &mut signature[start..],
        );
        made.map_err(|_| {
            signature.truncate(start);
            KeyError::Failed
        })
    }
}

struct EcSign(EcdsaKeyPair);

impl SignKey for EcSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        let _undivided = fork::undivided();
        let made = self
            .0
            .sign(&SystemRandom::new(), message)
            .map_err(|_| KeyError::Failed)?;
        signature.extend_from_slice(made.as_ref());
        Ok(())
    }
}

struct EdSign(Ed25519KeyPair);

impl SignKey for EdSign {
    fn sign(&self, message: &[u8], signature: &mut Vec<u8>) -> Result<(), KeyError> {
        let made = self.0.try_sign(message).map_err(|_| KeyError::Failed)?;
        signature.extend_from_slice(made.as_ref());
        Ok(())
    }
}

fn rsa_key_pair(pkcs1: &Secret, public: &PublicKey) -> Result<RsaKeyPair, KeyError> {
    if rsa_bits(public) < SMALLEST_STRONG_RSA {
        return Err(KeyError::NotTaken {
            provider: NAME,
            takes: "RSA keys of 2048 to 8192 bits to sign with",
        });
    }
    let pair = RsaKeyPair::from_der(pkcs1.expose()).map_err(|_| KeyError::Invalid)?;
    if pair.public_key().as_ref() != public.to_pkcs1()? {
        return Err(KeyError::Invalid);
    }
    Ok(pair)
}

fn generate_rsa() -> Result<PrivateKey, KeyError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed)?;
    let pkcs8: encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Failed)?;
    let info = PrivateKeyInfoRef::from_der(pkcs8.as_ref()).map_err(|_| KeyError::Failed)?;
    PrivateKey::rsa_from_pkcs1(Secret::new(info.private_key.as_bytes().to_vec()))
}

/// A pair from the bare scalar, which the library takes as `ECPrivateKey` alone.
fn ec_key_pair(curve: Curve, scalar: &Secret) -> Result<EcdsaKeyPair, KeyError> {
    if scalar.expose().len() != curve.coordinate_length() {
        return Err(KeyError::Invalid);
    }
    let der = EcPrivateKey {
        private_key: scalar.expose(),
        parameters: None,
        public_key: None,
    };
    let der = der
        .to_der()
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Invalid)?;
    let signing = match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    };
    EcdsaKeyPair::from_private_key_der(signing, &der).map_err(|_| KeyError::Invalid)
}

fn ec_private(curve: Curve, pair: &EcdsaKeyPair) -> Result<PrivateKey, KeyError> {
    let scalar: encoding::EcPrivateKeyBin<'_> = pair
        .private_key()
        .as_be_bytes()
        .map_err(|_| KeyError::Failed)?;
    Ok(PrivateKey::Ec {
        scalar: Secret::new(scalar.as_ref().to_vec()),
        public: PublicKey::Ec {
            curve,
            point: pair.public_key().as_ref().to_vec(),
        },
    })
}
