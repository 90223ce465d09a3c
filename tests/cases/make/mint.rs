//! The keys of the cases, and tokens signed by them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use bearerd::base64url;
use bearerd::crypto::{Algorithm, Curve, KeyFamily, KeyMaterial, KeyStrength, aws_lc_rs};
use bearerd::jwk::{PublicJwk, parse_pem, public_key_pem};
use bearerd::secret::Secret;
use serde_json::{Value, json};

use super::FAR;
use crate::file::Vectors;
use crate::forge;

pub(super) struct Mint {
    /// By algorithm
    keys: Vec<KeyMaterial>,
    /// Of the same families, of nobody's
    strangers: HashMap<&'static str, KeyMaterial>,
    /// The tokens of the file as it stands, and those made since, by what is signed
    known: RefCell<HashMap<String, Vec<String>>>,
}

/// A token, and the payload that was signed.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    payload: Vec<u8>,
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl Token {
    /// What it claims; `None` where that is no JSON.
    pub(super) fn claims(&self) -> Option<Value> {
        serde_json::from_slice(&self.payload).ok()
    }

    /// Its parts, still encoded.
    pub(super) fn parts(&self) -> [&str; 3] {
        forge::parts(&self.text)
    }

    /// Changed, whatever becomes of it.
    pub(super) fn with(&self, part: usize, change: impl FnOnce(&str) -> String) -> String {
        let mut parts = self.parts().map(str::to_owned);
        parts[part] = change(&parts[part]);
        parts.join(".")
    }
}

impl Mint {
    pub(super) fn new(before: &str) -> Self {
        let keys = Algorithm::all().map(key).collect();
        let strangers = HashMap::from([
            ("HS256", secret("a stranger's HS256", 32)),
            ("Ed25519", ed25519("a stranger's Ed25519")),
        ]);
        let mut known: HashMap<String, Vec<String>> = HashMap::new();
        let vectors = (!before.is_empty()).then(|| Vectors::parse(before));
        let steps = vectors.iter().flat_map(|all| &all.cases);
        for step in steps.flat_map(|case| &case.steps) {
            let text = step.text();
            let text = text.strip_prefix("Bearer ").unwrap_or(text).to_owned();
            if let Some((input, _)) = text.rsplit_once('.') {
                known.entry(input.to_owned()).or_default().push(text);
            }
        }
        Self {
            keys,
            strangers,
            known: RefCell::new(known),
        }
    }

    pub(super) fn key(&self, algorithm: Algorithm) -> &KeyMaterial {
        &self.keys[algorithm as usize]
    }

    /// A key that no configuration has: `HS256` or `Ed25519`.
    pub(super) fn stranger(&self, name: &str) -> &KeyMaterial {
        &self.strangers[name]
    }

    /// What an HS256 profile takes.
    pub(super) fn hs256(&self, payload: impl AsRef<[u8]>) -> Token {
        self.token(Algorithm::HS256, payload)
    }

    pub(super) fn token(&self, algorithm: Algorithm, payload: impl AsRef<[u8]>) -> Token {
        self.with_header(algorithm, forge::header(algorithm), payload)
    }

    /// With that very header, whatever it says, signed by the key of `algorithm`.
    pub(super) fn with_header(
        &self,
        algorithm: Algorithm,
        header: impl AsRef<[u8]>,
        payload: impl AsRef<[u8]>,
    ) -> Token {
        let payload = payload.as_ref();
        let input = format!(
            "{}.{}",
            base64url::encode(header.as_ref()),
            base64url::encode(payload)
        );
        Token {
            text: self.seal(algorithm, &input),
            payload: payload.to_owned(),
        }
    }

    /// An HS256 token with that very header and an ordinary payload.
    pub(super) fn headed(&self, header: impl AsRef<[u8]>) -> Token {
        self.with_header(Algorithm::HS256, header, ada())
    }

    /// Signs a text as if it were a signing input. Algorithms whose signatures are random take
    /// the one that the file has, where it verifies.
    pub(super) fn seal(&self, algorithm: Algorithm, input: &str) -> String {
        let key = self.key(algorithm);
        let is_random =
            matches!(algorithm.family(), KeyFamily::Ec(_)) || algorithm.name().starts_with("PS");
        if !is_random {
            return forge::seal(algorithm, key, input);
        }
        let verifier = aws_lc_rs()
            .verify_key(algorithm, key, KeyStrength::Standard)
            .expect("a key that verifies");
        let is_good = |token: &&String| {
            let signature = token.rsplit('.').next().unwrap_or_default();
            base64url::decode(signature.as_bytes())
                .is_ok_and(|signature| verifier.verify(input.as_bytes(), &signature))
        };
        let mut known = self.known.borrow_mut();
        let known = known.entry(input.to_owned()).or_default();
        if let Some(good) = known.iter().find(is_good) {
            return good.clone();
        }
        let token = forge::seal(algorithm, key, input);
        known.push(token.clone());
        token
    }

    /// A member of `keys` with the secret, or the public half as PEM.
    pub(super) fn entry(&self, algorithm: Algorithm) -> Value {
        entry(self.key(algorithm))
    }

    /// The public half as PEM.
    pub(super) fn pem(&self, algorithm: Algorithm) -> String {
        let public = self.key(algorithm).public().expect("is asymmetric");
        public_key_pem(public).expect("writes")
    }

    /// The public half as JWK.
    pub(super) fn jwk(&self, algorithm: Algorithm, kid: Option<&str>) -> Value {
        public_jwk(self.key(algorithm), kid)
    }
}

pub(super) fn entry(key: &KeyMaterial) -> Value {
    match key {
        KeyMaterial::Symmetric(secret) => {
            json!({"secret_base64url": base64url::encode(secret.expose())})
        }
        key => {
            let public = key.public().expect("has a public half");
            json!({"pem": public_key_pem(public).expect("writes")})
        }
    }
}

pub(super) fn public_jwk(key: &KeyMaterial, kid: Option<&str>) -> Value {
    let jwk = PublicJwk {
        kid: kid.map(str::to_owned),
        algorithm: None,
        key: key.public().expect("is asymmetric").clone(),
    };
    serde_json::from_str(&jwk.to_json()).expect("is JSON")
}

/// The ordinary payload.
pub(super) fn ada() -> String {
    format!(r#"{{"sub":"ada","exp":{FAR}}}"#)
}

fn key(algorithm: Algorithm) -> KeyMaterial {
    let file = match algorithm.family() {
        KeyFamily::Hmac => {
            let bytes = match algorithm {
                Algorithm::HS256 => 32,
                Algorithm::HS384 => 48,
                _ => 64,
            };
            return secret(algorithm.name(), bytes);
        }
        KeyFamily::Rsa => "rsa.pkcs8.pem",
        KeyFamily::Ec(Curve::P256) => "p256.pkcs8.pem",
        KeyFamily::Ec(Curve::P384) => "p384.pkcs8.pem",
        KeyFamily::Ec(Curve::P521) => "p521.pkcs8.pem",
        KeyFamily::Ed25519 => "ed25519.pkcs8.pem",
        other => panic!("no key of the family {other:?}"),
    };
    pem(file)
}

/// A key of `tests/vectors/pem`.
pub(super) fn pem(file: &str) -> KeyMaterial {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/pem");
    let text = fs::read(path.join(file)).expect("is there");
    let mut keys = parse_pem(&text, aws_lc_rs()).expect("parses");
    keys.pop().expect("holds a key")
}

/// A secret that is the same each time and nobody's.
fn secret(label: &str, length: usize) -> KeyMaterial {
    KeyMaterial::Symmetric(Secret::new(bytes(label, length)))
}

fn ed25519(label: &str) -> KeyMaterial {
    let seed = Secret::new(bytes(label, 32));
    let key = aws_lc_rs().complete(KeyFamily::Ed25519, &seed);
    KeyMaterial::Private(key.expect("any seed is a key"))
}

fn bytes(label: &str, length: usize) -> Vec<u8> {
    let block = |number: u8| aws_lc_rs().sha256(format!("cases {label} {number}").as_bytes());
    let mut bytes: Vec<u8> = (0..2).flat_map(block).collect();
    bytes.truncate(length);
    bytes
}
