use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

use crate::crypto::{KeyError, KeyMaterial, PrivateKey, Provider, PublicKey};

use super::{PemError, PemProblem, der};

/// Parses every key of a PEM text, in order: PKCS#8, PKCS#1 (private and public), SEC1, SPKI and
/// one X.509 certificate.
///
/// The provider computes public halves that the text leaves out, as Ed25519 keys always do.
///
/// # Errors
/// [`PemError`], which counts to the block and says how to turn it into one that is accepted.
pub fn parse_pem(text: &[u8], provider: Provider) -> Result<Vec<KeyMaterial>, PemError> {
    let blocks = blocks(text)?;
    if blocks
        .iter()
        .filter(|block| is_certificate(block.tag()))
        .count()
        > 1
    {
        return Err(PemError {
            block: None,
            problem: PemProblem::SeveralCertificates,
        });
    }
    let mut keys = Vec::new();
    for (at, block) in blocks.into_iter().enumerate() {
        let key = read(block, provider).map_err(|problem| PemError {
            block: Some(at + 1),
            problem,
        })?;
        keys.extend(key);
    }
    if keys.is_empty() {
        return Err(PemError {
            block: None,
            problem: PemProblem::NoBlock,
        });
    }
    Ok(keys)
}

/// Parses one key in DER, of any of the forms that [`parse_pem`] takes.
///
/// # Errors
/// [`PemProblem::NotDer`] where it is none of them; otherwise what is wrong with the one it is.
pub fn parse_der(bytes: &[u8], provider: Provider) -> Result<KeyMaterial, PemError> {
    let forms: [&dyn Fn() -> Result<KeyMaterial, PemProblem>; 6] = [
        &|| der::pkcs8(bytes, provider),
        &|| der::spki(bytes),
        &|| der::certificate(bytes),
        &|| der::pkcs1_private(bytes),
        &|| der::sec1(bytes, provider),
        &|| der::pkcs1_public(bytes),
    ];
    let mut results = forms.iter().map(|parse| parse());
    let decided = results.find(|result| !matches!(result, Err(PemProblem::NotDer)));
    decided
        .unwrap_or(Err(PemProblem::NotDer))
        .map_err(|problem| PemError {
            block: None,
            problem,
        })
}

/// A private key as PKCS#8 PEM.
///
/// # Errors
/// [`KeyError::Invalid`] for a key whose halves are of different kinds.
pub fn private_key_pem(key: &PrivateKey) -> Result<Zeroizing<String>, KeyError> {
    let der = der::write_private(key)?;
    Ok(Zeroizing::new(encode("PRIVATE KEY", &der)))
}

/// A public key as SPKI PEM.
///
/// # Errors
/// [`KeyError::Invalid`] for a key that DER has no room for.
pub fn public_key_pem(key: &PublicKey) -> Result<String, KeyError> {
    Ok(encode("PUBLIC KEY", &der::write_public(key)?))
}

fn encode(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}

/// The blocks of a text. The parser passes over what has a beginning and no end; we count.
fn blocks(text: &[u8]) -> Result<Vec<Pem>, PemError> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let begun = text
        .windows(BEGIN.len())
        .filter(|window| *window == BEGIN)
        .count();
    if begun == 0 {
        return Err(PemError {
            block: None,
            problem: PemProblem::NoBlock,
        });
    }
    match pem::parse_many(text) {
        Ok(blocks) if blocks.len() == begun => Ok(blocks),
        _ => Err(PemError {
            block: None,
            problem: PemProblem::Broken,
        }),
    }
}

fn read(block: Pem, provider: Provider) -> Result<Option<KeyMaterial>, PemProblem> {
    let encrypted = block
        .headers()
        .get("Proc-Type")
        .is_some_and(|kind| kind.contains("ENCRYPTED"));
    let label = block.tag().to_owned();
    let content = Zeroizing::new(block.into_contents());
    if encrypted {
        return Err(PemProblem::Encrypted);
    }
    match label.as_str() {
        "PRIVATE KEY" => der::pkcs8(&content, provider),
        "RSA PRIVATE KEY" => der::pkcs1_private(&content),
        "EC PRIVATE KEY" => der::sec1(&content, provider),
        "PUBLIC KEY" => der::spki(&content),
        "RSA PUBLIC KEY" => der::pkcs1_public(&content),
        certificate if is_certificate(certificate) => der::certificate(&content),
        // `openssl ecparam -genkey` writes them before the key, which names its curve itself.
        "EC PARAMETERS" => return Ok(None),
        "ENCRYPTED PRIVATE KEY" => Err(PemProblem::Encrypted),
        "OPENSSH PRIVATE KEY" => Err(PemProblem::OpenSsh),
        _ => Err(PemProblem::UnknownLabel),
    }
    .map(Some)
}

fn is_certificate(label: &str) -> bool {
    matches!(label, "CERTIFICATE" | "X509 CERTIFICATE")
}
