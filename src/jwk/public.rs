use crate::base64url;
use crate::crypto::{Algorithm, Provider, PublicKey};
use crate::json::quote_append;

/// A JWK that may be published: there is no place in it for a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    /// `kid`
    pub kid: Option<String>,
    /// `alg`
    pub algorithm: Option<Algorithm>,
    /// The key
    pub key: PublicKey,
}

impl PublicJwk {
    /// The JSON of one JWK, with `use` `sig`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Object::new();
        json.member("use", "sig");
        if let Some(algorithm) = self.algorithm {
            json.member("alg", algorithm.name());
        }
        if let Some(kid) = &self.kid {
            json.member("kid", kid);
        }
        for (name, value) in required_members(&self.key) {
            json.member(name, &value);
        }
        json.finish()
    }
}

/// The JSON of a JWK set.
#[must_use]
pub fn public_jwks(keys: &[PublicJwk]) -> String {
    let keys: Vec<String> = keys.iter().map(PublicJwk::to_json).collect();
    format!("{{\"keys\":[{}]}}", keys.join(","))
}

/// The thumbprint of a key (RFC 7638, RFC 8037 §2) with SHA-256, in base64url.
///
/// Of public keys alone: a hash of a secret is a way to guess it.
#[must_use]
pub fn thumbprint(key: &PublicKey, provider: Provider) -> String {
    let mut json = Object::new();
    for (name, value) in required_members(key) {
        json.member(name, &value);
    }
    base64url::encode(&provider.sha256(json.finish().as_bytes()))
}

/// What makes the key, in the order of the names, which is what a thumbprint is made of.
pub(super) fn required_members(key: &PublicKey) -> Vec<(&'static str, String)> {
    match key {
        PublicKey::Rsa { n, e } => vec![
            ("e", base64url::encode(e)),
            ("kty", "RSA".to_owned()),
            ("n", base64url::encode(n)),
        ],
        PublicKey::Ec { curve, point } => {
            let coordinates = point.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            vec![
                ("crv", curve.name().to_owned()),
                ("kty", "EC".to_owned()),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ]
        }
        PublicKey::Ed25519(x) => vec![
            ("crv", "Ed25519".to_owned()),
            ("kty", "OKP".to_owned()),
            ("x", base64url::encode(x)),
        ],
    }
}

struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn member(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote_append(name, &mut self.0);
        self.0.push(':');
        quote_append(value, &mut self.0);
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
