use super::{Algorithm, KeyError, KeyFamily, KeyMaterial, PublicKey};

/// How weak a key may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyStrength {
    /// RSA of 2048 to 8192 bits, HMAC secrets no shorter than the hash.
    #[default]
    Standard,
    /// RSA from 1024 bits and HMAC secrets of any length but zero, for a profile that says
    /// `allow_weak_keys` in so many words.
    AllowWeak,
}

const LARGEST_RSA: usize = 8192;

/// Checks family and strength, before any library sees the key.
///
/// # Errors
/// [`KeyError`], which names what is wrong and what would be right.
pub fn check_strength(algorithm: Algorithm, key: &KeyMaterial, strength: KeyStrength) -> Result<(), KeyError> {
    if algorithm.family() != key.family() {
        return Err(KeyError::WrongFamily(algorithm));
    }
    if let KeyMaterial::Symmetric(secret) = key {
        return check_secret(algorithm, secret.expose(), strength);
    }
    match key.public() {
        Some(PublicKey::Rsa { n, e }) => check_rsa(n, e, strength),
        Some(PublicKey::Ec { curve, point }) => {
            let uncompressed = point.len() == 1 + 2 * curve.coordinate_length() && point[0] == 4;
            if uncompressed { Ok(()) } else { Err(KeyError::Invalid) }
        }
        Some(PublicKey::Ed25519(_)) | None => Ok(()),
    }
}

fn check_secret(algorithm: Algorithm, secret: &[u8], strength: KeyStrength) -> Result<(), KeyError> {
    debug_assert_eq!(algorithm.family(), KeyFamily::Hmac);
    let least = match strength {
        KeyStrength::Standard => algorithm.hash_length(),
        KeyStrength::AllowWeak => 1,
    };
    if is_key_text(secret) {
        return Err(KeyError::SecretIsKeyText);
    }
    if secret.len() < least {
        return Err(KeyError::SecretTooShort { bytes: secret.len(), least });
    }
    Ok(())
}

/// PEM, a JWK, or DER that starts like a public key: what the RS/HS confusion offers as a secret.
///
/// The types make the confusion impossible; this refuses the configuration that would ask for it.
fn is_key_text(secret: &[u8]) -> bool {
    let text = secret.trim_ascii_start();
    let der_sequence = secret.len() > 64 && secret[0] == 0x30 && matches!(secret[1], 0x59 | 0x76 | 0x81 | 0x82);
    text.starts_with(b"-----BEGIN") || (text.starts_with(b"{") && contains(text, b"\"kty\"")) || der_sequence
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn check_rsa(n: &[u8], e: &[u8], strength: KeyStrength) -> Result<(), KeyError> {
    let least = match strength {
        KeyStrength::Standard => 2048,
        KeyStrength::AllowWeak => 1024,
    };
    let bits = bit_length(n);
    if !(least..=LARGEST_RSA).contains(&bits) {
        return Err(KeyError::RsaSize { bits });
    }
    let exponent_bits = bit_length(e);
    let odd = e.last().is_some_and(|byte| byte & 1 == 1);
    if !odd || !(2..=33).contains(&exponent_bits) {
        return Err(KeyError::RsaExponent);
    }
    Ok(())
}

fn bit_length(big_endian: &[u8]) -> usize {
    let significant = big_endian.iter().position(|byte| *byte != 0).map_or(&[][..], |at| &big_endian[at..]);
    match significant.first() {
        Some(first) => significant.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}
