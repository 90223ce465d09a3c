use crate::secret::Secret;

use super::{Algorithm, KeyError};
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use super::{CryptoProvider, KeyFamily};

/// What keeping keys of our own asks of a cryptographic library, beside making and using them.
pub trait Custody {
    /// Whether [`CryptoProvider::generate`](super::CryptoProvider::generate) makes keys for that
    /// algorithm.
    fn generates(&self, algorithm: Algorithm) -> bool;

    /// Encrypts a secret with AES-256-GCM under a nonce of its own, which comes first in what is
    /// returned. It opens again only with the same `about`, which is not encrypted: what the
    /// secret is for.
    ///
    /// # Errors
    /// Where the system has no randomness.
    fn seal(&self, key: &[u8; 32], about: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// Opens what [`seal`](Self::seal) gave.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where key, text or `about` are not those that it was sealed with.
    fn open(&self, key: &[u8; 32], about: &[u8], sealed: &[u8]) -> Result<Secret, KeyError>;
}

/// The two libraries name alike what they do alike.
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
macro_rules! custody {
    ($provider:ty, $library:ident, $generates:expr) => {
        impl Custody for $provider {
            fn generates(&self, algorithm: Algorithm) -> bool {
                let generates: fn(KeyFamily) -> bool = $generates;
                self.signs(algorithm) && generates(algorithm.family())
            }

            fn seal(
                &self,
                key: &[u8; 32],
                about: &[u8],
                secret: &[u8],
            ) -> Result<Vec<u8>, KeyError> {
                use ::$library::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
                let mut nonce = [0; NONCE];
                self.random(&mut nonce)?;
                let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyError::Failed)?;
                // Of its full size at once: growing would leave copies of the secret behind.
                let mut sealed = zeroize::Zeroizing::new(Vec::with_capacity(
                    NONCE + secret.len() + AES_256_GCM.tag_len(),
                ));
                sealed.extend_from_slice(&nonce);
                sealed.extend_from_slice(secret);
                let tag = LessSafeKey::new(key)
                    .seal_in_place_separate_tag(
                        Nonce::assume_unique_for_key(nonce),
                        Aad::from(about),
                        &mut sealed[NONCE..],
                    )
                    .map_err(|_| KeyError::Failed)?;
                sealed.extend_from_slice(tag.as_ref());
                Ok(std::mem::take(&mut *sealed))
            }

            fn open(
                &self,
                key: &[u8; 32],
                about: &[u8],
                sealed: &[u8],
            ) -> Result<Secret, KeyError> {
                use ::$library::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
                let (nonce, text) = sealed
                    .split_first_chunk::<NONCE>()
                    .ok_or(KeyError::Invalid)?;
                let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyError::Failed)?;
                let mut text = zeroize::Zeroizing::new(text.to_vec());
                let length = LessSafeKey::new(key)
                    .open_in_place(
                        Nonce::assume_unique_for_key(*nonce),
                        Aad::from(about),
                        &mut text,
                    )
                    .map_err(|_| KeyError::Invalid)?
                    .len();
                text.truncate(length);
                Ok(Secret::new(std::mem::take(&mut *text)))
            }
        }
    };
}

/// Drawn at random each time: with few secrets under one key, two never meet.
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
const NONCE: usize = 12;

#[cfg(feature = "aws-lc-rs")]
custody!(super::aws_lc_rs::AwsLcRs, aws_lc_rs, |_| true);
#[cfg(feature = "ring")]
custody!(super::ring::Ring, ring, |family| family != KeyFamily::Rsa);

#[cfg(test)]
mod tests {
    use super::super::providers;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_purpose_alone() {
        let key = [7; 32];
        for one in providers() {
            let sealed = one.seal(&key, b"about", b"a secret").unwrap();
            assert_eq!(sealed.len(), 12 + 8 + 16);
            assert_ne!(sealed, one.seal(&key, b"about", b"a secret").unwrap());
            for other in providers() {
                let opened = other.open(&key, b"about", &sealed).unwrap();
                assert_eq!(opened.expose(), b"a secret");
                assert!(other.open(&[8; 32], b"about", &sealed).is_err());
                assert!(other.open(&key, b"abou", &sealed).is_err());
                for length in 0..sealed.len() {
                    assert!(other.open(&key, b"about", &sealed[..length]).is_err());
                }
                for at in 0..sealed.len() {
                    let mut broken = sealed.clone();
                    broken[at] ^= 1;
                    assert!(other.open(&key, b"about", &broken).is_err());
                }
            }
        }
    }
}
