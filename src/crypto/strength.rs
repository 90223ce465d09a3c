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

pub(super) const SMALLEST_STRONG_RSA: usize = 2048;
const LARGEST_RSA: usize = 8192;

/// Checks family and strength, before any library sees the key.
///
/// # Errors
/// [`KeyError`], which names what is wrong and what would be right.
pub fn check_strength(
    algorithm: Algorithm,
    key: &KeyMaterial,
    strength: KeyStrength,
) -> Result<(), KeyError> {
    if algorithm.family() != key.family() {
        return Err(KeyError::WrongFamily(algorithm));
    }
    if let KeyMaterial::Symmetric(secret) = key {
        return check_secret(algorithm, secret.expose(), strength);
    }
    match key.public() {
        Some(key @ PublicKey::Rsa { n, e }) => check_rsa(rsa_bits(key), n, e, strength),
        Some(PublicKey::Ec { curve, point }) => {
            let uncompressed = point.len() == 1 + 2 * curve.coordinate_length() && point[0] == 4;
            if uncompressed {
                Ok(())
            } else {
                Err(KeyError::Invalid)
            }
        }
        Some(PublicKey::Ed25519(point)) if is_small_order(point) => Err(KeyError::Invalid),
        Some(PublicKey::Ed25519(_)) | None => Ok(()),
    }
}

fn check_secret(
    algorithm: Algorithm,
    secret: &[u8],
    strength: KeyStrength,
) -> Result<(), KeyError> {
    debug_assert_eq!(algorithm.family(), KeyFamily::Hmac);
    let least = match strength {
        KeyStrength::Standard => algorithm.hash_length(),
        KeyStrength::AllowWeak => 1,
    };
    if is_key_text(secret) {
        return Err(KeyError::SecretIsKeyText);
    }
    if secret.len() < least {
        return Err(KeyError::SecretTooShort {
            bytes: secret.len(),
            least,
        });
    }
    Ok(())
}

/// PEM, a JWK, or DER that starts like a public key: what the RS/HS confusion offers as a secret.
///
/// The types make the confusion impossible; this refuses the configuration that would ask for it.
fn is_key_text(secret: &[u8]) -> bool {
    let text = secret.trim_ascii_start();
    text.starts_with(b"-----BEGIN")
        || (text.starts_with(b"{") && contains(text, b"\"kty\""))
        || is_der_key(secret)
}

/// One DER sequence, of exactly the secret's length, that opens as public keys do: with another
/// sequence or a number. So strict that random secrets do not look like it.
fn is_der_key(secret: &[u8]) -> bool {
    let (length, content) = match secret {
        [0x30, length @ ..=0x7f, content @ ..] => (usize::from(*length), content),
        [0x30, 0x81, length, content @ ..] => (usize::from(*length), content),
        [0x30, 0x82, high, low, content @ ..] => {
            (usize::from(u16::from_be_bytes([*high, *low])), content)
        }
        _ => return false,
    };
    content.len() == length && matches!(content.first(), Some(0x30 | 0x02))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

fn check_rsa(bits: usize, n: &[u8], e: &[u8], strength: KeyStrength) -> Result<(), KeyError> {
    let least = match strength {
        KeyStrength::Standard => SMALLEST_STRONG_RSA,
        KeyStrength::AllowWeak => 1024,
    };
    if !(least..=LARGEST_RSA).contains(&bits) {
        return Err(KeyError::RsaSize { bits });
    }
    // A modulus is odd; with leading zeros a signature's length would not be the modulus's.
    if n.first() == Some(&0) || n.last().is_some_and(|byte| byte & 1 == 0) {
        return Err(KeyError::Invalid);
    }
    let exponent_bits = bit_length(e);
    let odd = e.last().is_some_and(|byte| byte & 1 == 1);
    if !odd || !(2..=33).contains(&exponent_bits) {
        return Err(KeyError::RsaExponent);
    }
    Ok(())
}

/// Bits of the modulus; zero where it is no RSA key.
pub(super) fn rsa_bits(key: &PublicKey) -> usize {
    match key {
        PublicKey::Rsa { n, .. } => bit_length(n),
        PublicKey::Ec { .. } | PublicKey::Ed25519(_) => 0,
    }
}

/// The y coordinates, little-endian, of the points whose order divides 8, and their second texts.
///
/// Under such a key one signature fits many messages, and the libraries do not refuse it.
const SMALL_ORDER: [[u8; 32]; 7] = [
    y_coordinate(0x00, 0x00, 0x00),
    y_coordinate(0x01, 0x00, 0x00),
    y_coordinate(0xec, 0xff, 0x7f),
    y_coordinate(0xed, 0xff, 0x7f),
    y_coordinate(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn y_coordinate(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

fn is_small_order(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    SMALL_ORDER.contains(&y)
}

fn bit_length(big_endian: &[u8]) -> usize {
    let significant = big_endian
        .iter()
        .position(|byte| *byte != 0)
        .map_or(&[][..], |at| &big_endian[at..]);
    match significant.first() {
        Some(first) => significant.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}
