use base64_simd::STANDARD;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::crypto::Provider;

/// Who may call the OAuth endpoints, and nothing else of the control plane, with a secret of their
/// own (`client_secret_basic`, RFC 6749 §2.3.1).
///
/// Only hashes of the secrets are here. What is presented is hashed and compared with each of them
/// in constant time, and all are compared, whichever name was given.
#[derive(Clone)]
pub struct OauthClients {
    provider: Provider,
    clients: Vec<(String, [u8; 32])>,
}

impl OauthClients {
    /// Clients by name, each with the SHA-256 of its secret.
    #[must_use]
    pub fn new(provider: Provider, clients: Vec<(String, [u8; 32])>) -> Self {
        Self { provider, clients }
    }

    /// Whether `Authorization: Basic` names a client and has its secret.
    #[must_use]
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(presented) = basic(headers) else {
            return false;
        };
        let Some((id, secret)) = parts(&presented) else {
            return false;
        };
        // RFC 6749 has both form-encoded first; half of the client libraries do not. Names and good
        // secrets are the same either way, and a decoded one is tried beside the one that was sent.
        let decoded = decoded(secret);
        let hashes = [secret, &decoded].map(|secret| self.provider.sha256(secret));
        self.clients.iter().fold(false, |admitted, (known, hash)| {
            let fits = hashes
                .iter()
                .fold(false, |fits, other| bool::from(hash.ct_eq(other)) | fits);
            (fits & (known.as_bytes() == id)) | admitted
        })
    }

    /// The client who sent a request that was admitted; `None` where the control token was. Of a
    /// request that was not admitted, it says nothing.
    pub(super) fn admitted_id(headers: &HeaderMap) -> Option<String> {
        let presented = basic(headers)?;
        let (id, _) = parts(&presented)?;
        String::from_utf8(id.to_vec()).ok()
    }
}

fn parts(presented: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = presented.iter().position(|byte| *byte == b':')?;
    Some((&presented[..colon], &presented[colon + 1..]))
}

/// The decoded credentials of the one `Authorization` header.
fn basic(headers: &HeaderMap) -> Option<Zeroizing<Vec<u8>>> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let (scheme, encoded) = value.as_bytes().split_at_checked(b"basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    STANDARD.decode_to_vec(encoded).ok().map(Zeroizing::new)
}

fn decoded(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut whole = Zeroizing::new(b"s=".to_vec());
    whole.extend_from_slice(secret);
    let pairs = form_urlencoded::parse(&whole);
    let first = pairs.map(|(_, value)| value.into_owned().into_bytes());
    Zeroizing::new({ first }.next().unwrap_or_default())
}

impl std::fmt::Debug for OauthClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.clients.iter().map(|(id, _)| id);
        f.debug_set().entries(ids).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "7b52009b64fd0a2a49e6d8a939753077";

    fn admitted(value: &str) -> bool {
        let provider = crate::crypto::providers()[0];
        let clients = vec![
            ("shop".to_owned(), provider.sha256(SECRET.as_bytes())),
            ("desk".to_owned(), provider.sha256(b"other+secret %")),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        OauthClients::new(provider, clients).admit(&headers)
    }

    fn sent(scheme: &str, credentials: &str) -> String {
        format!("{scheme} {}", STANDARD.encode_to_string(credentials))
    }

    #[test]
    fn a_client_with_its_secret_is_admitted() {
        assert!(admitted(&sent("Basic", &format!("shop:{SECRET}"))));
        assert!(admitted(&sent("basic", &format!("shop:{SECRET}"))));
        assert!(admitted(&sent("Basic", "desk:other+secret %")));
        assert!(admitted(&sent("Basic", "desk:other%2Bsecret+%25")));
    }

    #[test]
    fn nobody_else_is() {
        for credentials in [
            String::new(),
            "shop".to_owned(),
            "shop:".to_owned(),
            format!(":{SECRET}"),
            format!("Shop:{SECRET}"),
            format!("desk:{SECRET}"),
            format!("shop:{SECRET}0"),
            format!("shop:{}", &SECRET[1..]),
            format!("shop::{SECRET}"),
        ] {
            assert!(!admitted(&sent("Basic", &credentials)), "{credentials}");
        }
        let right = format!("shop:{SECRET}");
        for value in [
            String::new(),
            right.clone(),
            "Basic".to_owned(),
            "Basic *".to_owned(),
            sent("Bearer", &right),
            sent("Basic ", &right),
            format!("{}=", sent("Basic", &right)),
        ] {
            assert!(!admitted(&value), "{value}");
        }
    }
}
