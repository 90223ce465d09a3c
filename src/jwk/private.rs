use pkcs1::RsaPrivateKeyRef;
use pkcs1::der::Decode;
use zeroize::Zeroizing;

use crate::base64url;
use crate::crypto::{Algorithm, KeyError, KeyMaterial, PrivateKey};
use crate::json::quote_append;

use super::public::required_members;

/// A private or symmetric key as JWK, secrets and all, for a file that nobody else reads.
///
/// What may be published is a [`PublicJwk`](super::PublicJwk).
///
/// # Errors
/// [`KeyError::NoPrivateHalf`] for a public key, [`KeyError::Invalid`] for a broken one.
pub fn private_jwk(
    material: &KeyMaterial,
    kid: Option<&str>,
    algorithm: Option<Algorithm>,
) -> Result<Zeroizing<String>, KeyError> {
    let mut json = Zeroizing::new(String::with_capacity(4_096));
    json.push_str("{\"use\":\"sig\"");
    if let Some(algorithm) = algorithm {
        member(&mut json, "alg", algorithm.name());
    }
    if let Some(kid) = kid {
        member(&mut json, "kid", kid);
    }
    match material {
        KeyMaterial::Symmetric(secret) => {
            member(&mut json, "kty", "oct");
            bytes(&mut json, "k", secret.expose());
        }
        KeyMaterial::Private(key) => private_members(&mut json, key)?,
        KeyMaterial::Public(_) => return Err(KeyError::NoPrivateHalf),
    }
    json.push('}');
    Ok(json)
}

fn private_members(json: &mut String, key: &PrivateKey) -> Result<(), KeyError> {
    for (name, value) in required_members(key.public()) {
        member(json, name, &value);
    }
    match key {
        PrivateKey::Ed25519 { seed, .. } => bytes(json, "d", seed.expose()),
        PrivateKey::Ec { scalar, .. } => bytes(json, "d", scalar.expose()),
        PrivateKey::Rsa { pkcs1, .. } => {
            let key = RsaPrivateKeyRef::from_der(pkcs1.expose()).map_err(|_| KeyError::Invalid)?;
            for (name, number) in [
                ("d", key.private_exponent),
                ("p", key.prime1),
                ("q", key.prime2),
                ("dp", key.exponent1),
                ("dq", key.exponent2),
                ("qi", key.coefficient),
            ] {
                bytes(json, name, number.as_bytes());
            }
        }
    }
    Ok(())
}

fn member(json: &mut String, name: &str, value: &str) {
    json.push(',');
    quote_append(name, json);
    json.push(':');
    quote_append(value, json);
}

fn bytes(json: &mut String, name: &str, bytes: &[u8]) {
    member(json, name, &Zeroizing::new(base64url::encode(bytes)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::Jwk;

    #[test]
    fn what_is_written_reads_back_as_the_same_key() {
        for provider in crate::crypto::providers() {
            for algorithm in [
                Algorithm::HS384,
                Algorithm::RS256,
                Algorithm::ES256,
                Algorithm::EdDSA,
            ] {
                let Ok(material) = provider.generate(algorithm) else {
                    continue;
                };
                let json = private_jwk(&material, Some("k \"1\""), Some(algorithm)).unwrap();
                let read = Jwk::parse(json.as_bytes()).unwrap();
                assert_eq!(read.kid.as_deref(), Some("k \"1\""));
                assert_eq!(read.algorithm, Some(algorithm));
                assert!(read.usage.sign && read.usage.verify);
                assert_eq!(secrets(&read.material), secrets(&material), "{algorithm}");
                assert_eq!(read.material.public(), material.public());
            }
        }
    }

    fn secrets(material: &KeyMaterial) -> Vec<u8> {
        let secret = match material {
            KeyMaterial::Symmetric(secret) => secret,
            KeyMaterial::Private(PrivateKey::Rsa { pkcs1, .. }) => pkcs1,
            KeyMaterial::Private(PrivateKey::Ec { scalar, .. }) => scalar,
            KeyMaterial::Private(PrivateKey::Ed25519 { seed, .. }) => seed,
            KeyMaterial::Public(_) => panic!("a public key"),
        };
        secret.expose().to_vec()
    }

    #[test]
    fn a_public_key_has_nothing_private_to_write() {
        let key = crate::crypto::PublicKey::Ed25519([7; 32]);
        assert_eq!(
            private_jwk(&KeyMaterial::Public(key), None, None).map(|_| ()),
            Err(KeyError::NoPrivateHalf)
        );
    }
}
