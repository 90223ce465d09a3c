//! Tokens made by hand: any header, any payload, any signature.

use std::sync::LazyLock;

use bearerd::base64url;
use bearerd::crypto::{Algorithm, KeyFamily, KeyMaterial, KeyStrength, Provider, aws_lc_rs};
use bearerd::jwk::{private_key_pem, public_key_pem};

/// The key of the algorithm that the profiles of the tests know.
pub fn key(algorithm: Algorithm) -> &'static KeyMaterial {
    static KEYS: LazyLock<Vec<KeyMaterial>> = LazyLock::new(make_keys);
    &KEYS[algorithm as usize]
}

/// A key that no profile knows, unless a test says so.
pub fn other_key(algorithm: Algorithm) -> &'static KeyMaterial {
    static KEYS: LazyLock<Vec<KeyMaterial>> = LazyLock::new(make_keys);
    &KEYS[algorithm as usize]
}

/// One provider that can make every key makes them for all, one RSA key for its six algorithms.
fn make_keys() -> Vec<KeyMaterial> {
    let rsa = generate(Algorithm::RS256);
    let make = |algorithm: Algorithm| match algorithm.family() {
        KeyFamily::Rsa => rsa.clone(),
        _ => generate(algorithm),
    };
    Algorithm::all().map(make).collect()
}

pub fn generate(algorithm: Algorithm) -> KeyMaterial {
    aws_lc_rs().generate(algorithm).expect("makes every key")
}

/// The key's signature over anything, by a provider that can make it.
pub fn sign(algorithm: Algorithm, key: &KeyMaterial, message: &[u8]) -> Vec<u8> {
    sign_by(aws_lc_rs(), algorithm, key, message)
}

pub fn sign_by(
    provider: Provider,
    algorithm: Algorithm,
    key: &KeyMaterial,
    message: &[u8],
) -> Vec<u8> {
    let key = provider
        .sign_key(algorithm, key, KeyStrength::AllowWeak)
        .expect("a key that signs");
    let mut signature = Vec::new();
    key.sign(message, &mut signature).expect("signs");
    signature
}

/// Three parts, encoded and joined; nothing is checked.
pub fn join(
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
    signature: impl AsRef<[u8]>,
) -> String {
    let parts = [header.as_ref(), payload.as_ref(), signature.as_ref()];
    parts.map(base64url::encode).join(".")
}

/// A token with that very header and payload, properly signed.
pub fn token(
    algorithm: Algorithm,
    key: &KeyMaterial,
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.as_ref()),
        base64url::encode(payload.as_ref())
    );
    seal(algorithm, key, &input)
}

/// Signs a text as if it were a signing input, whatever it is.
pub fn seal(algorithm: Algorithm, key: &KeyMaterial, input: &str) -> String {
    let signature = sign(algorithm, key, input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature))
}

/// The header that names an algorithm and nothing more.
pub fn header(algorithm: Algorithm) -> String {
    format!(r#"{{"alg":"{algorithm}"}}"#)
}

/// The parts of a token, still encoded.
pub fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("three parts")
}

/// `[[profiles.NAME.keys]]`, with the public half where there is one, or with all of it.
pub fn key_section(
    profile: &str,
    kid: Option<&str>,
    algorithm: Option<Algorithm>,
    key: &KeyMaterial,
    private: bool,
) -> String {
    let mut section = format!("\n[[profiles.{profile}.keys]]\n");
    if let Some(kid) = kid {
        section.push_str(&format!("kid = {kid:?}\n"));
    }
    if let Some(algorithm) = algorithm {
        section.push_str(&format!("algorithm = \"{algorithm}\"\n"));
    }
    match key {
        KeyMaterial::Symmetric(secret) => section.push_str(&format!(
            "secret_base64url = \"{}\"\n",
            base64url::encode(secret.expose())
        )),
        KeyMaterial::Private(key) if private => section.push_str(&format!(
            "pem = '''\n{}'''\n",
            private_key_pem(key).expect("writes").as_str()
        )),
        key => section.push_str(&format!(
            "pem = '''\n{}'''\n",
            public_key_pem(key.public().expect("has a public half")).expect("writes")
        )),
    }
    section
}

/// The `kid` that a test profile has for an algorithm's key.
pub fn kid(algorithm: Algorithm) -> String {
    format!("{algorithm}-key")
}
