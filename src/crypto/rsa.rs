use pkcs1::der::asn1::UintRef;
use pkcs1::der::{Decode, Encode};
use pkcs1::{RsaPrivateKey, RsaPrivateKeyRef, RsaPublicKey, RsaPublicKeyRef};
use zeroize::Zeroizing;

use crate::secret::Secret;

use super::{KeyError, PrivateKey, PublicKey};

/// The numbers of an RSA private key, big-endian, named as in RFC 7518 §6.3.
///
/// Leading zero octets make no difference.
#[expect(missing_debug_implementations, reason = "secrets are not printed")]
#[derive(Clone, Copy)]
pub struct RsaNumbers<'a> {
    /// Modulus
    pub n: &'a [u8],
    /// Public exponent
    pub e: &'a [u8],
    /// Private exponent
    pub d: &'a [u8],
    /// First prime
    pub p: &'a [u8],
    /// Second prime
    pub q: &'a [u8],
    /// `d mod (p - 1)`
    pub dp: &'a [u8],
    /// `d mod (q - 1)`
    pub dq: &'a [u8],
    /// `q⁻¹ mod p`
    pub qi: &'a [u8],
}

impl PublicKey {
    /// An RSA key in canonical form: leading zero octets are dropped.
    #[must_use]
    pub fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self::Rsa {
            n: without_leading_zeros(n).to_vec(),
            e: without_leading_zeros(e).to_vec(),
        }
    }

    /// An RSA key from the DER of `RSAPublicKey` (RFC 8017 A.1.1).
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where that is not what it is.
    pub fn rsa_from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaPublicKeyRef::from_der(der).map_err(|_| KeyError::Invalid)?;
        Ok(Self::rsa(
            key.modulus.as_bytes(),
            key.public_exponent.as_bytes(),
        ))
    }

    /// The DER of `RSAPublicKey` (RFC 8017 A.1.1).
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where it is no RSA key, or longer than DER can say.
    pub fn to_pkcs1(&self) -> Result<Vec<u8>, KeyError> {
        let Self::Rsa { n, e } = self else {
            return Err(KeyError::Invalid);
        };
        RsaPublicKey {
            modulus: number(n)?,
            public_exponent: number(e)?,
        }
        .to_der()
        .map_err(|_| KeyError::Invalid)
    }
}

impl PrivateKey {
    /// An RSA key from the DER of `RSAPrivateKey` (RFC 8017 A.1.2).
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where that is not what it is, or where it has more than two primes.
    pub fn rsa_from_pkcs1(der: Secret) -> Result<Self, KeyError> {
        let key = RsaPrivateKeyRef::from_der(der.expose()).map_err(|_| KeyError::Invalid)?;
        if key.other_prime_infos.is_some() {
            return Err(KeyError::Invalid);
        }
        let public = PublicKey::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes());
        Ok(Self::Rsa { pkcs1: der, public })
    }

    /// An RSA key from its numbers. That they belong together is checked when it is to sign.
    ///
    /// # Errors
    /// [`KeyError::Invalid`] where a number is longer than DER can say.
    pub fn rsa_from_numbers(numbers: &RsaNumbers<'_>) -> Result<Self, KeyError> {
        let der = RsaPrivateKey {
            modulus: number(numbers.n)?,
            public_exponent: number(numbers.e)?,
            private_exponent: number(numbers.d)?,
            prime1: number(numbers.p)?,
            prime2: number(numbers.q)?,
            exponent1: number(numbers.dp)?,
            exponent2: number(numbers.dq)?,
            coefficient: number(numbers.qi)?,
            other_prime_infos: None,
        }
        .to_der()
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Invalid)?;
        Ok(Self::Rsa {
            pkcs1: Secret::new(der.to_vec()),
            public: PublicKey::rsa(numbers.n, numbers.e),
        })
    }
}

fn number(big_endian: &[u8]) -> Result<UintRef<'_>, KeyError> {
    UintRef::new(big_endian).map_err(|_| KeyError::Invalid)
}

fn without_leading_zeros(big_endian: &[u8]) -> &[u8] {
    let first = big_endian.iter().position(|byte| *byte != 0);
    first.map_or(&[], |at| &big_endian[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_keys() {
        let canonical = PublicKey::rsa(&[0xc1, 0x05], &[1, 0, 1]);
        assert_eq!(
            PublicKey::rsa(&[0, 0, 0xc1, 0x05], &[0, 1, 0, 1]),
            canonical
        );
        let der = canonical.to_pkcs1().unwrap();
        assert_eq!(PublicKey::rsa_from_pkcs1(&der).unwrap(), canonical);
    }

    #[test]
    fn private_numbers_become_der_and_keep_their_public_half() {
        let numbers = RsaNumbers {
            n: &[0, 0xc1, 0x05],
            e: &[3],
            d: &[5],
            p: &[7],
            q: &[11],
            dp: &[13],
            dq: &[17],
            qi: &[0x80],
        };
        let key = PrivateKey::rsa_from_numbers(&numbers).unwrap();
        let PrivateKey::Rsa { pkcs1, .. } = &key else {
            panic!("another family")
        };
        let again = PrivateKey::rsa_from_pkcs1(pkcs1.clone()).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(again.public(), &PublicKey::rsa(&[0xc1, 0x05], &[3]));
    }
}
